"""What happened on each day added up in the database. A day is marked as stale in the transaction that changes what is
true of it, and read from the cards themselves until it is added up anew: so a sum is never wrong, only late."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Subquery, and_, case, delete, func, insert, literal, select

from cds_service.store.dialects import Monday, Seconds, insertion
from cds_service.store.schema import call, card, daily, feedback, said_at, stale, tally

# The kind of a card of which nothing was told.
SHOWN = "shown"
CARDS = (SHOWN, "accepted", "overridden")
# Whoever does something with a card after so many seconds did not look at it all the while.
LONGEST = 600.0
_SINCE_SHOWN = Seconds(said_at, card.c.at)
_SECONDS = case(
    (feedback.c.outcome.is_(None), 0.0),
    (_SINCE_SHOWN < 0.0, 0.0),  # a clock that is slow
    (_SINCE_SHOWN > LONGEST, LONGEST),
    else_=_SINCE_SHOWN,
)


def mark(connection: Connection, days: Iterable[date]) -> None:
    """These days must be added up anew."""
    new = insertion(connection, stale)
    # Written even where the mark is there already: so whoever is adding the day up waits for this transaction, or this
    # one for him, and no card falls between. In one order, so that two writers never wait for each other.
    marked = new.on_conflict_do_update(index_elements=["day"], set_={"day": new.excluded.day})
    for day in sorted(set(days)):
        connection.execute(marked.values(day=day))


def days_of(connection: Connection, client: str, uuids: Collection[str]) -> list[date]:
    """The days on which cards of a client were shown; of cards that are not known none."""
    found = select(card.c.day).where(card.c.uuid.in_(uuids), card.c.client == client).distinct()
    return list(connection.execute(found).scalars()) if uuids else []


def add_up(connection: Connection, before: date) -> int:
    """Add up the oldest stale day before another one -> 1, or 0 if there is none or somebody else has it."""
    oldest = select(func.min(stale.c.day)).where(stale.c.day < before)
    day = connection.execute(oldest).scalar()
    if day is None or not connection.execute(delete(stale).where(stale.c.day == day)).rowcount:
        return 0
    connection.execute(delete(daily).where(daily.c.day == day))
    for found in (cards(card.c.day == day), counted(tally.c.day == day)):
        connection.execute(insert(daily).from_select([column.name for column in found.selected_columns], found))
    return 1


def cards(*which: ColumnElement[bool]) -> Select[Any]:
    """Cards added up, as rows of `daily`; what was done with a card is its kind."""
    told = judged(("day", "service", "client", "rule"), *which)
    kind = func.coalesce(func.nullif(told.c.outcome, ""), SHOWN).label("kind")
    why = told.c.reason.label("why")
    keys = [told.c.rule, kind, why, Monday(told.c.day).label("week"), told.c.service, told.c.client, told.c.day]
    sums = [func.sum(told.c[name]).label(name) for name in ("milliseconds", "seconds")]
    return select(*keys, func.count().label("number"), *sums).where(told.c.place == 1).group_by(*keys)


def counted(*which: ColumnElement[bool]) -> Select[Any]:
    """What is only counted, as rows of `daily`."""
    week = Monday(tally.c.day).label("week")
    keys = [*(tally.c[name] for name in ("rule", "kind", "why")), week, tally.c.service, tally.c.client, tally.c.day]
    return select(*keys, tally.c.number, tally.c.milliseconds, literal(0.0).label("seconds")).where(*which)


def judged(columns: Iterable[str], *which: ColumnElement[bool]) -> Subquery:
    """Cards, some columns of them and what was done with each: of what was said of a card the last word of its own
    client has `place` 1, and so has a card of which nothing was said."""
    place = func.row_number().over(partition_by=card.c.uuid, order_by=(said_at.desc(), feedback.c.id.desc()))
    on_card = and_(feedback.c.card == card.c.uuid, feedback.c.client == card.c.client)
    told = select(
        *(card.c[name] for name in columns),
        func.coalesce(feedback.c.outcome, "").label("outcome"),
        case((feedback.c.outcome == "overridden", feedback.c.reason_code), else_="").label("reason"),
        call.c.milliseconds,
        _SECONDS.label("seconds"),
        place.label("place"),
    )
    joined = card.join(call, call.c.id == card.c.call_id).outerjoin(feedback, on_card)
    return told.select_from(joined).where(*which).subquery("told")
