"""Which schedule is a taper, which one is offered, and to whom none is (rules 1.12, 11.16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.facts import CONDITIONS, MEDICATIONS, Course, Drug, Line, Medication, Need, Step, View
from cds_service.rules._taper import (
    DROP,
    HIGHEST,
    Doses,
    divided,
    doses,
    falling,
    in_tablets,
    is_prolonged,
    is_slow,
    is_tapered,
    may_be_toxic,
    taper,
)
from cds_service.web.examples.cases import AS_OF, Case
from cds_service.web.examples.played import snapshot
from tests.support.switches import changed


def _view(at_order: bool = False, unmet: Need | None = None, **parts: Any) -> View:
    facts = snapshot(Case(rule="", name="", expect=[], **parts))
    return View(facts if unmet is None else replace(facts, unmet={unmet: "not supplied"}), at_order)


def _taken(daily: float, **more: Any) -> dict[str, Any]:
    return {"drug": "baclofen", "mg": daily, "times": 1, "days_ago": 60} | more


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        ([], []),
        ([Step(10)], [(10, None)]),
        ([Step(20, days=7), Step(10, days=7)], [(20, 7), (10, 7)]),
        ([Step(20, days=7), Step(20, days=7), Step(10)], [(20, 14), (10, None)]),
        ([Step(20, days=7), Step(20), Step(10)], [(20, None), (10, None)]),
        ([Step(20), Step(20, days=7)], [(20, None)]),
        ([Step(20, days=7), Step(None), Step(10)], []),
    ],
)
def test_doses(steps: list[Step], line: Doses) -> None:
    """Neighbours at one dose are one; a step whose dose is not known leaves all unknown."""
    assert doses(steps) == line


@pytest.mark.parametrize(
    ("line", "fall"),
    [
        ([], []),
        ([(10, 7)], []),
        ([(20, 7), (10, 7)], [(20, 7), (10, 7)]),
        ([(10, 7), (20, 7)], []),
        ([(10, 7), (20, 7), (10, 7)], [(20, 7), (10, 7)]),
        ([(30, 7), (20, 7), (25, 7), (10, 7)], [(25, 7), (10, 7)]),
        ([(20, 7), (20, 7), (10, 7)], [(20, 7), (10, 7)]),
    ],
)
def test_falling(line: Doses, fall: Doses) -> None:
    """The doses at the end of which each is lower than the one before it."""
    assert falling(line) == fall


@pytest.mark.parametrize(
    ("line", "ends", "slow"),
    [
        ([(30, None), (20, 4), (10, 3)], True, True),
        ([(30, None), (20, 3), (10, 3)], True, False),
        ([(31, None), (21, 7), (11, 7), (1, 1)], True, True),
        ([(31, None), (21, 6), (11, 6), (1, 1)], True, False),
        ([(30, None), (19, 7), (10, 7)], True, False),
        ([(30, None), (20, 7), (11, 7)], True, False),
        ([(30, None), (20, 7), (10, None)], True, True),
        ([(30, None), (20, 7)], False, True),
        ([(30, None), (19, 7)], False, False),
        ([(20, None), (10, 1)], False, True),
        ([(10, 7), (30, 7), (20, 7), (10, 1)], True, True),
    ],
)
def test_slow_enough(line: Doses, ends: bool, slow: bool) -> None:
    """No step above 10 mg, the last to zero included; down to nothing in 7 days, from above 30 mg in 14."""
    assert is_slow(line, ends) is slow


def _order(start: int, end: int, *lines: Line) -> Medication:
    days = [AS_OF - timedelta(days=ago) for ago in (start, end)]
    return Medication(Drug(), reference=str(start), start=days[0], end=days[1], dosage=lambda: lines)


def _line(mg: float, days: float | None = None, sequence: int = 1) -> Line:
    return Line(mg, times=1, days=days, sequence=sequence)


STEADY = _order(100, 10, _line(30))


@pytest.mark.parametrize(
    ("orders", "tapered"),
    [
        ([], False),
        ([STEADY], False),
        ([STEADY, _order(14, 0, _line(20, 7), _line(10, 7, 2))], True),
        ([STEADY, _order(6, 0, _line(20, 3), _line(10, 3, 2))], False),
        ([STEADY, _order(14, 0, _line(15, 7), _line(5, 7, 2))], False),
        ([STEADY, _order(14, 7, _line(20)), _order(7, 0, _line(10))], True),
        ([_order(100, 10, _line(10)), _order(10, 0, _line(20))], False),
        ([_order(100, 10, Line()), _order(10, 0, _line(10))], False),
    ],
)
def test_a_course_that_went_down(orders: list[Medication], tapered: bool) -> None:
    """A course is tapered if its doses fell to its end, slowly; where a dose is not known it is not."""
    assert is_tapered(Course(tuple(orders), None), AS_OF) is tapered


@pytest.mark.parametrize(
    ("start", "until", "long"), [(29, 0, False), (30, 0, True), (31, 2, False), (32, 2, True), (None, 0, True)]
)
def test_prolonged_use(start: int | None, until: int, long: bool) -> None:
    """Thirty days of use are long, and so is a use of which nobody knows the start."""
    begun = None if start is None else AS_OF - timedelta(days=start)
    assert is_prolonged(_view(), Course((), begun), AS_OF - timedelta(days=until)) is long
    assert is_prolonged(_view(), Course((), date(2026, 11, 1))) is False


def _egfr(value: float) -> dict[str, Any]:
    return {"test": "egfr", "value": value, "days_ago": 10}


@pytest.mark.parametrize(
    ("parts", "toxic"),
    [
        ({}, False),
        ({"labs": [_egfr(30)]}, False),
        ({"labs": [_egfr(29)]}, True),
        ({"problems": [{"is": "dialysis"}]}, True),
        ({"problems": [{"is": "acute-kidney-injury", "days_ago": 3}]}, True),
        ({"problems": [{"is": "hepatic-encephalopathy", "days_ago": 300}]}, True),
        ({"problems": [{"is": "hepatic-encephalopathy", "days_ago": 3, "status": "resolved"}]}, False),
        *(
            ({"problems": [{"is": name, "days_ago": ago}]}, ago <= 30)
            for name in ("confusion", "somnolence", "coma")
            for ago in (0, 30, 31)
        ),
        ({"problems": [{"is": "dizziness", "days_ago": 3}]}, False),
    ],
)
def test_what_baclofen_in_excess_does(parts: dict[str, Any], toxic: bool) -> None:
    """Weak kidneys, encephalopathy, or confusion, somnolence or coma of the last 30 days may be of too much of it."""
    assert may_be_toxic(_view(born="1976-03-01", **parts)) is toxic


@pytest.mark.parametrize(
    ("now", "levels"),
    [
        (2.5, []),
        (3, [2.5]),
        (5, [2.5]),
        (10, [5]),
        (11, [2.5]),
        (12, [2.5]),
        (15, [5]),
        (17.5, [7.5]),
        (20, [10]),
        (25, [15, 5]),
        (30, [20, 10]),
        (45, [35, 25, 15, 5]),
        (60, [50, 40, 30, 20, 10]),
        (80, [70, 60, 50, 40, 30, 20, 10]),
        (80.5, []),
        (1e9, []),
    ],
)
def test_the_way_down(now: float, levels: list[float]) -> None:
    """Ten milligrams a week to tablets that can be had; half a tablet before the end of the smallest dose; nothing
    from beyond the label's highest dose, which may be an error."""
    offered = taper(_view(taking=[_taken(now)]))
    assert [mg * times for one in offered for mg, times in one.steps] == levels
    assert all(not one.stays and one.draft is None for one in offered)


