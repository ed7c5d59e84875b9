"""What `cds validate` finds in a file: every resource with its place, and what is wrong with it in words."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.fhir.check import findings, problems
from cds_service.fhir.version import Version

Json = dict[str, Any]

PATIENT: Json = {"resourceType": "Patient", "id": "p1", "birthDate": "1950-03-01"}
DRUG: Json = {"text": "Lorazepam 1 mg tablet"}
SUBJECT: Json = {"reference": "Patient/p1"}
ORDER: Json = {
    "resourceType": "MedicationRequest",
    "id": "draft-1",
    "status": "draft",
    "intent": "order",
    "subject": SUBJECT,
    "medicationCodeableConcept": DRUG,
}
DSTU2_ORDER: Json = {
    "resourceType": "MedicationOrder",
    "id": "draft-1",
    "status": "draft",
    "patient": SUBJECT,
    "medicationCodeableConcept": DRUG,
}
NO_RESOURCE = ["no FHIR resource: an object with a resourceType belongs here"]


def found(document: Any) -> list[tuple[str, list[str]]]:
    """The findings of a document."""
    return findings(json.dumps(document).encode())


def request(server: str = "", prefetch: Any = None, **context: Any) -> Json:
    """A hook request."""
    return {"hook": "order-sign", "fhirServer": server, "context": context, "prefetch": prefetch or {}}


def test_a_valid_resource_has_no_problem() -> None:
    """A single resource is found under its type and id, with nothing wrong."""
    assert found(PATIENT) == [("Patient/p1", [])]


def test_a_resource_without_an_id_is_told_by_its_type() -> None:
    """A resource that has no id is named by its type alone."""
    assert found({"resourceType": "Patient"}) == [("Patient", [])]


def test_problems_are_told_in_words() -> None:
    """A wrong value is told with the path of the element, a missing one too, a rule of the whole without a path."""
    wrong = problems({"resourceType": "Patient", "name": [{"given": "Ada"}], "birthDate": "tomorrow"}, Version.R4)
    incomplete = {key: part for key, part in ORDER.items() if key != "medicationCodeableConcept"}

    assert len(wrong) == 2
    assert any(line.startswith("name.0.given: ") for line in wrong)
    assert any(line.startswith("birthDate: ") for line in wrong)
    assert any("medicationCodeableConcept" in line for line in problems(incomplete, Version.R4))


def test_the_places_of_a_request_are_told() -> None:
    """Resources of context and prefetch are found where they stand; plain members and null are no resources."""
    searchset = {"resourceType": "Bundle", "type": "searchset", "entry": [{"resource": PATIENT}, {}]}
    draft = {"resourceType": "Bundle", "entry": [{"resource": ORDER}]}
    body = request(patientId="p1", draftOrders=draft, prefetch={"patient": PATIENT, "a": None, "b": searchset})

    assert found(body) == [
        ("context.draftOrders.entry[0] MedicationRequest/draft-1", []),
        ("prefetch.patient Patient/p1", []),
        ("prefetch.b Bundle", []),
        ("prefetch.b.entry[0] Patient/p1", []),
    ]


@pytest.mark.parametrize("junk", [7, "Patient", [], {}, {"resourceType": 3}])
def test_what_is_no_resource_is_told(junk: Any) -> None:
    """A prefetch key, an entry and a whole file that hold no resource are told."""
    bundle = {"resourceType": "Bundle", "entry": [{"resource": junk}]}

    assert found(junk) == [("file", NO_RESOURCE)]
    assert found(request(prefetch={"patient": junk})) == [("prefetch.patient", NO_RESOURCE)]
    assert found(request(draftOrders=bundle)) == [("context.draftOrders.entry[0]", NO_RESOURCE)]


def test_a_request_whose_parts_are_no_objects_is_told() -> None:
    """A context or prefetch that is no object is told instead of its members."""
    assert found({"hook": "order-sign", "context": [], "prefetch": 1}) == [
        ("context", NO_RESOURCE),
        ("prefetch", NO_RESOURCE),
    ]


def test_drafts_may_come_in_a_bundle_without_a_type() -> None:
    """Elsewhere a Bundle must have its type, and of drafts the entries must be a list."""
    bundle = {"resourceType": "Bundle", "entry": [{"resource": ORDER}]}
    broken = {"resourceType": "Bundle", "entry": {"resource": ORDER}}

    assert [place for place, _ in found(request(draftOrders=bundle))] == [
        "context.draftOrders.entry[0] MedicationRequest/draft-1"
    ]
    for body in (bundle, request(draftOrders=broken)):
        assert found(body)[0][1] != []


def test_an_entry_that_is_no_object_is_told() -> None:
    """An entry that is no object is a problem of the Bundle and of its place."""
    whole, entry = found({"resourceType": "Bundle", "type": "collection", "entry": [3]})

    assert whole[0] == "Bundle"
    assert whole[1] != []
    assert entry == ("entry[0]", NO_RESOURCE)


def test_a_resource_of_a_bundle_is_told_once() -> None:
    """What is wrong with an entry's resource is told of the entry and not of the Bundle as well."""
    whole, entry = found(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient", "x": 1}}]}
    )

    assert whole == ("Bundle", [])
    assert entry[0] == "entry[0] Patient"
    assert len(entry[1]) == 1


