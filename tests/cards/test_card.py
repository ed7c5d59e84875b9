"""A card is sent in CDS Hooks words, without empty members."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from cds_service.cards.card import LONGEST_SUMMARY, Action, Card, Coding, Link, Source, Suggestion

SOURCE = Source(label="l", url="u", icon="i", topic=Coding(system="s", code="c", display="d"))
BARE: dict[str, Any] = {
    "uuid": "1",
    "summary": "s",
    "indicator": "info",
    "detail": "d",
    "source": SOURCE,
    "links": (Link(label="l", url="u", type="absolute"),),
}


def _sent(card: Card) -> Any:
    return json.loads(msgspec.json.encode(card))


def test_a_bare_card_has_no_empty_members() -> None:
    """What a card does not have is not sent (conformance C15)."""
    assert set(_sent(Card(**BARE))) == {"uuid", "summary", "indicator", "detail", "source", "links"}


def test_a_full_card_in_the_words_of_the_specification() -> None:
    """Members are sent under the names of CDS Hooks."""
    delete = Action(type="delete", description="d", resource_id="MedicationRequest/1")
    create = Action(type="create", description="d", resource={"resourceType": "MedicationRequest"})
    offers = (
        Suggestion(label="a", uuid="2", is_recommended=True, actions=(delete,)),
        Suggestion(label="b", uuid="3", actions=(create,)),
    )
    more = {"selection_behavior": "any", "override_reasons": (SOURCE.topic,), "extension": {"x": {"y": 1}}}
    sent = _sent(Card(**BARE, suggestions=offers, **more))
    assert sent["selectionBehavior"] == "any"
    assert sent["overrideReasons"] == [{"system": "s", "code": "c", "display": "d"}]
    assert sent["extension"] == {"x": {"y": 1}}
    first, second = sent["suggestions"]
    assert first["isRecommended"] is True
    assert first["actions"] == [{"type": "delete", "description": "d", "resourceId": "MedicationRequest/1"}]
    assert "isRecommended" not in second
    assert "resourceId" not in second["actions"][0]


def test_a_card_is_frozen() -> None:
    """Nobody changes a card on its way."""
    with pytest.raises(AttributeError):
        Card(**BARE).summary = "other"  # type: ignore[misc]


def test_the_limit_of_the_specification() -> None:
    """A summary is shorter than 140 characters."""
    assert LONGEST_SUMMARY == 139
