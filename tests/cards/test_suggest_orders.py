"""Suggestions of tests, education, a hold and a new dose: what their labels say and what a click does."""

from __future__ import annotations

from uuid import UUID

import pytest

from cds_service.cards.card import Suggestion
from cds_service.cards.offered import offered
from cds_service.cards.suggest import Client, behavior
from cds_service.facts import Drug, Medication, ProposedOrder
from cds_service.fhir.version import Version
from cds_service.fhir.write import Visit, magnesium_oxide
from cds_service.rules import (
    Educate,
    GiveWeekly,
    Hold,
    OfferBaclofen,
    OfferMagnesiumOxide,
    OrderTests,
    Proposal,
    TakeAtNight,
    Withdraw,
)
from cds_service.rules._baclofen import SMALL
from cds_service.rules._care import ALBUMIN_LEAST
from cds_service.rules._electrolytes import OXIDE as TABLET
from tests.fhir.resources import PATIENT, TODAY, concept, draft, order

CARD = UUID("00000000-0000-4000-8000-000000000001")
OXIDE = concept("198741", "Magnesium Oxide 400 MG Oral Tablet")
HELD = {"MedicationRequest/m1": order(OXIDE), "MedicationRequest/d1": draft(OXIDE)}
LISTED = Medication(Drug(), reference="MedicationRequest/m1")


def _draft(name: str = "Magnesium oxide 400 mg tablet") -> ProposedOrder:
    return ProposedOrder(Drug(name=name), reference="MedicationRequest/d1")


def _offers(*proposals: Proposal, indicator: str = "warning") -> tuple[Suggestion, ...]:
    client = Client(Visit(Version.R4, PATIENT, "e1"), TODAY, HELD.get)
    return offered(proposals, client, CARD, indicator)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tests", "label"),
    [
        (("magnesium",), "Order serum magnesium"),
        (("magnesium", "creatinine"), "Order serum magnesium and serum creatinine"),
        (("sodium", "potassium", "urine-sodium"), "Order serum sodium, serum potassium and urine sodium"),
    ],
)
def test_tests_are_one_click(tests: tuple[str, ...], label: str) -> None:
    """Several tests are one suggestion with a draft order for each."""
    (offer,) = _offers(OrderTests(tests))
    assert offer.label == label
    assert [action.type for action in offer.actions] == ["create"] * len(tests)
    assert all(action.resource["resourceType"] == "ServiceRequest" and action.description for action in offer.actions)
    assert len({str(action.resource["code"]) for action in offer.actions}) == len(tests)


def test_a_later_check_tells_its_day() -> None:
    """The label and the order carry the day on which the check is due."""
    (offer,) = _offers(OrderTests(("creatinine",), in_days=14))
    assert offer.label == "Order serum creatinine for 2026-12-06"
    assert offer.actions[0].resource["occurrenceDateTime"] == "2026-12-06"


@pytest.mark.parametrize(("indicator", "recommended"), [("warning", True), ("critical", True), ("info", False)])
def test_tests_may_be_the_first_choice(indicator: str, recommended: bool) -> None:
    """Missing tests are recommended, except on an info card."""
    (offer,) = _offers(OrderTests(("magnesium",), recommended=True), indicator=indicator)
    assert offer.is_recommended is recommended


def test_education() -> None:
    """Education is a draft order with its topic."""
    (offer,) = _offers(Educate("stretching"))
    assert offer.label == "Teach stretching"
    assert offer.actions[0].resource["encounter"] == {"reference": "Encounter/e1"}


def test_a_hold_updates_the_order() -> None:
    """A hold carries the order of the EHR whole, with its new status."""
    (offer,) = _offers(Hold(LISTED, "magnesium oxide"))
    (action,) = offer.actions
    assert offer.label == action.description == "Put magnesium oxide on hold"
    assert (action.type, action.resource["status"], action.resource["id"]) == ("update", "on-hold", "m1")


@pytest.mark.parametrize(
    ("name", "pieces", "label"),
    [
        ("Magnesium oxide 400 mg tablet", 2, "Change to 2 tablets (800 mg magnesium oxide) once daily at night"),
        ("Magnesium Oxide 500 MG Oral Capsule", 1, "Change to 1 capsule (500 mg magnesium oxide) once daily at night"),
    ],
)
def test_a_new_dose(name: str, pieces: int, label: str) -> None:
    """The label names the pieces and their mass, and the draft says the same."""
    mg = 800 if pieces > 1 else 500
    (offer,) = _offers(TakeAtNight(_draft(name), "magnesium oxide", pieces, mg))
    assert offer.label == label
    (line,) = offer.actions[0].resource["dosageInstruction"]
    assert label.removeprefix("Change to ") == line["text"]


def test_a_changed_and_a_removed_draft_exclude_each_other() -> None:
    """One draft is either removed or given another dose; tests go with either."""
    remove, change = Withdraw(_draft(), "magnesium oxide"), TakeAtNight(_draft(), "magnesium oxide", 2, 800)
    assert behavior([remove, change]) == "at-most-one"
    assert behavior([remove, OrderTests(("magnesium",))]) == "any"
    assert behavior([change, OrderTests(("magnesium",))]) == "any"


@pytest.mark.parametrize(
    ("times", "label"), [(1, "Add baclofen 5 mg once daily"), (2, "Add baclofen 5 mg twice daily")]
)
def test_baclofen_is_offered(times: int, label: str) -> None:
    """An offer of baclofen is a draft that says the same, and is never the first choice."""
    (offer,) = _offers(OfferBaclofen(SMALL, times))
    (action,) = offer.actions
    assert (offer.label, action.type, offer.is_recommended) == (label, "create", False)
    assert action.resource["dosageInstruction"][0]["timing"]["repeat"]["frequency"] == times


def test_magnesium_oxide_is_offered() -> None:
    """An offer of magnesium oxide is a draft that says the same, and is never the first choice."""
    (offer,) = _offers(OfferMagnesiumOxide(TABLET))
    (action,) = offer.actions
    assert (offer.label, action.type, offer.is_recommended) == (
        "Add magnesium oxide 500 mg at night",
        "create",
        False,
    )
    assert action.description == "Draft magnesium oxide 500 mg at night"
    assert action.resource == magnesium_oxide(Version.R4, PATIENT, 500)


def test_a_weekly_dose() -> None:
    """The label names the grams of a week, and the draft says the same."""
    (offer,) = _offers(GiveWeekly(_draft(), "albumin", ALBUMIN_LEAST))
    assert offer.label == "Change to albumin 20 g once a week"
    assert offer.actions[0].resource["dosageInstruction"][0]["text"] == "20 g once a week"
    assert behavior([GiveWeekly(_draft(), "albumin", ALBUMIN_LEAST), Withdraw(_draft(), "albumin")]) == "at-most-one"
