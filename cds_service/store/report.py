"""Every word of feedback, to be exported; and what is forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, Table, and_, delete, func, select

from cds_service.store.daily import judged, mark
from cds_service.store.schema import call, card, daily, feedback, said_at, stale, tally

# Rows that are fetched at a time, so that an export of any size fits into memory.
_AT_A_TIME = 1000
_OF_CARDS = ("at", "service", "client", "uuid", "rule", "message", "indicator", "thresholds")
EXPORTED = (
    "outcome_at",
    "received",
    "service",
    "client",
    "card",
    "rule",
    "message",
    "indicator",
    "thresholds",
    "outcome",
    "counts",
    "reason_system",
    "reason_code",
    "comment",
)


def _latest() -> Subquery:
    """Of every card the feedback that counts: the last that a client said of it."""
    whose = [feedback.c.card, feedback.c.client]
    newest = func.row_number().over(partition_by=whose, order_by=(said_at.desc(), feedback.c.id.desc()))
    return select(feedback, newest.label("place")).subquery("latest")


def _on_card(latest: Subquery) -> ColumnElement[bool]:
    """Feedback counts for the cards of its own client only."""
    return and_(latest.c.card == card.c.uuid, latest.c.client == card.c.client)


def export(connection: Connection) -> Iterator[dict[str, Any]]:
    """Every word of feedback, the oldest first, with the rule of its card ("" for a card that is not known).

    `counts` is false where something later was said of the same card.
    """
    latest = _latest()
    columns: list[Any] = [
        latest.c.at.label("outcome_at"),
        *(latest.c[name] for name in ("received", "service", "client", "card")),
        *(func.coalesce(card.c[name], "").label(name) for name in ("rule", "message", "indicator", "thresholds")),
        latest.c.outcome,
        (latest.c.place == 1).label("counts"),
        *(latest.c[name] for name in ("reason_system", "reason_code")),
        func.coalesce(latest.c.comment, "").label("comment"),
    ]
    rows = (
        select(*columns).select_from(latest.outerjoin(card, _on_card(latest))).order_by(latest.c.received, latest.c.id)
    )
    found = connection.execution_options(yield_per=_AT_A_TIME).execute(rows)
    for row in found.mappings():
        yield dict(row) | {"counts": bool(row["counts"])}


def everything(connection: Connection) -> Iterator[dict[str, Any]]:
    """Every card with what was done with it, day by day, and after them everything that is only counted; nothing of a
    patient and nothing of a user."""
    days = connection.execute(select(card.c.day).distinct().order_by(card.c.day)).scalars().all()
    for day in days:  # one at a time: the database need not order a year before the first row
        told = judged(_OF_CARDS, card.c.day == day)
        rows = select(*(one for one in told.c if one.name != "place")).where(told.c.place == 1)
        for row in connection.execute(rows.order_by(told.c.at, told.c.uuid)).mappings():
            yield {"kind": "card", **row, "seconds": round(row["seconds"], 1) if row["outcome"] else None}
    for row in connection.execute(select(tally).order_by(*tally.primary_key)).mappings():
        yield dict(row)


def purge(connection: Connection, now: datetime, days: float) -> int:
    """Forget some of what is older than so many days -> how many calls and words of feedback; 0 when all is gone.

    A card goes with its call, and what was accepted with its feedback.
    """
    before = now - timedelta(days=days)
    for table in (tally, daily, stale):
        connection.execute(delete(table).where(table.c.day < before.date()))
    mark(connection, [before.date()])  # of this day a part goes
    return _forget(connection, feedback, feedback.c.received, before) + _forget(connection, call, call.c.at, before)


def _forget(connection: Connection, table: Table, column: ColumnElement[datetime], before: datetime) -> int:
    some = select(table.c.id).where(column < before).limit(_AT_A_TIME)
    return connection.execute(delete(table).where(table.c.id.in_(some))).rowcount
