"""The steps of an order in time: since when each is taken, for how long, and how much on a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cds_service.facts import Line, Medication, Step
from cds_service.facts.dose import later, schedule
from cds_service.facts.medication import Drug

TODAY = date(2026, 11, 22)


def _day(days: int) -> date:
    return TODAY + timedelta(days=days)


def _line(mg: float | None = 10, times: float | None = 1, **more: Any) -> Line:
    for name in ("start", "end"):
        if name in more:
            more[name] = _day(more[name])
    return Line(mg, times=times, **more)


@pytest.mark.parametrize(
    ("line", "length"),
    [
        (_line(), None),
        (_line(days=7), 7),
        (_line(days=0), 0),
        (_line(start=0, end=7), 7),
        (_line(start=0, end=0), 0),
        (_line(start=7, end=0), -7),
        (_line(start=0), None),
        (_line(end=7), None),
        (_line(start=0, end=7, days=5), 5),
        (_line(start=0, days=5), 5),
    ],
)
def test_the_length_of_a_line(line: Line, length: float | None) -> None:
    """A line lasts as long as it says, else from its start to its end; without one of them its length is not known."""
    assert line.length == length


@pytest.mark.parametrize(
    ("days", "found"),
    [(0, 0), (7, 7), (-7, -7), (0.5, 0), (1e9, None), (-1e9, None), (float("inf"), None)],
)
def test_days_later(days: float, found: int | None) -> None:
    """So many days later, and no day at all beyond the calendar."""
    assert later(TODAY, days) == (None if found is None else _day(found))


def test_one_line_is_one_step() -> None:
    """A single line is one step from the start of the order on, with each of its doses."""
    assert schedule([_line(10, 3)], _day(-5)) == [Step(30, (10,), _day(-5), None)]
    assert schedule([_line(10, 3, days=7)], None) == [Step(30, (10,), None, 7)]
    assert schedule([], TODAY) == []


@pytest.mark.parametrize(
    ("lines", "steps"),
    [
        (
            [_line(10, sequence=1, days=7), _line(20, sequence=2, days=14), _line(30, sequence=3)],
            [(10, 0, 7), (20, 7, 14), (30, 21, None)],
        ),
        ([_line(20, sequence=2), _line(10, sequence=1, days=7)], [(10, 0, 7), (20, 7, None)]),
        ([_line(10, sequence=1), _line(20, sequence=2)], [(10, 0, None), (20, None, None)]),
        (
            [_line(10, sequence=1, days=1e9), _line(20, sequence=2, days=7), _line(30, sequence=3)],
            [(10, 0, 1e9), (20, None, 7), (30, None, None)],
        ),
        (
            [_line(10, sequence=1), _line(20, sequence=2, start=3, days=7), _line(30, sequence=3)],
            [(10, 0, None), (20, 3, 7), (30, 10, None)],
        ),
        ([_line(10, start=-7, end=0), _line(20, start=0, end=7)], [(10, -7, 7), (20, 0, 7)]),
        ([_line(10, sequence=1, days=7), _line(5, sequence=1, days=3)], [(15, 0, 7)]),
        ([_line(10, sequence=1, days=7), _line(5, sequence=1)], [(15, 0, None)]),
        ([_line(10, sequence=1, days=7), _line(None, sequence=2)], [(10, 0, 7), (None, 7, None)]),
        ([_line(10, sequence=1, days=-3), _line(20, sequence=2)], [(10, 0, -3), (20, -3, None)]),
    ],
)
def test_steps_follow_one_another(
    lines: list[Line], steps: list[tuple[float | None, int | None, float | None]]
) -> None:
    """A step starts where it says, else where the one before it ends; after one of unknown length nobody knows."""
    found = [(step.mg, step.start, step.days) for step in schedule(lines, TODAY)]
    assert found == [(mg, None if start is None else _day(start), days) for mg, start, days in steps]


def test_every_single_dose_is_kept() -> None:
    """The single doses of lines that are taken together stand side by side."""
    (step,) = schedule([_line(10, 1), _line(20, 2), _line(None, 1)], TODAY)
    assert step == Step(None, (10, 20), TODAY, None)


def _order(*lines: Line, start: int | None = 0) -> Medication:
    return Medication(Drug(), start=None if start is None else _day(start), dosage=lambda: lines)


UP = (_line(10, sequence=1, days=7), _line(20, sequence=2, days=7), _line(30, sequence=3))


@pytest.mark.parametrize(
    ("order", "on", "mg"),
    [
        (_order(), 0, None),
        (_order(_line(10, 3)), 0, 30),
        (_order(_line(10, 3), start=None), 0, 30),
        (_order(_line(10, 3)), -1, 30),
        (_order(_line(None)), 0, None),
        (_order(*UP), -1, 10),
        (_order(*UP), 0, 10),
        (_order(*UP), 6, 10),
        (_order(*UP), 7, 20),
        (_order(*UP), 13, 20),
        (_order(*UP), 14, 30),
        (_order(*UP), 400, 30),
        (_order(*UP, start=None), 0, None),
        (_order(_line(10, sequence=1), _line(20, sequence=2)), 0, None),
        (_order(_line(10, sequence=1, days=7), _line(None, sequence=2)), 7, None),
    ],
)
def test_the_mg_on_a_day(order: Medication, on: int, mg: float | None) -> None:
    """The dose of the step that has begun last; of several steps it must be known when each begins."""
    assert order.mg_on(_day(on)) == mg


def test_the_schedule_starts_with_the_order() -> None:
    """The first step starts on the day from which the order is taken."""
    assert [step.start for step in _order(*UP, start=-3).schedule()] == [_day(-3), _day(4), _day(11)]
