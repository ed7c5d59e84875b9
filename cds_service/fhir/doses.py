"""Dosage lines of every FHIR version -> Line: dose, times a day, order of steps, time of day (rules 1.9)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from cds_service.facts import Line
from cds_service.fhir.dates import last_day
from cds_service.fhir.dosing import in_days
from cds_service.fhir.elements import codings, many, number, text
from cds_service.fhir.later import dosages
from cds_service.fhir.models import Dosage, DoseAndRate, Leaf, Many, Quantity, Repeat, Resource
from cds_service.terminology import Content

# Amounts that are believed, in whatever unit: a microgram's part to a tonne.
_LEAST, _MOST = 1e-6, 1e9
# mg in one of a unit of mass.
MG = {"mg": 1.0, "g": 1000.0, "ug": 0.001, "mcg": 0.001, "\u00b5g": 0.001, "\u03bcg": 0.001}
# mmol of magnesium in one of a unit of amount: its ion carries two charges.
_MMOL = {"mmol": 1.0, "meq": 0.5}
# Units that count pieces of a product: UCUM annotations and the words that records use.
_WORDS = ("tablet", "tablets", "tab", "tabs", "tbl", "capsule", "capsules", "cap", "caps")
PIECES = dict.fromkeys(("1", "tablet(s)", "capsule(s)", *_WORDS, *(f"{{{word}}}" for word in _WORDS)), 1.0)
ML = {"ml": 1.0, "l": 1000.0}
# Doses a day of a timing code, and whether its time is in the evening; v3-GTSAbbreviation and common local codes.
_CODES: dict[str, tuple[float, bool | None]] = {
    **dict.fromkeys(("QD", "DAILY", "QDAY", "OD", "Q24H"), (1, None)),
    **dict.fromkeys(("AM", "QAM", "OM", "MANE"), (1, False)),
    **dict.fromkeys(("PM", "QPM", "BED", "HS", "QHS", "ON", "NOCTE", "QNIGHT"), (1, True)),
    **dict.fromkeys(("BID", "BD", "Q12H"), (2, None)),
    **dict.fromkeys(("TID", "TDS", "Q8H"), (3, None)),
    **dict.fromkeys(("QID", "QDS", "Q6H"), (4, None)),
    **dict.fromkeys(("QOD", "ALT", "Q48H"), (0.5, None)),
    "Q4H": (6, None),
    "Q3H": (8, None),
    "Q2H": (12, None),
    "Q1H": (24, None),
    **dict.fromkeys(("WK", "QWK"), (1 / 7, None)),
    "BIW": (2 / 7, None),
    "TIW": (3 / 7, None),
    "MO": (1 / 30, None),
}
# `when` codes that mean every meal; all others mean once.
_MEALS = frozenset({"C", "AC", "PC"})
_EVENING = frozenset({"EVE", "NIGHT", "HS", "PHS", "CV", "ACV", "PCV", "ICV"})
# Hours of the clock: from 18:00 on it is evening (rules 3.1, M7), before 04:00 still night.
_EVENING_FROM, _NIGHT_UNTIL = 18, 4
_HOUR = re.compile(r"(\d{1,2}):\d\d")
_WEEK = 7


def lines(resource: Resource, content: Content | None) -> tuple[Line, ...]:
    """The dosage lines of an order or a statement; `content` is what one unit of its product holds."""
    return tuple(_line(dosage, content) for dosage in dosages(resource))


def _line(dosage: Dosage, content: Content | None) -> Line:
    repeat = dosage.timing.repeat if dosage.timing is not None else None
    times, evening = _times(dosage, repeat)
    mg, mmol = _dose(dosage, content)
    period = repeat.bounds_period if repeat is not None else None
    length = (repeat.bounds_duration or repeat.bounds_quantity) if repeat is not None else None
    sequence = number(dosage.sequence)
    return Line(
        mg=mg,
        mmol=mmol,
        times=times,
        most=_most(dosage, content, mmol is not None),
        sequence=None if sequence is None else int(sequence),
        start=last_day(period.start) if period is not None else None,
        end=last_day(period.end) if period is not None else None,
        days=in_days(length),
        evening=evening,
    )


def _dose(dosage: Dosage, content: Content | None) -> tuple[float | None, float | None]:
    """The single dose as mg and as mmol, at most one of them known."""
    parts: list[DoseAndRate] = [*many(dosage.dose_and_rate), dosage]
    for part in parts:
        dose = part.dose_quantity or part.quantity_quantity
        upper = part.dose_range or part.quantity_range
        if dose is None and upper is not None:
            dose = upper.high
        if dose is not None:
            mmol = in_unit(dose, _MMOL)
            return (None if mmol is not None else _mg(dose, content)), mmol
    return None, None


def _mg(dose: Quantity, content: Content | None) -> float | None:
    """The mass: as written, or pieces or mL times what one of them holds."""
    mass = in_unit(dose, MG)
    if mass is not None:
        return None if content is not None and content.combination else mass
    if content is None or content.amount is None:
        return None
    units = in_unit(dose, PIECES if content.per == "1" else ML)
    return None if units is None else units * content.amount


def in_unit(dose: Quantity, units: dict[str, float]) -> float | None:
    """An amount in our unit, None if its unit is another; code and text may each be the one that we know.

    Nothing that no dose and no product has is an amount: zero, less, or beyond all measure.
    """
    value = number(dose.value)
    factor = next((units[name] for name in _spellings(dose) if name in units), None)
    amount = 0.0 if value is None or factor is None else value * factor
    return amount if _LEAST <= amount <= _MOST else None


def _spellings(quantity: Quantity) -> Iterable[str]:
    return (text(quantity.code).strip().lower(), text(quantity.unit).strip().lower())


def _most(dosage: Dosage, content: Content | None, as_mmol: bool) -> float | None:
    """The lowest maximum a day."""
    found = []
    for ratio in many(dosage.max_dose_per_period):
        days = in_days(ratio.denominator)
        top = ratio.numerator
        if top is not None and days is not None and days > 0:
            dose = in_unit(top, _MMOL) if as_mmol else _mg(top, content)
            found += [] if dose is None else [dose / days]
    return min(found, default=None)


def _times(dosage: Dosage, repeat: Repeat | None) -> tuple[float | None, bool | None]:
    """Doses a day, and whether an explicit time of day lies in the evening."""
    evening = _evening(repeat) if repeat is not None else None
    times = _repeated(repeat) if repeat is not None else None
    code = _code(dosage)
    if times is None and code is not None:
        times = code[0]
    if evening is None and code is not None:
        evening = code[1]
    return times, evening


def _repeated(repeat: Repeat) -> float | None:
    """Doses a day; a frequency goes before times of day, and a period or weekdays alone mean once in each."""
    slots = len(many(repeat.time_of_day)) or sum(3 if slot in _MEALS else 1 for slot in _texts(repeat.when))
    weekdays = len(many(repeat.day_of_week))
    count = number(repeat.frequency_max) or number(repeat.frequency) or slots
    count = count or (1 if weekdays or repeat.period is not None else 0)
    length = 1 if repeat.period is None else repeat.period
    days = in_days(Quantity(value=length, code=repeat.period_unit or repeat.period_units or "d"))
    if days is None or count <= 0 or days <= 0:
        return None
    if weekdays and days == _WEEK:
        return max(count, weekdays) / _WEEK  # on each of these days, whether or not the frequency says so again
    return count / days * (weekdays / _WEEK if weekdays and days == 1 else 1)


def _evening(repeat: Repeat) -> bool | None:
    """Any slot in the evening or at night; a dose at a meal that is not named may be one."""
    slots = [slot.split(".")[0] in _EVENING | _MEALS for slot in _texts(repeat.when)]
    hours = [_HOUR.match(time) for time in _texts(repeat.time_of_day)]
    slots += [not _NIGHT_UNTIL <= int(hour[1]) < _EVENING_FROM for hour in hours if hour is not None]
    return any(slots) if slots else None


def _texts(values: Many[Leaf]) -> list[str]:
    found: list[Leaf] = many(values)
    return [text(value) for value in found]


def _code(dosage: Dosage) -> tuple[float, bool | None] | None:
    concept = dosage.timing.code if dosage.timing is not None else None
    words: list[Leaf] = [] if concept is None else [*(coding.code for coding in codings(concept)), concept.text]
    return next((_CODES[word] for word in (text(word).strip().upper() for word in words) if word in _CODES), None)
