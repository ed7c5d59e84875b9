"""The figures of a period as a committee reads them: by rule and by week, and three questions answered at a glance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from cds_service.cards.reasons import WRONG
from cds_service.cards.unchecked import TITLES
from cds_service.facts.needs import WORDS
from cds_service.hooks.catalogue import SERVICES
from cds_service.rules import RULES
from cds_service.store.counts import CALL, Wanted, calls, counts
from cds_service.store.daily import CARDS
from cds_service.store.weeks import NO_REASON

# As many are named where the most frequent ones are.
MOST = 3
_SERVICES = {rule.id: frozenset(one.id for one in SERVICES.values() if rule.serves(one.hook)) for rule in RULES}
# By the kind of what is only counted where it stands.
_COUNTED = {CALL: "calls", "failed": "failed", "suppressed": "suppressed", "shadow": "shadow"}
Ranked = tuple[tuple[str, int], ...]


@dataclass(slots=True)
class Sums:
    """What was counted of one rule, or in one week. `milliseconds` are those of calls answered with its cards,
    `seconds` those until something was done with them (each card's at most 10 minutes), added up; `calls` are all calls
    that could have brought its card."""

    calls: int = 0
    failed: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    suppressed: int = 0
    shadow: int = 0
    milliseconds: float = 0.0
    seconds: float = 0.0

    @property
    def shown(self) -> int:
        """Cards that were shown."""
        return self.outcomes.total()

    @property
    def accepted(self) -> int:
        """Cards of which a suggestion was accepted."""
        return self.outcomes["accepted"]

    @property
    def overridden(self) -> int:
        """Cards that were overridden, whether or not with a reason."""
        return self.outcomes["overridden"]

    @property
    def unanswered(self) -> int:
        """Cards of which nobody told what was done with them."""
        return self.shown - self.accepted - self.overridden

    @property
    def unchecked(self) -> int:
        """How often there was no answer for want of data."""
        return self.missing.total()

    @property
    def wrong(self) -> int:
        """How often a reason was that the data are wrong."""
        return sum(self.reasons[code] for code in WRONG)

    @property
    def rate(self) -> float | None:
        """Cards of 100 calls; None without calls."""
        return 100 * self.shown / self.calls if self.calls else None

    @property
    def took(self) -> float | None:
        """Mean milliseconds of a call with such a card."""
        return self.milliseconds / self.shown if self.shown else None

    @property
    def waited(self) -> float | None:
        """Mean seconds until something was done with such a card."""
        done = self.accepted + self.overridden
        return self.seconds / done if done else None

    @property
    def why(self) -> Ranked:
        """Reasons of overrides, the most frequent first."""
        return ranked(self.reasons)

    @property
    def wanted(self) -> Ranked:
        """What was missing, in words, the most frequent first."""
        return tuple((missing(need), number) for need, number in ranked(self.missing))

    def share(self, number: int) -> float | None:
        """How many of 100 cards; None where none was shown."""
        return 100 * number / self.shown if self.shown else None


@dataclass(frozen=True, slots=True)
class Board:
    """A period: all rules that were asked, each week, and everything together."""

    rules: Mapping[str, Sums]
    weeks: Mapping[date, Sums]
    all: Sums

    def most(self, number: Callable[[Sums], int]) -> tuple[tuple[str, Sums], ...]:
        """The rules of which a number is largest, as far as it is not 0."""
        found = sorted(self.rules.items(), key=lambda one: (-number(one[1]), one[0]))
        return tuple(one for one in found[:MOST] if number(one[1]))

    @property
    def overridden_most(self) -> tuple[tuple[str, Sums], ...]:
        """Which rules are overridden most."""
        return self.most(lambda one: one.overridden)

    @property
    def wrong_most(self) -> tuple[tuple[str, Sums], ...]:
        """Of which rules it is said most that their data are wrong."""
        return self.most(lambda one: one.wrong)

    @property
    def unchecked_most(self) -> tuple[tuple[str, Sums], ...]:
        """Which rules could be checked least."""
        return self.most(lambda one: one.unchecked)


def title(rule: str) -> str:
    """What a rule is called; one that is not ours any more has only its id."""
    return TITLES.get(rule, rule)


def missing(need: str) -> str:
    """What was missing, in words."""
    return WORDS.get(need, need)


def ranked(found: Counter[str]) -> Ranked:
    """The most frequent first."""
    return tuple(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def board(connection: Connection, wanted: Wanted) -> Board:
    """The figures of a period of all rules."""
    rows = counts(connection, wanted)
    by_rule: dict[str, Sums] = {}
    _add(by_rule, (row for row in rows if row.rule), lambda row: row.rule)
    asked = Counter[str]()
    for row in calls(connection, wanted):
        asked[row.service] += row.number
    for rule, sums in by_rule.items():
        sums.calls = sum(asked[service] for service in _SERVICES.get(rule, asked.keys()))
    by_week = _by_week(wanted, rows)
    return Board(_in_order(by_rule), by_week, _together(by_week.values()))


def one_rule(connection: Connection, wanted: Wanted, rule: str) -> Board:
    """The figures of a period of one rule; its calls are those of the services that carry it."""
    by_week = _by_week(wanted, counts(connection, replace(wanted, rule=rule)))
    for row in calls(connection, wanted):
        if row.service in _SERVICES.get(rule, SERVICES.keys()):
            by_week[row.week].calls += row.number
    whole = _together(by_week.values())
    return Board({rule: whole}, by_week, whole)


def _by_week(wanted: Wanted, rows: Iterable[Any]) -> dict[date, Sums]:
    """Every week of the period, also one in which nothing happened: that tells that nobody asked."""
    found = {week: Sums() for week in weeks(wanted)}
    _add(found, rows, lambda row: row.week)
    return found


def weeks(wanted: Wanted) -> Sequence[date]:
    """The Mondays of a period."""
    first = wanted.since - timedelta(days=wanted.since.weekday())
    return [first + timedelta(weeks=number) for number in range((wanted.until - first).days // 7 + 1)]


def _add(found: dict[Any, Sums], rows: Iterable[Any], key: Callable[[Any], Any]) -> None:
    for row in rows:
        sums = found.setdefault(key(row), Sums())
        if row.kind in CARDS:
            sums.outcomes[row.kind] += row.number
            sums.milliseconds += row.milliseconds
            sums.seconds += row.seconds
            if row.kind == "overridden":
                sums.reasons[row.why or NO_REASON] += row.number
        elif row.kind == "not-evaluated":
            sums.missing[row.why] += row.number
        else:
            name = _COUNTED[row.kind]
            setattr(sums, name, getattr(sums, name) + row.number)


def _together(parts: Iterable[Sums]) -> Sums:
    whole = Sums()
    for part in parts:
        for name in (*_COUNTED.values(), "milliseconds", "seconds"):
            setattr(whole, name, getattr(whole, name) + getattr(part, name))
        for name in ("outcomes", "reasons", "missing"):
            getattr(whole, name).update(getattr(part, name))
    return whole


def _in_order(found: dict[str, Sums]) -> dict[str, Sums]:
    """The rule that was shown most first."""
    return dict(sorted(found.items(), key=lambda one: (-one[1].shown, -one[1].unchecked, one[0])))