@pytest.mark.parametrize(
    ("now", "to", "levels"),
    [(20, 15, [15]), (30, 15, [20, 15]), (60, 15, [50, 40, 30, 20, 15]), (25, 15, [15]), (15, 15, []), (10, 15, [])],
)
def test_the_way_down_to_a_dose(now: float, to: float, levels: list[float]) -> None:
    """A taper to another dose ends with that one, and is none if it is not lower."""
    offered = taper(_view(taking=[_taken(now)]), to=to)
    assert [mg * times for one in offered for mg, times in one.steps] == levels
    assert all(one.stays for one in offered)


@given(st.floats(2.6, HIGHEST.value))
def test_no_step_is_too_large(now: float) -> None:
    """From whatever dose, each step falls, and by no more than ten milligrams, the last one to nothing."""
    (offered,) = taper(_view(taking=[_taken(now)]))
    levels = [now, *(mg * times for mg, times in offered.steps), 0.0]
    assert all(0 < high - low <= DROP.value + 1e-6 for high, low in pairwise(levels))
    assert now <= 30 or len(offered.steps) > 1


@pytest.mark.parametrize(
    ("parts", "offered"),
    [
        ({"taking": [_taken(20)]}, True),
        ({"taking": []}, False),
        ({"taking": [_taken(20), _taken(10)]}, False),
        ({"taking": [_taken(20), _taken(10, days_ago=-3)]}, False),
        ({"taking": [_taken(20, days_ago=-3)]}, False),
        ({"taking": [_taken(20, stated=True)]}, False),
        ({"taking": [_taken(20), _taken(20, stated=True)]}, True),
        ({"taking": [_taken(20, status="on-hold")]}, False),
        ({"taking": [{"drug": "baclofen", "days_ago": 60}]}, False),
        ({"taking": [_taken(20, route="intrathecal")]}, False),
        ({"taking": [_taken(20)], "unmet": CONDITIONS}, False),
        ({"taking": [_taken(20)], "unmet": MEDICATIONS}, False),
        ({"taking": [_taken(20)], "orders": [{"drug": "baclofen"}]}, False),
        ({"taking": [_taken(20)], "orders": [{"drug": "baclofen", "stop": True}]}, True),
        ({"taking": [_taken(20)], "orders": [{"drug": "baclofen", "route": "intrathecal"}]}, True),
    ],
)
def test_to_whom_a_taper_is_offered(parts: dict[str, Any], offered: bool) -> None:
    """Only where it is known that one order of the EHR gives all that is taken, and no draft gives more."""
    assert bool(taper(_view(**parts))) is offered


