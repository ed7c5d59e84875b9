"""Suggestions of another dose of baclofen and of a taper: what their labels say, what a click does, what excludes."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from cds_service.cards.card import Suggestion
from cds_service.cards.offered import offered
from cds_service.cards.suggest import Client, behavior
from cds_service.facts import Drug, Medication, ProposedOrder
from cds_service.fhir.check import problems
from cds_service.fhir.version import Version
from cds_service.fhir.write import REPLACES, Visit
from cds_service.rules import OfferBaclofen, OrderTests, Proposal, Redose, Taper, Withdraw
from cds_service.rules._baclofen import SMALL, WEEK
from tests.fhir.resources import BACLOFEN, PATIENT, TODAY, draft, order

CARD = UUID("00000000-0000-4000-8000-000000000001")
HELD = {
    "MedicationRequest/m1": order(BACLOFEN),
    "MedicationRequest/d1": draft(BACLOFEN),
    "MedicationRequest/d2": draft(BACLOFEN, "d2"),
}
LISTED = Medication(Drug(), reference="MedicationRequest/m1")
FIRST, SECOND, ELSEWHERE = (ProposedOrder(Drug(), reference=f"MedicationRequest/{id}") for id in ("d1", "d2", "d9"))
STEPS = ((10.0, 2), (5.0, 2))


def _offers(*proposals: Proposal, indicator: str = "warning", version: Version = Version.R4) -> tuple[Suggestion, ...]:
    client = Client(Visit(version, PATIENT), TODAY, HELD.get)
    return offered(proposals, client, CARD, indicator)[0]  # type: ignore[arg-type]


def _redose(order: ProposedOrder = FIRST, mg: float = 5, times: int = 2, recommended: bool = False) -> Redose:
    return Redose(order, "baclofen", mg, times, recommended)


def _taper(*steps: tuple[float, int], **more: Any) -> Taper:
    return Taper(LISTED, steps or STEPS, WEEK, **more)


@pytest.mark.parametrize(
    ("mg", "times", "label"),
    [
        (5, 1, "Change to baclofen 5 mg once daily"),
        (5, 2, "Change to baclofen 5 mg twice daily"),
        (10, 3, "Change to baclofen 10 mg three times daily"),
        (2.5, 4, "Change to baclofen 2.5 mg four times daily"),
    ],
)
def test_another_dose(mg: float, times: int, label: str) -> None:
    """The label names the dose, and the draft says the same."""
    (offer,) = _offers(_redose(mg=mg, times=times))
    (action,) = offer.actions
    assert (offer.label, action.description, action.type) == (label, label, "update")
    assert action.resource["id"] == "d1"
    (line,) = action.resource["dosageInstruction"]
    assert line["text"] == label.removeprefix("Change to baclofen ")
    assert line["doseAndRate"][0]["doseQuantity"]["value"] == mg


@pytest.mark.parametrize(
    ("proposal", "label"),
    [
        (_taper(), "Taper baclofen: 20, 10 mg/day, 7 days a step, then stop (replaces the current order)"),
        (_taper((2.5, 1)), "Taper baclofen: 2.5 mg/day, 7 days a step, then stop (replaces the current order)"),
        (_taper(stays=True), "Taper baclofen: 20, 10 mg/day, 7 days a step (replaces the current order)"),
        (_taper((5, 3), stays=True), "Taper baclofen: 15 mg/day (replaces the current order)"),
    ],
)
@pytest.mark.parametrize("drafted", [True, False])
def test_a_taper(proposal: Taper, label: str, drafted: bool) -> None:
    """The label tells every step and what is replaced; a draft that stands already is changed, else one is made."""
    made = Taper(proposal.replaces, proposal.steps, proposal.days, proposal.stays, FIRST if drafted else None)
    (offer,) = _offers(made)
    (action,) = offer.actions
    assert offer.label == label
    assert action.description.startswith(label)
    assert action.type == ("update" if drafted else "create")
    assert action.resource.get("id") == ("d1" if drafted else None)
    assert action.resource["status"] == "draft"
    assert action.resource["priorPrescription"] == {"reference": "MedicationRequest/m1"}
    assert action.resource["note"] == [{"text": REPLACES}]
    assert len(action.resource["dosageInstruction"]) == len(proposal.steps)


@pytest.mark.parametrize("version", list(Version))
def test_a_new_taper_is_valid(version: Version) -> None:
    """A new taper is a valid order in the client's version, and its description tells what to discontinue."""
    (offer,) = _offers(_taper(), version=version)
    assert problems(offer.actions[0].resource, version) == []
    assert REPLACES in offer.actions[0].description


def test_a_draft_that_cannot_be_had_whole_is_not_changed() -> None:
    """Without the draft as it was sent there is no new dose and no taper in it."""
    assert _offers(_redose(ELSEWHERE), _taper(draft=ELSEWHERE)) == ()


@pytest.mark.parametrize(("indicator", "recommended"), [("critical", True), ("warning", True), ("info", False)])
@pytest.mark.parametrize("proposal", [_redose(recommended=True), _taper(recommended=True)])
def test_the_first_choice(proposal: Proposal, indicator: str, recommended: bool) -> None:
    """A dose or a taper may be recommended, except on an info card."""
    (offer,) = _offers(proposal, indicator=indicator)
    assert offer.is_recommended is recommended


def test_one_first_choice() -> None:
    """Of several that are recommended only the first one is, and what is not recommended never."""
    made = _offers(_redose(), _taper(recommended=True), _redose(SECOND, recommended=True))
    assert [offer.is_recommended for offer in made] == [False, True, False]


def test_the_same_dose_of_two_drafts() -> None:
    """One label may stand for two drafts, and nothing is offered twice."""
    made = _offers(_redose(), _redose(SECOND), _redose())
    assert [offer.actions[0].resource["id"] for offer in made] == ["d1", "d2"]
    assert len({offer.uuid for offer in made}) == 2


@pytest.mark.parametrize(
    ("proposals", "told"),
    [
        ([_redose()], "any"),
        ([_redose(), _redose(mg=10, times=1)], "at-most-one"),
        ([_redose(), _redose(SECOND)], "any"),
        ([_redose(), Withdraw(FIRST, "baclofen")], "at-most-one"),
        ([_redose(), Withdraw(SECOND, "baclofen")], "any"),
        ([_taper(draft=FIRST), _redose()], "at-most-one"),
        ([_taper(draft=FIRST), Withdraw(FIRST, "baclofen")], "at-most-one"),
        ([_taper(draft=FIRST), _redose(SECOND)], "any"),
        ([_taper(draft=FIRST), OrderTests(("creatinine",))], "any"),
        ([_taper(), OrderTests(("creatinine",))], "any"),
        ([_taper(), _redose()], "any"),
        ([OfferBaclofen(SMALL, 2), OrderTests(("creatinine",))], "any"),
    ],
)
def test_what_excludes_each_other(proposals: list[Proposal], told: str) -> None:
    """Of one draft only one change can be made; tests and the changes of another draft go with it."""
    assert behavior(proposals) == told