def test_ndjson_is_told_line_by_line() -> None:
    """Each line of NDJSON is a document of its own, and a broken one spoils only itself."""
    raw = json.dumps(PATIENT).encode() + b"\r\n\n{broken\n" + json.dumps({"resourceType": "Foo"}).encode() + b"\n"
    first, broken, unknown = findings(raw)

    assert first == ("line 1 Patient/p1", [])
    assert broken[0] == "line 3"
    assert broken[1][0].startswith("cannot be read as JSON in UTF-8: ")
    assert unknown == ("line 4 Foo", ["FHIR R4 has no Foo"])


@pytest.mark.parametrize(
    "raw", [b"", b"  \n ", b"{", b'{\n "resourceType": "Patient",\n}', b'"\xff"', b"\xef\xbb\xbf{}"]
)
def test_what_is_no_json_is_one_finding(raw: bytes) -> None:
    """A file that cannot be parsed gives one finding that says so."""
    ((place, wrong),) = findings(raw)

    assert place == "file"
    assert wrong[0].startswith("cannot be read as JSON in UTF-8: ")


@pytest.mark.parametrize("opening", [b"[", b'{"resourceType":"Bundle","entry":[{"resource":'])
def test_what_is_nested_too_deeply_is_told(opening: bytes) -> None:
    """A file that is nested beyond all reason gives one finding instead of an error."""
    assert findings(opening * 5000) == [("file", ["nested too deeply to be checked"])]


@given(st.binary() | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps).map(str.encode))
def test_no_bytes_raise(raw: bytes) -> None:
    """Whatever a file holds, there are findings and no error."""
    assert findings(raw)


@pytest.mark.parametrize(
    ("order", "server", "valid"),
    [
        (ORDER, "https://ehr.example.org/fhir/r4", True),
        (ORDER, "", True),
        (ORDER, "https://ehr.example.org/fhir/stu3", True),
        (ORDER, "https://ehr.example.org/fhir/r5", False),
        ({**ORDER, "category": {"text": "community"}}, "https://ehr.example.org/fhir/stu3", True),
        ({**ORDER, "category": {"text": "community"}}, "https://ehr.example.org/fhir/r4", False),
        ({**ORDER, "category": {"text": "community"}}, 7, False),
        (DSTU2_ORDER, "https://ehr.example.org/fhir", True),
    ],
)
def test_the_version_is_told_as_the_service_tells_it(order: Json, server: Any, valid: bool) -> None:
    """The models are those of the version that the resources or the server's address give away, else of R4."""
    ((_, wrong),) = found(request(server, draftOrders={"resourceType": "Bundle", "entry": [{"resource": order}]}))

    assert (wrong == []) is valid


def test_r5_has_its_own_model() -> None:
    """A medication in the shape of R5 is checked against R5, and is wrong as R4."""
    kept = {key: part for key, part in ORDER.items() if key != "medicationCodeableConcept"}
    order = kept | {"medication": {"concept": DRUG}}

    assert found(order) == [("MedicationRequest/draft-1", [])]
    assert problems(order, Version.R4) != []


