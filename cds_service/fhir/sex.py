"""The sex that matters for laboratory values: a parameter for clinical use, else birth sex, else gender (11.25)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import msgspec

from cds_service.fhir.elements import codings, many, text
from cds_service.fhir.models import Extension, Resource

# HL7's extension of R5, and US Core's; the last part of the address is the same under every version's path.
_FOR_CLINICAL_USE = ("patient-sexParameterForClinicalUse", "patient-sexForClinicalUse")
_BIRTH_SEX = ("us-core-birthsex",)
_WORDS = {
    **dict.fromkeys(("f", "female", "female-typical"), "female"),
    **dict.fromkeys(("m", "male", "male-typical"), "male"),
}
_PARTS = msgspec.json.Decoder(list[msgspec.Raw] | None)
_EXTENSION = msgspec.json.Decoder(Extension | None)


def sex(patient: Resource) -> str:
    """The word female or male, or "" where the record says other, unknown or nothing."""
    known = list(_extensions(patient))
    for names in (_FOR_CLINICAL_USE, _BIRTH_SEX):
        named = (extension for extension in known if text(extension.url).rsplit("/", 1)[-1] in names)
        found = {word for extension in named if (word := _value(extension))}
        if len(found) == 1:  # two that contradict each other say nothing
            return found.pop()
    return _WORDS.get(text(patient.gender).lower(), "")


def _extensions(patient: Resource) -> Iterator[Extension]:
    """The extensions that can be read, one by one, so that a broken one hides no other."""
    try:
        parts = _PARTS.decode(patient.extension) or []
    except msgspec.ValidationError:
        parts = [patient.extension]  # an object where a list belongs
    for part in parts:
        with suppress(msgspec.ValidationError):
            if (extension := _EXTENSION.decode(part)) is not None:
                yield extension


def _value(extension: Extension) -> str:
    """The code, in the extension itself or in a part of it named `value`."""
    inner = [part for part in many(extension.extension) if part.url == "value"]
    for part in (extension, *inner):
        codes = [text(part.value_code), *(text(coding.code) for coding in codings(part.value_codeable_concept))]
        found = next((_WORDS[code.lower()] for code in codes if code.lower() in _WORDS), "")
        if found:
            return found
    return ""
