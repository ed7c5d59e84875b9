"""What need not be said again: overridden lately, or shown minutes ago while the order was chosen (rules 1.3, 1.14)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select

from cds_service.evidence import Threshold
from cds_service.store.entries import Identity, Subject
from cds_service.store.keys import Keys
from cds_service.store.schema import card, feedback, said_at

SAME_SESSION = Threshold(
    10, "min", "minutes in which signing repeats no info card of choosing", "house:repeats", "feedback.sessionMinutes"
)
OVERRIDDEN = "override"
CHOSEN = "order-select"


def repeated(
    connection: Connection,
    keys: Keys,
    subject: Subject,
    cards: Sequence[Identity],
    now: datetime,
    days: float,
    chosen_by: str = "",
) -> list[str]:
    """Of each card by what it need not be said again, "" if it must: an override of so many days, or the service named
    `chosen_by` that showed it minutes ago."""
    of = _Asked(keys, subject, cards)
    over = _overridden(connection, of, cards, now - timedelta(days=days))
    since = now - timedelta(minutes=SAME_SESSION.value)
    seen = _chosen(connection, of, cards, since, chosen_by) if chosen_by else [False] * len(cards)
    return [OVERRIDDEN if one else CHOSEN if two else "" for one, two in zip(over, seen, strict=True)]


_OF_SUBJECT = (
    card.c.patient.in_(bindparam("patients", expanding=True)),
    card.c.user.in_(bindparam("users", expanding=True)),
    card.c.key.in_(bindparam("cards", expanding=True)),
)
# Built once: to build a statement takes longer than to run it.
_SAID = (
    select(card.c.key, feedback.c.outcome, feedback.c.given)
    # Of its own client only: another one that names the card silences nothing.
    .join(feedback, and_(feedback.c.card == card.c.uuid, feedback.c.client == card.c.client))
    .where(*_OF_SUBJECT, card.c.indicator != "critical", feedback.c.received >= bindparam("since"))
    .order_by(said_at, feedback.c.id)
)
_SHOWN = select(card.c.key, card.c.order_hash).where(
    *_OF_SUBJECT,
    card.c.order_hash.in_(bindparam("orders", expanding=True)),
    card.c.service == bindparam("service"),
    card.c.indicator == "info",
    card.c.at >= bindparam("since"),
)


def _overridden(connection: Connection, of: _Asked, cards: Sequence[Identity], since: datetime) -> list[bool]:
    """Of each card whether this user overrode it for this patient, with a reason; of several words on it the last one
    counts."""
    said = connection.execute(_SAID, {**of.subject, "cards": list(of.cards), "since": since})
    last = {of.cards[row.key]: row.outcome == "overridden" and row.given for row in said}
    return [last.get(one.card, False) for one in cards]


def _chosen(connection: Connection, of: _Asked, cards: Sequence[Identity], since: datetime, service: str) -> list[bool]:
    """Of each card whether that service showed it to this user, for this patient and the same draft."""
    asked = {"cards": list(of.cards), "orders": list(of.orders), "since": since, "service": service}
    shown = connection.execute(_SHOWN, of.subject | asked)
    seen = {(of.cards[row.key], of.orders[row.order_hash]) for row in shown}
    return [(one.card, one.order) in seen for one in cards]


class _Asked:
    """A question in keys, by every secret: of whom, and by key what each card and order stands for."""

    def __init__(self, keys: Keys, subject: Subject, cards: Sequence[Identity]) -> None:
        self.subject: dict[str, Any] = {
            "patients": list(keys.all("patient", subject.client, subject.patient)),
            "users": list(keys.all("user", subject.client, subject.user)),
        }
        self.cards = {key: one.card for one in cards for key in keys.all("card", *one.card)}
        self.orders = {key: one.order for one in cards for key in keys.all("order", *one.order)}
