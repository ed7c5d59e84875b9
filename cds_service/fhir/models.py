"""The elements that we read, of DSTU2, STU3, R4, R4B and R5 alike, as lenient msgspec Structs.

One Struct serves every resource type: all elements are optional, and an element may be an object where
FHIR asks for a list, because real senders do both. gc=False: what is decoded never holds a cycle.
"""

from __future__ import annotations

from typing import Any, TypeVar, Union

import msgspec

T = TypeVar("T")
Leaf = Union[str, int, float, bool, None]  # noqa: UP007 - msgspec reads the union at run time
# An element that only softens: of whatever shape it comes, it must not cost the resource.
Loose = Union[T, list[Union[T, str, int, float, bool, None]], str, int, float, bool, None]  # noqa: UP007
Many = Union[T, list[Union[T, None]], None]  # noqa: UP007 - a generic alias needs the old spelling


_NOTHING = msgspec.Raw(b"null")


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
    comparator: Leaf = None
    unit: Leaf = None
    code: Leaf = None


class Ratio(_Element):
    numerator: Quantity | None = None
    denominator: Quantity | None = None


class Range(_Element):
    """A Range of quantities; also an Observation's referenceRange, which says what it is the range of."""

    low: Quantity | None = None
    high: Quantity | None = None
    type: Many[Concept] = None
    meaning: Many[Concept] = None
    applies_to: Any = None
    age: Any = None


class Period(_Element):
    start: Leaf = None
    end: Leaf = None


class Repeat(_Element):
    bounds_period: Period | None = None
    bounds_duration: Quantity | None = None
    bounds_quantity: Quantity | None = None
    count: Leaf = None
    frequency: Leaf = None
    frequency_max: Leaf = None
    period: Leaf = None
    period_unit: Leaf = None
    period_units: Leaf = None
    time_of_day: Many[Leaf] = None
    when: Many[Leaf] = None
    day_of_week: Many[Leaf] = None


class Timing(_Element):
    repeat: Repeat | None = None
    event: Many[Leaf] = None
    code: Concept | None = None


class DoseAndRate(_Element):
    dose_quantity: Quantity | None = None
    dose_range: Range | None = None
    quantity_quantity: Quantity | None = None
    quantity_range: Range | None = None
    rate_quantity: Quantity | None = None
    rate_ratio: Any = None
    rate_range: Any = None


class Dosage(DoseAndRate):
    """Up to STU3 dose and rate stand in the dosage itself; a DSTU2 statement calls the dose `quantity`."""

    sequence: Leaf = None
    max_dose_per_period: Many[Ratio] = None
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


class Ingredient(_Element):
    """What a Medication holds: `strength` in R4, `strengthRatio` or `strengthQuantity` in R5, `amount` before."""

    item_codeable_concept: Many[Concept] = None
    item: Concept | None = None
    strength: Ratio | None = None
    strength_ratio: Ratio | None = None
    strength_quantity: Quantity | None = None
    is_active: Leaf = None
    amount: Ratio | None = None


class Product(_Element):
    """The DSTU2 part of a Medication that holds its ingredients."""

    ingredient: Many[Ingredient] = None


class Item(_Element):
    """A test of a DSTU2 DiagnosticOrder."""

    code: Many[Concept] = None
    status: Leaf = None
    date_time: Leaf = None


class Extension(_Element):
    url: Leaf = None
    value_code: Leaf = None
    value_codeable_concept: Concept | None = None
    extension: Many[Extension] = None


class Issue(_Element):
    severity: Leaf = None


class Link(_Element):
    relation: Leaf = None


class Located(_Element):
    """An entry of a Bundle: a resource, and the address under which the Bundle holds it."""

    resource: Resource = msgspec.field(default_factory=lambda: Resource())  # one without a type is none
    full_url: Leaf = None


class Resource(_Element):
    """Any resource; an element has the meaning that the resource's type gives it.

    The order is that of most resources as they are sent, because the decoder looks for the next member next: an
    eighth of all decoding. What is Raw is read only where it matters (fhir/later.py).
    """

    resource_type: str = ""
    id: Leaf = None
    meta: msgspec.Raw = _NOTHING
    contained: Many[Resource] = None
    extension: msgspec.Raw = _NOTHING
    # orders, conditions and results, in the order in which FHIR lists their elements
    status: Leaf = None
    intent: Leaf = None
    do_not_perform: Leaf = None
    medication_codeable_concept: Many[Concept] = None
    medication_reference: Reference | None = None
    medication: Concept | None = None
    clinical_status: msgspec.Raw = _NOTHING
    verification_status: msgspec.Raw = _NOTHING
    severity: Loose[Concept] = None
    code: Many[Concept] = None
    body_site: Loose[Concept] = None
    subject: Reference | None = None
    patient: Reference | None = None
    effective_date_time: Leaf = None
    effective_period: Period | None = None
    effective_instant: Leaf = None
    issued: Leaf = None
    value_quantity: msgspec.Raw = _NOTHING
    data_absent_reason: Concept | None = None
    interpretation: msgspec.Raw = _NOTHING
    specimen: Reference | str | None = None
    reference_range: msgspec.Raw = _NOTHING
    onset_date_time: Leaf = None
    onset_period: Period | None = None
    abatement_date_time: Leaf = None
    abatement_period: Loose[Period] = None
    recorded_date: Leaf = None
    authored_on: Leaf = None
    reason_code: Many[Concept] = None
    reason_reference: Many[Reference] = None
    dosage_instruction: msgspec.Raw = _NOTHING
    dosage: msgspec.Raw = _NOTHING
    dispense_request: msgspec.Raw = _NOTHING
    prior_prescription: Reference | str | None = None
    note: msgspec.Raw = _NOTHING
    # orders and statements of other versions
    date_written: Leaf = None
    date_ended: Leaf = None
    ordered_on: Leaf = None
    status_changed: Leaf = None
    reason_codeable_concept: Many[Concept] = None
    reason: Many[Concept] = None
    reason_for_use_codeable_concept: Many[Concept] = None
    taken: Leaf = None
    was_not_taken: Leaf = None
    adherence: Adherence | None = None
    # conditions, allergies, care and results of other versions
    substance: Many[Concept] = None
    date_recorded: Leaf = None
    asserted_date: Leaf = None
    performed_date_time: Leaf = None
    performed_period: Period | None = None
    occurrence_date_time: Leaf = None
    comment: Leaf = None
    comments: Leaf = None
    item: Many[Item] = None
    event: Many[Item] = None
    # medications
    ingredient: Many[Ingredient] = None
    product: Product | None = None
    # patient, encounter
    gender: Leaf = None
    birth_date: Leaf = None
    deceased_boolean: Leaf = None
    deceased_date_time: Leaf = None
    class_: Concept | list[Concept | None] | str | None = msgspec.field(default=None, name="class")
    type: Concept | list[Concept | None] | str | None = None
    hospitalization: Hospitalization | None = None
    admission: Hospitalization | None = None
    # Bundle, OperationOutcome
    entry: list[Located | None] | None = None
    link: list[Link | None] | None = None
    total: Leaf = None
    issue: list[Issue | None] | None = None
