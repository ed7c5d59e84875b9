"""FHIR dates of any precision, with or without a zone, as calendar days of the server's time zone."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, time

from cds_service.fhir.models import Leaf

_DAY = len("2026-11-22")
_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d))?")


def days(value: Leaf) -> tuple[date, date] | None:
    """The first and the last day that a date may mean, None if it is missing or no date.

    A moment with a zone is told as the day that it was on the server (decisions: "days ago" are its calendar days).
    """
    found = _parsed(value)
    if isinstance(found, datetime):
        return found.date(), found.date()
    return found


def last_day(value: Leaf) -> date | None:
    """The last day that a date may mean: a month or a year ends with its last day."""
    found = days(value)
    return found[1] if found else None


def moment(value: Leaf, today: date) -> datetime | None:
    """The moment that a date means, in the server's time zone and without naming it; a day begins at midnight.

    A month or a year is told as its last day, or as today if that is still to come.
    """
    found = _parsed(value)
    if found is None or isinstance(found, datetime):
        return found
    first, last = found
    return datetime.combine(today if first <= today < last else last, time())


def _parsed(value: Leaf) -> datetime | tuple[date, date] | None:
    """A moment, or the first and the last day; None for what is no date."""
    if not isinstance(value, str):
        return None
    try:
        return _span(value.strip())
    except (ValueError, OverflowError):
        return None


def _span(value: str) -> datetime | tuple[date, date]:
    if len(value) == _DAY:
        day = date.fromisoformat(value)
        return day, day
    partial = _PARTIAL.fullmatch(value) if len(value) < _DAY else None
    if partial is None:
        exact = datetime.fromisoformat(value.replace(":60", ":59"))  # a leap second, which Python does not know
        return datetime.fromtimestamp(exact.timestamp()) if exact.tzinfo else exact  # noqa: DTZ006 - its own zone
    year, month = int(partial[1]), partial[2]
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    return date(year, int(month), 1), date(year, int(month), monthrange(year, int(month))[1])
