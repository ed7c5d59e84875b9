"""The elements that are read only where they matter: of most results nobody asks the value, of most orders nobody the
dose, of most conditions nobody the status.

One that has a shape which no FHIR version has makes its whole resource unreadable, as any other element does. That
shows only when somebody asks; then `Unreadable` is raised, and the request is read once more, strictly.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from cds_service.fhir.elements import many
from cds_service.fhir.models import Concept, DispenseRequest, Dosage, Quantity, Range, Resource

T = TypeVar("T")
Status = Concept | str | None
Flags = Concept | list[Concept | None] | str | None
_DOSAGES = msgspec.json.Decoder(Dosage | list[Dosage | None] | None)
_SUPPLY: msgspec.json.Decoder[DispenseRequest | None] = msgspec.json.Decoder(DispenseRequest | None)
_QUANTITY: msgspec.json.Decoder[Quantity | None] = msgspec.json.Decoder(Quantity | None)
_RANGES = msgspec.json.Decoder(Range | list[Range | None] | None)
_FLAGS: msgspec.json.Decoder[Flags] = msgspec.json.Decoder(Flags)
_STATUS: msgspec.json.Decoder[Status] = msgspec.json.Decoder(Status)


class Unreadable(Exception):
    """An element has a shape that no version has; the request has to be read strictly."""


def _read(decoder: msgspec.json.Decoder[T], raw: msgspec.Raw | T) -> T:
    """What stands there; of a resource that was read whole it is known."""
    if not isinstance(raw, msgspec.Raw):
        return raw
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError:
        raise Unreadable from None


def dosages(resource: Resource) -> list[Dosage]:
    """The dosage lines of an order (dosageInstruction) or a statement (dosage)."""
    return many(_read(_DOSAGES, resource.dosage_instruction)) or many(_read(_DOSAGES, resource.dosage))


def supply(order: Resource) -> DispenseRequest | None:
    """What an order lets be dispensed."""
    return _read(_SUPPLY, order.dispense_request)


def quantity(observation: Resource) -> Quantity | None:
    """The value of a result."""
    return _read(_QUANTITY, observation.value_quantity)


def ranges(observation: Resource) -> list[Range]:
    """The reference ranges of a result."""
    return many(_read(_RANGES, observation.reference_range))


def flags(observation: Resource) -> Flags:
    """The interpretation of a result: a concept or several, or a word."""
    return _read(_FLAGS, observation.interpretation)


def clinical(resource: Resource) -> Status:
    """The clinical status of a condition or an allergy: a word before R4, a concept since."""
    return _read(_STATUS, resource.clinical_status)


def verification(resource: Resource) -> Status:
    """The same of the verification status."""
    return _read(_STATUS, resource.verification_status)


def is_sound(resource: Resource) -> bool:
    """Whether all of these elements can be read, in the resource and in those that it holds."""
    held = many(resource.contained)
    held += [entry.resource for entry in resource.entry or [] if entry is not None]
    try:
        dosages(resource), _read(_DOSAGES, resource.dosage), supply(resource)
        quantity(resource), ranges(resource), flags(resource)
        clinical(resource), verification(resource)
    except Unreadable:
        return False
    return all(map(is_sound, held))
