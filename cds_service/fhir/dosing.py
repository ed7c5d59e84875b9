"""How long an order lasts and whether it is a single dose or an infusion, in every version's shape."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from cds_service.facts.dose import later
from cds_service.fhir.dates import last_day
from cds_service.fhir.elements import many, number, text
from cds_service.fhir.later import supply
from cds_service.fhir.models import Dosage, DoseAndRate, Quantity, Repeat, Resource, Timing

# Days of a UCUM or written-out unit of time; a month as 30 and a year as 365 days.
_DAYS = {
    "s": 1 / 86400,
    "min": 1 / 1440,
    "h": 1 / 24,
    "d": 1,
    "day": 1,
    "days": 1,
    "wk": 7,
    "week": 7,
    "weeks": 7,
    "mo": 30,
    "month": 30,
    "months": 30,
    "a": 365,
    "year": 365,
    "years": 365,
}


def in_days(quantity: Quantity | None) -> float | None:
    """A duration in days, None if its number or unit is not understood."""
    if quantity is None:
        return None
    amount = number(quantity.value)
    unit = _DAYS.get(text(quantity.code).lower()) or _DAYS.get(text(quantity.unit).lower())
    return None if amount is None or unit is None else amount * unit


def _repeats(lines: Sequence[Dosage]) -> list[Repeat]:
    timings = [dosage.timing for dosage in lines]
    return [timing.repeat for timing in timings if timing is not None and timing.repeat is not None]


def start(lines: Sequence[Dosage], written: date | None) -> date | None:
    """The day from which an order is taken: the earliest explicit start of its dosages, else the day it was written."""
    periods = [repeat.bounds_period for repeat in _repeats(lines)]
    days = [day for period in periods if period is not None and (day := last_day(period.start)) is not None]
    return min(days, default=written)


def _bound_end(repeat: Repeat, before: date | None) -> date | None:
    """The explicit end of one dosage: the period's, or its start and the duration (rules 11.3)."""
    period = repeat.bounds_period
    if period is not None and (finish := last_day(period.end)) is not None:
        return finish
    length = in_days(repeat.bounds_duration or repeat.bounds_quantity)
    if length is None:
        return None
    begins = (last_day(period.start) if period is not None else None) or before
    return later(begins, length) if begins is not None else None


def _ends(lines: Sequence[Dosage], written: date | None) -> list[date]:
    """The ends of the dosages that have one; a step begins where the step before it ended, and a dosage without a
    number goes with the first."""
    found: list[date] = []
    begins, step = written, None
    for place, dosage in _in_order(lines):
        if step is not None and place != step:
            begins = max(found, default=written)
        step = place
        repeat = dosage.timing.repeat if dosage.timing is not None else None
        if repeat is not None and (bound := _bound_end(repeat, begins)) is not None:
            found.append(bound)
    return found


def _in_order(lines: Sequence[Dosage]) -> list[tuple[float, Dosage]]:
    if len(lines) == 1:  # nearly every order is like this
        return [(0.0, lines[0])]
    numbers = [number(line.sequence) for line in lines]
    first = min((one for one in numbers if one is not None), default=0.0)
    steps = [(first if one is None else one, line) for one, line in zip(numbers, lines, strict=True)]
    return sorted(steps, key=lambda one: one[0])


def end(resource: Resource, lines: Sequence[Dosage], written: date | None) -> date | None:
    """The explicit end of an order, the last of its dosages': supply never ends one (rules 11.3)."""
    known = _ends(lines, written)
    if known and len(known) == len(lines):  # a line without an end goes on
        return max(known)
    finished = resource.status in ("stopped", "completed", "cancelled")
    return last_day(resource.date_ended) or (last_day(resource.status_changed) if finished else None)


def length(resource: Resource, lines: Sequence[Dosage]) -> float | None:
    """How many days an order lasts: its bounds, else its supply with every refill (rules D4)."""
    bounds = [days for repeat in _repeats(lines) if (days := _bound_length(repeat)) is not None]
    if bounds:
        return max(bounds)
    dispense = supply(resource)
    days = in_days(dispense.expected_supply_duration) if dispense is not None else None
    if dispense is None or days is None:
        return None
    return days * (1 + (number(dispense.number_of_repeats_allowed) or 0))


def _bound_length(repeat: Repeat) -> float | None:
    period = repeat.bounds_period
    if period is None:
        return in_days(repeat.bounds_duration or repeat.bounds_quantity)
    finish = last_day(period.end)
    start = last_day(period.start) if finish is not None else None
    return float((finish - start).days) if finish is not None and start is not None else None


def is_single(resource: Resource, lines: Sequence[Dosage]) -> bool:
    """One dose: a count of 1, a moment instead of a repeat, or a supply for no day at all (rules 1.11)."""
    dispense = supply(resource)
    if dispense is not None and in_days(dispense.expected_supply_duration) == 0:
        return True
    timings = [dosage.timing for dosage in lines]
    return bool(timings) and all(timing is not None and _once(timing) for timing in timings)


def _once(timing: Timing) -> bool:
    return number(timing.repeat.count) == 1 if timing.repeat is not None else bool(many(timing.event))


def is_infusion(lines: Sequence[Dosage]) -> bool:
    """A dose that is given as a rate."""
    parts: list[DoseAndRate] = [*lines, *(part for line in lines for part in many(line.dose_and_rate))]
    return any(
        part.rate_quantity is not None or part.rate_ratio is not None or part.rate_range is not None for part in parts
    )
