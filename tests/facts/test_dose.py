"""Dosage lines: the dose of a day, the steps of a regimen, and the millimoles of magnesium in it."""

from __future__ import annotations

from datetime import date
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.facts import Line, daily_mg, daily_mmol, highest, steps, weekly_g
from cds_service.terminology import Content

MARCH = {day: date(2026, 3, day) for day in range(1, 32)}
OXIDE, ELEMENT = Content(formula="MgO"), Content(formula="Mg")


def _line(mg: float = 10, times: float | None = 1, start: int | None = None, end: int | None = None) -> Line:
    return Line(mg, times=times, start=MARCH.get(start or 0), end=MARCH.get(end or 0))


@pytest.mark.parametrize(
    ("line", "daily"),
    [
        (Line(10, times=3), 30),
        (Line(10, times=0.5), 5),
        (Line(mmol=5, times=2), 10),
        (Line(10, times=3, most=20), 20),
        (Line(10, times=3, most=30), 30),
        (Line(10, times=3, most=40), 30),
        (Line(mmol=5, times=4, most=12), 12),
        (Line(10, most=40), 40),
        (Line(mmol=5, most=12), 12),
        (Line(10), None),
        (Line(mmol=5), None),
        (Line(times=3), None),
        (Line(most=40), None),
        (Line(times=3, most=40), None),
        (Line(), None),
        (Line(0, times=3), 0),
        (Line(0, 5, times=3), 0),
        (Line(10, times=0, most=40), 0),
    ],
)
def test_the_dose_of_a_day(line: Line, daily: float | None) -> None:
    """A day's dose is dose by times, capped by the maximum, which stands for it where only the times are unknown."""
    assert line.daily == daily


FIRST, SECOND, THIRD = (Line(mg, times=1, sequence=number) for mg, number in ((10, 1), (20, 2), (30, 3)))


@pytest.mark.parametrize("lines", list(permutations([FIRST, SECOND, THIRD])))
def test_steps_by_sequence(lines: list[Line]) -> None:
    """Lines of different sequence are steps in that order, however they are sent."""
    assert steps(lines) == [[FIRST], [SECOND], [THIRD]]


def test_one_sequence_is_one_step() -> None:
    """Lines of one sequence, or of none, are taken together."""
    morning, evening = Line(10, times=1, sequence=2), Line(20, times=1, sequence=2)
    assert steps([morning, FIRST, evening]) == [[FIRST], [morning, evening]]
    assert steps([_line(10), _line(20)]) == [[_line(10), _line(20)]]
    assert steps([]) == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([_line(10, end=7), _line(20, start=8)], [[10], [20]]),
        ([_line(10, start=1, end=7), _line(20, start=8, end=14), _line(30, start=15)], [[10], [20], [30]]),
        ([_line(10, start=1, end=7), _line(20, start=7, end=14)], [[10], [20]]),
        ([_line(10, start=1, end=1), _line(20, start=1, end=1)], [[10, 20]]),
        ([_line(10, start=1, end=7), _line(20, start=20, end=24)], [[10], [20]]),
        ([_line(10, start=1, end=14), _line(20, start=3, end=5), _line(30, start=15)], [[10, 20], [30]]),
        ([_line(10, start=1, end=14), _line(20, start=3, end=5), _line(30, start=8)], [[10, 20, 30]]),
        ([_line(10, start=1), _line(20, start=8, end=14)], [[10, 20]]),
        ([_line(10), _line(20, start=8, end=14)], [[10, 20]]),
        ([_line(10, end=7), _line(20, end=14)], [[10, 20]]),
        ([_line(10, end=7), _line(20)], [[10, 20]]),
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_steps_by_bounds(lines: list[Line], expected: list[list[float]], backwards: bool) -> None:
    """Lines whose bounds share no more than the day of change follow one another; one that is not told has no limit."""
    found = steps(lines[::-1] if backwards else lines)
    assert [sorted(line.mg or 0 for line in step) for step in found] == expected


def test_bounds_divide_a_sequence() -> None:
    """Within one sequence bounds that do not overlap make steps too, before the next sequence."""
    early, late = (Line(mg, sequence=1, start=MARCH[day], end=MARCH[day + 6]) for mg, day in ((10, 1), (20, 8)))
    assert steps([SECOND, late, early]) == [[early], [late], [SECOND]]


