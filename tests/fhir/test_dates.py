"""Dates of any precision, with and without a zone, as days of the server's time zone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.fhir.dates import days, last_day


@pytest.fixture
def new_york(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The server stands in New York."""
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def _span(first: str, last: str) -> tuple[date, date]:
    return date.fromisoformat(first), date.fromisoformat(last)


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("2026", "2026-01-01", "2026-12-31"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2024-02", "2024-02-01", "2024-02-29"),
        ("2024-02-29", "2024-02-29", "2024-02-29"),
        ("2026-11-22", "2026-11-22", "2026-11-22"),
        (" 2026-11-22 ", "2026-11-22", "2026-11-22"),
        ("2026-11-22T10:30:00", "2026-11-22", "2026-11-22"),
        ("2026-11-22T23:59:59.999", "2026-11-22", "2026-11-22"),
        ("2026-11-22T10:30", "2026-11-22", "2026-11-22"),
        ("0001", "0001-01-01", "0001-12-31"),
        ("9999-12", "9999-12-01", "9999-12-31"),
    ],
)
def test_a_date_without_a_zone(value: str, first: str, last: str) -> None:
    """A date means the days of its precision; a moment without a zone is told by its own clock."""
    assert days(value) == _span(first, last)
    assert last_day(value) == date.fromisoformat(last)


@pytest.mark.usefixtures("new_york")
@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("2026-11-22T04:59:59Z", "2026-11-21"),
        ("2026-11-22T05:00:00Z", "2026-11-22"),
        ("2026-11-22T05:00:00.123Z", "2026-11-22"),
        ("2026-11-22T05:00:00.1234567890Z", "2026-11-22"),
        ("2026-11-22T23:30:00-05:00", "2026-11-22"),
        ("2026-11-22T23:30:00-08:00", "2026-11-23"),
        ("2026-11-22T05:30:00+01:00", "2026-11-21"),
        ("2026-07-01T03:59:00Z", "2026-06-30"),
        ("2026-07-01T04:00:00Z", "2026-07-01"),
    ],
)
def test_a_moment_with_a_zone(value: str, day: str) -> None:
    """A moment with a zone is the day that it was on the server, summer time included (decisions 13)."""
    assert days(value) == _span(day, day)


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        " ",
        "yesterday",
        "2026-13",
        "2026-00",
        "2026-02-30",
        "2025-02-29",
        "2026-11-22T25:00:00Z",
        "2026-11-22T10:00:00+99:00",
        "0000",
        "0000-01-01",
        "20",
        "2026-1",
        "2026-11-2",
        "2026/11/22",
        "22.11.2026",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-11-22T",
        "\ud800",
        2026,
        2026.5,
        True,
    ],
)
def test_garbage_is_no_date(value: Any) -> None:
    """What is no date is no date; it never raises."""
    assert days(value) is None
    assert last_day(value) is None


def test_a_leap_second_is_a_moment() -> None:
    """FHIR allows second 60: the day is known all the same."""
    assert last_day("2016-12-31T23:59:60") == date(2016, 12, 31)


@settings(max_examples=100)
@given(st.one_of(st.text(), st.from_regex(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?")))
def test_no_text_raises(value: str) -> None:
    """Any text is a span of days in order, or no date."""
    found = days(value)
    assert found is None or found[0] <= found[1]
    assert last_day(value) == (found[1] if found else None)


@settings(max_examples=50)
@given(st.dates())
def test_a_full_date_means_itself(value: date) -> None:
    """Every calendar day is read as that day, and lies in its own month and year."""
    text = value.isoformat()
    assert days(text) == (value, value)
    for precision in (4, 7):
        span = days(text[:precision])
        assert span is not None
        assert span[0] <= value <= span[1]
