"""How much baclofen is taken, since when, and which draft of it may be removed or lowered (rules 1.9, 11.5, 11.16)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cds_service.facts import MEDICATIONS, View
from cds_service.rules._baclofen import (
    current_mg,
    drafts,
    facts,
    fast_rise,
    is_new,
    recent,
    redose,
    remove,
    reported,
    taken,
)
from cds_service.web.examples.cases import Case
from cds_service.web.examples.played import snapshot

DRAFT = {"drug": "baclofen", "mg": 10, "times": 3}


def _view(taking: list[dict[str, Any]], *orders: dict[str, Any], known: bool = True) -> View:
    facts = snapshot(Case(rule="", name="", expect=[], taking=taking, orders=list(orders)))
    return View(facts if known else replace(facts, unmet={MEDICATIONS: "not supplied"}), at_order=True)


def _order(mg: float | None = 10, times: int = 2, **more: Any) -> dict[str, Any]:
    dose = {} if mg is None else {"mg": mg, "times": times}
    return {"drug": "baclofen", "days_ago": 60} | dose | more


@pytest.mark.parametrize(
    ("taking", "mg"),
    [
        ([], None),
        ([_order()], 20),
        ([_order(), _order(5, 1)], 25),
        ([_order(), _order(None)], None),
        ([_order(), _order(5, 1, stated=True)], 20),
        ([_order(None), _order(5, 1, stated=True)], None),
        ([_order(5, 1, stated=True)], 5),
        ([_order(status="on-hold")], None),
        ([_order(ended_days_ago=3)], None),
        ([_order(), _order(5, 1, status="on-hold")], 20),
        ([_order(days_ago=0)], 20),
        ([_order(days_ago=-1)], None),
        ([_order(), _order(5, 1, days_ago=-1)], 20),
        ([{"drug": "baclofen", "mg": 10, "times": 2}], 20),
        ([_order(route="intrathecal")], None),
        ([_order(None, steps=[[30, 7], [20, 0]], days_ago=7)], 20),
        ([_order(None, steps=[[30, 7], [20, 0]], days_ago=6)], 30),
        ([_order(None, steps=[[30, 0], [20, 0]], days_ago=6)], None),
    ],
)
def test_what_is_taken_now(taking: list[dict[str, Any]], mg: float | None) -> None:
    """Active orders that have begun are summed; what is possible, stated beside an order, or by pump does not count."""
    assert current_mg(_view(taking)) == mg


def test_what_is_stopped_now_was_taken() -> None:
    """An order that this session stops is what was taken until now, listed or not."""
    stop = {"drug": "baclofen", "mg": 10, "times": 2, "stop": True}
    for view in (_view([_order()], stop), _view([], stop)):
        assert (len(taken(view)), current_mg(view)) == (1, 20)


@pytest.mark.parametrize(
    ("taking", "known", "found", "new"),
    [
        ([], True, 0, True),
        ([], False, 0, False),
        ([_order()], True, 1, False),
        ([_order(status="on-hold")], True, 1, False),
        ([_order(ended_days_ago=0)], True, 1, False),
        ([_order(ended_days_ago=14)], True, 1, False),
        ([_order(ended_days_ago=15)], True, 0, True),
        ([_order(status="stopped", ended_days_ago=0)], True, 1, False),
        ([_order(status="stopped", ended_days_ago=14)], True, 1, False),
        ([_order(status="stopped", ended_days_ago=15)], True, 0, True),
        ([_order(status="stopped")], True, 0, True),
        ([_order(route="intrathecal")], True, 0, True),
        ([_order(), _order(ended_days_ago=3)], True, 2, False),
    ],
)
def test_what_was_taken_lately(taking: list[dict[str, Any]], known: bool, found: int, new: bool) -> None:
    """Active, possible, or ended at most 14 days ago; that there is none must be known."""
    view = _view(taking, known=known)
    assert (len(recent(view)), is_new(view)) == (found, new)


@pytest.mark.parametrize(
    ("taking", "says"),
    [
        ([], False),
        ([_order()], False),
        ([_order(stated=True)], True),
        ([_order(stated=True, status="on-hold")], True),
        ([_order(stated=True, status="stopped")], False),
        ([_order(ended_days_ago=40), _order(stated=True)], True),
        ([_order(stated=True, route="intrathecal")], False),
    ],
)
def test_what_the_patient_reports(taking: list[dict[str, Any]], says: bool) -> None:
    """A statement of baclofen by mouth that is not past, whatever an order says."""
    assert reported(_view(taking)) is says


@pytest.mark.parametrize(
    ("taking", "known", "offered"),
    [
        ([], True, [5, 10]),
        ([], False, []),
        ([_order()], True, [10]),
        ([_order(5, 3)], True, [5, 10]),
        ([_order(10, 1)], True, [5, 10]),
        ([_order(7, 3)], True, []),
        ([_order(None)], True, []),
        ([_order(status="on-hold")], True, []),
        ([_order(ended_days_ago=14)], True, []),
        ([_order(ended_days_ago=15)], True, [5, 10]),
        ([_order()], False, []),
        ([_order(ended_days_ago=40), _order(stated=True)], True, []),
    ],
)
def test_which_dose_is_offered(taking: list[dict[str, Any]], known: bool, offered: list[float]) -> None:
    """None below what is taken minus ten milligrams, and none at all where that is not known."""
    view = _view(taking, DRAFT, known=known)
    made = redose(view, drafts(view)[0], (5, 1), (5, 2), recommended=True)
    assert [one.mg * one.times for one in made] == offered
    assert [one.recommended for one in made] == [way == 0 for way, _ in enumerate(made)]


@pytest.mark.parametrize(
    ("taking", "known", "removable"),
    [
        ([], True, True),
        ([], False, False),
        ([_order()], True, False),
        ([_order(status="on-hold")], True, False),
        ([_order(status="stopped", ended_days_ago=14)], True, False),
        ([_order(status="stopped", ended_days_ago=15)], True, True),
        ([_order(stated=True)], True, False),
        ([_order(ended_days_ago=40), _order(stated=True)], True, False),
        ([_order(route="intrathecal")], True, False),
    ],
)
def test_which_draft_may_be_removed(taking: list[dict[str, Any]], known: bool, removable: bool) -> None:
    """Only that of a patient of whom it is known that no baclofen is taken, and none was just now."""
    view = _view(taking, DRAFT, known=known)
    assert bool(remove(view, drafts(view)[0])) is removable


def _steps(*steps: list[float]) -> dict[str, Any]:
    return {"drug": "baclofen", "steps": list(steps)}


@pytest.mark.parametrize(
    ("taking", "draft", "rise"),
    [
        ([], _steps([10, 7], [20, 7], [30, 0]), None),
        ([], _steps([10, 6], [20, 0]), (10, 20, 6)),
        ([], _steps([10, 7], [21, 0]), (10, 21, 7)),
        ([], _steps([10, 0], [20, 0]), None),
        ([_order()], DRAFT, None),
        ([_order(days_ago=6)], DRAFT, (20, 30, 6)),
        ([_order(days_ago=7)], DRAFT, None),
        ([_order(10, 1)], DRAFT, (10, 30, 60)),
        ([_order(10, 4)], DRAFT, None),
        ([_order(10, 3, days_ago=3)], DRAFT, None),
        ([_order(10, 2, days_ago=20, ended_days_ago=5), _order(10, 2, days_ago=5)], DRAFT, None),
        ([_order(10, 1, days_ago=20, ended_days_ago=5), _order(10, 2, days_ago=5)], DRAFT, (20, 30, 5)),
        ([_order(10, 1), _order(10, 1, days_ago=3)], DRAFT, (20, 30, 3)),
        ([{"drug": "baclofen", "mg": 10, "times": 2}], DRAFT, None),
        ([_order(None)], _steps([10, 3], [20, 0]), (10, 20, 3)),
    ],
)
def test_what_rises_too_fast(
    taking: list[dict[str, Any]], draft: dict[str, Any], rise: tuple[float, float, float] | None
) -> None:
    """The first rise by more than ten milligrams or after less than a week, from what is taken through every step."""
    view = _view(taking, draft)
    assert fast_rise(view, drafts(view)[0]) == rise


@pytest.mark.parametrize(
    ("taking", "orders", "told"),
    [
        ([], [DRAFT], ["draft-0"]),
        ([_order()], [DRAFT], ["draft-0", "listed-0"]),
        ([_order(), _order(5, 1)], [DRAFT, DRAFT], ["draft-0", "draft-1", "listed-0", "listed-1"]),
        ([_order()], [DRAFT | {"stop": True}], ["listed-0"]),
    ],
)
def test_what_is_told(taking: list[dict[str, Any]], orders: list[dict[str, Any]], told: list[str]) -> None:
    """The orders in question first, then what is taken beside them, each of them once."""
    view = _view(taking, *orders)
    found = facts(view, *view.facts.orders)
    assert [one.reference.partition("/")[2] for one in found] == told
    assert len(facts(view, *taken(view))) == len(taken(view))
