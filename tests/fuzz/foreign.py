"""Another patient's resources, marked in every place that an answer could tell, mixed into a body."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

from tests.fhir.resources import concept
from tests.web.bodies import Json

# No text of the service, and no other body, holds one of these.
MARKS = ("mark-7", "Mark Seven", "tapentadol", "quazepam", "1.3579", "7.3579", "1931-07-07", "1931")
_LOINC = "http://loinc.org"
_SNOMED = "http://snomed.info/sct"
_OWNERS = [
    *("Patient/mark-7", "https://ehr.example.org/fhir/Patient/mark-7", "Patient/mark-7/_history/3", "mark-7"),
    *("urn:uuid:7d7d7d7d-5d0f-4a52-9b5e-1f8f3f1f7a77", "Group/mark-7"),
]
_WAYS = ("subject", "subject", "subject", "patient")


def _order(kind: str, code: str, name: str, **more: Any) -> Json:
    taken = {
        "status": "active",
        "intent": "order",
        "authoredOn": "2026-11-01",
        "dosageInstruction": [{"text": "Mark Seven"}],
    }
    return {"resourceType": kind, "medicationCodeableConcept": concept(code, f"{name} Mark Seven")} | taken | more


def _result(code: str, value: float, unit: str) -> Json:
    found = {"resourceType": "Observation", "status": "final", "effectiveDateTime": "2026-11-20"}
    measured = {"valueQuantity": {"value": value, "unit": unit, "code": unit, "system": "http://unitsofmeasure.org"}}
    return found | {"code": concept(code, "Mark Seven", _LOINC)} | measured


def _problem(code: str) -> Json:
    active = {"clinicalStatus": {"coding": [{"code": "active"}]}}
    return {"resourceType": "Condition", "code": concept(code, "Mark Seven", _SNOMED)} | active


# Key -> what may be mixed in there: all of it would change cards if it counted.
RESOURCES: dict[str, list[Json]] = {
    "medicationRequests": [
        _order("MedicationRequest", "825411", "tapentadol"),
        _order("MedicationRequest", "198183", "quazepam"),
        _order("MedicationRequest", "0", "tapentadol"),
    ],
    "medicationOrders": [_order("MedicationOrder", "825411", "tapentadol")],
    "medicationStatements": [_order("MedicationStatement", "198183", "quazepam", effectiveDateTime="2026-11-01")],
    "observations": [_result("19123-9", 1.3579, "mg/dL"), _result("2823-3", 7.3579, "mmol/L")],
    "conditions": [_problem("19943007"), _problem("55300003"), _problem("236435004")],
    "patient": [{"resourceType": "Patient", "birthDate": "1931-07-07", "name": [{"family": "Mark Seven"}]}],
    "encounter": [{"resourceType": "Encounter", "status": "in-progress", "class": {"code": "IMP"}}],
    "allergies": [{"resourceType": "AllergyIntolerance", "code": concept("6719", "baclofen Mark Seven")}],
}


def _marked(chance: Random, key: str, own_ids: list[str]) -> Json:
    """One resource of the other patient; now and then it has the id of one of the patient's own."""
    resource = copy.deepcopy(chance.choice(RESOURCES[key]))
    kept = bool(own_ids) and key != "patient" and chance.random() < 0.3
    resource["id"] = chance.choice(own_ids) if kept else "mark-7"
    if key != "patient":
        resource[chance.choice(_WAYS)] = {"reference": chance.choice(_OWNERS), "display": "Mark Seven"}
    return resource


def _ids(part: Any) -> list[str]:
    entries = part.get("entry") if isinstance(part, dict) else None
    listed = (
        [entry.get("resource") for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
    )
    ids = [one.get("id") for one in listed if isinstance(one, dict)]
    return [id for id in ids if isinstance(id, str)]


def mix(chance: Random, body: Json) -> bool:
    """Mix some of the other patient's resources into a body; False if it has no place for them."""
    prefetch = body.get("prefetch")
    if not isinstance(prefetch, dict) or body.get("context", {}) == {}:
        return False
    for key in chance.sample(list(RESOURCES), chance.randint(1, 3)):
        held = prefetch.get(key)
        resource = _marked(chance, key, _ids(held))
        entries = held.get("entry") if isinstance(held, dict) else None
        if isinstance(entries, list) and key not in ("patient", "encounter"):
            entries.insert(chance.randint(0, len(entries)), {"resource": resource})
        elif key in ("patient", "encounter") and chance.random() < 0.5:
            prefetch[key] = resource
        else:
            prefetch[chance.choice([key, "other"])] = {"resourceType": "Bundle", "entry": [{"resource": resource}]}
    return True


def own(body: Json, patient_id: str) -> Json:
    """The body with the same resources as the patient's own: what is marked is seen then."""
    for key, resources in RESOURCES.items():
        if key not in ("patient", "encounter"):
            mine = [
                one | {"id": f"mark-7-{n}", "subject": {"reference": f"Patient/{patient_id}"}}
                for n, one in enumerate(resources)
            ]
            body["prefetch"][key] = {"resourceType": "Bundle", "entry": [{"resource": one} for one in mine]}
    return body
