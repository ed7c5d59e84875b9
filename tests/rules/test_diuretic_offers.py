"""What is offered where cramps in cirrhosis meet a diuretic (rules 11.26)."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.rules import Hold, OrderTests, Proposal, Withdraw
from cds_service.web.examples.cases import Case
from cds_service.web.examples.played import judged

FUROSEMIDE: dict[str, Any] = {"drug": "furosemide", "days_ago": 200}


def _offers(extent: str, *problems: str, **parts: Any) -> list[Proposal]:
    cramps = {"is": "muscle-cramp", "days_ago": 30} | ({"extent": extent} if extent else {})
    parts = {"hook": "patient-view", "taking": [FUROSEMIDE]} | parts
    listed = [{"is": "cirrhosis"}, cramps, *({"is": one} for one in problems)]
    case = Case("cirrhosis-cramps-diuretic", "", [], born="1968-01-20", problems=listed, **parts)
    return [offer for found in judged(case).findings for offer in found.propose]


@pytest.mark.parametrize(
    ("extent", "kinds"),
    [("incapacitating", [Hold, OrderTests]), ("severe", [OrderTests, Hold]), ("", [OrderTests])],
)
def test_the_worse_the_cramps_the_more_is_offered(extent: str, kinds: list[type[Proposal]]) -> None:
    """A hold comes first for incapacitating cramps, after the tests for severe ones, and for others not at all."""
    offers = _offers(extent)
    assert [type(offer) for offer in offers] == kinds
    assert not any(isinstance(offer, OrderTests) and offer.recommended for offer in offers)


def test_a_diuretic_that_is_needed_is_not_held() -> None:
    """Heart failure, pulmonary oedema and the nephrotic syndrome forbid the hold and the removal, not the card."""
    assert [type(offer) for offer in _offers("incapacitating", "diuretic-needed")] == [OrderTests]
    ordered = {"hook": "order-sign", "taking": [], "orders": [{"drug": "furosemide"}]}
    assert [type(offer) for offer in _offers("severe", "diuretic-needed", **ordered)] == [OrderTests]


def test_a_new_draft_may_be_removed_and_a_renewal_not() -> None:
    """A removal of a drug that is taken would be a stop at once (rules 11.17)."""
    draft = {"hook": "order-sign", "orders": [{"drug": "furosemide"}]}
    assert [type(offer) for offer in _offers("severe", taking=[], **draft)] == [OrderTests, Withdraw]
    assert [type(offer) for offer in _offers("severe", **draft)] == [OrderTests]


def test_every_diuretic_is_named_and_held() -> None:
    """Two diuretics are two holds; one that is only reported cannot be held."""
    both = [FUROSEMIDE, {"drug": "spironolactone"}]
    held = [offer.drug for offer in _offers("incapacitating", taking=both) if isinstance(offer, Hold)]
    assert held == ["furosemide", "spironolactone"]
    assert not any(
        isinstance(offer, Hold) for offer in _offers("incapacitating", taking=[FUROSEMIDE | {"stated": True}])
    )


def test_only_what_is_missing_is_ordered() -> None:
    """With sodium, potassium and kidney function on file only magnesium is offered."""
    labs = [
        {"test": "sodium", "value": 138, "unit": "mmol/L", "days_ago": 9},
        {"test": "potassium", "value": 4.0, "unit": "mmol/L", "days_ago": 9},
        {"test": "egfr", "value": 90, "days_ago": 9},
    ]
    (tests,) = [offer for offer in _offers("", labs=labs) if isinstance(offer, OrderTests)]
    assert tests.tests == ("magnesium",)
