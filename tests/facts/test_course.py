"""A course: which orders follow one another, since when, and how the dose went."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from cds_service.facts import Course, Drug, Line, Medication, course
from cds_service.facts.course import GAP

TODAY = date(2026, 11, 22)


def _ago(days: int | None) -> date | None:
    return None if days is None else TODAY - timedelta(days=days)


def _order(start: int | None, end: int | None = None, *lines: Line, **more: Any) -> Medication:
    told = {"reference": f"MedicationRequest/{start}-{end}", "start": _ago(start), "end": _ago(end)}
    return Medication(Drug(), dosage=lambda: lines, **told | more)


def _start(last: list[Medication], *before: Medication) -> int | None:
    found = course(last, [*before, *last]).start
    return None if found is None else (TODAY - found).days


LAST = _order(20)


@pytest.mark.parametrize(
    ("before", "start"),
    [
        ([], 20),
        ([_order(60, 20)], 60),
        ([_order(60, 34)], 60),
        ([_order(60, 35)], 20),
        ([_order(60, 5)], 60),
        ([_order(60, -30)], 60),
        ([_order(60, 34), _order(100, 74)], 100),
        ([_order(60, 34), _order(100, 75)], 60),
        ([_order(100, 75), _order(60, 35)], 20),
        ([_order(10)], 20),
        ([_order(None, 30)], 20),
        ([_order(None, None)], 20),
        ([_order(385 + GAP.value)], 385 + GAP.value),
        ([_order(386 + GAP.value)], 20),
        ([_order(400, 15), _order(300, 200)], 400),
    ],
)
def test_the_start_of_a_course(before: list[Medication], start: int) -> None:
    """An order belongs to the course if it reaches to at most 14 days before the next; without an end it reaches a
    year."""
    for order in permutations(before):
        assert _start([LAST], *order) == start


@pytest.mark.parametrize(
    ("last", "start"),
    [
        ([], None),
        ([_order(None)], None),
        ([_order(20), _order(None)], None),
        ([_order(20), _order(40)], 40),
        ([_order(20), _order(60, stated=True)], 60),
        ([_order(20), _order(None, stated=True)], 20),
        ([_order(60, stated=True)], 60),
        ([_order(None, stated=True)], None),
        ([_order(60, stated=True), _order(None, None, stated=True)], None),
        ([_order(None), _order(60, stated=True)], None),
    ],
)
def test_the_last_orders_of_a_course(last: list[Medication], start: int | None) -> None:
    """The earliest start of the last orders; one of them without a start leaves it open, a statement beside orders
    does not."""
    assert _start(last) == start


@pytest.mark.parametrize("year", [date(1, 1, 1), date(9999, 12, 31)])
def test_the_ends_of_the_calendar(year: date) -> None:
    """An order at either end of the calendar is followed without an error."""
    odd = Medication(Drug(), reference="odd", start=year)
    assert course([odd], [odd, LAST]).start == year
    assert course([LAST], [odd, LAST]).start == LAST.start


ONE = Line(10, times=1, sequence=1, days=7)
TWO = Line(20, times=1, sequence=2, days=7)


def test_the_steps_of_a_course() -> None:
    """Every step of every order by its day; one of an unknown day is left out, and a statement where orders tell."""
    early, late = _order(40, 26, ONE, TWO), _order(20, None, Line(30, times=1))
    unknown, said = _order(None, None, ONE), _order(90, None, Line(5, times=1), stated=True)
    found = Course((late, early, unknown, said), None).steps()
    assert [(step.mg, step.start) for step in found] == [(10, _ago(40)), (20, _ago(33)), (30, _ago(20))]
    assert [step.mg for step in Course((said,), None).steps()] == [5]


@pytest.mark.parametrize(("mg", "ago"), [(10, 40), (20, 33), (30, None)])
def test_since_when_a_dose(mg: float, ago: int | None) -> None:
    """A dose is taken since the first step of the course that gives it."""
    back = _order(20, None, Line(10, times=1))
    assert Course((_order(40, 26, ONE, TWO), back), None).at_dose_since(mg) == _ago(ago)
