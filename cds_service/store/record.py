"""Writing: calls with their cards, what is only counted, feedback; each in one transaction of its caller."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import Connection, Table, insert

from cds_service.store import schema
from cds_service.store.daily import days_of, mark
from cds_service.store.dialects import insertion
from cds_service.store.entries import CallEntry, FeedbackEntry, ShownCard
from cds_service.store.keys import LENGTH, Keys
from cds_service.store.memory import Tally

# What a card has in common with its call.
_SHARED = ("at", "service", "client", "patient", "user")
_NEW_CALLS = insert(schema.call).returning(schema.call.c.id, sort_by_parameter_order=True)
_COUNTED = ("day", "service", "client", "kind", "rule", "why")


def write_calls(connection: Connection, calls: Sequence[CallEntry], keys: Keys) -> None:
    """Calls and the cards that were shown. A card that was written before, by the same call, is not written again."""
    if not calls:
        return
    rows = [_call(call, keys) for call in calls]
    numbers = connection.execute(_NEW_CALLS, rows).scalars().all()
    told = list(zip(calls, rows, numbers, strict=True))
    cards = [_card(card, call, row, number, keys) for call, row, number in told for card in call.cards]
    offered = [{"uuid": uuid, "card": card.uuid} for call in calls for card in call.cards for uuid in card.suggestions]
    _insert_new(connection, schema.card, cards)
    _insert_new(connection, schema.suggestion, offered)
    mark(connection, (card["day"] for card in cards))


def _call(call: CallEntry, keys: Keys) -> dict[str, Any]:
    subject = call.subject
    return {
        "at": call.at,
        "service": call.service,
        "client": subject.client,
        "patient": keys.of("patient", subject.client, subject.patient),
        "user": keys.of("user", subject.client, subject.user),
        "milliseconds": round(call.milliseconds, 1),
    }


def _card(card: ShownCard, call: CallEntry, row: Mapping[str, Any], number: int, keys: Keys) -> dict[str, Any]:
    return {name: row[name] for name in _SHARED} | {
        "uuid": card.uuid,
        "call_id": number,
        "day": call.at.date(),
        "rule": card.rule,
        "message": card.message,
        "indicator": card.indicator,
        "thresholds": card.thresholds,
        "key": keys.of("card", *card.identity.card),
        "order_hash": keys.of("order", *card.identity.order),
    }


def write_tally(connection: Connection, tally: Tally) -> None:
    """Add to what was counted; in one order, so that two writers never wait for each other."""
    table = schema.tally
    for counted, (number, milliseconds) in sorted(tally.items()):
        row = dict(zip(_COUNTED, counted, strict=True)) | {"number": number, "milliseconds": milliseconds}
        new = insertion(connection, table).values(row)
        added = {name: table.c[name] + new.excluded[name] for name in ("number", "milliseconds")}
        connection.execute(new.on_conflict_do_update(index_elements=list(_COUNTED), set_=added))
    mark(connection, (day for day, *_ in tally))


def write_feedback(connection: Connection, entries: Sequence[FeedbackEntry]) -> int:
    """Feedback, in the order in which it came -> how much of it was new. What was told before is not written again."""
    new = [entry for entry in entries if _is_new(connection, entry)]
    told = {client: {entry.card for entry in new if entry.client == client} for client in {one.client for one in new}}
    mark(connection, (day for client, cards in told.items() for day in days_of(connection, client, cards)))
    return len(new)


def _is_new(connection: Connection, entry: FeedbackEntry) -> bool:
    """Whether it was written, and not there already."""
    row = {name: getattr(entry, name) for name in _FEEDBACK} | {"digest": digest(entry)}
    row["comment"] = entry.comment or None
    wanted = insertion(connection, schema.feedback).values(row).on_conflict_do_nothing()
    number = connection.execute(wanted.returning(schema.feedback.c.id)).scalar()
    if number is not None:
        taken = [{"feedback_id": number, "suggestion": uuid} for uuid in dict.fromkeys(entry.accepted)]
        _insert_new(connection, schema.accepted, taken)
    return number is not None


_FEEDBACK = ("received", "card", "service", "client", "outcome", "at", "reason_system", "reason_code", "given")


def digest(entry: FeedbackEntry) -> str:
    """What tells a repetition: everything that the client said, and not when it was received."""
    said = msgspec.structs.replace(entry, received=entry.at)
    return sha256(msgspec.json.encode(said)).hexdigest()[:LENGTH]


def _insert_new(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        connection.execute(insertion(connection, table).on_conflict_do_nothing(), rows)
