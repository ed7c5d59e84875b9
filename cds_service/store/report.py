"""Reading: what was shown, what was done with it and what could not be checked; worked out in the database."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    Subquery,
    Table,
    and_,
    case,
    cast,
    delete,
    func,
    select,
)

from cds_service.store.schema import call, card, feedback, said_at, tally

# Rows that are fetched at a time, so that an export of any size fits into memory.
_AT_A_TIME = 1000
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


def shown(connection: Connection, since: date) -> list[Any]:
    """By rule and day: cards shown, accepted, overridden; by outcome that counts."""
    latest = _latest()
    return _rows(
        connection,
        select(
            card.c.rule,
            card.c.day,
            func.count().label("shown"),
            func.sum(case((latest.c.outcome == "accepted", 1), else_=0)).label("accepted"),
            func.sum(case((latest.c.outcome == "overridden", 1), else_=0)).label("overridden"),
        )
        .select_from(card.outerjoin(latest, and_(_on_card(latest), latest.c.place == 1)))
        .where(card.c.day >= since)
        .group_by(card.c.rule, card.c.day),
    )


def reasons(connection: Connection, since: date) -> list[Any]:
    """By rule and day: why cards were overridden, "" where no code was given, and how often."""
    latest = _latest()
    return _rows(
        connection,
        select(card.c.rule, card.c.day, latest.c.reason_code, func.count().label("number"))
        .select_from(card.join(latest, and_(_on_card(latest), latest.c.place == 1)))
        .where(card.c.day >= since, latest.c.outcome == "overridden")
        .group_by(card.c.rule, card.c.day, latest.c.reason_code),
    )


def counted(connection: Connection, since: date) -> list[Any]:
    """By rule, day, kind and reason: what is only counted, and how often."""
    # PostgreSQL adds whole numbers up to a decimal one.
    number = cast(func.sum(tally.c.number), BigInteger).label("number")
    return _rows(
        connection,
        select(tally.c.rule, tally.c.day, tally.c.kind, tally.c.why, number)
        .where(tally.c.day >= since)
        .group_by(tally.c.rule, tally.c.day, tally.c.kind, tally.c.why),
    )


def _rows(connection: Connection, query: Select[Any]) -> list[Any]:
    return list(connection.execute(query))


def purge(connection: Connection, now: datetime, days: float) -> int:
    """Forget some of what is older than so many days -> how many calls and words of feedback; 0 when all is gone.

    A card goes with its call, and what was accepted with its feedback.
    """
    before = now - timedelta(days=days)
    connection.execute(delete(tally).where(tally.c.day < before.date()))
    return _forget(connection, feedback, feedback.c.received, before) + _forget(connection, call, call.c.at, before)


def _forget(connection: Connection, table: Table, column: ColumnElement[datetime], before: datetime) -> int:
    some = select(table.c.id).where(column < before).limit(_AT_A_TIME)
    return connection.execute(delete(table).where(table.c.id.in_(some))).rowcount
