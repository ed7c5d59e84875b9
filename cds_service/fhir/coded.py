"""What codes stand for: the entries of a FHIR concept in our value sets."""

from __future__ import annotations

from collections.abc import Sequence

from cds_service.fhir.elements import codings, text
from cds_service.fhir.models import Concept
from cds_service.terminology import Entry, by_code


def entries(concepts: Concept | Sequence[Concept | None] | None) -> list[Entry]:
    """The entries of every coding of one or many concepts, in the order in which they stand."""
    found: list[Entry] = []
    for coding in codings(concepts):
        found += by_code(text(coding.system), text(coding.code))
    return found
