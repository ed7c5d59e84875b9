"""What is counted, before and after days were added up."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Table, select

from cds_service.store import daily
from cds_service.store.counts import Wanted, counts
from cds_service.store.database import Database
from tests.support.stored import NOON

TODAY = NOON.date()
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
EVER = Wanted(TODAY - 52 * WEEK)


def added_up(database: Database, before: date = TODAY + 52 * WEEK) -> int:
    """How many days were added up."""
    days = 0
    with database.writing() as connection:
        while daily.add_up(connection, before):
            days += 1
    return days


def told(database: Database, wanted: Wanted = EVER) -> dict[tuple[str, str, str, date], tuple[int, float, float]]:
    """What is counted, each key once."""
    found: dict[tuple[str, str, str, date], tuple[int, float, float]] = {}
    with database.reading() as connection:
        for row in counts(connection, wanted):
            assert type(row.number) is int
            key = (row.rule, row.kind, row.why, row.week)
            number, milliseconds, seconds = found.get(key, (0, 0.0, 0.0))
            found[key] = number + row.number, milliseconds + row.milliseconds, round(seconds + row.seconds, 3)
    return found


def numbers(database: Database, wanted: Wanted = EVER) -> dict[tuple[str, str, str], int]:
    """How often, by rule, kind and reason."""
    found = Counter[tuple[str, str, str]]()
    for (rule, kind, why, _), (number, _, _) in told(database, wanted).items():
        found[rule, kind, why] += number
    return dict(found)


def both(database: Database, wanted: Wanted = EVER) -> dict[tuple[str, str, str], int]:
    """How often, before and after everything was added up: the same."""
    before = told(database, wanted)
    added_up(database)
    assert told(database, wanted) == before
    return numbers(database, wanted)


def rows(database: Database, table: Table) -> list[Any]:
    """All rows of a table."""
    with database.reading() as connection:
        return list(connection.execute(select(table)))
