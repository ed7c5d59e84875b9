"""What stands in an element, however a sender wrote it: one value or many, text or number, one coding or several."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite
from typing import TypeVar, cast

from cds_service.fhir.models import Coding, Concept, Leaf

T = TypeVar("T")


def many(value: T | Sequence[T | None] | None) -> list[T]:
    """The values of an element that may be missing, one object, or a list with holes."""
    if value is None:
        return []
    if isinstance(value, list):
        return [item for item in value if item is not None]
    # A call of cast would cost more than all the rest.
    return [value]  # type: ignore[list-item]


def only(kind: type[T], value: object) -> list[T]:
    """The values of an element that have its type, whatever else may have been sent in their place."""
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, kind)]


def text(value: Leaf) -> str:
    """A primitive as text, "" if it is missing; a number (a code sent without quotes) as its digits."""
    if isinstance(value, str):
        return value
    return "" if value is None or isinstance(value, bool) else str(value)


def number(value: Leaf) -> float | None:
    """A number, also one that was sent as text; None otherwise."""
    if value is None or isinstance(value, bool) or (isinstance(value, str) and "_" in value):
        return None  # Python would read 1_5 as fifteen
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if isfinite(found) else None


def codings(concepts: Concept | Sequence[Concept | None] | None) -> list[Coding]:
    """Every coding of one or many concepts; a lone Coding and R5's `concept` count too."""
    if isinstance(concepts, Concept) and isinstance(concepts.coding, list) and concepts.concept is None:
        # Nearly every concept is like this, and its list has no holes.
        return many(concepts.coding) if None in concepts.coding else cast("list[Coding]", concepts.coding)
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
    found: list[Leaf] = []
    for concept in many(concepts):
        found += [concept.text, concept.display, *[coding.display for coding in many(concept.coding)]]
        if concept.concept is not None:
            found += words(concept.concept)
    return [word for word in dict.fromkeys(map(text, found)) if word]


def code(value: Concept | str | None) -> str:
    """The first code of an element that is a plain code in some versions and a concept in others."""
    if value is None or isinstance(value, str):
        return value or ""
    return next((text(coding.code) for coding in codings(value)), "")