@pytest.mark.parametrize("version", [Version.STU3, Version.R4, Version.R5])
def test_a_data_type_is_no_resource(version: Version) -> None:
    """A type that only stands inside of resources is told as such."""
    assert problems({"resourceType": "HumanName"}, version) == ["HumanName is no resource but a part of one"]


def test_a_contained_resource_of_an_unknown_type_is_told() -> None:
    """The model's own error for a contained type that it does not know is told as a problem."""
    (wrong,) = problems({"resourceType": "Patient", "contained": [{"resourceType": "Foo"}]}, Version.R4)

    assert wrong.startswith("the model cannot read it: ")


@pytest.mark.parametrize("version", list(Version))
def test_a_resource_needs_a_type(version: Version) -> None:
    """An object without a resourceType is no resource, in any version."""
    assert problems({"id": "1"}, version) == NO_RESOURCE


@pytest.mark.parametrize(
    "resource",
    [
        {"resourceType": "Patient", "name": [{"family": ["Example"]}], "deceasedBoolean": False},
        {"resourceType": "MedicationOrder", "medicationReference": {"reference": "Medication/1"}},
        DSTU2_ORDER | {"reasonCodeableConcept": {"text": "anxiety"}, "dosageInstruction": [{"text": "1 daily"}]},
        {
            "resourceType": "Condition",
            "patient": {"display": "Patient, Example"},
            "code": {"text": "cramp"},
            "verificationStatus": "confirmed",
            "category": {"text": "diagnosis"},
        },
        {
            "resourceType": "MedicationStatement",
            "patient": SUBJECT,
            "status": "active",
            "wasNotTaken": False,
            "medicationCodeableConcept": DRUG,
        },
        {"resourceType": "Observation", "status": "final", "code": {"text": "potassium"}},
        {"resourceType": "Encounter", "status": "in-progress", "class": "ambulatory", "type": [{"text": "visit"}]},
        {"resourceType": "AllergyIntolerance", "substance": {"text": "penicillin"}, "patient": SUBJECT},
        {"resourceType": "ProcedureRequest", "subject": SUBJECT, "code": {"text": "hospice"}},
        {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "timeout"}]},
        {"resourceType": "Bundle", "type": "searchset"},
    ],
    ids=lambda resource: resource["resourceType"],
)
def test_valid_dstu2_has_no_problem(resource: Json) -> None:
    """A resource with the required elements of its DSTU2 type, in their JSON types, is valid."""
    assert problems(resource, Version.DSTU2) == []


@pytest.mark.parametrize(
    ("resource", "wrong"),
    [
        ({"resourceType": "MedicationOrder"}, ["medication: is missing"]),
        (DSTU2_ORDER | {"medicationReference": SUBJECT}, ["medication: may be there only once"]),
        (DSTU2_ORDER | {"patient": "Patient/p1"}, ["patient: must be an object"]),
        (DSTU2_ORDER | {"patient": {"reference": 1}}, ["patient: must be a Reference"]),
        (DSTU2_ORDER | {"patient": {}}, ["patient: must be a Reference"]),
        (DSTU2_ORDER | {"dosageInstruction": {"text": "1 daily"}}, ["dosageInstruction: must be an array"]),
        (DSTU2_ORDER | {"dateWritten": 2026}, ["dateWritten: must be text"]),
        (
            {"resourceType": "Condition"},
            ["patient: is missing", "code: is missing", "verificationStatus: is missing"],
        ),
        ({"resourceType": "Patient", "name": {"family": ["Example"]}}, ["name: must be an array"]),
        ({"resourceType": "Patient", "deceasedBoolean": "no"}, ["deceasedBoolean: must be true or false"]),
        ({"resourceType": "Encounter", "status": "planned", "class": {}}, ["class: must be text"]),
        (
            {"resourceType": "AllergyIntolerance", "status": "active"},
            ["substance: is missing", "patient: is missing"],
        ),
        (
            {"resourceType": "CarePlan"},
            ["DSTU2 CarePlan cannot be checked: nothing is known of it here"],
        ),
    ],
)
def test_wrong_dstu2_is_told(resource: Json, wrong: list[str]) -> None:
    """A missing element, a wrong JSON type and a type that cannot be checked are told of DSTU2 as well."""
    assert problems(resource, Version.DSTU2) == wrong
