"""How the facts are told on which a conclusion rests, and what the laboratory says of a day."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.facts import MAGNESIUM, Band, Extent, Kidney, Problem, View
from cds_service.rules import laboratory
from cds_service.rules._shared import OPIOIDS, drug_fact, kidney_told, problem_fact, reading_fact
from cds_service.web.examples.cases import Case, day
from cds_service.web.examples.played import snapshot


def _view(**parts: Any) -> View:
    return View(snapshot(Case(rule="", name="", expect=[], born="1976-03-01", **parts)), at_order=True)


def _mg(value: float, days_ago: int = 3, **parts: Any) -> dict[str, Any]:
    return {"test": "magnesium", "value": value, "unit": "mg/dL", "days_ago": days_ago} | parts


def _told(view: View) -> list[tuple[str, str, str]]:
    return [(fact.what, fact.value, fact.against) for fact in laboratory(view.facts)]


def test_a_problem_says_how_bad_it_is() -> None:
    """Its extent where one is recorded, else that it is active."""
    extent = frozenset({Extent.WIDESPREAD, Extent.SEVERE})
    assert problem_fact(Problem(frozenset(), extent=extent), "muscle cramps").value == "severe, widespread"
    assert problem_fact(Problem(frozenset()), "muscle cramps").value == "active"


def test_a_result_says_by_what_it_was_judged() -> None:
    """Level and range of a test with limits; for one whose level is open only what a clinician must know of it."""
    reading = _view(labs=[_mg(1.4, low=1.6, high=2.6)]).latest(MAGNESIUM)
    assert reading is not None
    assert reading_fact(reading).against == "low by the laboratory's range, 1.6 to 2.6 mg/dL"
    unclear = _view(labs=[_mg(2.0, comparator="<", note="haemolysed")]).latest(MAGNESIUM)
    assert unclear is not None
    assert reading_fact(unclear).against == "specimen haemolysed"


def test_the_laboratory_tells_what_counts_and_what_does_not() -> None:
    """Results that decide, kidney function, and results that could not be used; nothing of tests without one."""
    odd = _mg(1.4) | {"test": "potassium", "unit": "mg", "unused": "its unit is not understood: mg"}
    view = _view(labs=[_mg(2.0), {"test": "egfr", "value": 48, "days_ago": 3}, odd])
    assert _told(view) == [
        ("serum magnesium", "2", "normal by the service's limits, 1.7 to 2.6 mg/dL"),
        ("kidney function", "eGFR 48", "reported by the laboratory"),
        ("serum potassium", "not used", "its unit is not understood: mg"),
    ]


def test_the_laboratory_tells_what_is_too_old() -> None:
    """A result beyond the days that count is told as such, and only where no newer one decides."""
    assert _told(_view(labs=[_mg(2.0, 91)])) == [("serum magnesium", "2", "too old to decide")]
    assert [fact[1] for fact in _told(_view(labs=[_mg(2.0, 91), _mg(1.9)]))] == ["1.9"]
    assert _told(_view()) == []


@pytest.mark.parametrize(
    ("kidney", "told"),
    [
        (Kidney(Band.UNKNOWN, "unknown"), "kidney function unknown"),
        (Kidney(Band.DIALYSIS, "dialysis"), "dialysis"),
        (Kidney(Band.G3, "eGFR 48", notes=("stale - recheck", "two results differ")), "eGFR 48 (stale - recheck; two"),
    ],
)
def test_kidney_function_in_a_sentence(kidney: Kidney, told: str) -> None:
    """What is known is told with its notes, and what is not known as that."""
    assert kidney_told(kidney).startswith(told)


def test_a_drug_says_whether_it_is_drafted_or_taken() -> None:
    """A draft is a draft, the order that ends a drug is not: that drug may still be taken."""
    drafted = _view(orders=[{"drug": "oxycodone"}])
    stopped = _view(orders=[{"drug": "oxycodone", "stop": True}])
    assert drug_fact(drafted, drafted.facts.orders[0], OPIOIDS).value == "draft"
    assert drug_fact(stopped, stopped.facts.orders[0], OPIOIDS).value == "possible"
    listed = _view(taking=[{"drug": "oxycodone", "days_ago": 20}])
    fact = drug_fact(listed, next(iter(listed.facts.medications)), OPIOIDS)
    assert (fact.value, fact.on) == ("active", day(20))
