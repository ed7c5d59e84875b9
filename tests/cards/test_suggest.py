"""Suggestions do what their label says, at most three, in the client's FHIR version."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from cds_service.cards.card import Suggestion
from cds_service.cards.offered import offered
from cds_service.cards.suggest import Client, behavior
from cds_service.evidence import Threshold
from cds_service.facts import Drug, Medication, ProposedOrder
from cds_service.fhir.version import Version
from cds_service.fhir.write import Visit, naloxone
from cds_service.rules import INDICATORS, LimitDuration, OfferNaloxone, Proposal, Stop, Withdraw
from cds_service.terminology import Entry
from tests.fhir.resources import CYCLOBENZAPRINE, LORAZEPAM, PATIENT, TODAY, Json, draft, order

CARD = UUID("00000000-0000-4000-8000-000000000001")
OTHER_CARD = UUID("00000000-0000-4000-8000-000000000002")
SHORT = Threshold(28, "d", "short", "house:short-term", "k")
HELD = {"MedicationRequest/m1": order(CYCLOBENZAPRINE), "MedicationRequest/d1": draft(LORAZEPAM)}


def _draft(id: str = "d1", ingredient: str = "lorazepam") -> ProposedOrder:
    return ProposedOrder(Drug((Entry("a set", ingredient),)), reference=f"MedicationRequest/{id}")


REMOVE = Withdraw(_draft(), "lorazepam", recommended=True)
REMOVE_OTHER = Withdraw(_draft("d2", "oxycodone"), "oxycodone")
STOP = Stop(Medication(Drug(), reference="MedicationRequest/m1"), "cyclobenzaprine")
LIMIT = LimitDuration(_draft(), "lorazepam", SHORT)
NALOXONE = OfferNaloxone()


def _offers(
    *proposals: Proposal, indicator: Any = "warning", version: Version = Version.R4, card: UUID = CARD, held: Any = HELD
) -> tuple[Suggestion, ...]:
    return offered(proposals, Client(Visit(version, PATIENT), TODAY, held.get), card, indicator)[0]


def test_removing_a_draft() -> None:
    """A removal deletes the draft by its reference, without carrying it."""
    (offer,) = _offers(REMOVE)
    (action,) = offer.actions
    assert offer.label == "Remove lorazepam"
    assert (action.type, action.resource_id, action.resource) == ("delete", "MedicationRequest/d1", {})
    assert action.description


@pytest.mark.parametrize("reference", ["MedicationRequest/", ""])
def test_a_draft_without_an_id_cannot_be_removed(reference: str) -> None:
    """A delete needs `Type/id`: a draft that has no id is not offered for removal (conformance S11)."""
    assert _offers(Withdraw(ProposedOrder(Drug(), reference=reference), "lorazepam")) == ()


@pytest.mark.parametrize("version", list(Version))
def test_naloxone_in_the_clients_version(version: Version) -> None:
    """Naloxone is created as a draft of the client's FHIR version."""
    (offer,) = _offers(NALOXONE, version=version)
    (action,) = offer.actions
    assert (action.type, action.resource_id) == ("create", "")
    assert action.resource == naloxone(version, PATIENT)
    assert action.description


def test_stopping_an_order() -> None:
    """A stop updates the order of the EHR, which it carries whole."""
    (offer,) = _offers(STOP)
    (action,) = offer.actions
    assert offer.label == action.description == "Stop cyclobenzaprine"
    assert action.type == "update"
    assert action.resource.items() >= (order(CYCLOBENZAPRINE) | {"status": "stopped"}).items()


def test_limiting_a_draft() -> None:
    """A limit updates the draft, which it carries whole, with its new end."""
    (offer,) = _offers(LIMIT)
    (action,) = offer.actions
    assert offer.label == action.description == "Limit lorazepam to 28 days"
    assert action.resource.items() >= draft(LORAZEPAM).items()
    assert action.resource["dosageInstruction"][0]["timing"]["repeat"]["boundsDuration"]["value"] == 28


