"""Since when an order with several dosage lines is taken, and when its last step ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cds_service.fhir import dosing
from cds_service.fhir.later import dosages
from tests.fhir.resources import TODAY, Json, dosed, timed

WEEK = {"value": 7, "unit": "days", "code": "d"}


def _day(days: int | None) -> date | None:
    return None if days is None else TODAY + timedelta(days=days)


def _iso(days: int) -> str:
    return (TODAY + timedelta(days=days)).isoformat()


def _line(sequence: Any = None, **repeat: Any) -> Json:
    return timed(**repeat) | ({} if sequence is None else {"sequence": sequence})


def _period(start: int | None = None, end: int | None = None) -> Json:
    told = {"start": start, "end": end}
    return {"boundsPeriod": {name: _iso(days) for name, days in told.items() if days is not None}}


@pytest.mark.parametrize(
    ("lines", "start"),
    [
        ([], 0),
        ([{}], 0),
        ([{"timing": {}}], 0),
        ([_line(boundsDuration=WEEK)], 0),
        ([_line(**_period(end=7))], 0),
        ([_line(**_period(3, 7))], 3),
        ([_line(**_period(-30))], -30),
        ([_line(**_period(10, 17)), _line(**_period(3, 10))], 3),
        ([_line(1, boundsDuration=WEEK), _line(2, **_period(7))], 7),
        ([_line(boundsPeriod={"start": "soon"})], 0),
    ],
)
def test_the_start_of_an_order(lines: list[Json], start: int) -> None:
    """The earliest start that a line tells, else the day on which the order was written."""
    assert dosing.start(dosages(dosed(*lines)), TODAY) == _day(start)


def test_an_order_without_any_day_has_no_start() -> None:
    """Neither a line nor the order tells a day."""
    assert dosing.start(dosages(dosed({})), None) is None


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ([_line(1, boundsDuration=WEEK), _line(2, boundsDuration=WEEK)], 14),
        ([_line(2, boundsDuration=WEEK), _line(1, boundsDuration=WEEK)], 14),
        ([_line(0, boundsDuration=WEEK), _line(1, boundsDuration=WEEK)], 14),
        ([_line("1", boundsDuration=WEEK), _line("2", boundsDuration=WEEK)], 14),
        ([_line(1, boundsDuration=WEEK), _line(1, boundsDuration=WEEK)], 7),
        ([_line(boundsDuration=WEEK), _line(boundsDuration=WEEK)], 7),
        ([_line(boundsDuration=WEEK), _line(1, boundsDuration=WEEK)], 7),
        ([_line(boundsDuration=WEEK), _line(2, boundsDuration=WEEK), _line(1, boundsDuration=WEEK)], 14),
        ([_line(1, boundsDuration=WEEK), _line(2)], None),
        ([_line(1), _line(2, boundsDuration=WEEK)], None),
        ([_line(1, **_period(0, 10)), _line(2, boundsDuration=WEEK)], 17),
        ([_line(1, boundsDuration=WEEK), _line(2, **_period(end=30))], 30),
        ([_line(1, boundsDuration=WEEK), _line(2, **_period(20), boundsDuration=WEEK)], 27),
        ([_line(1, boundsDuration={"value": 1e9, "code": "d"}), _line(2, boundsDuration=WEEK)], None),
        ([_line(1, boundsDuration={"value": -7, "code": "d"}), _line(2, boundsDuration=WEEK)], 0),
        ([_line(**_period(0, 7)), _line(**_period(7, 14))], 14),
    ],
)
def test_the_end_of_steps(lines: list[Json], end: int | None) -> None:
    """Steps of other numbers follow one another, those of one number end together, one without an end goes on."""
    order = dosed(*lines)
    assert dosing.end(order, dosages(order), TODAY) == _day(end)
