"""Small FHIR resources as JSON dicts in the shapes of each version, and the same as the service reads them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import msgspec

from cds_service.fhir.models import Located, Resource
from cds_service.fhir.references import Record
from cds_service.terminology import ICD_10, ICD_10_CM, LOINC, RXNORM, SNOMED_CT

__all__ = ["ICD_10", "ICD_10_CM", "LOINC", "RXNORM", "SNOMED_CT"]

Json = dict[str, Any]
TODAY = date(2026, 11, 22)
PATIENT = "p1"


def day(ago: int) -> str:
    """The day so many days ago, in the future if negative."""
    return (TODAY - timedelta(days=ago)).isoformat()


def concept(code: str, text: str = "", system: str = RXNORM) -> Json:
    """A CodeableConcept of one code."""
    return {"coding": [{"system": system, "code": code}]} | ({"text": text} if text else {})


LORAZEPAM = concept("197901", "lorazepam 1 MG Oral Tablet")
DIAZEPAM = concept("197589", "diazepam 10 MG Oral Tablet")
DIAZEPAM_RECTAL = concept("104706", "diazepam 10 MG Rectal Suppository")
CLONAZEPAM = concept("2598", "clonazepam")
OXYCODONE = concept("1049621", "oxycodone hydrochloride 5 MG Oral Tablet")
MORPHINE = concept("7052", "morphine")
FENTANYL = concept("197696", "fentanyl patch")
BUPRENORPHINE_SL = concept("1010600", "Buprenorphine 2 MG / Naloxone 0.5 MG Sublingual Film")
CYCLOBENZAPRINE = concept("828348", "cyclobenzaprine hydrochloride 10 MG Oral Tablet")
BACLOFEN = concept("197391", "baclofen 10 MG Oral Tablet")
NALOXONE = concept("1725059", "naloxone hydrochloride 40 MG/ML Nasal Spray")
AMOXICILLIN = concept("723", "amoxicillin")
CRAMP = concept("55300003", "Cramp", SNOMED_CT)
R25_2 = concept("R25.2", system=ICD_10_CM)
SPASTICITY = concept("G35", system=ICD_10_CM)
HOSPICE = concept("170935008", system=SNOMED_CT)
PALLIATIVE = concept("Z51.5", system=ICD_10_CM)


def who(id: str = PATIENT) -> Json:
    """A reference to a patient."""
    return {"reference": f"Patient/{id}"}


def patient(**more: Any) -> Json:
    """The patient, 50 years old."""
    return {"resourceType": "Patient", "id": PATIENT, "birthDate": "1976-05-01"} | more


def order(drug: Json | None, id: str = "m1", **more: Any) -> Json:
    """An active R4 order written 20 days ago."""
    found = {"resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order"}
    found |= {"subject": who(), "authoredOn": day(20)}
    return found | ({"medicationCodeableConcept": drug} if drug is not None else {}) | more


def draft(drug: Json | None, id: str = "d1", **more: Any) -> Json:
    """An R4 draft order of today."""
    return order(drug, id, **{"status": "draft", "authoredOn": day(0)} | more)


def dstu2_order(drug: Json, id: str = "m1", **more: Any) -> Json:
    """A DSTU2 order."""
    found = {"resourceType": "MedicationOrder", "id": id, "status": "active", "dateWritten": day(20)}
    return found | {"patient": who(), "medicationCodeableConcept": drug} | more


def r5_order(drug: Json, id: str = "m1", **more: Any) -> Json:
    """An R5 order; the drug is a CodeableReference."""
    return order(None, id, medication=drug) | more


def statement(drug: Json, id: str = "s1", **more: Any) -> Json:
    """An active R4 statement."""
    found = {"resourceType": "MedicationStatement", "id": id, "status": "active", "subject": who()}
    return found | {"medicationCodeableConcept": drug} | more


def condition(code: Json, id: str = "c1", **more: Any) -> Json:
    """An active R4 condition recorded 20 days ago."""
    found = {"resourceType": "Condition", "id": id, "subject": who(), "code": code, "recordedDate": day(20)}
    return found | {"clinicalStatus": concept("active", system="condition-clinical")} | more


def encounter(kind: Any = None, id: str = "e1", **more: Any) -> Json:
    """An encounter in progress, inpatient in R4 unless a class is given."""
    found = {"resourceType": "Encounter", "id": id, "status": "in-progress", "subject": who()}
    return found | {"class": {"code": "IMP"} if kind is None else kind} | more


def care_order(code: Json, id: str = "r1", **more: Any) -> Json:
    """An active R4 order for care, written 20 days ago."""
    found = {"resourceType": "ServiceRequest", "id": id, "status": "active", "intent": "order"}
    return found | {"subject": who(), "code": code, "authoredOn": day(20)} | more


def bundle(*resources: Json | None, **more: Any) -> Json:
    """A Bundle of resources."""
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]} | more


def outcome(severity: str = "error") -> Json:
    """An OperationOutcome."""
    return {"resourceType": "OperationOutcome", "issue": [{"severity": severity, "code": "processing"}]}


def timed(**repeat: Any) -> Json:
    """One dosage line with a repeat."""
    return {"timing": {"repeat": repeat}}


def dosed(*lines: Json, **more: Any) -> Resource:
    """An order of lorazepam with these dosage lines, as the service reads it."""
    return read(order(LORAZEPAM, dosageInstruction=list(lines)) | more)


def read(resource: Json) -> Resource:
    """A resource as the service reads it."""
    return msgspec.json.decode(json.dumps(resource).encode(), type=Resource)


def record(*resources: Json, drafts: Iterable[Json] = (), patient_id: str = PATIENT) -> Record:
    """The resources as the record of the patient."""
    return Record(
        patient_id,
        [Located(read(resource)) for resource in resources],
        [Located(read(resource)) for resource in drafts],
    )
