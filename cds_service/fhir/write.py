"""Proposals as FHIR resources in the client's version: new drafts, and resources of the request changed.

Codes come from the value sets. What is created here is checked against the FHIR models in the tests,
never on the way of a request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import chain
from typing import Any

import msgspec

from cds_service.fhir.decode import held as held_in
from cds_service.fhir.decode import pieces, value
from cds_service.fhir.references import Record
from cds_service.fhir.version import Version
from cds_service.fhir.write_doses import (
    TIMES,
    Plan,
    at_night_daily,
    daily,
    dosage_line,
    dosed,
    mass,
    so_many,
    stepwise,
    tidy,
)
from cds_service.terminology import RXNORM, SNOMED_CT, Content, ValueSet, by_code, valueset

Json = dict[str, Any]
# What the tests are called where a person reads them.
TESTS = {
    "magnesium": "serum magnesium",
    "potassium": "serum potassium",
    "sodium": "serum sodium",
    "creatinine": "serum creatinine",
    "urine-sodium": "urine sodium",
}
_SPRAY = valueset("naloxone-nasal-spray")
_SPRAY_NAME = "Naloxone 4 mg nasal spray"
# RxNorm words the strength per mL; the dose is one spray of 0.1 mL.
_SPRAY_DOSE = "4 mg (1 spray) into one nostril if an opioid overdose is suspected"
_BACLOFEN = valueset("baclofen")
_MAGNESIUM = valueset("magnesium-supplements")
_INGREDIENT = next(one for one in _BACLOFEN.codings if one.system == RXNORM and one.display == "Baclofen")
# What a taper tells whoever signs it.
REPLACES = "Replaces the current order of baclofen: discontinue that one when this is signed."
_NASAL: Json = {"coding": [{"system": SNOMED_CT, "code": "46713006"}], "text": "Nasal"}
_ORAL: Json = {"coding": [{"system": SNOMED_CT, "code": "26643006"}], "text": "Oral"}


@dataclass(frozen=True, slots=True)
class Visit:
    """Whom a new order is for: patient, encounter ("" if there is none), and the FHIR version to write in."""

    version: Version
    patient_id: str
    encounter_id: str = ""


def naloxone(version: Version, patient_id: str) -> Json:
    """A draft order of naloxone 4 mg nasal spray, as needed."""
    spray = _SPRAY.codings[0]
    concept: Json = {
        "coding": [{"system": spray.system, "code": spray.code, "display": spray.display}],
        "text": _SPRAY_NAME,
    }
    dosage: Json = {"text": _SPRAY_DOSE, "route": _NASAL}
    dosage["asNeeded" if version is Version.R5 else "asNeededBoolean"] = True
    return draft(version, patient_id, concept, dosage)


def baclofen(version: Version, patient_id: str, mg: int | float, times: int) -> Json:
    """A draft order of a tablet of baclofen of so many mg, so many times a day."""
    words = f"{mg} mg by mouth {TIMES[times]} daily"
    line = dosage_line(version, words, mass(mg), daily(version, times)) | {"route": _ORAL}
    tablet = _tablet(_BACLOFEN, Content(mg, "1"))
    return draft(version, patient_id, {"coding": [tablet], "text": f"Baclofen {mg} mg tablet"}, line)


def taper(version: Version, patient_id: str, plan: Plan, replaces: str) -> Json:
    """A draft order of baclofen that goes down by steps and names the order that it replaces."""
    concept = {"coding": [{"system": RXNORM, "code": _INGREDIENT.code, "display": _INGREDIENT.display}]}
    first, *others = [line | {"route": _ORAL} for line in stepwise(version, plan)]
    order = draft(version, patient_id, concept | {"text": "Baclofen"}, first)
    order["dosageInstruction"] += others
    return order | _replacing(version, replaces)


def magnesium_oxide(version: Version, patient_id: str, mg: int | float) -> Json:
    """A draft order of a tablet of magnesium oxide of so many mg of the oxide, one at night."""
    words = f"1 tablet ({mg} mg magnesium oxide) by mouth once daily at night"
    line = dosage_line(version, words, so_many(1, "tablet"), at_night_daily(version)) | {"route": _ORAL}
    tablet = _tablet(_MAGNESIUM, Content(mg, "1", "magnesium oxide", "MgO"))
    return draft(version, patient_id, {"coding": [tablet], "text": f"Magnesium oxide {mg} mg tablet"}, line)


def _tablet(drugs: ValueSet, held: Content) -> Json:
    """The coding of the tablet, without a brand, of which the value set says that it holds this and no more."""
    for one in drugs.codings:
        if one.display.endswith(" MG Oral Tablet") and by_code(one.system, one.code)[0].content == held:
            return {"system": one.system, "code": one.code, "display": one.display}
    raise KeyError(f"{drugs.name} has no tablet with {held}")


def draft(version: Version, patient_id: str, concept: Json, dosage: Json) -> Json:
    """A draft order of a medication with one dosage line."""
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


def ordered_test(visit: Visit, test: str, due: date | None = None) -> Json:
    """A draft order of a laboratory test (magnesium, creatinine ...), to be taken on a day or at once."""
    ordered = valueset(f"{test}-order").codings[0]
    concept: Json = {"coding": [{"system": ordered.system, "code": ordered.code}], "text": TESTS[test].capitalize()}
    order = _service(visit, concept, "DiagnosticOrder")
    if visit.version is Version.DSTU2:
        # Its tests are items, and the day of one that is not taken yet has no place in it.
        return {key: part for key, part in order.items() if key != "code"} | {"item": [{"code": concept}]}
    return order if due is None else order | {"occurrenceDateTime": due.isoformat()}


def education(visit: Visit, topic: str) -> Json:
    """A draft order to teach the patient something."""
    taught = valueset("patient-education").codings[0]
    concept = {"coding": [{"system": taught.system, "code": taught.code}], "text": f"Patient education: {topic}"}
    return _service(visit, concept, "ProcedureRequest")


def _service(visit: Visit, concept: Json, in_dstu2: str) -> Json:
    """A draft order of a service: ServiceRequest, or what it was called before R4."""
    version, patient = visit.version, {"reference": f"Patient/{visit.patient_id}"}
    code = {"concept": concept} if version is Version.R5 else concept
    names = {Version.DSTU2: in_dstu2, Version.STU3: "ProcedureRequest"}
    order: Json = {"resourceType": names.get(version, "ServiceRequest"), "status": "draft", "code": code}
    order |= {"subject": patient} | ({} if version is Version.DSTU2 else {"intent": "order"})
    if visit.encounter_id:
        place = "context" if version is Version.STU3 else "encounter"
        order[place] = {"reference": f"Encounter/{visit.encounter_id}"}
    return order


def stopped(order: Mapping[str, Any], version: Version, reason: str) -> Json:
    """An order of the EHR, whole, with status stopped and the reason where the version has a place for it."""
    changed = _with_status(order, version, "stopped", reason)
    return changed | {"reasonEnded": {"text": reason}} if version is Version.DSTU2 else changed


def held(order: Mapping[str, Any], version: Version, reason: str) -> Json:
    """An order of the EHR, whole, put on hold."""
    return _with_status(order, version, "on-hold", reason)


def _with_status(order: Mapping[str, Any], version: Version, status: str, reason: str) -> Json:
    changed = tidy(order) | {"status": status}
    return changed if version in (Version.DSTU2, Version.STU3) else changed | {"statusReason": {"text": reason}}


def tapered(order: Mapping[str, Any], version: Version, plan: Plan, replaces: str) -> Json:
    """A draft order, whole, with the steps of a taper, and the name of the order that it replaces."""
    changed = dosed(order, version, stepwise(version, plan))
    notes = changed.get("note", [])
    told = _replacing(version, replaces)
    if version is not Version.DSTU2:
        told["note"] = [*(notes if isinstance(notes, list) else [notes]), *told["note"]]
    return changed | told


def _replacing(version: Version, replaces: str) -> Json:
    note: Any = REPLACES if version is Version.DSTU2 else [{"text": REPLACES}]
    return {"priorPrescription": {"reference": replaces}, "note": note}


def original(body: bytes, pages: Iterable[bytes], reference: str, *, patient_id: str) -> Json | None:
    """A resource of a request as it was sent, by `Type/id`, drafts first, then of what was fetched; None if it is not
    the patient's.

    Looks at the body once more: only a suggestion that changes a resource needs it whole.
    """
    for piece in chain(pieces(body), *(held_in(page) for page in pages)):
        found = value(piece).resource
        if found is None or f"{found.resource_type}/{found.id}" != reference:
            continue
        if not Record(patient_id, ()).is_foreign(found):
            whole: Json = msgspec.json.decode(piece)
            return whole
    return None
