"""Reads one FHIR ValueSet resource: groups of codes with the ingredient and route that they share."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

INGREDIENT = "urn:cds-service:ingredient"
ROUTE = "urn:cds-service:route"
PHRASE = "urn:cds-service:phrase"
NAMED_WITH = "urn:cds-service:named-with"
ALONE = "urn:cds-service:named-alone"


@dataclass(frozen=True, slots=True)
class Concept:
    """A code and the name that may be shown with it; the name is empty where its licence asks for that."""

    code: str
    display: str


@dataclass(frozen=True, slots=True)
class Group:
    """Codes of one system that stand for the same ingredient and route."""

    system: str
    ingredient: str
    route: str
    concept: tuple[Concept, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A value set as it stands in its file.

    `phrases` are words by which a text means it without a code (of look-alikes: which are struck from a text);
    drugs are matched by name only together with one of the `named_with` words, if there are any, and those of an
    `alone` set only where no other ingredient is named.
    """

    title: str
    phrases: tuple[str, ...]
    named_with: tuple[str, ...]
    alone: bool
    groups: tuple[Group, ...]


def _values(element: dict[str, Any], url: str) -> tuple[str, ...]:
    return tuple(
        extension.get("valueString") or extension["valueCode"]
        for extension in element.get("extension", ())
        if extension["url"] == url
    )


def _group(include: dict[str, Any]) -> Group:
    return Group(
        include["system"],
        "".join(_values(include, INGREDIENT)),
        "".join(_values(include, ROUTE)),
        tuple(Concept(concept["code"], concept.get("display", "")) for concept in include["concept"]),
    )


def load(raw: bytes) -> Document:
    """The value set in a file. A file of another shape raises KeyError or ValueError at start."""
    resource = json.loads(raw)
    groups = tuple(_group(include) for include in resource["compose"]["include"])
    alone = any(extension["url"] == ALONE for extension in resource.get("extension", ()))
    return Document(resource["title"], _values(resource, PHRASE), _values(resource, NAMED_WITH), alone, groups)
