"""Observations of every FHIR version -> the laboratory results that count, and why the others do not (rules 1.5)."""

from __future__ import annotations

import re
from datetime import date, datetime

import msgspec

from cds_service.facts import ANALYTES, FUTURE, POTASSIUM, Analyte, Level, Pending, Reading, Results, Span, Unused
from cds_service.fhir import later
from cds_service.fhir.coded import entries
from cds_service.fhir.dates import moment
from cds_service.fhir.elements import codings, many, number, text, words
from cds_service.fhir.models import Concept, Leaf, Quantity, Range, Reference, Resource
from cds_service.fhir.references import Record
from cds_service.terminology import valueset
from cds_service.terminology.units import Unit, convert, scaled, unit

COUNTED = frozenset({"final", "amended", "corrected"})
UNDER_WAY = frozenset({"preliminary", "registered"})
_FLAGS = {"L": Level.LOW, "LL": Level.LOW, "N": Level.NORMAL, "H": Level.HIGH, "HH": Level.HIGH}
_COMPARATORS = frozenset({"<", "<=", ">", ">="})
# Words of a specimen that is not blood, whatever the code of the test says.
_OTHER_SPECIMEN = re.compile(
    r"\b(urine|urinary|fluid|dialysate|stool|faeces|feces|csf|cerebrospinal|saliva|sweat)\b", re.IGNORECASE
)
_HAEMOLYSED = re.compile(r"ha?emoly[sz]", re.IGNORECASE)
_NOT_HAEMOLYSED = re.compile(r"\b(no|not|non|without|free)\b[^.;]*ha?emoly", re.IGNORECASE)
_OTHER_CODES = valueset("specimens-not-blood").name
_BY_VALUESET = {analyte.valueset: analyte for analyte in ANALYTES}
_NO_UNIT = Unit("", 0)

NOT_BLOOD = "the specimen is not blood"
NO_DATE = "it has no date"
IN_FUTURE = "it is dated in the future"
NO_VALUE = "it has no number"
UNIT = "its unit is not understood"
IMPLAUSIBLE = "it is not plausible; a wrong unit is the usual cause"
HAEMOLYSED = "it is high, and the sample was haemolysed"
UNDECIDED = "it only says above or below a value, on both sides of the limit"


class _Note(msgspec.Struct):
    """An Annotation, as far as its words go."""

    text: Leaf = None


_NOTES = msgspec.json.Decoder(str | _Note | list[str | _Note | None] | None)


def results(record: Record, today: date) -> Results:
    """The laboratory results of a record on a day. Results that nobody asked for are passed over."""
    found = Results()
    for observation in record.of("Observation"):
        analyte = _analyte(observation)
        if analyte is not None:
            _sort(observation, analyte, record, today, found)
    return found


def _analyte(observation: Resource) -> Analyte | None:
    names = (entry.valueset for entry in entries(observation.code))
    return next((_BY_VALUESET[name] for name in names if name in _BY_VALUESET), None)


def _sort(observation: Resource, analyte: Analyte, record: Record, today: date, found: Results) -> None:
    status = text(observation.status)
    reference = f"Observation/{text(observation.id)}"
    taken = moment_of(observation, today)
    if status in UNDER_WAY:
        if taken is not None and not _is_future(taken, today) and not _is_other_specimen(observation, record):
            found.pending.append(Pending(analyte.key, taken.date()))
        return
    if status not in COUNTED:
        return
    read = _read(observation, analyte, taken, record, today)
    if isinstance(read, Reading):
        found.readings.append(read)
    else:
        found.unused.append(Unused(analyte, read, taken.date() if taken else None, reference, read == NOT_BLOOD))


def _read(
    observation: Resource, analyte: Analyte, taken: datetime | None, record: Record, today: date
) -> Reading | str:
    """The reading, or why there is none."""
    if _is_other_specimen(observation, record):
        return NOT_BLOOD
    if taken is None:
        return NO_DATE
    if _is_future(taken, today):
        return IN_FUTURE
    quantity = later.quantity(observation)
    value = number(quantity.value) if quantity is not None else None
    if quantity is None or value is None or observation.data_absent_reason is not None:
        return f"{NO_VALUE}: specimen haemolysed" if _haemolysed(observation) else NO_VALUE
    of = _unit(quantity, analyte)
    if of is None:
        return f"{UNIT}: {_unit_text(quantity)}"
    sent = scaled(value, of)
    comparator = text(quantity.comparator).strip()
    if _in_first(sent, of, analyte) not in analyte.plausible:
        return IMPLAUSIBLE
    low, high = _own_range(observation, analyte, of)
    reading = Reading(
        analyte=analyte,
        value=sent,
        unit=of.name,
        moment=taken,
        issued=moment(observation.issued, today),
        reference=f"Observation/{text(observation.id)}",
        comparator=comparator if comparator in _COMPARATORS else "",
        low=low,
        high=high,
        flag=_flag(observation),
        haemolysed=_haemolysed(observation),
    )
    return _counted(reading, comparator)


def _counted(reading: Reading, comparator: str) -> Reading | str:
    """The reading, unless its comparator decides nothing or its potassium is that of broken cells (rules 3.2)."""
    if comparator and not _decides(reading, comparator):
        return UNDECIDED
    broken = reading.haemolysed and reading.analyte is POTASSIUM and reading.level is Level.HIGH
    return HAEMOLYSED if broken else reading


