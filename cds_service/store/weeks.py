"""Weeks: what counts.py counts, by rule and ISO week, and as a terminal shows it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from sqlalchemy import Connection

from cds_service.store.counts import Wanted, counts
from cds_service.store.daily import CARDS, SHOWN

# By kind and reason how often.
Kinds = defaultdict[str, Counter[str]]
NO_REASON = "no reason"
# What is told of a rule in a week, and how wide; of what it has shares, and of what reasons.
_COLUMNS = {"shown": 7, "accepted": 14, "overridden": 14, "not-evaluated": 13, "suppressed": 10, "shadow": 7}
_OF_SHOWN = ("accepted", "overridden")
_WITH_REASONS = ("overridden", "not-evaluated", "suppressed")


def week(day: date) -> str:
    """The ISO week of a day."""
    year, number, _ = day.isocalendar()
    return f"{year}-W{number:02}"


def weekly(connection: Connection, since: date) -> Mapping[str, Mapping[str, Kinds]]:
    """By rule and week what was shown, done with it and only counted; what belongs to no rule under ""."""
    found: defaultdict[str, defaultdict[str, Kinds]] = defaultdict(lambda: defaultdict(lambda: defaultdict(Counter)))
    for row in counts(connection, Wanted(since)):
        kinds = found[row.rule][week(row.week)]
        if row.kind in CARDS:
            kinds[SHOWN][""] += row.number
        if row.kind != SHOWN:
            why = row.why or (NO_REASON if row.kind == "overridden" else "")
            kinds[row.kind][why] += row.number
    return found


def told(found: Mapping[str, Mapping[str, Kinds]], days: Sequence[date]) -> Iterator[str]:
    """The calls of the weeks of these days, and a table of each rule."""
    yield from _calls(found.get("", {}), [week(day) for day in days])
    for rule in sorted(found.keys() - {""}):
        yield from ("", rule, *_table(found[rule]))


def _calls(counted: Mapping[str, Kinds], weeks: Iterable[str]) -> Iterator[str]:
    """Also of weeks without any: they tell that the service was not asked."""
    yield "calls"
    for name in weeks:
        kinds = counted.get(name, Kinds(Counter))
        failed = kinds["failed"].total()
        yield f"  {name}  {kinds['call'].total():>7}{f'  {failed} of them failed' if failed else ''}"


def _table(weeks: Mapping[str, Kinds]) -> Iterator[str]:
    """The newest week first, and under each week why."""
    yield _row("week", (kind.replace("-", " ") for kind in _COLUMNS))
    for name in sorted(weeks, reverse=True):
        yield _row(name, (_number(weeks[name], kind) for kind in _COLUMNS))
        yield from _reasons(weeks[name])


def _row(first: str, cells: Iterable[str]) -> str:
    aligned = (f"  {cell:>{width}}" for cell, width in zip(cells, _COLUMNS.values(), strict=True))
    return f"  {first:8}{''.join(aligned)}"


def _number(kinds: Kinds, kind: str) -> str:
    """How often; of cards that were shown also how many of a hundred."""
    number, cards = kinds[kind].total(), kinds["shown"].total()
    return f"{number} ({number / cards:.0%})" if cards and kind in _OF_SHOWN else str(number)


def _reasons(kinds: Kinds) -> Iterator[str]:
    """The most frequent first."""
    for kind in _WITH_REASONS:
        if kinds[kind]:
            ordered = sorted(kinds[kind].items(), key=lambda one: (-one[1], one[0]))
            yield f"    {kind.replace('-', ' ')}: " + ", ".join(f"{why} {number}" for why, number in ordered)
