"""Proposal -> Suggestion: one click that does what its label says, in the client's FHIR version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, assert_never
from uuid import UUID, uuid5

from cds_service.cards.card import Action, Suggestion
from cds_service.fhir import write
from cds_service.fhir.version import Version
from cds_service.rules import Indicator, LimitDuration, OfferNaloxone, Proposal, Stop, Withdraw

MOST = 3


@dataclass(frozen=True, slots=True)
class Client:
    """What suggestions need to know of a call: patient, FHIR version, and how to get a resource of it whole."""

    patient_id: str
    version: Version
    original: Callable[[str], dict[str, Any] | None]


def suggestions(
    proposals: Iterable[Proposal], client: Client, card: UUID, indicator: Indicator
) -> tuple[Suggestion, ...]:
    """At most three; at most one is recommended and none on an info card; nothing is offered twice."""
    made: dict[str, Suggestion] = {}
    for proposal in proposals:
        offer = _offer(proposal, client)
        if offer is not None:
            label, action = offer
            wanted = isinstance(proposal, Withdraw) and proposal.recommended and indicator != "info"
            first = wanted and not any(other.is_recommended for other in made.values())
            uuid = str(uuid5(card, f"{label} {action.resource_id or action.resource.get('id')}"))
            made.setdefault(uuid, Suggestion(label=label, uuid=uuid, is_recommended=first, actions=(action,)))
    return tuple(made.values())[:MOST]


def behavior(proposals: Iterable[Proposal]) -> Literal["at-most-one", "any"]:
    """`at-most-one` where two proposals exclude each other: removing one drug of a pair spares the other."""
    removals = {proposal.drug for proposal in proposals if isinstance(proposal, Withdraw)}
    return "at-most-one" if len(removals) > 1 else "any"


def _offer(proposal: Proposal, client: Client) -> tuple[str, Action] | None:
    match proposal:
        case Withdraw(order, _, _) if not order.reference.strip("/").count("/"):
            return None  # a draft without an id cannot be named
        case Withdraw(order, drug, _):
            removal = Action(type="delete", description=f"Remove the draft of {drug}", resource_id=order.reference)
            return f"Remove {drug}", removal
        case OfferNaloxone():
            resource = write.naloxone(client.version, client.patient_id)
            return "Add naloxone 4 mg nasal spray", _create(resource, "Draft naloxone 4 mg nasal spray, as needed")
        case Stop(medication, drug):
            label = f"Stop {drug}"
            reason = "Stopped on decision support"
            return _update(client, medication.reference, label, lambda r: write.stopped(r, client.version, reason))
        case LimitDuration(order, drug, days):
            label = f"Limit {drug} to {days.value} days"
            return _update(client, order.reference, label, lambda r: write.limited(r, client.version, days.value))
        case never:
            assert_never(never)


def _create(resource: dict[str, Any], description: str) -> Action:
    return Action(type="create", description=description, resource=resource)


def _update(
    client: Client, reference: str, label: str, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> tuple[str, Action] | None:
    """No suggestion where the resource cannot be had whole: an update must carry all of it."""
    resource = client.original(reference)
    if resource is None:
        return None
    try:
        return label, Action(type="update", description=label, resource=change(resource))
    except RecursionError:
        return None  # nested beyond reason: left as it is
