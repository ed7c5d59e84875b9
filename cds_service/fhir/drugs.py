"""What a medication resource is a drug of: by code, else by the words of its name, else not known."""

from __future__ import annotations

from cds_service.facts import Drug
from cds_service.fhir.coded import entries
from cds_service.fhir.dosing import dosages
from cds_service.fhir.models import Concept, Many, Reference, Resource, many, text, words
from cds_service.fhir.references import Record
from cds_service.terminology import Entry, by_code, by_name

ROUTE_TEXT = "urn:cds-service:route-text"
UNKNOWN = Drug(known=False)
OTHER = Drug()  # any drug that the guideline does not speak of


def drug(resource: Resource, record: Record) -> Drug:
    """The drug of an order or statement, through its concept or its reference.

    A reference that cannot be resolved is read by its display, as free text is; without one the drug is not known.
    """
    if resource.medication_codeable_concept is not None:
        return _of_concept(resource.medication_codeable_concept)
    if resource.medication is not None and (resource.medication.concept or resource.medication.reference is None):
        return _of_concept(resource.medication)
    return _of_reference(_reference(resource), resource, record)


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
        return _of_concept(found.code)
    display = text(reference.display) if isinstance(reference, Reference) else ""
    return _by_name([display]) if display else UNKNOWN


def _of_concept(concepts: Many[Concept]) -> Drug:
    """By code if any of the codes is known to us; a code decides against a name that looks alike."""
    found = entries(concepts)
    names = words(concepts)
    if not found:
        return _by_name(names)
    return Drug(tuple(dict.fromkeys(found)), names[0] if names else "")


def _by_name(names: list[str]) -> Drug:
    found = by_name("\n".join(names))
    return Drug(found, names[0], by_name=True) if found else OTHER


def routes(resource: Resource) -> frozenset[str]:
    """The route classes of the dosages; a route that we do not know counts as none."""
    concepts = [concept for dosage in dosages(resource) for concept in many(dosage.route)]
    found = {entry.route for concept in concepts for entry in _route(concept) if entry.valueset == "routes"}
    return frozenset(found)


def _route(concept: Concept) -> list[Entry]:
    """By code, or else by a text that is a route as a whole."""
    return entries(concept) or [entry for word in words(concept) for entry in by_code(ROUTE_TEXT, word.strip().lower())]
