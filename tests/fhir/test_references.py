"""References of every kind find what they point to, and tell whose a resource is."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir.models import Located, Reference
from cds_service.fhir.references import Record, target
from tests.fhir.resources import (
    CRAMP,
    LORAZEPAM,
    OXYCODONE,
    PATIENT,
    Json,
    condition,
    draft,
    order,
    outcome,
    patient,
    read,
    record,
    who,
)

UUID = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ("Patient/1", ("Patient", "1")),
        ("Patient/1/_history/2", ("Patient", "1")),
        ("https://ehr.example/fhir/Patient/a-1.b", ("Patient", "a-1.b")),
        ("https://ehr.example/fhir/Patient/1/_history/7", ("Patient", "1")),
        (UUID, ("", UUID)),
        ("#med1", ("", "#med1")),
        ("1", ("", "1")),
        ("patient/1", ("", "patient/1")),
        ("", None),
        (None, None),
        (Reference(), None),
        (Reference("Patient/1"), ("Patient", "1")),
        (Reference(5), ("", "5")),
        (Reference(display="x"), None),
    ],
)
def test_target(reference: Any, found: tuple[str, str] | None) -> None:
    """A reference tells type and id, an address of another kind tells itself, an empty one nothing."""
    assert target(reference) == found


def test_what_is_asked_by_type_is_the_record_only() -> None:
    """The record tells its resources by type, without the drafts; the drafts are told apart."""
    found = record(patient(), order(LORAZEPAM), condition(CRAMP), drafts=[draft(OXYCODONE)])
    assert [resource.id for resource in found.of("MedicationRequest", "Condition")] == ["m1", "c1"]
    assert found.of("Encounter") == []
    assert [resource.id for resource in found.drafts] == ["d1"]
    assert {resource.id for resource in found.resources} == {PATIENT, "m1", "c1", "d1"}


def test_a_resource_under_two_keys_counts_once() -> None:
    """One id of one type is one resource; resources without an id are all kept."""
    nameless = {key: part for key, part in order(OXYCODONE).items() if key != "id"}
    found = record(order(LORAZEPAM), order(LORAZEPAM), nameless, nameless, condition(CRAMP, "m1"))
    assert [resource.id for resource in found.of("MedicationRequest")] == ["m1", None, None]


@pytest.mark.parametrize(
    ("resources", "empty"), [([], True), ([outcome()], True), ([outcome(), patient()], False), ([patient()], False)]
)
def test_an_empty_record(resources: list[Json], empty: bool) -> None:
    """A record that holds outcomes only is empty; drafts are no part of it."""
    assert record(*resources, drafts=[draft(LORAZEPAM)]).is_empty is empty


MEDICATION = {"resourceType": "Medication", "id": "med1", "code": LORAZEPAM}


@pytest.mark.parametrize("kept", ["listed", "drafts"])
@pytest.mark.parametrize(
    ("full_url", "reference"),
    [
        ("", "Medication/med1"),
        ("", "Medication/med1/_history/3"),
        ("", "https://ehr.example/fhir/Medication/med1"),
        (UUID, UUID),
        (UUID, "Medication/med1"),
        ("https://ehr.example/fhir/Medication/other", "Medication/other"),
        ("https://ehr.example/fhir/Medication/other", "Medication/med1"),
    ],
)
def test_a_reference_is_found_anywhere_in_the_request(kept: str, full_url: str, reference: str) -> None:
    """Relative, absolute, versioned and urn:uuid references lead to their entry, in the record or with the drafts."""
    places: dict[str, Any] = {"listed": [], "drafts": []}
    places[kept] = [Located(read(MEDICATION), full_url)]
    found = Record(PATIENT, **places).resolve(Reference(reference), read(order(None)))
    assert found is not None
    assert found.id == "med1"


@pytest.mark.parametrize("id", ["med1", "#med1"])
@pytest.mark.parametrize("shape", [list, dict])
def test_contained(id: str, shape: type) -> None:
    """A reference with a hash leads into its own resource, also where the list is an object."""
    held = MEDICATION | {"id": id}
    source = read(order(None, contained=[None, held] if shape is list else held))
    found = record().resolve("#med1", source)
    assert found is not None
    assert found.resource_type == "Medication"
    assert record(MEDICATION).resolve("#other", source) is None


@pytest.mark.parametrize("reference", [None, "", "Medication/else", UUID, "#med1", "med1", Reference()])
def test_a_reference_into_the_void(reference: Any) -> None:
    """A reference to what was not supplied finds nothing."""
    assert record(MEDICATION).resolve(reference, read(order(None))) is None


@pytest.mark.parametrize(
    ("owner", "foreign"),
    [
        (who(), False),
        ({"reference": "https://ehr.example/fhir/Patient/p1"}, False),
        ({"reference": "Patient/p1/_history/2"}, False),
        ({"reference": f"urn:uuid:{PATIENT}"}, False),
        ({"display": "Mr X"}, False),
        ({}, False),
        (None, False),
        (who("p2"), True),
        ({"reference": "https://ehr.example/fhir/Patient/p2"}, True),
        ({"reference": "Group/p1"}, True),
        ({"reference": "urn:uuid:p2"}, True),
        ({"reference": 5}, True),
    ],
)
@pytest.mark.parametrize("element", ["subject", "patient"])
def test_whose_a_resource_is(element: str, owner: Json | None, foreign: bool) -> None:
    """A resource is foreign if it names another patient, and nobody's is the patient's (conformance P16)."""
    resource = condition(CRAMP) | {"subject": None, "patient": None} | {element: owner}
    assert record().is_foreign(read(resource)) is foreign


def test_a_foreign_patient_beside_an_empty_subject() -> None:
    """A subject that names nobody does not hide the patient who is named."""
    assert record().is_foreign(read(condition(CRAMP, subject={}, patient=who("p2"))))


@pytest.mark.parametrize(("id", "foreign"), [(PATIENT, False), ("p2", True), (None, True)])
def test_a_patient_is_known_by_its_id(id: str | None, foreign: bool) -> None:
    """A Patient of another id, or of none, is another patient."""
    assert record().is_foreign(read(patient(id=id))) is foreign


@pytest.mark.parametrize(
    ("resource", "foreign"), [(patient(), False), (patient(id="p2"), True), (condition(CRAMP, "p1"), True)]
)
def test_a_subject_by_uuid_is_looked_up(resource: Json, foreign: bool) -> None:
    """A urn:uuid of the patient's own entry is the patient; of another entry it is not."""
    found = Record(PATIENT, [Located(read(resource), UUID)])
    assert found.is_foreign(read(order(LORAZEPAM, subject={"reference": UUID}))) is foreign


def test_resources_of_nobody_are_usable() -> None:
    """A Medication belongs to no patient."""
    assert not record().is_foreign(read(MEDICATION))
