"""What is written: naloxone in each version's shape, changed resources whole, and never another patient's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fhir.resources import get_fhir_model_class as r5_model
from fhir.resources.R4B import get_fhir_model_class as r4b_model
from fhir.resources.STU3 import get_fhir_model_class as stu3_model

from cds_service.fhir.version import Version
from cds_service.fhir.write import naloxone, original, stopped
from cds_service.fhir.write_doses import limited, tidy
from cds_service.terminology import by_code
from tests.fhir.resources import (
    CYCLOBENZAPRINE,
    LORAZEPAM,
    OXYCODONE,
    PATIENT,
    Json,
    bundle,
    draft,
    dstu2_order,
    order,
    patient,
    timed,
    who,
)
from tests.support.valuesets import sets_of

MODELS = {Version.STU3: stu3_model, Version.R4: r4b_model, Version.R5: r5_model}
BOUNDS = {"value": 28, "unit": "days", "system": "http://unitsofmeasure.org", "code": "d"}
each_version = pytest.mark.parametrize("version", list(Version))
with_model = pytest.mark.parametrize("version", list(MODELS))


def _empty_members(part: Any) -> list[Any]:
    """Every null or empty member anywhere in a JSON value."""
    inside = list(part.values()) if isinstance(part, dict) else part if isinstance(part, list) else []
    return [one for one in inside if one in (None, "", [], {})] + [
        found for one in inside for found in _empty_members(one)
    ]


@each_version
def test_naloxone_is_a_draft_of_the_patient(version: Version) -> None:
    """The suggested order is a draft of one spray, as needed, by nose, for this patient, with text and code."""
    found = naloxone(version, PATIENT)
    old = version is Version.DSTU2
    assert found["resourceType"] == ("MedicationOrder" if old else "MedicationRequest")
    assert found["status"] == "draft"
    assert found.get("intent") == (None if old else "order")
    assert found["patient" if old else "subject"] == who()
    concept = found["medication"]["concept"] if version is Version.R5 else found["medicationCodeableConcept"]
    (coding,) = concept["coding"]
    assert concept["text"]
    assert "naloxone" in sets_of(coding["system"], coding["code"])
    (line,) = found["dosageInstruction"]
    assert line["asNeeded" if version is Version.R5 else "asNeededBoolean"] is True
    (route,) = line["route"]["coding"]
    assert {entry.route for entry in by_code(route["system"], route["code"])} == {"nasal"}
    assert _empty_members(found) == []


@with_model
def test_naloxone_is_valid(version: Version) -> None:
    """The suggested order is valid FHIR in its version."""
    MODELS[version]("MedicationRequest").model_validate(naloxone(version, PATIENT))


REASON = "Stopped on decision support"
ORDER = order(CYCLOBENZAPRINE, note=[{"text": "keep"}], extension=[{"url": "u", "valueString": "keep"}])


@pytest.mark.parametrize(
    ("version", "added"),
    [
        (Version.DSTU2, {"reasonEnded": {"text": REASON}}),
        (Version.STU3, {}),
        (Version.R4, {"statusReason": {"text": REASON}}),
        (Version.R5, {"statusReason": {"text": REASON}}),
    ],
)
def test_stopped(version: Version, added: Json) -> None:
    """A stopped order is whole, with its new status and a reason where the version has a place for it."""
    whole = ORDER | {"reasonCode": None, "identifier": [], "dispenseRequest": {"performer": {}}}
    assert stopped(whole, version, REASON) == ORDER | {"status": "stopped"} | added
    assert whole["status"] == "active"


@with_model
def test_stopped_is_valid(version: Version) -> None:
    """A valid order stays valid when it is stopped."""
    resource = {key: part for key, part in ORDER.items() if key != "medicationCodeableConcept"}
    drug = {"medication": {"concept": CYCLOBENZAPRINE}}
    resource |= drug if version is Version.R5 else {"medicationCodeableConcept": CYCLOBENZAPRINE}
    MODELS[version]("MedicationRequest").model_validate(stopped(resource, version, REASON))


LINE = {"text": "one at night", "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d"}}}
LIMITED_LINE = {"text": "one at night", "timing": {"repeat": {**LINE["timing"]["repeat"], "boundsDuration": BOUNDS}}}  # type: ignore[index]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([LINE], [LIMITED_LINE]),
        ([None, LINE], [LIMITED_LINE]),
        (LINE, [LIMITED_LINE]),
        ([timed(boundsPeriod={"start": "2026-11-22", "end": "2027-01-01"})], [timed(boundsDuration=BOUNDS)]),
        ([timed(boundsRange={"low": {"value": 40}})], [timed(boundsDuration=BOUNDS)]),
        ([{"text": "at night"}], [{"text": "at night"} | timed(boundsDuration=BOUNDS)]),
        (
            [{"timing": {"code": {"text": "HS"}}}],
            [{"timing": {"code": {"text": "HS"}, "repeat": {"boundsDuration": BOUNDS}}}],
        ),
        (None, [timed(boundsDuration=BOUNDS)]),
        ([], [timed(boundsDuration=BOUNDS)]),
    ],
)
def test_limited(lines: Any, expected: list[Json]) -> None:
    """A limited draft is whole, and each of its dosage lines ends after so many days."""
    found = limited(draft(LORAZEPAM, dosageInstruction=lines), Version.R4, 28)
    assert found == draft(LORAZEPAM, dosageInstruction=expected)


def test_limited_in_the_oldest_version() -> None:
    """DSTU2 tells a duration as a Quantity."""
    found = limited(dstu2_order(LORAZEPAM, dosageInstruction=[LINE]), Version.DSTU2, 28)
    repeat = found["dosageInstruction"][0]["timing"]["repeat"]
    assert repeat["boundsQuantity"] == BOUNDS
    assert "boundsDuration" not in repeat


@pytest.mark.parametrize(
    ("supply", "expected"),
    [
        (None, None),
        ({}, None),
        ({"quantity": {"value": 90}, "numberOfRepeatsAllowed": 3}, {"expectedSupplyDuration": BOUNDS}),
        (
            {"expectedSupplyDuration": {"value": 90, "unit": "days"}, "performer": {"reference": "Organization/1"}},
            {"expectedSupplyDuration": BOUNDS, "performer": {"reference": "Organization/1"}},
        ),
    ],
)
def test_limited_takes_a_longer_supply_out(supply: Json | None, expected: Json | None) -> None:
    """Quantity and refills of a longer supply go; the rest of the dispense request stays (rules 5.2)."""
    found = limited(draft(LORAZEPAM, dispenseRequest=supply), Version.R4, 28)
    assert found.get("dispenseRequest") == expected


def test_limited_leaves_the_original_alone() -> None:
    """The draft as it was received is not changed."""
    received = draft(LORAZEPAM, dosageInstruction=[LINE])
    before = json.dumps(received)
    limited(received, Version.R4, 28)
    assert json.dumps(received) == before


@with_model
def test_limited_is_valid(version: Version) -> None:
    """A valid draft stays valid when it is limited."""
    drug = {"medication": {"concept": LORAZEPAM}, "medicationCodeableConcept": None}
    received = draft(LORAZEPAM, dosageInstruction=[LINE], **(drug if version is Version.R5 else {}))
    found = limited(received | {"authoredOn": "2026-11-22"}, version, 28)
    MODELS[version]("MedicationRequest").model_validate(found)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        ({"a": None, "b": "", "c": [], "d": {}, "e": 0, "f": False, "g": "x"}, {"e": 0, "f": False, "g": "x"}),
        ({"a": {"b": {"c": None}}}, {}),
        ({"a": [None, "", {}, [], {"b": []}, 1]}, {"a": [1]}),
        ({"a": [[None], [1]]}, {"a": [[1]]}),
    ],
)
def test_tidy(received: Json, expected: Json) -> None:
    """Null and empty members go at every depth; zero and false stay."""
    assert tidy(received) == expected


def _body(context: Any, prefetch: Any = None) -> bytes:
    return json.dumps({"context": context} | ({} if prefetch is None else {"prefetch": prefetch})).encode()


DRAFTS = {"patientId": PATIENT, "draftOrders": bundle(draft(LORAZEPAM, "m1"))}


@pytest.mark.parametrize(
    ("prefetch", "found"),
    [
        ({"a": bundle(ORDER)}, True),
        ({"a": ORDER}, True),
        ({"a": None, "b": "text", "c": [ORDER], "d": 5, "e": bundle(ORDER)}, True),
        ({"a": {"resourceType": "Bundle"}, "b": bundle(ORDER)}, True),
        ({"a": bundle() | {"entry": 5}, "b": bundle(ORDER)}, True),
        ({"a": bundle() | {"entry": [None, 5, {}, {"resource": []}]}, "b": bundle(ORDER)}, True),
        ({"a": bundle(ORDER | {"id": "x", "subject": {"reference": 5}}), "b": bundle(ORDER)}, True),
        ({"a": bundle(ORDER | {"id": "x", "subject": {"reference": {"a": 1}}}), "b": bundle(ORDER)}, True),
        ({"a": bundle(ORDER | {"subject": None})}, True),
        ({"a": bundle(ORDER | {"subject": {"display": "Mr X"}})}, True),
        ({"a": bundle(ORDER | {"subject": {"reference": f"https://ehr.example/fhir/Patient/{PATIENT}"}})}, True),
        ({"a": bundle(ORDER | {"subject": None, "patient": who()})}, True),
        ({"a": bundle(ORDER | {"subject": who("p2")})}, False),
        ({"a": bundle(ORDER | {"subject": None, "patient": who("p2")})}, False),
        ({"a": bundle(ORDER | {"subject": {}, "patient": who("p2")})}, False),
        ({"a": bundle(ORDER | {"subject": {"display": "Mr X"}, "patient": who("p2")})}, False),
        ({"a": bundle(ORDER | {"subject": [who("p2")]})}, False),
        ({"a": bundle(ORDER | {"subject": "Patient/p2"})}, False),
        ({"a": bundle(patient(id="m1"), ORDER | {"id": "m2"})}, False),
        ({}, False),
        (None, False),
    ],
)
def test_original(prefetch: Any, found: bool) -> None:
    """A resource is found by its reference, whatever junk lies beside it, and never another patient's."""
    resource = original(_body({"patientId": PATIENT}, prefetch), (), "MedicationRequest/m1", patient_id=PATIENT)
    assert (resource is not None) is found
    assert resource is None or resource["medicationCodeableConcept"] == CYCLOBENZAPRINE


def test_another_patients_resource_is_passed_over() -> None:
    """Behind another patient's resource of the same id, the patient's own is found."""
    held = {"a": bundle(order(OXYCODONE, subject=who("p2"))), "b": bundle(ORDER)}
    assert original(_body({}, held), (), "MedicationRequest/m1", patient_id=PATIENT) == ORDER


def test_drafts_go_first() -> None:
    """A draft and a listed order of one id: the draft is meant."""
    found = original(_body(DRAFTS, {"a": bundle(ORDER)}), (), "MedicationRequest/m1", patient_id=PATIENT)
    assert found == draft(LORAZEPAM, "m1")
