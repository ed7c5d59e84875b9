"""What a medication resource is a drug of: by code, else by the words of its name, else not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from cds_service.facts import Drug
from cds_service.fhir import models
from cds_service.fhir.coded import entries
from cds_service.fhir.doses import MG, ML, PIECES, in_unit
from cds_service.fhir.elements import codings, many, text, words
from cds_service.fhir.models import Concept, Dosage, Ingredient, Many, Quantity, Reference, Resource
from cds_service.fhir.references import Record, target
from cds_service.terminology import RXNORM, SYSTEMS, Content, Entry, by_code, by_name

ROUTE_TEXT = "urn:cds-service:route-text"
UNKNOWN = Drug(known=False)
# Magnesium without a salt: the strength of such an ingredient is that of the element.
_ELEMENT = "6574"
_WITH_MEDICATION = frozenset({"MedicationRequest", "MedicationOrder", "MedicationStatement"})
OTHER = Drug()  # any drug that the guideline does not speak of


def drug(resource: Resource, record: Record) -> Drug:
    """The drug of an order or statement, through its concept or its reference.

    A reference that cannot be resolved is read by its display, as free text is; without one the drug is not known.
    """
    concept = _concept(resource)
    return _of_reference(_reference(resource), resource, record) if concept is None else _of_concept(concept)


def unresolved(record: Record) -> list[str]:
    """The ids of the Medications that orders and statements refer to and the record does not hold."""
    found: dict[str, None] = {}
    for resource in record.resources:
        reference = referred(resource)
        kind, id = target(reference) or ("", "")
        if kind == "Medication" and record.resolve(reference, resource) is None:
            found[id] = None
    return list(found)


def referred(resource: Resource) -> Reference | str | None:
    """The reference to its drug of an order or statement that does not say its drug itself."""
    by_reference = resource.resource_type in _WITH_MEDICATION and only_refers(resource)
    return _reference(resource) if by_reference else None


def only_refers(resource: Resource) -> bool:
    """Whether an order or statement does not say its drug itself."""
    return _concept(resource) is None


def _concept(resource: Resource) -> Many[Concept]:
    """The concept of an order or statement, None if it only refers to its drug."""
    if resource.medication_codeable_concept is not None:
        return resource.medication_codeable_concept
    coded = resource.medication
    return coded if coded is not None and (coded.concept or coded.reference is None) else None


def _reference(resource: Resource) -> Reference | str | None:
    """R4's medicationReference, or the reference inside R5's medication."""
    if resource.medication is not None:
        return resource.medication.reference
    return resource.medication_reference


def _of_reference(reference: Reference | str | None, resource: Resource, record: Record) -> Drug:
    if reference is None:
        return OTHER  # a draft in which no drug was chosen yet: nothing to look up
    found = record.resolve(reference, resource)
    if found is not None and found.resource_type == "Medication":
        known = _of_concept(found.code)
        return replace(known, content=_stated(found, known) or known.content)
    display = text(reference.display) if isinstance(reference, Reference) else ""
    return _by_name([display]) if display else UNKNOWN


def _of_concept(concepts: Many[Concept]) -> Drug:
    """By code if any of the codes is known to us; a code decides against a name that looks alike."""
    found, names = entries(concepts), words(concepts)
    if not found:
        return _by_name(names)
    name = names[0] if names else ""
    if len(found) == 1:  # nearly always
        return Drug((found[0],), name, content=found[0].content)
    contents = [entry.content for entry in found if entry.content is not None]
    content = max(contents, key=lambda content: content.amount is not None, default=None)  # a product before a salt
    return Drug(tuple(dict.fromkeys(found)), name, content=content)


def _stated(medication: Resource, known: Drug) -> Content | None:
    """What a Medication says of its own strength, None if it says nothing of the ingredient that counts."""
    listed: list[Ingredient] = many(medication.ingredient)
    if not listed and medication.product is not None:
        listed = many(medication.product.ingredient)
    held = [ingredient for ingredient in listed if ingredient.is_active is not False]
    for ingredient in held:
        amount = _amount(ingredient)
        if amount is not None and (len(held) == 1 or _is_of(ingredient, known)):
            substance, formula = _substance(ingredient, known.content)
            return Content(*amount, substance, formula, combination=len(held) > 1)
    return None


def _is_of(ingredient: Ingredient, known: Drug) -> bool:
    found = entries([*many(ingredient.item_codeable_concept), *many(ingredient.item)])
    return any(entry.ingredient in known.ingredients for entry in found)


def _substance(ingredient: Ingredient, known: Content | None) -> tuple[str, str]:
    """The salt that an ingredient is, and its formula: by its code, else as the product's code says.

    The element itself, or what is called elemental, is "Mg".
    """
    concepts = [*many(ingredient.item_codeable_concept), *many(ingredient.item)]
    for entry in entries(concepts):
        if entry.content is not None:
            return entry.content.substance, entry.content.formula
    said = " ".join(words(concepts)).lower()
    if "elemental" in said or any(_is_element(coding) for coding in codings(concepts)):
        return "", "Mg"
    return (known.substance, known.formula) if known is not None and not known.combination else ("", "")


def _is_element(coding: models.Coding) -> bool:
    return (SYSTEMS.get(text(coding.system)), text(coding.code)) == (RXNORM, _ELEMENT)


def _amount(ingredient: Ingredient) -> tuple[float, str] | None:
    """The mg in one piece ("1") or one mL ("mL")."""
    if ingredient.strength_quantity is not None:
        mass = in_unit(ingredient.strength_quantity, MG)
        return None if mass is None else (mass, "1")
    strength = ingredient.strength or ingredient.strength_ratio or ingredient.amount
    if strength is None or strength.numerator is None:
        return None
    mass, per = in_unit(strength.numerator, MG), strength.denominator or Quantity(value=1)
    if not (per.code or per.unit):
        per = Quantity(value=per.value, code="1")
    for name, units in (("1", PIECES), ("mL", ML)):
        count = in_unit(per, units)
        if mass is not None and count is not None:
            return mass / count, name
    return None


def _by_name(names: list[str]) -> Drug:
    found = by_name("\n".join(names))
    return Drug(found, names[0], by_name=True) if found else OTHER


def routes(lines: Iterable[Dosage]) -> frozenset[str]:
    """The route classes of the dosages; a route that we do not know counts as none."""
    concepts = [concept for dosage in lines for concept in many(dosage.route)]
    found = {entry.route for concept in concepts for entry in _route(concept) if entry.valueset == "routes"}
    return frozenset(found)


def _route(concept: Concept) -> list[Entry]:
    """By code, or else by a text that is a route as a whole."""
    return entries(concept) or [entry for word in words(concept) for entry in by_code(ROUTE_TEXT, word.strip().lower())]
