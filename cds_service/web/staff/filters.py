"""What of the figures a page shows: from when to when, of which client and which hook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from cds_service.hooks.catalogue import SERVICES
from cds_service.store.counts import Wanted
from cds_service.store.figures import WEEKS

HOOKS = tuple(service.hook for service in SERVICES.values())
# Nobody keeps figures for longer, and a chart of more weeks could not be read.
_LONGEST = timedelta(weeks=320)
# What a select field says for all clients: every other word may be a client's name, and "" is who has none.
EVERY = "*"


class BadFilter(ValueError):
    """Something that cannot be asked; the text says what to write."""


@dataclass(frozen=True, slots=True)
class Filter:
    """A choice as it stands in an address."""

    since: date
    until: date
    client: str = EVERY
    hook: str = ""

    @property
    def wanted(self) -> Wanted:
        """What the database is asked."""
        services = tuple(one.id for one in SERVICES.values() if one.hook == self.hook)
        return Wanted(self.since, self.until, None if self.client == EVERY else self.client, services)

    @property
    def query(self) -> str:
        """The choice for the address of another page."""
        chosen = {"from": self.since, "to": self.until, "client": self.client, "hook": self.hook}
        return urlencode(chosen)


def chosen(told: Mapping[str, str], today: date) -> Filter:
    """The choice of an address; the last quarter of a year of everything unless it says otherwise. Raises BadFilter."""
    until = _day(told, "to") or today
    since = _day(told, "from") or until - timedelta(days=until.weekday(), weeks=WEEKS - 1)
    if not timedelta(0) <= until - since <= _LONGEST:
        raise BadFilter(f"From {since} to {until} is no period. Let it end after it begins, within six years.")
    hook = told.get("hook", "")
    if hook and hook not in HOOKS:
        raise BadFilter(f"There is no such hook. Choose one of {', '.join(HOOKS)}.")
    return Filter(since, until, told.get("client", EVERY)[:100], hook)


def month(told: str, today: date) -> Filter:
    """A month such as 2026-10, the last whole one unless it is said. Raises BadFilter."""
    try:
        first = date.fromisoformat(f"{told}-01") if told else (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        following = (first + timedelta(days=31)).replace(day=1)
    except (ValueError, OverflowError):
        raise BadFilter("A month is written as 2026-10.") from None
    return Filter(first, following - timedelta(days=1))


def _day(told: Mapping[str, str], name: str) -> date | None:
    text = told.get(name, "")
    try:
        found = date.fromisoformat(text) if text else None
    except ValueError:
        raise BadFilter(f"`{name}` is a day, such as 2026-11-22.") from None
    if found is not None and not 1970 <= found.year <= 9000:
        raise BadFilter(f"`{name}` is a day of a year from 1970 on.")
    return found
