"""Reads one FHIR ValueSet resource: groups of codes with the ingredient and route that they share."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

INGREDIENT = "urn:cds-service:ingredient"
ROUTE = "urn:cds-service:route"
PHRASE = "urn:cds-service:phrase"
NAMED_WITH = "urn:cds-service:named-with"
ALONE = "urn:cds-service:named-alone"
CODED_WITH = "urn:cds-service:coded-with"
STRENGTH = "urn:cds-service:strength"
SUBSTANCE = "urn:cds-service:substance"
FORMULA = "urn:cds-service:formula"
COMBINATION = "urn:cds-service:combination"


@dataclass(frozen=True, slots=True)
class Content:
    """What a product holds of its ingredient: `amount` mg of it in one unit (`per` is "1") or in one mL ("mL").

    `substance` names the salt; `formula` says of what a mass is told, "" if that is not known ("Mg" is the element
    itself); in a `combination` a mass may be one of several ingredients.
    """

    amount: float | None = None
    per: str = ""
    substance: str = ""
    formula: str = ""
    combination: bool = False


_NOTHING = Content()


@dataclass(frozen=True, slots=True)
class Concept:
    """A code and the name that may be shown with it; the name is empty where its licence asks for that."""

    code: str
    display: str
    content: Content | None = None


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
    `alone` set only where no other ingredient is named; conditions of a set with `coded_with` words count only if
    their own words hold one of these; `about` says what is in it and where its codes were verified.
    """

    title: str
    phrases: tuple[str, ...]
    named_with: tuple[str, ...]
    alone: bool
    coded_with: tuple[str, ...]
    groups: tuple[Group, ...]
    about: str = ""


def _values(element: dict[str, Any], url: str) -> tuple[str, ...]:
    return tuple(
        extension.get("valueString") or extension["valueCode"]
        for extension in element.get("extension", ())
        if extension["url"] == url
    )


def _group(include: dict[str, Any]) -> Group:
    combination = any(extension["url"] == COMBINATION for extension in include.get("extension", ()))
    held = Content(
        substance="".join(_values(include, SUBSTANCE)),
        formula="".join(_values(include, FORMULA)),
        combination=combination,
    )
    return Group(
        include["system"],
        "".join(_values(include, INGREDIENT)),
        "".join(_values(include, ROUTE)),
        tuple(_concept(concept, held) for concept in include["concept"]),
    )


def _concept(concept: dict[str, Any], held: Content) -> Concept:
    told = concept.get("extension")  # most have none, and there are many
    strength = told and next((part["valueQuantity"] for part in told if part["url"] == STRENGTH), None)
    if strength:
        held = replace(held, amount=float(strength["value"]), per="mL" if strength["unit"] == "mg/mL" else "1")
    return Concept(concept["code"], concept.get("display", ""), None if held == _NOTHING else held)


def load(raw: bytes) -> Document:
    """The value set in a file. A file of another shape raises KeyError or ValueError at start."""
    resource = json.loads(raw)
    groups = tuple(_group(include) for include in resource["compose"]["include"])
    alone = any(extension["url"] == ALONE for extension in resource.get("extension", ()))
    return Document(
        resource["title"],
        _values(resource, PHRASE),
        _values(resource, NAMED_WITH),
        alone,
        _values(resource, CODED_WITH),
        groups,
        resource.get("description", ""),
    )
