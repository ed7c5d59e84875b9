"""FHIR dates of any precision, with or without a zone, as calendar days of the server's time zone."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime

from cds_service.fhir.models import Leaf

_PARTIAL = re.compile(r"(\d{4})(?:-(\d\d))?")


def days(value: Leaf) -> tuple[date, date] | None:
    """The first and the last day that a date may mean, None if it is missing or no date.

    A moment with a zone is told as the day that it was on the server (decisions: "days ago" are its calendar days).
    """
    if not isinstance(value, str):
        return None
    try:
        day = _day(value.strip())
    except (ValueError, OverflowError):
        return None
    return (day, day) if isinstance(day, date) else day


def last_day(value: Leaf) -> date | None:
    """The last day that a date may mean: a month or a year ends with its last day."""
    found = days(value)
    return found[1] if found else None


def _day(value: str) -> date | tuple[date, date]:
    if len(value) == 10:
        return date.fromisoformat(value)
    partial = _PARTIAL.fullmatch(value)
    if partial is None:
        moment = datetime.fromisoformat(value.replace(":60", ":59"))  # a leap second, which Python does not know
        return (moment.astimezone() if moment.tzinfo else moment).date()
    year, month = int(partial[1]), partial[2]
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    return date(year, int(month), 1), date(year, int(month), monthrange(year, int(month))[1])
