"""Line: one dosage line of an order; Step: what several lines come to in a day, until the next follow (rules 1.9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from cds_service.terminology import Content
from cds_service.terminology.units import MOLAR_MASS

# Binary fractions must not make three doses of 3.3 mg more than 9.9 mg.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Line:
    """One dosage line. What cannot be computed is None; nothing is guessed from free text.

    `mg` or `mmol` is the single dose (a range's upper end), `mg` of whatever the product's label names;
    `times` the doses a day; `most` the highest mg or mmol a day (`maxDosePerPeriod`); `sequence` orders steps;
    `start` and `end` are explicit limits, `days` a length; `evening` says whether an explicit time of day is in the
    evening or at night, None if no time of day is given.
    """

    mg: float | None = None
    mmol: float | None = None
    times: float | None = None
    most: float | None = None
    sequence: int | None = None
    start: date | None = None
    end: date | None = None
    days: float | None = None
    evening: bool | None = None

    @property
    def daily(self) -> float | None:
        """The dose of a day, in the line's own unit; a maximum per day caps it."""
        dose = self.mg if self.mg is not None else self.mmol
        taken = None if dose is None or self.times is None else dose * self.times
        if taken is None or self.most is None:
            return self.most if taken is None and dose is not None else taken
        return min(taken, self.most)

    @property
    def length(self) -> float | None:
        """How many days the line is taken, None if it says no end."""
        if self.days is not None or self.start is None or self.end is None:
            return self.days
        return float((self.end - self.start).days)


@dataclass(frozen=True, slots=True)
class Step:
    """What is taken for a while: `mg` a day, None if any line cannot be computed, and the mg of each single dose.

    `start` is its first day and `days` its length, None where they are open or not known.
    """

    mg: float | None
    doses: tuple[float, ...] = ()
    start: date | None = None
    days: float | None = None


def schedule(lines: Sequence[Line], start: date | None) -> list[Step]:
    """The steps of an order that starts on a day, each after the one before."""
    found: list[Step] = []
    for together in steps(lines):
        explicit = min((line.start for line in together if line.start is not None), default=None)
        doses = tuple(line.mg for line in together if line.mg is not None)
        found.append(Step(daily_mg(together), doses, explicit or _follows(found, start), _length(together)))
    return found


def _follows(before: Sequence[Step], start: date | None) -> date | None:
    """The day on which the next step starts, if its lines do not say it."""
    if not before:
        return start
    last = before[-1]
    return None if last.start is None or last.days is None else later(last.start, last.days)


def later(day: date, days: float) -> date | None:
    """The day so many days later, None beyond the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _length(together: Iterable[Line]) -> float | None:
    """How many days a step lasts: the longest of its lines, None if one goes on."""
    lengths = [line.length for line in together]
    known = [days for days in lengths if days is not None]
    return max(known) if len(known) == len(lengths) else None


def steps(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines in the order in which they are taken: those of one step are taken together.

    Another `sequence`, or limits that do not overlap, make another step; a line without one goes with the first.
    """
    first = min((line.sequence for line in lines if line.sequence is not None), default=0)
    by_sequence: dict[int, list[Line]] = {}
    for line in lines:
        by_sequence.setdefault(first if line.sequence is None else line.sequence, []).append(line)
    return [step for _, together in sorted(by_sequence.items()) for step in _apart(together)]


def _apart(lines: Iterable[Line]) -> list[list[Line]]:
    found: list[list[Line]] = []
    reaches = date.min
    for line in sorted(lines, key=lambda line: line.start or date.min):
        starts = line.start or date.min
        if found and (starts < reaches or starts == (found[-1][0].start or date.min)):
            found[-1].append(line)
        else:
            found.append([line])
        reaches = max(reaches, line.end or date.max)
    return found


def daily_mg(step: Iterable[Line]) -> float | None:
    """The mg of a day of one step, None if any line of it cannot be computed."""
    mg = total([line.daily if line.mg is not None else None for line in step])
    return None if mg is None else round(mg, _DIGITS)


def weekly_g(step: Iterable[Line]) -> float | None:
    """The grams of a week of one step, None if any line of it cannot be computed."""
    daily = daily_mg(step)
    return None if daily is None else round(daily * 7 / 1000, _DIGITS)


def highest(doses: Iterable[float | None]) -> float | None:
    """The highest step's dose (rules 11.9); None if any step cannot be computed."""
    every = list(doses)
    known = [dose for dose in every if dose is not None]
    return max(known) if known and len(known) == len(every) else None


def daily_mmol(step: Iterable[Line], content: Content | None) -> float | None:
    """The mmol of magnesium of a day of one step.

    A mass is of the substance that the product's `content` names; without one, or in a combination whose mass may
    be that of another ingredient, it is not known of what (rules 11.13).
    """
    formula = content.formula if content is not None else ""
    doses: list[float | None] = []
    for line in step:
        if line.mmol is not None:
            doses.append(line.daily)
        else:
            daily = line.daily if line.mg is not None and formula else None
            doses.append(None if daily is None else daily / MOLAR_MASS[formula])
    return total(doses)


def total(doses: Sequence[float | None]) -> float | None:
    """The sum, None of nothing and if any dose is not known."""
    known = [dose for dose in doses if dose is not None]
    return sum(known) if known and len(known) == len(doses) else None
