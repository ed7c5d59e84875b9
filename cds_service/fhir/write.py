"""Proposals as FHIR resources in the client's version: new drafts, and resources of the request changed.

Codes come from the value sets. What is created here is checked against the FHIR models in the tests,
never on the way of a request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from cds_service.fhir.decode import pieces, value
from cds_service.fhir.references import Record
from cds_service.fhir.version import Version
from cds_service.terminology import SNOMED_CT, by_code, valueset

Json = dict[str, Any]
UCUM = "http://unitsofmeasure.org"
_SPRAY = valueset("naloxone-nasal-spray")
_SPRAY_NAME = "Naloxone 4 mg nasal spray"
# RxNorm words the strength per mL; the dose is one spray of 0.1 mL.
_SPRAY_DOSE = "4 mg (1 spray) into one nostril if an opioid overdose is suspected"
_NASAL = next(
    route
    for route in valueset("routes").codings
    if route.system == SNOMED_CT and by_code(route.system, route.code)[0].route == "nasal"
)


def naloxone(version: Version, patient_id: str) -> Json:
    """A draft order of naloxone 4 mg nasal spray, as needed."""
    spray = _SPRAY.codings[0]
    concept: Json = {
        "coding": [{"system": spray.system, "code": spray.code, "display": spray.display}],
        "text": _SPRAY_NAME,
    }
    dosage: Json = {
        "text": _SPRAY_DOSE,
        "route": {"coding": [{"system": _NASAL.system, "code": _NASAL.code}], "text": "Nasal"},
    }
    dosage["asNeeded" if version is Version.R5 else "asNeededBoolean"] = True
    return _draft(version, patient_id, concept, dosage)


def _draft(version: Version, patient_id: str, concept: Json, dosage: Json) -> Json:
    patient = {"reference": f"Patient/{patient_id}"}
    if version is Version.DSTU2:
        order: Json = {"resourceType": "MedicationOrder", "status": "draft", "patient": patient}
    else:
        order = {
            "resourceType": "MedicationRequest",
            "status": "draft",
            "intent": "order",
            "subject": patient,
        }
    if version is Version.R5:
        order["medication"] = {"concept": concept}
    else:
        order["medicationCodeableConcept"] = concept
    return order | {"dosageInstruction": [dosage]}


def stopped(order: Mapping[str, Any], version: Version, reason: str) -> Json:
    """An order of the EHR, whole, with status stopped and the reason where the version has a place for it."""
    changed = tidy(order) | {"status": "stopped"}
    if version is Version.DSTU2:
        return changed | {"reasonEnded": {"text": reason}}
    return changed if version is Version.STU3 else changed | {"statusReason": {"text": reason}}


def limited(order: Mapping[str, Any], version: Version, days: int | float) -> Json:
    """A draft order, whole, whose dosage ends after so many days; a supply for longer is taken out."""
    changed = tidy(order)
    bounds = {"value": days, "unit": "days", "system": UCUM, "code": "d"}
    lines = changed.get("dosageInstruction") or {}
    every = lines if isinstance(lines, list) else [lines]  # an object where a list belongs
    changed["dosageInstruction"] = [_bounded(line, version, bounds) for line in every]
    supply = changed.pop("dispenseRequest", None)
    if isinstance(supply, dict):
        kept = {key: part for key, part in supply.items() if key not in ("quantity", "numberOfRepeatsAllowed")}
        changed["dispenseRequest"] = kept | {"expectedSupplyDuration": bounds}
    return changed


def _bounded(line: Json, version: Version, bounds: Json) -> Json:
    timing = line.get("timing") or {}
    repeat = {key: part for key, part in (timing.get("repeat") or {}).items() if not key.startswith("bounds")}
    repeat["boundsQuantity" if version is Version.DSTU2 else "boundsDuration"] = bounds
    return line | {"timing": timing | {"repeat": repeat}}


def tidy(resource: Mapping[str, Any]) -> Json:
    """A copy without null and empty members, which FHIR forbids to send."""
    return {key: kept for key, part in resource.items() if (kept := _tidied(part)) not in (None, "", [], {})}


def _tidied(part: Any) -> Any:
    if isinstance(part, dict):
        return tidy(part)
    if isinstance(part, list):
        return [kept for item in part if (kept := _tidied(item)) not in (None, "", [], {})]
    return part


def original(body: bytes, reference: str, patient_id: str) -> Json | None:
    """A resource of a request as it was sent, by `Type/id`, drafts first; None if it is not the patient's.

    Looks at the body once more: only a suggestion that changes a resource needs it whole.
    """
    for piece in pieces(body):
        found = value(piece).resource
        if found is None or f"{found.resource_type}/{found.id}" != reference:
            continue
        if not Record(patient_id, ()).is_foreign(found):
            whole: Json = msgspec.json.decode(piece)
            return whole
    return None