def test_a_draft_becomes_the_taper() -> None:
    """The draft that is judged is the one that is changed, if it is the only one."""
    view = _view(True, taking=[_taken(20)], orders=[{"drug": "baclofen"}])
    (draft,) = view.facts.orders
    (offered,) = taper(view, draft)
    assert offered.draft is draft
    assert offered.replaces.reference == "MedicationRequest/listed-0"
    two = _view(True, taking=[_taken(20)], orders=[{"drug": "baclofen"}, {"drug": "baclofen"}])
    assert taper(two, two.facts.orders[0]) == ()


@pytest.mark.parametrize(
    ("daily", "more", "found"),
    [
        (7.5, True, 7.5),
        (11, True, 15),
        (11, False, 10),
        (17.5, True, 20),
        (72, True, 80),
        (72, False, 70),
        (81, True, 82.5),
    ],
)
def test_a_dose_in_tablets(daily: float, more: bool, found: float) -> None:
    """The nearest dose of tablets, above or below; beyond what four doses a day can give it is not looked for."""
    assert in_tablets(daily, more) == found


def test_steps_that_no_tablet_gives() -> None:
    """Where no tablets give a dose within the step, there is no taper."""
    with changed(**{DROP.key: 5}):
        assert taper(_view(taking=[_taken(80)])) == ()


@pytest.mark.parametrize(
    ("daily", "dose"),
    [
        (2.5, (2.5, 1)),
        (5, (5, 1)),
        (10, (5, 2)),
        (15, (5, 3)),
        (20, (10, 2)),
        (25, (12.5, 2)),
        (30, (10, 3)),
        (35, (17.5, 2)),
        (40, (20, 2)),
        (45, (15, 3)),
        (60, (20, 3)),
        (7.5, (2.5, 3)),
        (23, (11.5, 2)),
    ],
)
def test_a_daily_dose_divided(daily: float, dose: tuple[float, int]) -> None:
    """Whole tablets first, then halves; what no tablet gives is divided all the same."""
    assert divided(daily) == dose
    assert dose[0] * dose[1] == daily
