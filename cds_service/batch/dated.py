"""Dated: a resource with the elements that only its history needs, which the hot path never reads."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from cds_service.fhir.elements import many, text
from cds_service.fhir.later import is_sound
from cds_service.fhir.models import Leaf, Period, Reference, Resource
from cds_service.fhir.references import target

T = TypeVar("T")
_NOTHING = msgspec.Raw(b"null")


class Dated(Resource):
    """A resource whose further elements stay bytes until they are asked for: one of a strange shape costs nothing."""

    period: msgspec.Raw = _NOTHING
    actual_period: msgspec.Raw = _NOTHING
    occurrence_period: msgspec.Raw = _NOTHING
    date_asserted: msgspec.Raw = _NOTHING
    recorded: msgspec.Raw = _NOTHING
    encounter: msgspec.Raw = _NOTHING
    context: msgspec.Raw = _NOTHING
    requester: msgspec.Raw = _NOTHING
    prescriber: msgspec.Raw = _NOTHING


class _Agent(msgspec.Struct):
    """Who ordered: a reference, in STU3 one step deeper."""

    reference: Leaf = None
    agent: Reference | None = None


_DECODER = msgspec.json.Decoder(Dated)
_PERIOD: msgspec.json.Decoder[Period | None] = msgspec.json.Decoder(Period | None)
_LEAF: msgspec.json.Decoder[Leaf] = msgspec.json.Decoder(Leaf)
_REFERENCE: msgspec.json.Decoder[Reference | list[Reference | None] | None] = msgspec.json.Decoder(
    Reference | list[Reference | None] | None
)
_AGENT: msgspec.json.Decoder[_Agent | None] = msgspec.json.Decoder(_Agent | None)


def read(raw: bytes, strictly: bool) -> Dated | None:
    """A resource in a line; None where it has a shape that no FHIR version has, strictly also in what is read late."""
    try:
        found = _DECODER.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return None
    return None if strictly and not is_sound(found) else found


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


def encounter_of(order: Dated) -> str:
    """The id of the encounter in which an order was written, "" if it names none; STU3 calls it context."""
    for raw in (order.encounter, order.context):
        for reference in many(_read(_REFERENCE, raw)):
            if (address := target(reference)) is not None:
                return address[1].removeprefix("urn:uuid:")
    return ""


def author(order: Dated) -> str:
    """Who wrote an order, "" if it does not tell."""
    for raw in (order.requester, order.prescriber):
        found = _read(_AGENT, raw) or _Agent()
        address = target(found.agent or Reference(found.reference))
        if address is not None:
            return "/".join(address)
    return ""
