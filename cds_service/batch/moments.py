"""Moments of a patient's past: from when on a dated fact counts, and when an order was signed."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import lru_cache

from cds_service.fhir.dates import days, moment
from cds_service.fhir.models import Leaf

# A moment, and whether it comes before (0) or after (1) what is signed at that moment.
Instant = tuple[datetime, int]
FIRST: Instant = (datetime.min, 0)  # noqa: DTZ901 - moments are of the server's zone, and do not name it
# From then on counts what has no date: only who looks at the very end sees it.
UNDATED: Instant = (datetime.max, 1)  # noqa: DTZ901


_DAY = len("2026-11-22")


@lru_cache(maxsize=4096)
def fact(value: Leaf) -> datetime | None:
    """The moment from which a dated fact counts: a day from its morning on, a month or a year from its last day on."""
    return moment(value, date.max)


def earliest(value: Leaf) -> datetime | None:
    """The first moment that a date may mean."""
    if isinstance(value, str) and len(value.strip()) >= _DAY:
        return fact(value)
    found = days(value)
    return None if found is None else datetime.combine(found[0], time())


def signed(value: Leaf) -> datetime | None:
    """The moment at which an order of that date was signed: of a day without a time its last one, so that what else the
    day brought is known by then."""
    found = fact(value)
    exact = isinstance(value, str) and "T" in value
    return found if found is None or exact else evening(found.date())


def evening(day: date) -> datetime:
    """The last moment of a day."""
    return datetime.combine(day, time.max)
