"""Dated: a resource with the elements that only its history needs, which the hot path never reads."""

from __future__ import annotations

from operator import attrgetter
from typing import TypeVar

import msgspec

from cds_service.fhir import later
from cds_service.fhir.elements import many, text
from cds_service.fhir.models import DispenseRequest, Dosage, Leaf, Many, Period, Quantity, Range, Reference, Resource
from cds_service.fhir.references import target

T = TypeVar("T")
# What stands for an element that is missing, in every resource the same.
NOTHING = Resource().meta


class Dated(Resource):
    """A resource in which is read at once what a request leaves for later. The further elements, of the history, stay
    bytes until they are asked for: one of a strange shape costs nothing."""

    clinical_status: later.Status = None  # type: ignore[assignment]
    verification_status: later.Status = None  # type: ignore[assignment]
    value_quantity: Quantity | None = None  # type: ignore[assignment]
    interpretation: later.Flags = None  # type: ignore[assignment]
    reference_range: Many[Range] = None  # type: ignore[assignment]
    dosage_instruction: Many[Dosage] = None  # type: ignore[assignment]
    dosage: Many[Dosage] = None  # type: ignore[assignment]
    dispense_request: DispenseRequest | None = None  # type: ignore[assignment]
    period: msgspec.Raw = NOTHING
    actual_period: msgspec.Raw = NOTHING
    occurrence_period: msgspec.Raw = NOTHING
    date_asserted: msgspec.Raw = NOTHING
    recorded: msgspec.Raw = NOTHING
    encounter: msgspec.Raw = NOTHING
    context: msgspec.Raw = NOTHING
    requester: msgspec.Raw = NOTHING
    prescriber: msgspec.Raw = NOTHING


class Counted(msgspec.Struct, array_like=True, gc=False):
    """An order of a drug of which no rule speaks, as far as counting it takes: when, by whom and where it was signed.
    It is kept as an array, which no resource is."""

    resource_type: str
    id: Leaf
    status: Leaf
    intent: Leaf
    authored_on: Leaf
    date_written: Leaf
    encounter: msgspec.Raw
    context: msgspec.Raw
    requester: msgspec.Raw
    prescriber: msgspec.Raw


Order = Dated | Counted


class _Agent(msgspec.Struct):
    """Who ordered: a reference, in STU3 one step deeper."""

    reference: Leaf = None
    agent: Reference | None = None


_DECODER = msgspec.json.Decoder(Dated)
_ENCODER = msgspec.json.Encoder()
_COUNTED, _KEPT = msgspec.json.Decoder(Counted), attrgetter(*Counted.__struct_fields__)
# With what such an order begins, and no resource does.
ARRAY = b"["
_PERIOD: msgspec.json.Decoder[Period | None] = msgspec.json.Decoder(Period | None)
_LEAF: msgspec.json.Decoder[Leaf] = msgspec.json.Decoder(Leaf)
_REFERENCE: msgspec.json.Decoder[Reference | list[Reference | None] | None] = msgspec.json.Decoder(
    Reference | list[Reference | None] | None
)
_AGENT: msgspec.json.Decoder[_Agent | None] = msgspec.json.Decoder(_Agent | None)


def sound(raw: bytes) -> Dated | None:
    """A resource of a shape that some FHIR version has; None for another one. What it holds is not looked into."""
    try:
        return _DECODER.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None


def read(raw: bytes) -> Dated | None:
    """A resource in a line as the readers of a request take it; None where it, or one that it holds, has a shape that
    no FHIR version has: in a request that may show when somebody asks, here it is known at once."""
    found = sound(raw)
    return found if found is None or found.contained is None or later.is_sound(found) else None


def slight(order: Dated) -> bytes:
    """What is kept of an order that is only counted."""
    return _ENCODER.encode(Counted(*_KEPT(order)))


def counted(raw: bytes) -> Counted:
    """The same read again."""
    return _COUNTED.decode(raw)


class _Typed(msgspec.Struct, rename="camel"):
    resource_type: Leaf = None


_TYPED = msgspec.json.Decoder(_Typed)


def type_of(raw: bytes) -> str:
    """The type of a resource that cannot be read."""
    return text(_TYPED.decode(raw).resource_type)


def _read(decoder: msgspec.json.Decoder[T], raw: msgspec.Raw) -> T | None:
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError:
        return None


def stay(encounter: Dated) -> Period:
    """From when to when an encounter lasted; R5 calls it actualPeriod."""
    return _read(_PERIOD, encounter.period) or _read(_PERIOD, encounter.actual_period) or Period()


def occurred(procedure: Dated) -> Period:
    """When a procedure of R5 was done, if that took long."""
    return _read(_PERIOD, procedure.occurrence_period) or Period()


def asserted(statement: Dated) -> Leaf:
    """When a statement was made."""
    return _read(_LEAF, statement.date_asserted)


def recorded(procedure: Dated) -> Leaf:
    """When a procedure of R5 was recorded."""
    return _read(_LEAF, procedure.recorded)


def encounter_of(order: Order) -> str:
    """The id of the encounter in which an order was written, "" if it names none; STU3 calls it context."""
    for raw in (order.encounter, order.context):
        for reference in many(_read(_REFERENCE, raw)):
            if (address := target(reference)) is not None:
                return address[1].removeprefix("urn:uuid:")
    return ""


def author(order: Order) -> str:
    """Who wrote an order, "" if it does not tell."""
    for raw in (order.requester, order.prescriber):
        found = _read(_AGENT, raw) or _Agent()
        address = target(found.agent or Reference(found.reference))
        if address is not None:
            return "/".join(address)
    return ""
