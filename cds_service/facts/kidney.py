"""Kidney: how well the kidneys work, from dialysis, creatinine, eGFR and conditions (rules 1.8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from math import nextafter

from cds_service.evidence import Threshold
from cds_service.facts.analytes import CREATININE, EGFR, EGFR_OLDER
from cds_service.facts.egfr import as_reported, ckd_epi_2021
from cds_service.facts.person import Person
from cds_service.facts.problem import Problem
from cds_service.facts.reading import Reading, newest
from cds_service.terminology import ValueSet, valueset
from cds_service.terminology.units import convert

REMEMBERED = Threshold(
    365, "d", "oldest creatinine or eGFR that is used", "kdigo-ckd-2024", "renal.lookbackDays", (90, 730)
)
STALE = Threshold(
    90,
    "d",
    "age from which it is stale where kidney function may have changed",
    "house:lab-age",
    "renal.staleDays",
    (14, 90),
)
REDUCED = Threshold(
    60, "mL/min/{1.73_m2}", "eGFR below which kidney function is reduced", "kdigo-ckd-2024", "renal.reduced", (50, 70)
)
SEVERE = Threshold(
    30, "mL/min/{1.73_m2}", "eGFR below which it is severely reduced", "kdigo-ckd-2024", "renal.severe", (25, 45)
)
FAILURE = Threshold(
    15, "mL/min/{1.73_m2}", "eGFR below which the kidneys fail", "kdigo-ckd-2024", "renal.failure", (10, 20)
)
DIALYSED = Threshold(
    30, "d", "days for which a dialysis that was given counts", "house:kidney", "renal.dialysedDays", (7, 90)
)
ACUTE = Threshold(
    30,
    "d",
    "days for which acute kidney injury, or a rise of creatinine, counts",
    "house:kidney",
    "renal.acuteDays",
    (7, 90),
)
RISE = Threshold(
    0.3,
    "mg/dL",
    "rise of creatinine within two days that is acute kidney injury",
    "kdigo-aki-2012",
    "renal.rise",
    (0.2, 0.5),
)
RISE_HOURS = Threshold(48, "h", "time in which that rise counts", "kdigo-aki-2012", "renal.riseHours", (24, 72))
RATIO = Threshold(
    1.5,
    "1",
    "creatinine as a multiple of the week's lowest that is acute kidney injury",
    "kdigo-aki-2012",
    "renal.ratio",
    (1.3, 2),
)
RATIO_DAYS = Threshold(7, "d", "time in which that multiple counts", "kdigo-aki-2012", "renal.ratioDays", (7, 14))

DIALYSIS = valueset("dialysis")
TRANSPLANT = valueset("kidney-transplant")
CIRRHOSIS = valueset("cirrhosis")
ACUTE_INJURY = valueset("acute-kidney-injury")
# Binary fractions must not make 1.2 - 0.9 more than 0.3.
_DIGITS = 6


class Band(Enum):
    """Kidney function as rules ask for it; the value says it in words."""

    NORMAL = "eGFR 60 or above"
    G3 = "eGFR 30 to 59"
    G4 = "eGFR 15 to 29"
    G5 = "eGFR below 15"
    DIALYSIS = "dialysis"
    UNSTABLE = "changing kidney function"
    UNKNOWN = "unknown"

    @property
    def is_severe(self) -> bool:
        """Below 30, on dialysis, or not to be trusted."""
        return self in (Band.G4, Band.G5, Band.DIALYSIS, Band.UNSTABLE)


_WORST_FIRST = (Band.G5, Band.G4, Band.G3, Band.NORMAL)
_UNSTAGED = "CKD, stage unknown"  # contradicts no eGFR
_STAGES = (
    (valueset("ckd-stage-5"), Band.G5, "CKD stage 5"),
    (valueset("ckd-stage-4"), Band.G4, "CKD stage 4"),
    (valueset("ckd-stage-3"), Band.G3, "CKD stage 3"),
    (valueset("ckd-stage-1-2"), Band.NORMAL, "CKD stage 1 or 2"),
    (valueset("ckd-stage-unknown"), Band.G3, _UNSTAGED),
)


@dataclass(frozen=True, slots=True)
class Kidney:
    """The band, the words for it on a card ("eGFR 22", "dialysis"), and what it rests on.

    `reading` is the eGFR or creatinine, `source` says how it was read, `notes` what a clinician must know of it;
    `stale` asks for a new creatinine.
    """

    band: Band
    words: str
    reading: Reading | None = None
    source: str = ""
    notes: tuple[str, ...] = ()
    stale: bool = False

    @property
    def day(self) -> date | None:
        """The day of the result."""
        return self.reading.day if self.reading else None


@dataclass(frozen=True, slots=True)
class _Estimate:
    """One eGFR of one day: its band, its text, where it comes from."""

    band: Band
    text: str
    reading: Reading
    source: str
    notes: tuple[str, ...] = ()


def kidney(
    readings: Sequence[Reading],
    problems: Iterable[Problem],
    person: Person | None,
    today: date,
    on_diuretic: bool = False,
) -> Kidney:
    """The kidney function on a day. `readings` may hold other tests and older results; their order does not matter."""
    active = [problem for problem in problems if problem.active]
    estimate = _estimate(readings, person, today)
    stage = _stage(active)
    found = stage if estimate is None else _estimated(estimate, stage, _at_risk(active, on_diuretic), today)
    if _any(active, CIRRHOSIS) and found.reading is not None:
        found = replace(found, notes=(*found.notes, "eGFR may overestimate kidney function in cirrhosis"))
    if _any(active, DIALYSIS) and not (found.reading is not None and _any(active, TRANSPLANT)):
        return Kidney(Band.DIALYSIS, Band.DIALYSIS.value, source="from the problem list")
    if why := _unstable(readings, active, today):
        notes = ("kidney function is changing; eGFR unreliable", *found.notes)
        return Kidney(Band.UNSTABLE, Band.UNSTABLE.value, found.reading, why, notes, found.stale)
    return found


def _at_risk(active: Sequence[Problem], on_diuretic: bool) -> bool:
    """Whether kidney function may have changed since an old result (rules 1.5)."""
    return on_diuretic or _any(active, CIRRHOSIS, *(concept for concept, _, _ in _STAGES))


def _any(problems: Iterable[Problem], *concepts: ValueSet) -> bool:
    return any(concept in problem for problem in problems for concept in concepts)


def _estimated(estimate: _Estimate, stage: Kidney, at_risk: bool, today: date) -> Kidney:
    """A recent eGFR beats the stage on the problem list; where they differ both are told."""
    notes = list(estimate.notes)
    if stage.band not in (Band.UNKNOWN, estimate.band) and stage.words != _UNSTAGED:
        notes.append(f"the problem list says {stage.words}")
    old = (today - estimate.reading.day).days > STALE.value
    stale = old and (at_risk or estimate.band is not Band.NORMAL)
    if stale:
        notes.append("stale - recheck")
    words = f"eGFR {estimate.text}"
    return Kidney(estimate.band, words, estimate.reading, estimate.source, tuple(notes), stale)


def _stage(active: Sequence[Problem]) -> Kidney:
    for concept, band, words in _STAGES:
        if _any(active, concept):
            return Kidney(band, words, source="from the problem list")
    return Kidney(Band.UNKNOWN, Band.UNKNOWN.value)


def band_of(egfr: float) -> Band:
    """The band of an eGFR, rounded half up first."""
    whole = as_reported(egfr)
    if whole >= REDUCED.value:
        return Band.NORMAL
    if whole >= SEVERE.value:
        return Band.G3
    return Band.G4 if whole >= FAILURE.value else Band.G5


def _estimate(readings: Sequence[Reading], person: Person | None, today: date) -> _Estimate | None:
    """The newest day's eGFR: reported or from creatinine; of several in different bands the lowest (rules 11.25)."""
    since = today - timedelta(days=REMEMBERED.value)
    recent = [reading for reading in readings if reading.day >= since]
    reported = [reading for reading in recent if reading.analyte is EGFR and _reported(reading) is not None]
    older = [reading for reading in recent if reading.analyte is EGFR_OLDER and _reported(reading) is not None]
    measured = [reading for reading in recent if reading.analyte is CREATININE and _computed(reading, person)]
    if not (reported or older or measured):
        return None
    last = max(reading.day for reading in (*reported, *older, *measured))
    kinds = (reported, measured, older)
    one, creatinine, old = (newest(reading for reading in kind if reading.day == last) for kind in kinds)
    return _chosen(one, creatinine, old, person)


