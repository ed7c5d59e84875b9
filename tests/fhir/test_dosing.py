"""How long an order lasts and whether it is a single dose, in the shape of every version."""

from __future__ import annotations

import math
from datetime import date, timedelta
from typing import Any

import pytest

from cds_service.fhir import dosing
from cds_service.fhir.elements import number
from cds_service.fhir.later import dosages
from cds_service.fhir.models import Leaf, Quantity, Resource
from tests.fhir.resources import LORAZEPAM, TODAY, Json, dosed, dstu2_order, order, read, statement, timed

WRITTEN = date(2026, 11, 1)
TEN = {"value": 10, "unit": "days", "code": "d"}


def _end(order: Resource, written: date | None) -> date | None:
    return dosing.end(order, dosages(order), written)


def _length(order: Resource) -> float | None:
    return dosing.length(order, dosages(order))


def _is_single(order: Resource) -> bool:
    return dosing.is_single(order, dosages(order))


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (None, None),
        (True, None),
        (False, None),
        (5, 5.0),
        (0.5, 0.5),
        ("5", 5.0),
        (" 5.5 ", 5.5),
        ("", None),
        ("five", None),
        ("1/2", None),
    ],
)
def test_number(value: Leaf, found: float | None) -> None:
    """A number may be sent as text; anything else is none."""
    assert number(value) == found


@pytest.mark.parametrize("value", ["NaN", "inf", "-Infinity", "1e999", pytest.param(10**400, id="huge")])
def test_what_is_not_finite_is_no_number(value: Leaf) -> None:
    """A number that no order can mean is not understood, and never raises."""
    found = number(value)
    assert found is None or math.isfinite(found)


@pytest.mark.parametrize(
    ("quantity", "days"),
    [
        (None, None),
        (Quantity(10, code="d"), 10),
        (Quantity(10, unit="days"), 10),
        (Quantity(10, unit="Day"), 10),
        (Quantity(2, code="wk"), 14),
        (Quantity(2, unit="weeks"), 14),
        (Quantity(1, unit="week"), 7),
        (Quantity(3, unit="months"), 90),
        (Quantity(1, unit="year"), 365),
        (Quantity(1, code="mo"), 30),
        (Quantity(1, unit="month"), 30),
        (Quantity(1, code="a"), 365),
        (Quantity(2, unit="years"), 730),
        (Quantity(48, code="h"), 2),
        (Quantity(1440, code="min"), 1),
        (Quantity(86400, code="s"), 1),
        (Quantity("10", code="d"), 10),
        (Quantity(10, unit="days", code="{local}"), 10),
        (Quantity(0, code="d"), 0),
        (Quantity(10), None),
        (Quantity(10, unit="tablets"), None),
        (Quantity(code="d"), None),
    ],
)
def test_in_days(quantity: Quantity | None, days: float | None) -> None:
    """A duration is told in days by its code or its unit; what is not understood is not guessed."""
    found = dosing.in_days(quantity)
    assert found == (None if days is None else pytest.approx(days))


@pytest.mark.parametrize(
    ("lines", "end"),
    [
        ([], None),
        ([{}], None),
        ([{"timing": {}}], None),
        ([timed()], None),
        ([timed(boundsPeriod={"end": "2026-11-10"})], "2026-11-10"),
        ([timed(boundsPeriod={"start": "2026-11-02", "end": "2026-11"})], "2026-11-30"),
        ([timed(boundsPeriod={"start": "2026-11-02"})], None),
        ([timed(boundsPeriod={"start": "2026-11-02"}, boundsDuration=TEN)], "2026-11-12"),
        ([timed(boundsDuration=TEN)], "2026-11-11"),
        ([timed(boundsQuantity=TEN)], "2026-11-11"),
        ([timed(boundsPeriod={}, boundsDuration=TEN)], "2026-11-11"),
        ([timed(boundsPeriod={"end": "never"})], None),
        ([timed(boundsDuration={"value": 10})], None),
        ([timed(boundsDuration={"value": 10**9, "code": "a"})], None),
        ([timed(boundsPeriod={"end": "2026-11-10"}), timed(boundsPeriod={"end": "2026-11-20"})], "2026-11-20"),
    ],
)
def test_explicit_end(lines: list[Json], end: str | None) -> None:
    """An order ends with its bounds, or with its start and their duration; several lines with the last (rules 11.3)."""
    assert _end(dosed(*lines), WRITTEN) == (date.fromisoformat(end) if end else None)