@pytest.mark.parametrize("proposal", [STOP, LIMIT])
def test_no_update_without_the_whole_resource(proposal: Proposal) -> None:
    """Where the resource cannot be had whole, nothing is offered (conformance S10)."""
    assert _offers(proposal, held={}) == ()


@pytest.mark.parametrize("indicator", INDICATORS)
def test_nothing_is_recommended_on_an_info_card(indicator: str) -> None:
    """The first choice is recommended, except on an info card (rules 1.13)."""
    recommended = [offer.is_recommended for offer in _offers(REMOVE, NALOXONE, indicator=indicator)]
    assert recommended == [indicator != "info", False]


def test_at_most_one_is_recommended() -> None:
    """Of two first choices one is recommended at most (rules 1.13, cds-resp-1)."""
    both = _offers(REMOVE, Withdraw(_draft("d2"), "oxycodone", recommended=True))
    assert len(both) == 2
    assert sum(offer.is_recommended for offer in both) <= 1


def test_at_most_three() -> None:
    """A card has at most three suggestions, the first ones."""
    many = [Withdraw(_draft(f"d{number}"), "lorazepam") for number in range(5)]
    found = _offers(*many)
    assert [offer.actions[0].resource_id for offer in found] == [f"MedicationRequest/d{n}" for n in range(3)]
    assert _offers() == ()


def test_nothing_is_offered_twice() -> None:
    """The same proposal of two findings is one suggestion."""
    assert len(_offers(NALOXONE, REMOVE, NALOXONE, REMOVE)) == 2


def test_two_drafts_of_one_drug_are_two_offers() -> None:
    """The same change of two drafts is two suggestions."""
    held = HELD | {"MedicationRequest/d2": draft(LORAZEPAM, "d2")}
    found = _offers(LIMIT, LimitDuration(_draft("d2"), "lorazepam", SHORT), held=held)
    assert [offer.actions[0].resource["id"] for offer in found] == ["d1", "d2"]
    assert len({offer.uuid for offer in found}) == 2


def test_uuids() -> None:
    """A suggestion has the same uuid in the same card, and another in another card or for another thing."""
    first = [offer.uuid for offer in _offers(REMOVE, REMOVE_OTHER, NALOXONE)]
    assert first == [offer.uuid for offer in _offers(REMOVE, REMOVE_OTHER, NALOXONE)]
    assert len(set(first)) == 3
    assert not set(first) & {offer.uuid for offer in _offers(REMOVE, REMOVE_OTHER, NALOXONE, card=OTHER_CARD)}
    assert all(str(UUID(uuid)) == uuid for uuid in first)


@pytest.mark.parametrize(
    ("proposals", "expected"),
    [
        ([], "any"),
        ([REMOVE], "any"),
        ([REMOVE, NALOXONE], "any"),
        ([REMOVE, REMOVE_OTHER], "at-most-one"),
        ([REMOVE, NALOXONE, REMOVE_OTHER], "at-most-one"),
        ([REMOVE, Withdraw(_draft("d2"), "another salt of the same drug")], "any"),
        ([REMOVE, LIMIT], "at-most-one"),
        ([STOP], "any"),
    ],
)
def test_behavior(proposals: list[Proposal], expected: str) -> None:
    """Removing one drug of a pair spares the other, and a draft is removed or changed: these exclude each other."""
    assert behavior(proposals) == expected


def test_no_empty_member_in_what_is_sent() -> None:
    """A resource that came with null and empty members goes without them (conformance C15)."""
    received: Json = order(CYCLOBENZAPRINE, note=None, reasonCode=[], dispenseRequest={"performer": {}})
    (offer,) = _offers(STOP, held={"MedicationRequest/m1": received})
    assert not {"note", "reasonCode", "dispenseRequest"} & offer.actions[0].resource.keys()