@pytest.mark.parametrize(
    ("step", "mg"),
    [
        ([Line(10, times=3)], 30),
        ([Line(10, times=1), Line(20, times=2)], 50),
        ([Line(10, times=1), Line(20, most=60)], 70),
        ([Line(10, times=3, most=20), Line(5, times=1)], 25),
        ([Line(10, times=1), Line(20)], None),
        ([Line(10, times=1), Line(times=1)], None),
        ([Line(10, times=1), Line(mmol=5, times=1)], None),
        ([Line(mmol=5, times=1)], None),
        ([], None),
    ],
)
def test_the_mg_of_a_step(step: list[Line], mg: float | None) -> None:
    """Lines taken together add up, and one that cannot be computed leaves the step unknown."""
    assert daily_mg(step) == mg
    assert daily_mg(step[::-1]) == mg


@pytest.mark.parametrize(
    ("mg", "content", "mmol"),
    [
        (400, OXIDE, 9.92),
        (480, OXIDE, 11.91),
        (484, OXIDE, 12.01),
        (960, OXIDE, 23.82),
        (280, ELEMENT, 11.52),
        (500, Content(formula="C12H22MgO14.2H2O"), 1.11),
        (535, Content(formula="MgCl2.6H2O"), 2.63),
    ],
)
def test_the_mmol_of_a_mass(mg: float, content: Content, mmol: float) -> None:
    """A mass holds the millimoles of the substance that the product names: oxide, a hydrate or the element."""
    assert daily_mmol([Line(mg, times=1)], content) == pytest.approx(mmol, abs=0.01)
    assert daily_mmol([Line(mg / 2, times=2)], content) == pytest.approx(mmol, abs=0.01)


@pytest.mark.parametrize("content", [None, Content(), Content(amount=400, per="1", substance="magnesium citrate")])
def test_a_mass_of_an_unknown_substance(content: Content | None) -> None:
    """Without a formula it is not known of what a mass is, and the millimoles of a line need none."""
    assert daily_mmol([Line(400, times=1)], content) is None
    assert daily_mmol([Line(mmol=5, times=2)], content) == 10
    assert daily_mmol([Line(400, times=1), Line(mmol=5, times=2)], content) is None


@pytest.mark.parametrize(
    ("step", "mmol"),
    [
        ([Line(mmol=5, times=2), Line(400, times=1)], 19.92),
        ([Line(400, times=1), Line(400, times=2, most=800)], 29.77),
        ([Line(mmol=5, times=2), Line(400)], None),
        ([Line(mmol=5), Line(400, times=1)], None),
        ([Line(times=2), Line(400, times=1)], None),
        ([], None),
    ],
)
def test_the_mmol_of_a_step(step: list[Line], mmol: float | None) -> None:
    """Lines in millimoles stand next to lines in mg, and one that cannot be computed leaves the step unknown."""
    assert daily_mmol(step, OXIDE) == (None if mmol is None else pytest.approx(mmol, abs=0.01))


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_no_line_is_lost(data: st.DataObject) -> None:
    """Every line is in exactly one step, in whatever order the lines are sent, and no step is empty."""
    day = st.none() | st.integers(1, 31)
    drawn = data.draw(st.lists(st.tuples(st.none() | st.integers(1, 3), day, day), max_size=6))
    lines = [
        Line(number, times=1, sequence=sequence, start=MARCH.get(start or 0), end=MARCH.get(end or 0))
        for number, (sequence, start, end) in enumerate(drawn)
    ]
    found = steps(data.draw(st.permutations(lines)))
    assert sorted(line.mg or 0 for step in found for line in step) == list(range(len(lines)))
    assert all(found)


@pytest.mark.parametrize(
    ("step", "grams"),
    [
        ([Line(20_000, times=1 / 7)], 20),
        ([Line(20_000, times=2 / 7)], 40),
        ([Line(20_000, times=1)], 140),
        ([Line(20_000, times=1 / 7), Line(10_000, times=1 / 7)], 30),
        ([Line(20_000)], None),
        ([], None),
    ],
)
def test_grams_of_a_week(step: list[Line], grams: float | None) -> None:
    """What the lines of a step come to in a week."""
    assert weekly_g(step) == grams


@pytest.mark.parametrize(("doses", "most"), [([10, 30, 20], 30), ([10, None], None), ([None], None), ([], None)])
def test_the_highest_step(doses: list[float | None], most: float | None) -> None:
    """The highest dose of several steps; one that is not known leaves it open."""
    assert highest(doses) == most