def test_a_duration_without_a_start_has_no_end() -> None:
    """Without the day of the order, a duration ends nowhere."""
    assert _end(dosed(timed(boundsDuration=TEN)), None) is None


@pytest.mark.parametrize("value", ["NaN", "inf", pytest.param(10**400, id="huge")])
def test_an_absurd_duration_has_no_end(value: Any) -> None:
    """A duration that is no number of days ends nowhere, and never raises."""
    assert _end(dosed(timed(boundsDuration={"value": value, "code": "d"})), WRITTEN) is None


@pytest.mark.parametrize(
    ("resource", "end"),
    [
        (dstu2_order(LORAZEPAM, dateEnded="2026-11-10"), "2026-11-10"),
        (order(LORAZEPAM, status="stopped", statusChanged="2026-11-10"), "2026-11-10"),
        (order(LORAZEPAM, status="completed", statusChanged="2026-11-10T08:00:00"), "2026-11-10"),
        (order(LORAZEPAM, status="cancelled", statusChanged="2026-11-10"), "2026-11-10"),
        (order(LORAZEPAM, status="active", statusChanged="2026-11-10"), None),
        (order(LORAZEPAM, status="on-hold", statusChanged="2026-11-10"), None),
        (order(LORAZEPAM, dispenseRequest={"validityPeriod": {"end": "2026-11-10"}}), None),
        (order(LORAZEPAM, dispenseRequest={"expectedSupplyDuration": TEN}), None),
        (
            order(
                LORAZEPAM,
                status="stopped",
                statusChanged="2026-11-10",
                dosageInstruction=timed(boundsPeriod={"end": "2026-11-05"}),
            ),
            "2026-11-05",
        ),
    ],
)
def test_end_without_bounds(resource: Json, end: str | None) -> None:
    """Then DSTU2's dateEnded, then R5's statusChanged of a finished order; supply never ends one (rules 11.3)."""
    assert _end(read(resource), WRITTEN) == (date.fromisoformat(end) if end else None)


def _supply(days: Any, refills: Any = None) -> Json:
    return {"expectedSupplyDuration": {"value": days, "unit": "days"}, "numberOfRepeatsAllowed": refills}


@pytest.mark.parametrize(
    ("lines", "dispense", "days"),
    [
        ([], None, None),
        ([], {}, None),
        ([], {"numberOfRepeatsAllowed": 3}, None),
        ([], _supply(10), 10),
        ([], _supply(10, 0), 10),
        ([], _supply(10, 2), 30),
        ([], _supply(10, "2"), 30),
        ([timed(boundsDuration=TEN)], _supply(90, 2), 10),
        ([timed(boundsQuantity=TEN)], None, 10),
        ([timed(boundsPeriod={"start": "2026-11-01", "end": "2026-11-30"})], None, 29),
        ([timed(boundsPeriod={"start": "2026-11-01"})], _supply(10), 10),
        ([timed(boundsPeriod={"end": "2026-11-30"})], None, None),
        ([timed(boundsDuration=TEN), timed(boundsDuration={"value": 5, "code": "wk"})], None, 35),
        ([timed(boundsDuration={"value": 10})], None, None),
    ],
)
def test_length(lines: list[Json], dispense: Json | None, days: float | None) -> None:
    """An order lasts as long as its longest bounds, else its supply with every refill (rules D4)."""
    assert _length(dosed(*lines, dispenseRequest=dispense)) == days


