"""Sieve: what of an export rules may ask about, told by the bytes of its codes; the rest is not kept, or not whole.

Results, tests and care of other codes are what the service would never have asked for: they are passed over. Of what
stands in whole lists, an order of a drug of which no rule speaks is kept as far as it is counted, a statement or an
allergy of that kind only by its name. Whether a code matters is told by the functions that read it in a request, once
for all resources that have the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import StrEnum
from operator import attrgetter
from typing import TypeVar

import msgspec

from cds_service.batch import dated
from cds_service.batch.dated import NOTHING
from cds_service.facts import ANALYTES, Drug
from cds_service.fhir.coded import entries
from cds_service.fhir.drugs import drug
from cds_service.fhir.medications import ORDER_TYPES
from cds_service.fhir.models import Concept, Leaf, Many, Resource
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
    """What is kept of a resource: all of it; all, for the case that another one refers to it; enough to count it; or
    only its name, so that no other version of it is taken for the only one."""

    WHOLE = "+"
    REFERRED = "-"
    COUNTED = "~"
    LEFT = ""


class Coded(msgspec.Struct, gc=False, rename="camel"):
    """What of a resource tells whether it matters, as it was sent."""

    resource_type: str = ""
    code: msgspec.Raw = NOTHING
    substance: msgspec.Raw = NOTHING
    medication_codeable_concept: msgspec.Raw = NOTHING
    medication: msgspec.Raw = NOTHING
    item: msgspec.Raw = NOTHING


class _Slight(msgspec.Struct, gc=False, rename="camel", omit_defaults=True):
    """What is kept of an order that is only counted: when, by whom and where it was signed, and which version it is."""

    resource_type: str = ""
    id: Leaf = None
    meta: msgspec.Raw = NOTHING
    status: Leaf = None
    intent: Leaf = None
    authored_on: Leaf = None
    date_written: Leaf = None
    encounter: msgspec.Raw = NOTHING
    context: msgspec.Raw = NOTHING
    requester: msgspec.Raw = NOTHING
    prescriber: msgspec.Raw = NOTHING


_KEPT = attrgetter(*_Slight.__struct_fields__)
_ENCODER = msgspec.json.Encoder()
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


# What the service asks for by code.
_ASKED = {"Observation": are_results, **dict.fromkeys(CARE_TYPES, _KNOWN)}


def is_asked(coded: Coded) -> bool:
    """Whether the service would have asked for a resource: of results, tests and care only for those of some codes."""
    codes = _ASKED.get(coded.resource_type)
    return codes is None or codes[bytes(coded.code)] or coded.item != NOTHING


def sift(coded: Coded, raw: bytes, sifted: bool = True) -> tuple[Mark, bytes]:
    """How much of a resource that is asked for is kept, and what: all of it, unless it is sifted. An encounter is only
    asked for by an order that names it."""
    kind = coded.resource_type
    if kind == "Encounter":
        return Mark.REFERRED, raw
    found = _SIFTS.get(kind) if sifted else None
    return (Mark.WHOLE, raw) if found is None else found(coded, raw)


def _condition(coded: Coded, raw: bytes) -> tuple[Mark, bytes]:
    """An order may refer to it as its reason."""
    return (Mark.WHOLE if _KNOWN[bytes(coded.code)] or not _is_sound(raw) else Mark.REFERRED), raw


def _allergy(coded: Coded, raw: bytes) -> tuple[Mark, bytes]:
    known = _KNOWN[bytes(coded.code)] or _KNOWN[bytes(coded.substance)] or not _is_sound(raw)
    return (Mark.WHOLE, raw) if known else (Mark.LEFT, b"")


def _statement(coded: Coded, raw: bytes) -> tuple[Mark, bytes]:
    return (Mark.WHOLE, raw) if _may_matter(coded) or not _is_sound(raw) else (Mark.LEFT, b"")


def _order(coded: Coded, raw: bytes) -> tuple[Mark, bytes]:
    order = None if _may_matter(coded) else _sound(raw)
    told = order and (order.authored_on or order.date_written)
    if order is None or not isinstance(told, str) or not _DATE.fullmatch(told):
        return Mark.WHOLE, raw
    return Mark.COUNTED, _ENCODER.encode(_Slight(*_KEPT(order)))


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


_SIFTS: dict[str, Callable[[Coded, bytes], tuple[Mark, bytes]]] = {
    "Condition": _condition,
    "AllergyIntolerance": _allergy,
    "MedicationStatement": _statement,
    **dict.fromkeys(ORDER_TYPES, _order),
}
