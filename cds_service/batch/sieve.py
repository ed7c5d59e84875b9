"""Sieve: what of an export rules may ask about, told by the bytes of its codes; the rest is not kept, or not whole.

Results, tests and care of other codes are what the service would never have asked for: they are passed over. Of what
stands in whole lists, an order of a drug of which no rule speaks is kept as far as it is counted, a statement or an
allergy of that kind only by its name. Whether a code matters is told by the functions that read it in a request, once
for all resources that have the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

import msgspec

from cds_service.batch import dated
from cds_service.batch.dated import NOTHING
from cds_service.batch.files import READ
from cds_service.batch.known import RESULT
from cds_service.facts import ANALYTES, Drug
from cds_service.fhir.coded import entries
from cds_service.fhir.drugs import drug
from cds_service.fhir.medications import ORDER_TYPES
from cds_service.fhir.models import Concept, Many, Resource
from cds_service.fhir.problems import CARE_TYPES
from cds_service.fhir.references import Record

_NULL = b"null"
# So many different codes are remembered of a kind; a free text may be another one each time.
_MOST = 20_000
# A date, or a moment, that Python reads in every case: an order with such a one needs no other.
_DATE = re.compile(
    r"[12]\d{3}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])"
    r"(T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?(Z|[+-](0\d|1[0-2]):[0-5]\d)?)?"
)
T = TypeVar("T")


class Mark(StrEnum):
    """What is kept of a resource: all of it; all, for the case that a rule looks at the patient, or that another
    resource refers to it; enough to count it; or only its name, so that no other version of it is taken for the only
    one."""

    WHOLE = "+"
    LATER = "="
    REFERRED = "-"
    COUNTED = "~"
    LEFT = ""


_WHOLE, _REFERRED = Mark.WHOLE, Mark.REFERRED
Kept = tuple[Mark, bytes]


class Coded(msgspec.Struct, gc=False, rename="camel"):
    """What of a resource tells whether it matters, as it was sent."""

    resource_type: str = ""
    code: msgspec.Raw = NOTHING
    substance: msgspec.Raw = NOTHING
    medication_codeable_concept: msgspec.Raw = NOTHING
    medication: msgspec.Raw = NOTHING
    item: msgspec.Raw = NOTHING


Sieve = Callable[[Coded, bytes], Kept | None]
_Concepts = Many[Concept]
_CONCEPTS: msgspec.json.Decoder[_Concepts] = msgspec.json.Decoder(_Concepts)
_CONCEPT: msgspec.json.Decoder[Concept | None] = msgspec.json.Decoder(Concept | None)
_NOBODY = Record("", ())


class _Memory(dict[bytes, bool]):
    """Answers by the bytes of which they were asked; what cannot be read may matter."""

    def __init__(self, decoder: msgspec.json.Decoder[T], asked: Callable[[T], bool]) -> None:
        super().__init__()
        self._answer: Callable[[bytes], bool] = lambda raw: asked(decoder.decode(raw))

    def __missing__(self, raw: bytes) -> bool:
        if len(self) >= _MOST:
            self.clear()
        try:
            found = self._answer(raw)
        except msgspec.ValidationError:
            found = True
        self[raw] = found
        return found


def _is_known(concepts: Many[Concept]) -> bool:
    return bool(entries(concepts))


_TESTS = {analyte.valueset for analyte in ANALYTES}


def _is_result(concepts: Many[Concept]) -> bool:
    return any(entry.valueset in _TESTS for entry in entries(concepts))


def matters(found: Drug) -> bool:
    """Whether rules may speak of a drug: it is one that they know, or nobody knows which it is."""
    return bool(found.entries) or not found.known


def _matters(resource: Resource) -> bool:
    return matters(drug(resource, _NOBODY))


# Whether a code is of a result for which rules ask, by its bytes.
are_results = _Memory(_CONCEPTS, _is_result)
_KNOWN = _Memory(_CONCEPTS, _is_known)
_DRUGS = _Memory(_CONCEPTS, lambda found: _matters(Resource("MedicationRequest", medication_codeable_concept=found)))
_DRUGS_R5 = _Memory(_CONCEPT, lambda found: _matters(Resource("MedicationRequest", medication=found)))


def sieves(sifted: bool = True) -> Mapping[str, Sieve]:
    """By type how much of a resource is kept, and what: all of it, unless it is sifted; None of what nobody asks for. A
    type that is not there is not read."""
    return _SIFTED if sifted else _ASKED


def _whole(_: Coded, raw: bytes) -> Kept:
    return _WHOLE, raw


def _encounter(_: Coded, raw: bytes) -> Kept:
    """It is only asked for by an order that names it."""
    return _REFERRED, raw


def _result(coded: Coded, raw: bytes) -> Kept | None:
    return (Mark.LATER, raw) if are_results[bytes(coded.code)] else None


def _care(coded: Coded, raw: bytes) -> Kept | None:
    return (_WHOLE, raw) if _KNOWN[bytes(coded.code)] or coded.item != NOTHING else None


def _condition(coded: Coded, raw: bytes) -> Kept:
    """An order may refer to it as its reason."""
    return (_WHOLE if _KNOWN[bytes(coded.code)] or not _is_sound(raw) else _REFERRED), raw


def _allergy(coded: Coded, raw: bytes) -> Kept:
    known = _KNOWN[bytes(coded.code)] or _KNOWN[bytes(coded.substance)] or not _is_sound(raw)
    return (_WHOLE, raw) if known else (Mark.LEFT, b"")


def _statement(coded: Coded, raw: bytes) -> Kept:
    return (_WHOLE, raw) if _may_matter(coded) or not _is_sound(raw) else (Mark.LEFT, b"")


def _order(coded: Coded, raw: bytes) -> Kept:
    order = None if _may_matter(coded) else _sound(raw)
    told = order and (order.authored_on or order.date_written)
    if order is None or not isinstance(told, str) or not _DATE.fullmatch(told):
        return _WHOLE, raw
    return Mark.COUNTED, dated.slight(order)


def _may_matter(coded: Coded) -> bool:
    """Whether rules may speak of the drug, or nobody knows yet which it is."""
    concept = bytes(coded.medication_codeable_concept)
    if concept != _NULL:
        return _DRUGS[concept]
    return coded.medication == NOTHING or _DRUGS_R5[bytes(coded.medication)]


def _is_sound(raw: bytes) -> bool:
    return _sound(raw) is not None


def _sound(raw: bytes) -> dated.Dated | None:
    """A resource that has the shape of its type in every element that is read; what it holds is not looked into."""
    return None if b'"contained"' in raw else dated.sound(raw)


_ASKED: Mapping[str, Sieve] = {
    **dict.fromkeys(READ, _whole),
    "Encounter": _encounter,
    RESULT: _result,
    **dict.fromkeys(CARE_TYPES, _care),
}
_SIFTED = {
    **_ASKED,
    "Condition": _condition,
    "AllergyIntolerance": _allergy,
    "MedicationStatement": _statement,
    **dict.fromkeys(ORDER_TYPES, _order),
}