def _chosen(
    reported: Reading | None, measured: Reading | None, older: Reading | None, person: Person | None
) -> _Estimate:
    found = [_reported(reported), _computed(measured, person), _reported(older) if measured is None else None]
    estimates = [estimate for estimate in found if estimate is not None]
    lowest = min(estimates, key=lambda estimate: _WORST_FIRST.index(estimate.band))
    if len({estimate.band for estimate in estimates}) == 1:
        return estimates[0]  # the reported one, where all say the same
    return replace(lowest, notes=(*lowest.notes, "two results differ"))


def _reported(reading: Reading | None) -> _Estimate | None:
    """A reported eGFR; `>60` is not below 60, `<15` is below 15, and what leaves the band open says nothing."""
    if reading is None:
        return None
    notes = ("two results differ",) if reading.conflicting else ()
    source = "reported by the laboratory" if reading.analyte is EGFR else "reported, older equation"
    if not reading.comparator:
        return _Estimate(band_of(reading.value), str(as_reported(reading.value)), reading, source, notes)
    band = _open(reading.comparator, reading.value)
    return None if band is None else _Estimate(band, reading.number, reading, source, notes)


def _open(comparator: str, value: float) -> Band | None:
    """The mildest band that `<x` or `>x` allows, if the result is certainly reduced or certainly is not."""
    if comparator in (">", ">="):
        return Band.NORMAL if value >= REDUCED.value else None
    highest = value
    if comparator == "<":  # laboratories report whole numbers: below 60 is 59 at most
        highest = value - 1 if value == int(value) else nextafter(value, 0)
    return None if band_of(highest) is Band.NORMAL else band_of(highest)


