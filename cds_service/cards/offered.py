"""The suggestions of a card as its client understands them, and how many of them may be taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal
from uuid import UUID

import msgspec

from cds_service.cards.card import Action, Suggestion
from cds_service.cards.dialect import Behavior, Dialect
from cds_service.cards.suggest import Client, Made, behavior, excludes, make
from cds_service.rules import Indicator, OrderTests, Proposal

MOST = 3


def offered(
    proposals: Sequence[Proposal], client: Client, card: UUID, indicator: Indicator
) -> tuple[tuple[Suggestion, ...], Literal["", Behavior]]:
    """At most three suggestions, counted before they are split, and their selectionBehavior; "" without any."""
    made, how, dialect = make(proposals, client, card, indicator), behavior(proposals), client.dialect
    if how == "at-most-one" and _needs_any(made, dialect):
        made, how = _together(made), "any"
    how = dialect.selection_behavior or how
    offers = [one.suggestion for one in made[:MOST]]
    if dialect.one_action:
        offers = _split(made[:MOST], client, card, how)
    if dialect.delete_as_string:
        offers = [_as_in_1_0(offer) for offer in offers]
    return tuple(offers), how if offers else ""


def _needs_any(made: Sequence[Made], dialect: Dialect) -> bool:
    """Whether all that is offered must be such that it can be taken together: where the client knows nothing else, or
    where one offer becomes several that belong together."""
    split = dialect.one_action and any(len(one.suggestion.actions) > 1 for one in made)
    return dialect.selection_behavior == "any" or (split and not dialect.selection_behavior)


def _together(made: Sequence[Made]) -> list[Made]:
    """Of what excludes each other only the rule's first choice, else the first; and all that excludes nothing kept.

    Both under `any` could both be taken: the clinician would lose both drugs of a pair, or a draft would be removed and
    changed. To leave out the other way is safe: it is still in the clinician's hands.
    """
    kept: list[Made] = []
    for one in sorted(made, key=lambda made: not made.first_choice):
        if not any(excludes(one.proposal, other.proposal) for other in kept):
            kept.append(one)
    return sorted(kept, key=made.index)


def _split(made: Sequence[Made], client: Client, card: UUID, how: Behavior) -> list[Suggestion]:
    """One suggestion an action, none twice. Tests alone are several actions, each a draft that stands by itself."""
    parts: dict[str, Suggestion] = {}
    for one in made:
        for part in _parts(one, client, card, how):
            parts.setdefault(part.uuid, part)
    return list(parts.values())


def _parts(one: Made, client: Client, card: UUID, how: Behavior) -> list[Suggestion]:
    """Each is recommended if the whole was; where only one may be taken, the first alone (cds-resp-1)."""
    whole = one.suggestion
    if not isinstance(one.proposal, OrderTests):
        return [whole]
    tests = [replace(one.proposal, tests=(test,)) for test in one.proposal.tests]
    parts = [part.suggestion for part in make(tests, client, card, "info")]
    return [
        msgspec.structs.replace(part, is_recommended=whole.is_recommended and (how == "any" or part is parts[0]))
        for part in parts
    ]


def _as_in_1_0(offer: Suggestion) -> Suggestion:
    return msgspec.structs.replace(offer, actions=tuple(_named(action) for action in offer.actions))


def _named(action: Action) -> Action:
    """A delete with the name of its resource where others carry the resource (conformance S11)."""
    if action.type != "delete":
        return action
    return msgspec.structs.replace(action, resource=action.resource_id, resource_id="")
