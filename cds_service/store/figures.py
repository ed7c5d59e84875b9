"""Figures: what happened to each rule's cards lately, for pages. They are asked on a connection and in a thread of
their own: no card waits behind them, and a page waits no longer than a moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Lock, Thread
from time import monotonic

import structlog

_LOG = structlog.get_logger()
WEEKS = 13
# Seconds for which a page waits for figures, no longer than it takes itself: a worker may have one thread, and a hook
# would wait with it. What comes later is on the next page.
_WAITED = 0.05
# Seconds for which figures are good enough.
_FRESH = 60.0
# Seconds after which a database that failed is asked again.
_AGAIN = 5.0
# PostgreSQL: milliseconds after which a statement is given up.
_LONGEST = 3000
_COUNTED = ("shown", "accepted", "overridden", "not-evaluated", "suppressed", "shadow")


@dataclass(frozen=True, slots=True)
class Figure:
    """How often a rule was shown and what was done with it, by kind; and why it was overridden, the most frequent
    reason first."""

    counts: Mapping[str, int] = field(default_factory=dict)
    reasons: tuple[tuple[str, int], ...] = ()

    def __getitem__(self, kind: str) -> int:
        return self.counts.get(kind, 0)


@dataclass(frozen=True, slots=True)
class Counted:
    """The figures of all rules since a day."""

    since: date
    rules: Mapping[str, Figure]

    def of(self, rule: str) -> Figure:
        """Those of one rule; one of which nothing was recorded has only zeros."""
        return self.rules.get(rule, Figure())


class Figures:
    """The figures of one database; asked at most once a minute, however often a page is opened."""

    def __init__(self, address: str, today: Callable[[], date]) -> None:
        """Nothing is opened before somebody asks."""
        self._address = address
        self._today = today
        self._found: Counted | None = None
        self._asked_at = -_FRESH
        self._asking: Thread | None = None
        self._lock = Lock()

    def latest(self, seconds: float = _WAITED) -> Counted | None:
        """What is known within so many seconds; None if the database has not answered."""
        begun = self._begin()
        if begun is not None:
            begun.join(seconds)
        return self._found

    def _begin(self) -> Thread | None:
        """Ask anew if it is time and nobody is asking; only whoever begins waits."""
        with self._lock:
            asking = self._asking is not None and self._asking.is_alive()
            if asking or monotonic() < self._asked_at + _FRESH:
                return None
            self._asked_at = monotonic()
            # It only reads, so the process may end without it.
            self._asking = Thread(target=self._ask, name="figures", daemon=True)
            self._asking.start()
            return self._asking

    def _ask(self) -> None:
        try:
            self._found = _counted(self._address, self._today())
        except Exception as error:  # pages are shown without figures
            self._found = None
            self._asked_at = monotonic() - _FRESH + _AGAIN
            _LOG.warning("figures cannot be read", error=type(error).__name__)


def _counted(address: str, today: date) -> Counted:
    from cds_service.store.database import Database
    from cds_service.store.weeks import weekly

    since = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    with closing(Database(address, _LONGEST)) as database:
        database.check()
        with database.reading() as connection:
            found = weekly(connection, since)
    return Counted(since, {rule: _figure(weeks.values()) for rule, weeks in found.items() if rule})


def _figure(weeks: Iterable[Mapping[str, Counter[str]]]) -> Figure:
    kinds = {kind: Counter[str]() for kind in _COUNTED}
    for week in weeks:
        for kind, why in kinds.items():
            why.update(week.get(kind, {}))
    reasons = sorted(kinds["overridden"].items(), key=lambda one: (-one[1], one[0]))
    return Figure({kind: why.total() for kind, why in kinds.items()}, tuple(reasons))
