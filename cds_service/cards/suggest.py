"""Proposal -> Suggestion: one click that does what its label says, in the client's FHIR version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from typing import Any, assert_never
from uuid import UUID, uuid5

from cds_service.cards.card import Action, Suggestion
from cds_service.cards.dialect import PLAIN, Behavior, Dialect
from cds_service.facts import ProposedOrder
from cds_service.fhir import write, write_doses
from cds_service.fhir.version import Version
from cds_service.rules import (
    Educate,
    GiveWeekly,
    Hold,
    Indicator,
    LimitDuration,
    OfferBaclofen,
    OfferMagnesiumOxide,
    OfferNaloxone,
    OrderTests,
    Proposal,
    Redose,
    Stop,
    TakeAtNight,
    Taper,
    Withdraw,
)

# What removes or changes a draft: of one draft only one can be done.
_CHANGES = Withdraw | LimitDuration | TakeAtNight | GiveWeekly | Redose


@dataclass(frozen=True, slots=True)
class Client:
    """What suggestions need to know of a call: whom orders are for, the day, how to get a resource whole, and what the
    client understands."""

    visit: write.Visit
    today: date
    original: Callable[[str], dict[str, Any] | None]
    dialect: Dialect = PLAIN

    @property
    def version(self) -> Version:
        """The FHIR version in which the client is answered."""
        return self.visit.version


@dataclass(frozen=True, slots=True)
class Made:
    """A proposal, and the suggestion that was made of it."""

    proposal: Proposal
    suggestion: Suggestion

    @property
    def first_choice(self) -> bool:
        """Whether its rule prefers it; an info card does not say so."""
        return _first_choice(self.proposal)


def make(proposals: Iterable[Proposal], client: Client, card: UUID, indicator: Indicator) -> list[Made]:
    """All that can be done: at most one is recommended and none on an info card; nothing is offered twice."""
    made: dict[str, Made] = {}
    for proposal in proposals:
        offer = _offer(proposal, client)
        if offer is not None:
            label, actions = offer
            wanted = indicator != "info" and _first_choice(proposal)
            first = wanted and not any(other.suggestion.is_recommended for other in made.values())
            uuid = str(uuid5(card, f"{label} {_target(actions[0])}"))
            suggestion = Suggestion(label=label, uuid=uuid, is_recommended=first, actions=actions)
            made.setdefault(uuid, Made(proposal, suggestion))
    return list(made.values())


def _first_choice(proposal: Proposal) -> bool:
    return isinstance(proposal, Withdraw | OrderTests | Redose | Taper) and proposal.recommended


def _target(action: Action) -> str | None:
    """The order that an action changes; None if it is a new one."""
    return action.resource_id or (action.resource.get("id") if isinstance(action.resource, dict) else None)


def behavior(proposals: Iterable[Proposal]) -> Behavior:
    """`at-most-one` where two proposals exclude each other."""
    return "at-most-one" if any(excludes(*pair) for pair in combinations(proposals, 2)) else "any"


def excludes(one: Proposal, other: Proposal) -> bool:
    """Removing one drug of a pair spares the other, and one draft is either removed or changed."""
    if isinstance(one, Withdraw) and isinstance(other, Withdraw):
        return one.order == other.order or one.order.drug.ingredients != other.order.drug.ingredients
    draft = _changed_draft(one)
    return draft is not None and draft == _changed_draft(other)


def _changed_draft(proposal: Proposal) -> ProposedOrder | None:
    if isinstance(proposal, Taper):
        return proposal.draft
    return proposal.order if isinstance(proposal, _CHANGES) else None


_Offer = tuple[str, tuple[Action, ...]]
_New = OfferNaloxone | OfferBaclofen | OfferMagnesiumOxide | OrderTests | Educate

_Existing = Withdraw | Stop | Hold | LimitDuration | GiveWeekly | Redose | Taper | TakeAtNight


def _offer(proposal: Proposal, client: Client) -> _Offer | None:
    """The label of a suggestion and what it does; None if it cannot be done."""
    return _created(proposal, client) if isinstance(proposal, _New) else _changed(proposal, client)


def _created(proposal: _New, client: Client) -> _Offer:
    match proposal:
        case OfferNaloxone():
            resource = write.naloxone(client.version, client.visit.patient_id)
            spray = _create(resource, "Draft naloxone 4 mg nasal spray, as needed")
            return "Add naloxone 4 mg nasal spray", (spray,)
        case OfferBaclofen(mg, times):
            resource = write.baclofen(client.version, client.visit.patient_id, mg.value, times)
            words = f"baclofen {write_doses.per_day(mg.value, times)}"
            return f"Add {words}", (_create(resource, f"Draft {words}"),)
        case OfferMagnesiumOxide(mg):
            resource = write.magnesium_oxide(client.version, client.visit.patient_id, mg.value)
            words = f"magnesium oxide {mg.value} mg at night"
            return f"Add {words}", (_create(resource, f"Draft {words}"),)
        case OrderTests(tests, in_days, _):
            return _tests(tests, client, client.today + timedelta(days=in_days) if in_days else None)
        case Educate(topic):
            lesson = _create(write.education(client.visit, topic), f"Draft an order for patient education: {topic}")
            return f"Teach {topic}", (lesson,)
        case never:
            assert_never(never)


def _changed(proposal: _Existing, client: Client) -> _Offer | None:
    match proposal:
        case Withdraw(order, _, _) if not order.reference.strip("/").count("/"):
            return None  # a draft without an id cannot be named
        case Withdraw(order, drug, _):
            removal = Action(type="delete", description=f"Remove the draft of {drug}", resource_id=order.reference)
            return f"Remove {drug}", (removal,)
        case Stop(medication, drug):
            return _update(client, medication.reference, f"Stop {drug}", lambda r: write.stopped(r, *_why(client)))
        case Hold(medication, drug):
            label = f"Put {drug} on hold"
            return _update(client, medication.reference, label, lambda r: write.held(r, *_why(client)))
        case LimitDuration(order, drug, days):
            label = f"Limit {drug} to {days.value} days"
            return _update(client, order.reference, label, lambda r: write_doses.limited(r, client.version, days.value))
        case GiveWeekly(order, drug, grams):
            label = f"Change to {drug} {grams.value} g once a week"
            return _update(client, order.reference, label, lambda r: write_doses.weekly(r, client.version, grams.value))
        case Redose(order, drug, mg, times, _):
            label = f"Change to {drug} {write_doses.per_day(mg, times)}"
            return _update(client, order.reference, label, lambda r: write_doses.redosed(r, client.version, mg, times))
        case Taper():
            return _taper(proposal, client)
        case TakeAtNight():
            return _at_night(proposal, client)
        case never:
            assert_never(never)


def _why(client: Client) -> tuple[Version, str]:
    return client.version, "Changed on decision support"


def _tests(tests: tuple[str, ...], client: Client, due: date | None) -> _Offer:
    *most, last = (write.TESTS[test] for test in tests)
    names = f"{', '.join(most)} and {last}" if most else last
    when = f" for {due.isoformat()}" if due else ""
    orders = [(write.ordered_test(client.visit, test, due), write.TESTS[test]) for test in tests]
    return f"Order {names}{when}", tuple(_create(order, f"Draft an order of {name}{when}") for order, name in orders)


def _at_night(proposal: TakeAtNight, client: Client) -> _Offer | None:
    pieces = proposal.pieces
    piece = "capsule" if "capsule" in proposal.order.drug.name.lower() else "tablet"
    words = f"{pieces} {piece}{'s' if pieces > 1 else ''} ({proposal.mg:g} mg {proposal.drug}) once daily at night"
    return _update(
        client,
        proposal.order.reference,
        f"Change to {words}",
        lambda order: write_doses.at_night(order, client.version, pieces, piece, words),
    )


def _taper(proposal: Taper, client: Client) -> _Offer | None:
    """Steps in the draft that stands already, or else in a new one; either names the order that it replaces."""
    plan = write_doses.Plan(proposal.steps, proposal.days.value, client.today, proposal.stays)
    levels = ", ".join(f"{mg * times:g}" for mg, times in proposal.steps)
    steps = f", {proposal.days.value} days a step" if proposal.steps[1:] or not proposal.stays else ""
    end = "" if proposal.stays else ", then stop"
    label = f"Taper baclofen: {levels} mg/day{steps}{end} (replaces the current order)"
    replaces = proposal.replaces.reference
    if proposal.draft is not None:
        order = proposal.draft.reference
        return _update(client, order, label, lambda r: write.tapered(r, client.version, plan, replaces))
    resource = write.taper(client.version, client.visit.patient_id, plan, replaces)
    return label, (_create(resource, f"{label}. {write.REPLACES}"),)


def _create(resource: dict[str, Any], description: str) -> Action:
    return Action(type="create", description=description, resource=resource)


def _update(
    client: Client, reference: str, label: str, change: Callable[[dict[str, Any]], dict[str, Any]]
) -> _Offer | None:
    """No suggestion where the resource cannot be had whole: an update must carry all of it."""
    resource = client.original(reference)
    if resource is None:
        return None
    try:
        return label, (Action(type="update", description=label, resource=change(resource)),)
    except RecursionError:
        return None  # nested beyond reason: left as it is
