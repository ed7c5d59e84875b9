"""The hook requests of the benchmarks: one synthetic chart, made here so that everybody measures the same."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

Json = dict[str, Any]
PATIENT = "e7QmK2vTzPAXw4nR9cLb1Dg3"
_BASE = "https://ehr.example.org/FHIR/R4"
_RXNORM, _LOINC, _SNOMED = "http://www.nlm.nih.gov/research/umls/rxnorm", "http://loinc.org", "http://snomed.info/sct"
_DRUGS = (
    ("314076", "lisinopril 10 MG Oral Tablet"),
    ("860975", "24 HR metformin hydrochloride 500 MG Extended Release Oral Tablet"),
    ("617310", "atorvastatin 20 MG Oral Tablet"),
    ("855332", "warfarin sodium 5 MG Oral Tablet"),
    ("310798", "hydrochlorothiazide 25 MG Oral Tablet"),
    ("312941", "sertraline 50 MG Oral Tablet"),
    ("198440", "acetaminophen 500 MG Oral Tablet"),
    ("197361", "amlodipine 5 MG Oral Tablet"),
    ("1049621", "oxycodone hydrochloride 5 MG Oral Tablet"),
    ("197319", "allopurinol 100 MG Oral Tablet"),
)
_TESTS = (
    ("19123-9", "Magnesium [Mass/volume] in Serum or Plasma", 1.9, "mg/dL", 1.6, 2.6),
    ("2823-3", "Potassium [Moles/volume] in Serum or Plasma", 4.1, "mmol/L", 3.5, 5.1),
    ("2951-2", "Sodium [Moles/volume] in Serum or Plasma", 139, "mmol/L", 136, 145),
    ("2160-0", "Creatinine [Mass/volume] in Serum or Plasma", 0.8, "mg/dL", 0.6, 1.1),
    ("33914-3", "Glomerular filtration rate/1.73 sq M.predicted", 92, "mL/min/{1.73_m2}", 60, 120),
    ("2345-7", "Glucose [Mass/volume] in Serum or Plasma", 101, "mg/dL", 70, 110),
    ("718-7", "Hemoglobin [Mass/volume] in Blood", 13.6, "g/dL", 12, 16),
    ("1742-6", "Alanine aminotransferase [Enzymatic activity/volume] in Serum", 24, "U/L", 7, 40),
)
_PROBLEMS = (
    ("279039007", "M54.50", "Low back pain"),
    ("59621000", "I10", "Essential hypertension"),
    ("44054006", "E11.9", "Diabetes mellitus type 2"),
    ("13644009", "E78.00", "Hypercholesterolemia"),
    ("193462001", "G47.00", "Insomnia"),
    ("35489007", "F32.A", "Depressive disorder"),
    ("13645005", "J44.9", "Chronic obstructive lung disease"),
)
_OTHER_KEYS = (
    *("medicationOrders", "medicationStatements", "allergies"),
    *("serviceRequests", "procedureRequests", "diagnosticOrders"),
)


def order_select(times: int = 1, born: str = "1996-09-07") -> bytes:
    """A cyclobenzaprine order being chosen, with 30 results, 15 conditions and 20 medications, `times` over.

    For the young patient no rule has anything to say, as in most calls; one born in 1948 gets a card.
    """
    request = _request() | {
        "prefetch": {
            "patient": _patient(born),
            "conditions": _bundle(_condition(number) for number in range(15 * times)),
            "observations": _bundle(_observation(number) for number in range(30 * times)),
            "medicationRequests": _bundle(_medication(number) for number in range(20 * times)),
            **{key: _bundle(()) for key in _OTHER_KEYS},
        }
    }
    return json.dumps(request).encode()


def without_prefetch(fhir_server: str) -> bytes:
    """The same order; everything else is to be asked of a FHIR server."""
    authorization = {"access_token": "t", "token_type": "Bearer", "expires_in": 300, "scope": "s", "subject": "s"}
    request = _request() | {"fhirServer": fhir_server, "fhirAuthorization": authorization}
    return json.dumps(request).encode()


def _request() -> Json:
    return {
        "hook": "order-select",
        "hookInstance": "5c0ea9c6-52cf-4b49-a9a5-3a3b1a8a2f60",
        "fhirServer": _BASE,
        "context": {
            "userId": "Practitioner/e3MBXCOmcoLKl7ay",
            "patientId": PATIENT,
            "selections": ["MedicationRequest/draft-1"],
            "draftOrders": _bundle([_draft()], type="collection"),
        },
    }


def _bundle(resources: Any, type: str = "searchset") -> Json:
    entries = [
        {"fullUrl": f"{_BASE}/{one['resourceType']}/{one['id']}", "resource": one, "search": {"mode": "match"}}
        for one in resources
    ]
    return {"resourceType": "Bundle", "type": type, "entry": entries}


def _id(kind: str, number: int) -> str:
    return "e" + sha256(f"{kind}{number}".encode()).hexdigest()[:23]


def _day(ago: int) -> str:
    return f"{(datetime.now(UTC) - timedelta(days=ago)).date().isoformat()}T09:30:00+00:00"


def _patient(born: str) -> Json:
    return {
        "resourceType": "Patient",
        "id": PATIENT,
        "meta": {"versionId": "3", "lastUpdated": _day(50)},
        "identifier": [{"use": "usual", "system": "urn:oid:1.2.3.4", "value": "1973060"}],
        "active": True,
        "name": [{"use": "official", "family": "Example", "given": ["Erin"]}],
        "gender": "female",
        "birthDate": born,
        "address": [{"use": "home", "line": ["1 Example Way"], "city": "Exampleville", "country": "US"}],
    }


def _subject() -> Json:
    return {"reference": f"Patient/{PATIENT}"}


def _coded(kind: str, code: str) -> list[Json]:
    return [{"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{kind}", "code": code}]}]


def _condition(number: int) -> Json:
    snomed, icd, name = _PROBLEMS[number % len(_PROBLEMS)]
    codings = [
        {"system": _SNOMED, "code": snomed, "display": name},
        {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": icd, "display": name},
    ]
    return {
        "resourceType": "Condition",
        "id": _id("Condition", number),
        "clinicalStatus": _coded("condition-clinical", "active")[0],
        "verificationStatus": _coded("condition-ver-status", "confirmed")[0],
        "category": _coded("condition-category", "problem-list-item"),
        "code": {"coding": codings, "text": name},
        "subject": _subject(),
        "onsetDateTime": _day(400 + number)[:10],
        "recordedDate": _day(200 + number)[:10],
    }


def _observation(number: int) -> Json:
    code, name, value, unit, low, high = _TESTS[number % len(_TESTS)]
    return {
        "resourceType": "Observation",
        "id": _id("Observation", number),
        "meta": {"lastUpdated": _day(number)},
        "status": "final",
        "category": _coded("observation-category", "laboratory"),
        "code": {"coding": [{"system": _LOINC, "code": code, "display": name}], "text": name.split(" [")[0].upper()},
        "subject": _subject(),
        "effectiveDateTime": _day(number),
        "issued": _day(number),
        "valueQuantity": {"value": value, "unit": unit, "system": "http://unitsofmeasure.org", "code": unit},
        "referenceRange": [
            {
                "low": {"value": low, "unit": unit},
                "high": {"value": high, "unit": unit},
                "text": f"{low} - {high} {unit}",
            }
        ],
    }


def _medication(number: int) -> Json:
    code, name = _DRUGS[number % len(_DRUGS)]
    return _order(_id("MedicationRequest", number), "active", code, name, 20 + number)


def _draft() -> Json:
    return _order("draft-1", "draft", "828348", "cyclobenzaprine hydrochloride 10 MG Oral Tablet", 0)


def _order(id: str, status: str, code: str, name: str, ago: int) -> Json:
    route = {"coding": [{"system": _SNOMED, "code": "26643006", "display": "Oral route"}], "text": "Oral"}
    dose = {"value": 1, "unit": "tablet", "system": "http://unitsofmeasure.org", "code": "{tbl}"}
    timing = {"repeat": {"boundsPeriod": {"start": _day(ago)}, "frequency": 1, "period": 1.0, "periodUnit": "d"}}
    return {
        "resourceType": "MedicationRequest",
        "id": id,
        "status": status,
        "intent": "order",
        "medicationCodeableConcept": {"coding": [{"system": _RXNORM, "code": code, "display": name}], "text": name},
        "subject": _subject(),
        "authoredOn": _day(ago),
        "requester": {"reference": "Practitioner/e3MBXCOmcoLKl7ay"},
        "dosageInstruction": [
            {
                "text": "Take 1 tablet by mouth once a day",
                "timing": timing,
                "asNeededBoolean": False,
                "route": route,
                "doseAndRate": [{"doseQuantity": dose}],
            }
        ],
        "dispenseRequest": {
            "validityPeriod": {"start": _day(ago)},
            "numberOfRepeatsAllowed": 2,
            "quantity": {"value": 30, "unit": "tablet"},
        },
    }
