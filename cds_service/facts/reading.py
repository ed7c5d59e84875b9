"""Reading: one laboratory result that counts, in the laboratory's own unit, and whether it is low or high."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import Enum

from cds_service.facts.analytes import Analyte
from cds_service.terminology.units import convert

# On which side of its number a comparator lies.
_SIDES = {"<": -1.0, "<=": -0.5, "": 0.0, ">=": 0.5, ">": 1.0}


class Level(Enum):
    """Where a result lies."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Reading:
    """A final, plausible result in a unit that we understand.

    `low` and `high` are the laboratory's own range in the reading's unit, `flag` is its interpretation;
    `moment` is when the sample was taken, `issued` when the result was told; `conflicting` says that another
    result of the same moment differs.
    """

    analyte: Analyte
    value: float
    unit: str
    moment: datetime
    issued: datetime | None = None
    reference: str = ""
    comparator: str = ""
    low: float | None = None
    high: float | None = None
    flag: Level | None = None
    haemolysed: bool = False
    conflicting: bool = False

    @property
    def day(self) -> date:
        """The day of the sample."""
        return self.moment.date()

    @property
    def number(self) -> str:
        """The value as text, its comparator included."""
        return f"{self.comparator}{self.value:g}"

    def __str__(self) -> str:
        return f"{self.number} {self.unit}"

    @property
    def level(self) -> Level | None:
        """Low, normal or high by the laboratory's range, else its flag, else our limits in this unit (rules 1.6).

        None for `<2.0` and the like, where the limit lies inside of what it may mean (rules 1.5).
        """
        if self.flag is not None and not self.comparator and not self._has_range:
            return self.flag
        low, high = self._limits
        if self.comparator:
            return _of_comparator(self.comparator, self.value, low, high)
        return Level.LOW if self.value < low else Level.HIGH if self.value > high else Level.NORMAL

    @property
    def severely_low(self) -> bool:
        """Certainly below our severe limit in this unit, whatever the laboratory's range."""
        limit = self.analyte.limits[self.unit].severe_low.value
        if self.comparator in (">", ">="):
            return False
        return self.value < limit or (self.value == limit and self.comparator == "<")

    @property
    def severely_high(self) -> bool:
        """The same above, for a test that has such a limit."""
        limit = self.analyte.limits[self.unit].severe_high
        if limit is None or self.comparator in ("<", "<="):
            return False
        return self.value > limit.value or (self.value == limit.value and self.comparator == ">")

    @property
    def severe(self) -> bool:
        """Severely low or high, on the side on which the result was found to lie."""
        return self.severely_low if self.level is Level.LOW else self.level is Level.HIGH and self.severely_high

    @property
    def against(self) -> str:
        """What the value was judged by, in words; "" for a test without limits."""
        if not self.analyte.limits:
            return ""
        if not self._has_range and self.flag is not None and not self.comparator:
            return f"the laboratory's flag: {self.flag.value}"
        low, high = self._limits
        whose = "the laboratory's range" if self._has_range else "the service's limits"
        return f"{whose}, {low:g} to {high:g} {self.unit}"

    @property
    def flag_disagrees(self) -> bool:
        """The laboratory flagged what lies elsewhere in its own range: the number wins, and that is told."""
        return self._has_range and self.flag is not None and self.flag is not self.level

    @property
    def _has_range(self) -> bool:
        return self.low is not None or self.high is not None

    @property
    def _limits(self) -> tuple[float, float]:
        """The laboratory's limits; the one that it leaves out comes from ours."""
        ours = self.analyte.limits[self.unit]
        low = ours.low.value if self.low is None else self.low
        return low, ours.high.value if self.high is None else self.high


@dataclass(frozen=True, slots=True)
class Unused:
    """A result that was read and does not count, with the reason in words; `elsewhere` if it is not of blood."""

    analyte: Analyte
    why: str
    day: date | None = None
    reference: str = ""
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """A test under way: ordered, or its result preliminary. `test` is a word of ours: magnesium, creatinine ..."""

    test: str
    day: date


@dataclass(slots=True)
class Results:
    """What the laboratory says: the results that count, those that do not, and the tests under way."""

    readings: list[Reading] = field(default_factory=list)
    unused: list[Unused] = field(default_factory=list)
    pending: list[Pending] = field(default_factory=list)


def _of_comparator(comparator: str, value: float, low: float, high: float) -> Level | None:
    if comparator in ("<", "<="):
        return Level.LOW if value < low or (value == low and comparator == "<") else None
    return Level.HIGH if value > high or (value == high and comparator == ">") else None


def newest(readings: Iterable[Reading]) -> Reading | None:
    """The newest result; of two of one moment the one told later, else the more harmful one (rules 1.5)."""
    found = list(readings)
    if len(found) < 2:
        return found[0] if found else None
    last = max(reading.moment for reading in found)
    latest = [reading for reading in found if reading.moment == last]
    told = max((reading.issued or last for reading in latest), default=last)
    latest = [reading for reading in latest if (reading.issued or last) == told]
    ranked = sorted(latest, key=_harm)
    return replace(ranked[-1], conflicting=_harm(ranked[0])[0] != _harm(ranked[-1])[0])


def _harm(reading: Reading) -> tuple[tuple[float, float], str]:
    """How harmful a result is, in a unit in which all of the test can be compared; `<60` is less than 60.

    The last part only keeps the order of sending from deciding.
    """
    value = convert(reading.analyte.key, reading.value, reading.unit, reading.analyte.plausible.least.unit)
    sign = -1 if reading.analyte.lower_is_worse else 1
    rest = f"{reading.reference} {reading.low} {reading.high} {reading.flag}"
    return (sign * value, sign * _SIDES[reading.comparator]), rest