def _decides(reading: Reading, comparator: str) -> bool:
    """Whether a result with a comparator says something; of kidney function that is decided where it is read."""
    if comparator not in _COMPARATORS:
        return False
    return reading.analyte.key == "egfr" or (bool(reading.analyte.limits) and reading.level is not None)


def moment_of(observation: Resource, today: date) -> datetime | None:
    """When the sample was taken; a result without that counts from the day on which it was told."""
    period = observation.effective_period
    return (
        moment(observation.effective_date_time, today)
        or moment(observation.effective_instant, today)
        or (moment(period.end, today) or moment(period.start, today) if period is not None else None)
        or moment(observation.issued, today)
    )


def _is_future(taken: datetime, today: date) -> bool:
    return (taken.date() - today).days > FUTURE.value


def _is_other_specimen(observation: Resource, record: Record) -> bool:
    """Whether the specimen, or the name of the test itself, says urine or another fluid."""
    said = words(observation.code)
    if observation.specimen is not None:
        if isinstance(observation.specimen, Reference):
            said.append(text(observation.specimen.display))
        specimen = record.resolve(observation.specimen, observation)
        if specimen is not None and not isinstance(specimen.type, str):
            said += words(specimen.type)
            if any(entry.valueset == _OTHER_CODES for entry in entries(specimen.type)):
                return True
    return any(_OTHER_SPECIMEN.search(word) for word in said)


def _unit_text(quantity: Quantity) -> str:
    return text(quantity.unit) or text(quantity.code) or "none"


def _unit(quantity: Quantity, analyte: Analyte) -> Unit | None:
    """The unit by its code and by its text; where both are known and differ it is not understood."""
    coded, worded = unit(analyte.key, text(quantity.code)), unit(analyte.key, text(quantity.unit))
    if coded is None or worded is None:
        return coded or worded
    return coded if coded == worded else None


def _in_first(value: float, of: Unit, analyte: Analyte) -> float:
    return convert(analyte.key, value, of.name, analyte.plausible.least.unit)


def _own_range(observation: Resource, analyte: Analyte, of: Unit) -> tuple[float | None, float | None]:
    """The laboratory's limits in the result's unit: the first range that can be understood and is plausible.

    A range for some people only counts if it is the only one: the laboratory chose it for this patient.
    """
    normal = [own for own in later.ranges(observation) if _is_normal(own)]
    general = [own for own in normal if own.applies_to is None and own.age is None]
    found = (_limits(own, analyte, of) for own in general or (normal if len(normal) == 1 else []))
    return next((limits for limits in found if limits is not None), (None, None))


def _limits(own: Range, analyte: Analyte, of: Unit) -> tuple[float | None, float | None] | None:
    """Both limits or the one there is; None if one is not understood or plausible, or they are the wrong way round."""
    try:
        low, high = _limit(own.low, analyte.range_low, analyte, of), _limit(own.high, analyte.range_high, analyte, of)
    except ValueError:
        return None
    if low is None or high is None:
        return None if low is high else (low, high)
    return (low, high) if low < high else None


def _is_normal(own: Range) -> bool:
    """The range of what is normal: it says so, or it does not say what it is the range of."""
    kinds = [*codings(own.type), *codings(own.meaning)]
    return not kinds or any(text(kind.code) in ("normal", "N") for kind in kinds)


def _limit(quantity: Quantity | None, span: Span | None, analyte: Analyte, of: Unit) -> float | None:
    """One limit in the result's unit, None if there is none; one without a unit of its own has the result's.

    Raises ValueError for a limit that is not understood or not plausible.
    """
    if quantity is None or quantity.value is None or span is None:
        return None
    value, own = number(quantity.value), of
    if text(quantity.unit) or text(quantity.code):
        own = _unit(quantity, analyte) or _NO_UNIT
    if value is None or own is _NO_UNIT or _in_first(scaled(value, own), own, analyte) not in span:
        raise ValueError(quantity.value)
    return convert(analyte.key, scaled(value, own), own.name, of.name)


def _flag(observation: Resource) -> Level | None:
    """The laboratory's interpretation, if it says low, normal or high; two that differ say nothing."""
    found = {_FLAGS[word] for word in _interpretations(observation) if word in _FLAGS}
    return found.pop() if len(found) == 1 else None


def _interpretations(observation: Resource) -> list[str]:
    flags = later.flags(observation)
    if isinstance(flags, str):
        return [flags]
    coded = [text(coding.code) for coding in codings(flags)]
    return coded or words(flags)


def _haemolysed(observation: Resource) -> bool:
    """Whether a note, the interpretation or the reason of absence says that the specimen was haemolysed (11.11)."""
    concepts: list[Concept] = [*_concepts(later.flags(observation)), *many(observation.data_absent_reason)]
    said = [word for concept in concepts for word in words(concept)]
    said += [text(observation.comment), text(observation.comments), *_notes(observation.note)]
    return any(_HAEMOLYSED.search(word) and not _NOT_HAEMOLYSED.search(word) for word in said)


def _concepts(found: Concept | list[Concept | None] | str | None) -> list[Concept]:
    return [] if isinstance(found, str) else many(found)


def _notes(raw: msgspec.Raw) -> list[str]:
    """The words of notes, which are Annotations in some versions and plain text in others."""
    try:
        notes = _NOTES.decode(raw)
    except msgspec.ValidationError:
        return []
    return [note if isinstance(note, str) else text(note.text) for note in many(notes)]
