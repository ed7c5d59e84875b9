"""To whom baclofen is offered, how often a day, and to whom it is not (rules 11.18)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cds_service.facts import CONDITIONS, KIDNEY_FUNCTION, MEDICATIONS, PATIENT, Need
from cds_service.rules import OfferBaclofen, evaluate
from cds_service.web.examples.cases import AS_OF, Case
from cds_service.web.examples.played import snapshot

ORDER = {"drug": "methocarbamol", "reason": "muscle-cramp"}
RULE = "methocarbamol-second-line"


def _egfr(value: float) -> dict[str, Any]:
    return {"test": "egfr", "value": value, "days_ago": 10}


def _offered(age: int | None = 45, egfr: float | None = 90, unmet: Need | None = None, **parts: Any) -> list[int]:
    """How often a day baclofen is offered beside methocarbamol for cramps."""
    born = None if age is None else f"{AS_OF.year - age}-03-01"
    labs = [] if egfr is None else [_egfr(egfr)]
    parts = {"orders": [ORDER]} | parts
    facts = snapshot(Case(rule=RULE, name="", expect=[], born=born, labs=labs, **parts))
    if unmet is not None:
        facts = replace(facts, unmet={unmet: "not supplied"})
    (said,) = (one for one in evaluate(facts, "order-sign") if one.rule.id == RULE)
    return [offer.times for found in said.findings for offer in found.propose if isinstance(offer, OfferBaclofen)]


@pytest.mark.parametrize(
    ("age", "egfr", "times"),
    [
        (45, 90, [2]),
        (64, 60, [2]),
        (65, 60, [1]),
        (64, 59, [1]),
        (64, 30, [1]),
        (65, 59, []),
        (45, 29, []),
        (45, None, []),
        (None, 90, [1]),
        (None, 59, []),
    ],
)
def test_age_and_kidney_decide_the_dose(age: int | None, egfr: float | None, times: list[int]) -> None:
    """Twice a day; once at 65 and older or with weaker kidneys; never with both, nor with unknown or weak kidneys."""
    assert _offered(age, egfr) == times


@pytest.mark.parametrize("drug", ["oxycodone", "lorazepam", "baclofen"])
def test_not_beside_a_sedating_drug(drug: str) -> None:
    """An opioid, a benzodiazepine or baclofen, drafted or taken, even possibly, forbids the offer."""
    assert _offered(orders=[ORDER, {"drug": drug}]) == []
    assert _offered(taking=[{"drug": drug}]) == []
    assert _offered(taking=[{"drug": drug, "status": "on-hold"}]) == []


def test_not_beside_a_treatment_of_opioid_use_disorder() -> None:
    """Buprenorphine for opioid use disorder is an opioid."""
    assert _offered(taking=[{"drug": "buprenorphine", "of": "opioid-use-disorder-medications"}]) == []


@pytest.mark.parametrize(
    ("problem", "times"),
    [
        ({"is": "hepatic-encephalopathy", "days_ago": 2000}, []),
        ({"is": "hepatic-encephalopathy", "status": "resolved", "days_ago": 365}, []),
        ({"is": "hepatic-encephalopathy", "status": "resolved", "days_ago": 366}, [2]),
        ({"is": "pregnancy", "days_ago": 300}, []),
        ({"is": "pregnancy", "days_ago": 301}, [2]),
        ({"is": "pregnancy"}, []),
        ({"is": "cirrhosis"}, [2]),
    ],
)
def test_not_with_encephalopathy_or_in_pregnancy(problem: dict[str, Any], times: list[int]) -> None:
    """Encephalopathy now or within a year, and a pregnancy of the last 300 days, forbid the offer."""
    assert _offered(problems=[problem]) == times


@pytest.mark.parametrize("unmet", [CONDITIONS, MEDICATIONS, KIDNEY_FUNCTION])
def test_not_without_the_lists(unmet: Need) -> None:
    """What was not supplied may hold what forbids it; kidney function that is there counts all the same."""
    assert _offered(unmet=unmet) == ([2] if unmet is KIDNEY_FUNCTION else [])


def test_a_patient_that_was_not_supplied_may_be_old() -> None:
    """Without the patient the smaller dose is offered."""
    assert _offered(age=None, unmet=PATIENT) == [1]
