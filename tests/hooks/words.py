"""Words of feedback as clients send them, and what is found in them."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from cds_service.hooks.feedback import Feedback, parse
from cds_service.store.entries import FeedbackEntry

SERVICE = "cramp-order-sign"
RECEIVED = datetime.fromisoformat("2026-11-22T12:00:00")  # UTC, without naming it
AT = "2026-11-22T10:00:00Z"
CARD = "0f8fad5b-d9cb-469f-a165-70867728950e"
OFFER = "7c9e6679-7425-40de-944b-e07fc1f90ae7"
OFFER_2 = "16fd2706-8baf-433b-82eb-8c7fada847da"
CODE = {"code": "benefit-outweighs", "system": "urn:cds-service:override-reason", "display": "Benefit outweighs"}
MARK = "Jane Doe"
Json = dict[str, Any]


def accepted(**more: Any) -> Json:
    """An entry of a card whose suggestion was taken."""
    return {"card": CARD, "outcome": "accepted", "outcomeTimestamp": AT, "acceptedSuggestions": [{"id": OFFER}]} | more


def overridden(**more: Any) -> Json:
    """An entry of a card that was overridden."""
    return {"card": CARD, "outcome": "overridden", "outcomeTimestamp": AT} | more


def reasoned(reason: Any) -> Json:
    """An entry of a card that was overridden with this reason."""
    return overridden(overrideReason=reason)


def read(*entries: Any, client: str = "") -> Feedback:
    """What is found in a body with these entries."""
    return parse(json.dumps({"feedback": entries}).encode(), SERVICE, RECEIVED, client)


def one(entry: Any) -> FeedbackEntry:
    """The entry, which must be one that can be kept."""
    found = read(entry)
    assert (found.problems, found.strange) == ((), 0)
    [kept] = found.entries
    return kept


def problem(entry: Any) -> str:
    """What is wrong with an entry, which must not be kept."""
    found = read(entry)
    assert (found.entries, found.strange) == ((), 0)
    [text] = found.problems
    return text
