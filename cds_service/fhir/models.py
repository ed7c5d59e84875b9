"""The elements that we read, of DSTU2, STU3, R4, R4B and R5 alike, as lenient msgspec Structs.

One Struct serves every resource type: all elements are optional, and an element may be an object where
FHIR asks for a list, because real senders do both. gc=False: what is decoded never holds a cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, Union, cast

import msgspec

T = TypeVar("T")
Leaf = Union[str, int, float, bool, None]  # noqa: UP007 - msgspec reads the union at run time
Many = Union[T, list[Union[T, None]], None]  # noqa: UP007 - a generic alias needs the old spelling


class _Element(msgspec.Struct, gc=False, rename="camel"):
    """Every element ignores members that it does not name."""


class Coding(_Element):
    system: Leaf = None
    code: Leaf = None
    display: Leaf = None


class Concept(_Element):
    """CodeableConcept; also a lone Coding, and R5's CodeableReference, whose places it takes."""

    coding: Many[Coding] = None
    text: Leaf = None
    system: Leaf = None
    code: Leaf = None
    display: Leaf = None
    concept: Concept | None = None
    reference: Reference | str | None = None


class Reference(_Element):
    reference: Leaf = None
    display: Leaf = None


class Quantity(_Element):
    value: Leaf = None
    unit: Leaf = None
    code: Leaf = None


class Period(_Element):
    start: Leaf = None
    end: Leaf = None


class Repeat(_Element):
    bounds_period: Period | None = None
    bounds_duration: Quantity | None = None
    bounds_quantity: Quantity | None = None
    count: Leaf = None


class Timing(_Element):
    repeat: Repeat | None = None
    event: Many[Leaf] = None


class DoseAndRate(_Element):
    dose_quantity: Quantity | None = None
    rate_quantity: Quantity | None = None
    rate_ratio: Any = None
    rate_range: Any = None


class Dosage(DoseAndRate):
    """Up to STU3 dose and rate stand in the dosage itself."""

    timing: Timing | None = None
    route: Many[Concept] = None
    dose_and_rate: Many[DoseAndRate] = None


class DispenseRequest(_Element):
    expected_supply_duration: Quantity | None = None
    number_of_repeats_allowed: Leaf = None


class Adherence(_Element):
    code: Concept | None = None


class Hospitalization(_Element):
    discharge_disposition: Many[Concept] = None


class Issue(_Element):
    severity: Leaf = None


class Link(_Element):
    relation: Leaf = None


class Entry(_Element):
    full_url: Leaf = None
    resource: Resource | None = None


class Resource(_Element):
    """Any resource; an element has the meaning that the resource's type gives it."""

    resource_type: str = ""
    id: Leaf = None
    status: Leaf = None
    intent: Leaf = None
    do_not_perform: Leaf = None
    subject: Reference | None = None
    patient: Reference | None = None
    contained: Many[Resource] = None
    # medication orders and statements
    medication_codeable_concept: Many[Concept] = None
    medication_reference: Reference | None = None
    medication: Concept | None = None
    authored_on: Leaf = None
    date_written: Leaf = None
    date_ended: Leaf = None
    status_changed: Leaf = None
    prior_prescription: Reference | None = None
    dosage_instruction: Many[Dosage] = None
    dosage: Many[Dosage] = None
    dispense_request: DispenseRequest | None = None
    reason_code: Many[Concept] = None
    reason_reference: Many[Reference] = None
    reason_codeable_concept: Many[Concept] = None
    reason: Many[Concept] = None
    reason_for_use_codeable_concept: Many[Concept] = None
    effective_period: Period | None = None
    effective_date_time: Leaf = None
    taken: Leaf = None
    was_not_taken: Leaf = None
    adherence: Adherence | None = None
    # conditions, allergies, orders for care
    code: Many[Concept] = None
    substance: Many[Concept] = None
    clinical_status: Concept | str | None = None
    verification_status: Concept | str | None = None
    recorded_date: Leaf = None
    date_recorded: Leaf = None
    asserted_date: Leaf = None
    onset_date_time: Leaf = None
    onset_period: Period | None = None
    abatement_date_time: Leaf = None
    performed_date_time: Leaf = None
    performed_period: Period | None = None
    occurrence_date_time: Leaf = None
    # patient, encounter
    birth_date: Leaf = None
    deceased_boolean: Leaf = None
    deceased_date_time: Leaf = None
    class_: Concept | list[Concept | None] | str | None = msgspec.field(default=None, name="class")
    type: Concept | list[Concept | None] | str | None = None
    hospitalization: Hospitalization | None = None
    admission: Hospitalization | None = None
    # Bundle, OperationOutcome
    entry: list[Entry | None] | None = None
    link: list[Link | None] | None = None
    total: Leaf = None
    issue: list[Issue | None] | None = None


def many(value: T | Sequence[T | None] | None) -> list[T]:
    """The values of an element that may be missing, one object, or a list with holes."""
    if value is None:
        return []
    return [item for item in value if item is not None] if isinstance(value, list) else [cast("T", value)]


def text(value: Leaf) -> str:
    """A primitive as text, "" if it is missing; a number (a code sent without quotes) as its digits."""
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, bool) else str(value)


def codings(concepts: Concept | Sequence[Concept | None] | None) -> list[Coding]:
    """Every coding of one or many concepts; a lone Coding and R5's `concept` count too."""
    if isinstance(concepts, Concept) and isinstance(concepts.coding, list) and concepts.concept is None:
        return [coding for coding in concepts.coding if coding is not None]  # nearly every concept is like this
    found: list[Coding] = []
    for concept in many(concepts):
        found += many(concept.coding)
        if concept.code is not None:
            found.append(Coding(concept.system, concept.code, concept.display))
        if concept.concept is not None:
            found += codings(concept.concept)
    return found


def words(concepts: Concept | Sequence[Concept | None] | None) -> list[str]:
    """Every text and display of one or many concepts, in the order in which they stand and none twice."""
    found: list[str] = []
    for concept in many(concepts):
        found.append(text(concept.text))
        found += [text(coding.display) for coding in many(concept.coding)]
        if concept.concept is not None:
            found += words(concept.concept)
    return list(dict.fromkeys(word for word in found if word))


def code(value: Concept | str | None) -> str:
    """The first code of an element that is a plain code in some versions and a concept in others."""
    if value is None or isinstance(value, str):
        return value or ""
    return next((text(coding.code) for coding in codings(value)), "")
