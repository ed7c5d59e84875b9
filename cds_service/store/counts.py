"""Reading: how many cards were shown, what was done with them, what could not be checked; added up in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, FromClause, Select, cast, func, select

from cds_service.store import daily
from cds_service.store.schema import card, stale, tally
from cds_service.store.schema import daily as kept

# The kind under which calls are counted; they belong to no rule.
CALL = "call"
# In the order in which the database has it, so that it need not sort.
_BY_RULE = ("rule", "kind", "why", "week")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is counted: from a day to a day, both included; of one client, of some services and of one rule, unless all
    of them are meant."""

    since: date
    until: date = date.max
    client: str | None = None
    services: tuple[str, ...] = ()
    rule: str | None = None

    def of(self, table: FromClause) -> list[ColumnElement[bool]]:
        """What holds for the rows of a table that are wanted."""
        one = {"client": self.client, "rule": self.rule}
        found = [table.c.day >= self.since, table.c.day <= self.until]
        found += [table.c[name] == value for name, value in one.items() if value is not None]
        return found + ([table.c.service.in_(self.services)] if self.services else [])


def counts(connection: Connection, wanted: Wanted) -> list[Any]:
    """By rule ("" for calls), kind, reason and week how often something happened. Of cards, whose kind is what was done
    with them ("shown" where nothing was told), also the milliseconds of their calls and the seconds until it was done,
    added up; of what is only counted milliseconds where time was taken. A key may come twice, to be added up."""
    return _asked(connection, wanted, _BY_RULE)


def calls(connection: Connection, wanted: Wanted) -> list[Any]:
    """How many calls there were by week and service, of whatever rule. A key may come twice, to be added up."""
    found = _asked(connection, replace(wanted, rule=""), ("kind", "week", "service"))
    return [row for row in found if row.kind == CALL]


def _asked(connection: Connection, wanted: Wanted, by: Sequence[str]) -> list[Any]:
    """The days that were added up, and the cards and counts themselves of those that are stale; the connection shows
    both as of one moment."""
    late = select(stale.c.day)
    found = list(connection.execute(_summed(kept, by, *wanted.of(kept), kept.c.day.not_in(late))))
    for fresh, table in ((daily.cards, card), (daily.counted, tally)):
        rows = fresh(table.c.day.in_(late), *wanted.of(table)).subquery("fresh")
        found += connection.execute(_summed(rows, by))
    return found


def _summed(rows: FromClause, by: Sequence[str], *which: ColumnElement[bool]) -> Select[Any]:
    keys = [rows.c[name] for name in by]
    sums = [func.sum(rows.c[name]).label(name) for name in ("milliseconds", "seconds")]
    # PostgreSQL adds whole numbers up to a decimal one.
    number = cast(func.sum(rows.c.number), BigInteger).label("number")
    return select(*keys, number, *sums).where(*which).group_by(*keys)


def clients(connection: Connection, since: date) -> list[str]:
    """Who called since a day."""
    found = select(tally.c.client).where(tally.c.day >= since).distinct().order_by(tally.c.client)
    return list(connection.execute(found).scalars())