@pytest.mark.parametrize(
    ("lines", "single"),
    [
        ([], False),
        ([{}], False),
        ([timed(count=1)], True),
        ([timed(count="1")], True),
        ([timed(count=2)], False),
        ([timed()], False),
        ([timed(frequency=1)], False),
        ([{"timing": {"event": ["2026-11-22T10:00:00Z"]}}], True),
        ([{"timing": {"event": "2026-11-22T10:00:00Z"}}], True),
        ([{"timing": {"event": []}}], False),
        ([{"timing": {"event": [None]}}], False),
        ([{"timing": {}}], False),
        ([{"timing": {"event": ["2026-11-22"], "repeat": {"frequency": 1}}}], False),
        ([timed(count=1), timed(frequency=2)], False),
        ([timed(count=1), {"text": "then one tablet every 6 hours"}], False),
    ],
)
def test_is_single(lines: list[Json], single: bool) -> None:
    """One dose is a count of one, or a moment without a repeat; a line without either is not (rules 1.11)."""
    assert _is_single(dosed(*lines)) is single


@pytest.mark.parametrize(("days", "single"), [(0, True), ("0", True), (1, False)])
def test_a_supply_for_no_day_is_a_single_dose(days: Any, single: bool) -> None:
    """A supply for 0 days is a dose that is given once (rules 1.11)."""
    assert _is_single(dosed(dispenseRequest=_supply(days))) is single
    assert _is_single(dosed(timed(frequency=1), dispenseRequest=_supply(days))) is single


RATE: Json = {"numerator": {"value": 1, "unit": "mg"}, "denominator": {"value": 1, "unit": "h"}}


@pytest.mark.parametrize(
    ("line", "infusion"),
    [
        ({}, False),
        ({"doseQuantity": {"value": 1}}, False),
        ({"rateRatio": RATE}, True),
        ({"rateQuantity": {"value": 1, "unit": "mg/h"}}, True),
        ({"rateRange": {"low": {"value": 1}}}, True),
        ({"doseAndRate": [{"rateRatio": RATE}]}, True),
        ({"doseAndRate": {"rateQuantity": {"value": 1}}}, True),
        ({"doseAndRate": [{"doseQuantity": {"value": 1}}, {"rateRange": {}}]}, True),
        ({"doseAndRate": [{"doseQuantity": {"value": 1}}]}, False),
        ({"rateRatio": None, "rateRange": None, "rateQuantity": None, "doseAndRate": [None]}, False),
    ],
)
def test_is_infusion(line: Json, infusion: bool) -> None:
    """A rate makes an infusion, in the dosage (up to STU3) or inside doseAndRate (from R4)."""
    assert dosing.is_infusion(dosages(dosed(line))) is infusion


def test_dosage_lines_of_orders_and_statements() -> None:
    """Orders say dosageInstruction, statements dosage; both may be one object or hold nulls."""
    one = timed(count=1)
    for resource in (
        order(LORAZEPAM, dosageInstruction=one),
        order(LORAZEPAM, dosageInstruction=[None, one]),
        statement(LORAZEPAM, dosage=one),
        statement(LORAZEPAM, dosage=[one, None]),
    ):
        assert len(dosages(read(resource))) == 1


@pytest.mark.parametrize("days", [-1, 0, 1, 7, 8])
def test_an_end_is_told_to_the_day(days: int) -> None:
    """The end of a period is its day, whatever the time of day."""
    end = TODAY - timedelta(days=days)
    assert _end(dosed(timed(boundsPeriod={"end": f"{end.isoformat()}T23:59:59"})), WRITTEN) == end


def test_a_line_without_an_end_goes_on() -> None:
    """An order of which one line is bounded and another is not has no end (rules 11.3)."""
    bounded = timed(boundsPeriod={"end": "2026-11-30"})
    assert _end(dosed(bounded, {"text": "then one daily"}), WRITTEN) is None
    assert _end(dosed(bounded, bounded), WRITTEN) == date(2026, 11, 30)