def _computed(reading: Reading | None, person: Person | None) -> _Estimate | None:
    """CKD-EPI 2021 at the age of the sample; where age or sex is not certain, the lowest of what is possible."""
    if reading is None or person is None or reading.comparator or (age := person.age(reading.day)) is None:
        return None
    creatinine = convert("creatinine", reading.value, reading.unit, "mg/dL")
    sexes = (person.sex == "female",) if person.sex else (True, False)
    values = {
        (years, female): ckd_epi_2021(creatinine, years, female)
        for years in {age.youngest, age.oldest}
        for female in sexes
    }
    lowest, highest = min(values.values()), max(values.values())
    notes = ["two results differ"] if reading.conflicting else []
    if band_of(lowest) is not band_of(highest):
        notes += [] if person.sex else ["sex not recorded"]
        notes += ["birth date incomplete"] if age.incomplete else []
    told = f"computed by CKD-EPI 2021 from creatinine {reading}, age {age}, {person.sex or 'sex not recorded'}"
    return _Estimate(band_of(lowest), str(as_reported(lowest)), reading, told, tuple(notes))


def _unstable(readings: Sequence[Reading], active: Sequence[Problem], today: date) -> str:
    """Why kidney function is changing, "" if it is not known to: injury on record, or a rise of creatinine."""
    since = today - timedelta(days=ACUTE.value)
    if any(ACUTE_INJURY in problem and problem.recorded and problem.recorded >= since for problem in active):
        return "acute kidney injury on the problem list"
    values = [reading for reading in readings if reading.analyte is CREATININE and not reading.comparator]
    last = newest(values)
    if last is None or last.day < since:
        return ""
    return "a rise of creatinine" if _rises(last, values) else ""


def _rises(last: Reading, values: Iterable[Reading]) -> bool:
    before = [(last.moment - one.moment, _mg_dl(one)) for one in values if one.moment < last.moment]
    now = _mg_dl(last)
    in_hours = [value for ago, value in before if ago <= timedelta(hours=RISE_HOURS.value)]
    in_days = [value for ago, value in before if ago <= timedelta(days=RATIO_DAYS.value)]
    rose = bool(in_hours) and round(now - min(in_hours), _DIGITS) >= RISE.value
    return rose or (bool(in_days) and round(now / min(in_days), _DIGITS) >= RATIO.value)


def _mg_dl(reading: Reading) -> float:
    return convert("creatinine", reading.value, reading.unit, "mg/dL")
