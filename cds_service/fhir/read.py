"""FHIR resources -> Snapshot: the one place where a record becomes facts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import partial

from cds_service.facts import (
    DRUG,
    MEDICATIONS,
    PATIENT,
    Lazily,
    Listing,
    Medication,
    Need,
    Person,
    ProposedOrder,
    Results,
    Snapshot,
    State,
)
from cds_service.fhir.dates import days
from cds_service.fhir.elements import text
from cds_service.fhir.laboratory_orders import ordered
from cds_service.fhir.medications import ORDER_TYPES, listed, proposed, unknown
from cds_service.fhir.models import Resource
from cds_service.fhir.observations import results
from cds_service.fhir.problems import care, conditions, encounter_class, intolerances
from cds_service.fhir.references import Record
from cds_service.fhir.sex import sex

_NO_PATIENT = "the EHR found no record of the patient"
_UNRESOLVED_DRAFT = "the order only refers to a medication that was not supplied"
_UNRESOLVED_LISTED = "an entry only refers to a medication that was not supplied"
# A draft written so many days from now tells the day for which the age counts (rules 1.2).
_NEAR = 1


def snapshot(
    record: Record,
    today: date,
    selected: Collection[str] | None = None,
    encounter_id: str = "",
    unmet: Mapping[Need, str] | None = None,
) -> Snapshot:
    """The facts of a record on a day.

    `selected` are the references or bare ids of the drafts that a card may be about, None for all of them;
    `unmet` are the needs for which the EHR supplied no answer, with the reason.
    """
    # By reference, so that the order in which an EHR sends its resources changes nothing.
    orders = tuple(sorted(_proposed(record, selected, today), key=_by_reference))
    encounter = next((found for found in record.of("Encounter") if text(found.id) == encounter_id), None)
    person = _person(record)
    known = dict(unmet or {})
    if person is None:
        known.setdefault(PATIENT, _NO_PATIENT)  # `null` for a list means that it is empty; a patient there always is
    if any(not order.drug.known and order.selected and not order.stops for order in orders):
        known.setdefault(DRUG, _UNRESOLVED_DRAFT)
    if any(medication.state(today) is not State.PAST for medication in unknown(record)):
        known.setdefault(MEDICATIONS, _UNRESOLVED_LISTED)
    return Snapshot(
        as_of=today,
        age_on=_age_day(orders, today),
        person=person,
        problems=Lazily(partial(conditions, record, today)),
        medications=Listing(partial(listed, record)),
        orders=orders,
        intolerances=Lazily(partial(intolerances, record)),
        care=Lazily(partial(care, record, encounter)),
        encounter_class=encounter_class(encounter),
        laboratory=partial(_laboratory, record, today),
        unmet=known,
    )


def _laboratory(record: Record, today: date) -> Results:
    """The results, and beside the preliminary ones the tests that are only ordered."""
    found = results(record, today)
    found.pending += ordered(record, today)
    return found


def _proposed(record: Record, selected: Collection[str] | None, today: date) -> list[ProposedOrder]:
    return [
        proposed(resource, record, _is_selected(resource, selected), today)
        for resource in record.drafts
        if resource.resource_type in ORDER_TYPES and text(resource.status) != "entered-in-error"
    ]


def _by_reference(medication: Medication) -> str:
    return medication.reference


def _is_selected(resource: Resource, selected: Collection[str] | None) -> bool:
    id = text(resource.id)
    return selected is None or f"{resource.resource_type}/{id}" in selected or id in selected


def _age_day(orders: Collection[ProposedOrder], today: date) -> date:
    near = [order.written for order in orders if order.written and abs((order.written - today).days) <= _NEAR]
    return min(near, default=today)


def _person(record: Record) -> Person | None:
    patient = next(iter(record.of("Patient")), None)
    if patient is None:
        return None
    died = patient.deceased_boolean is True or bool(text(patient.deceased_date_time))
    return Person(days(patient.birth_date), died, sex(patient))
