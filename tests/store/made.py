"""Calls, cards and feedback as tests make them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from cds_service.store.entries import CallEntry, FeedbackEntry, Identity, ShownCard, Subject

NOW = datetime(2026, 11, 22, 12)  # noqa: DTZ001 - UTC, without naming it
SUBJECT = Subject("p1", "Practitioner/1")
_SPACE = UUID("6f1d2a0e-6a3f-5a55-9b6c-0d5f0c7a4d11")


def uuid(name: object) -> str:
    """A uuid for a name, the same every time."""
    return str(uuid5(_SPACE, str(name)))


def ago(**past: float) -> datetime:
    """So long before the tests' moment."""
    return NOW - timedelta(**past)


def identity(name: str = "card", order: str = "order") -> Identity:
    """What makes a card the same."""
    return Identity((name,), (order,))


def card(name: str = "c1", **more: Any) -> ShownCard:
    """A card that was shown."""
    told: dict[str, Any] = {
        "uuid": uuid(name),
        "rule": "cyclobenzaprine-cramps",
        "message": "cramps",
        "indicator": "info",
        "thresholds": "0123456789ab",
        "identity": identity(),
    }
    return ShownCard(**told | more)


def call(*cards: ShownCard, at: datetime = NOW, **more: Any) -> CallEntry:
    """A call that was answered with these cards."""
    told: dict[str, Any] = {"service": "cramp-order-select", "subject": SUBJECT, "milliseconds": 1.5}
    return CallEntry(at=at, cards=cards, **told | more)


def feedback(name: str = "c1", **more: Any) -> FeedbackEntry:
    """Feedback on that card: an override with a reason unless told otherwise."""
    told: dict[str, Any] = {
        "card": uuid(name),
        "outcome": "overridden",
        "at": NOW,
        "received": NOW,
        "service": "cramp-order-select",
        "reason_code": "patient-preference",
        "given": True,
    }
    return FeedbackEntry(**told | more)
