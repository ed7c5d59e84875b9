"""Engine `hook`: a case as a whole CDS Hooks request in any FHIR version, sent through HTTP."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from cds_service.terminology import Coding, coded_with
from cds_service.web.examples.cases import AS_OF, Case, day, product
from tests.support import laboratory
from tests.support.cases import concept
from tests.support.dosage import dosage_lines
from tests.support.switches import turned_on

VERSIONS = ("DSTU2", "STU3", "R4", "R5")
PATIENT = "case-patient"
_PREFETCH = {
    "patient": "patient",
    "conditions": "conditions",
    "medications": "medicationRequests",
    "statements": "medicationStatements",
    "allergies": "allergies",
    "labs": "observations",
    "ordered": "serviceRequests",
}
_OLDER: dict[str, dict[str, str]] = {
    "DSTU2": {"medications": "medicationOrders", "ordered": "diagnosticOrders"},
    "STU3": {"ordered": "procedureRequests"},
}
Json = dict[str, Any]


class Unsaid(Exception):
    """The FHIR version has no word for something in the case."""


def answer(case: Case, version: str, client: FlaskClient) -> tuple[str, list[str] | None, Json]:
    """Kind and messages of the case's rule (None if another rule's card tells it), and the whole answer."""
    with turned_on(*case.switches):
        response = client.post(f"/cds-services/cramp-{case.hook}", json=request(case, version))
    assert response.status_code == 200, response.text
    body = response.get_json()
    lines = {line["rule"]: line["answer"] for line in body["extension"]["io.cds-service.trace"]["rules"]}
    kind = lines[case.rule]
    if kind == "merged":
        return "finding", None, body
    own = [card for card in body["cards"] if card["source"]["topic"]["code"] == case.rule]
    reasons = own[0]["extension"]["io.cds-service.explanation"]["reasons"] if own else []
    return kind, reasons, body


def can_say(case: Case, version: str) -> bool:
    """Whether the FHIR version has words for everything in the case."""
    try:
        request(case, version)
    except Unsaid:
        return False
    return True


def request(case: Case, version: str) -> Json:
    """The request that an EHR of that FHIR version would send."""
    context: Json = {"userId": "Practitioner/1", "patientId": PATIENT}
    drafts = [_draft(row, n, case, version) for n, row in enumerate(case.orders)]
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": draft} for draft in drafts]}
    if case.hook == "medication-prescribe":
        context["medications"] = bundle
    elif case.hook != "patient-view":
        context["draftOrders"] = bundle
    if case.hook == "order-select":
        chosen = [draft for draft, row in zip(drafts, case.orders, strict=True) if row.get("selected", True)]
        context["selections"] = [f"{draft['resourceType']}/{draft['id']}" for draft in chosen]
    prefetch = _prefetch(case, version)
    if case.encounter:
        context["encounterId"] = "case-encounter"
        prefetch["encounter"] = _encounter(case, version)
    return {
        "hook": case.hook,
        "hookInstance": "5c1a1e9a-0000-4000-8000-000000000001",
        "fhirServer": f"https://ehr.example.org/fhir/{version}",
        "context": context,
        "prefetch": prefetch,
        "extension": {"io.cds-service.explain": True},
    }


def _prefetch(case: Case, version: str) -> Json:
    listed = [_listed(row, n, version) for n, row in enumerate(case.taking)]
    orders = [one for one in listed if one["resourceType"] != "MedicationStatement"]
    stated = [one for one in listed if one["resourceType"] == "MedicationStatement"]
    supplied: Json = {
        "patient": _patient(case),
        "conditions": _searchset([_condition(row, n, version) for n, row in enumerate(case.problems)]),
        "medications": _searchset(orders),
        "statements": _searchset(stated),
        "allergies": _searchset([_allergy(row, n, version) for n, row in enumerate(case.intolerances)]),
        "labs": _searchset([_lab(row, n, version) for n, row in enumerate(case.labs)]),
        "ordered": _searchset(
            [laboratory.order(row, n, version, subject(version)) for n, row in enumerate(case.ordered)]
        ),
    }
    for name in case.partial:
        supplied[name]["link"] = [{"relation": "next", "url": "https://ehr.example.org/next"}]
    keys = _PREFETCH | _OLDER.get(version, {})
    return {keys[name]: value for name, value in supplied.items() if name not in case.unknown}


def _lab(row: Json, number: int, version: str) -> Json:
    return laboratory.observation(row, number, version, {"subject": {"reference": f"Patient/{PATIENT}"}})


def _searchset(resources: list[Json]) -> Json:
    entries = {"entry": [{"resource": resource} for resource in resources]} if resources else {}
    return {"resourceType": "Bundle", "type": "searchset", "total": len(resources), **entries}


def subject(version: str) -> Json:
    """Whose a resource is, as a FHIR version says it."""
    return {"patient" if version == "DSTU2" else "subject": {"reference": f"Patient/{PATIENT}"}}


def _concept(coding: Coding, name: str = "") -> Json:
    return {"coding": [{"system": coding.system, "code": coding.code}], **({"text": name} if name else {})}


def _patient(case: Case) -> Json:
    patient: Json = {"resourceType": "Patient", "id": PATIENT}
    if case.born:
        patient["birthDate"] = case.born
    if case.sex:
        patient["gender"] = case.sex
    return patient | ({"deceasedBoolean": True} if case.dead else {})


def _condition(row: Json, number: int, version: str) -> Json:
    status = row.get("status", "active")
    modern = version in ("R4", "R5")
    condition = {"resourceType": "Condition", "id": f"problem-{number}", "code": _concept(concept(row["is"]))}
    condition["code"]["text"] = " ".join(coded_with(row["is"])) or "a condition"
    condition["clinicalStatus"] = {"coding": [{"code": status}]} if modern else status
    if "days_ago" in row:
        recorded = {"DSTU2": "dateRecorded", "STU3": "assertedDate"}.get(version, "recordedDate")
        condition[recorded] = day(row["days_ago"]).isoformat()
    return condition | _extent(row) | subject(version)


def _extent(row: Json) -> Json:
    """How bad a problem is, in the three ways in which a record tells it."""
    if row.get("extent") == "severe":
        return {"severity": {"coding": [{"system": "http://snomed.info/sct", "code": "24484000"}]}}
    if row.get("extent") == "incapacitating":
        return {"severity": {"text": "Incapacitating"}}
    return {"bodySite": [{"text": "calf"}, {"text": "foot"}]} if "extent" in row else {}


def _allergy(row: Json, number: int, version: str) -> Json:
    code = {"substance" if version == "DSTU2" else "code": _concept(concept(row["is"]))}
    patient = {"patient": {"reference": f"Patient/{PATIENT}"}}
    return {"resourceType": "AllergyIntolerance", "id": f"allergy-{number}", **code, **patient}


def _encounter(case: Case, version: str) -> Json:
    kinds: Json = {"IMP": "inpatient", "EMER": "emergency", "AMB": "ambulatory"}
    shapes: Json = {
        "DSTU2": kinds.get(case.encounter, case.encounter),
        "R5": [{"coding": [{"code": case.encounter}]}],
    }
    encounter = {"resourceType": "Encounter", "id": "case-encounter", "status": "in-progress"}
    return encounter | {"class": shapes.get(version, {"code": case.encounter})} | subject(version)


def _medication(row: Json, version: str) -> Json:
    if row.get("unresolved"):
        reference = {"reference": "Medication/nowhere"}
        return {"medication": {"reference": reference}} if version == "R5" else {"medicationReference": reference}
    concept_ = {"text": row["drug"]} if row.get("by_name") else _concept(product(row), row["drug"])
    return {"medication": {"concept": concept_}} if version == "R5" else {"medicationCodeableConcept": concept_}


def _reason(row: Json, version: str) -> Json:
    if row.get("reason_unresolved"):
        reference = {"reference": "Condition/nowhere"}
        if version == "R5":
            return {"reason": [{"reference": reference}]}
        return {"reasonReference": reference if version == "DSTU2" else [reference]}
    names = row.get("reason", [])
    concepts: list[Json] = [{"text": row["reason_text"]}] if "reason_text" in row else []
    concepts += [_concept(concept(name)) for name in ([names] if isinstance(names, str) else names)]
    if not concepts:
        return {}
    if version == "DSTU2":
        merged = {"coding": [coding for one in concepts for coding in one.get("coding", [])]}
        return {"reasonCodeableConcept": concepts[0] | ({"coding": merged["coding"]} if merged["coding"] else {})}
    return {"reason": [{"concept": one} for one in concepts]} if version == "R5" else {"reasonCode": concepts}


def _order(row: Json, version: str, id: str, status: str, written: str | None) -> Json:
    order: Json = {"resourceType": "MedicationOrder" if version == "DSTU2" else "MedicationRequest", "id": id}
    order["status"] = status
    if status == "plan":
        if version == "DSTU2":
            raise Unsaid("intent")
        order |= {"status": "active", "intent": "plan"}
    elif version != "DSTU2":
        order["intent"] = "order"
    if written:
        order["dateWritten" if version == "DSTU2" else "authoredOn"] = written
    if dosage := dosage_lines(row, version, written):
        order["dosageInstruction"] = dosage
    if "supply_days" in row:
        supply = {"value": row["supply_days"], "unit": "days"}
        order["dispenseRequest"] = {
            "expectedSupplyDuration": supply,
            "numberOfRepeatsAllowed": row.get("refills", 0),
        }
    return order | _medication(row, version) | _reason(row, version) | subject(version)


def _listed(row: Json, number: int, version: str) -> Json:
    written = day(row["days_ago"]).isoformat() if "days_ago" in row else None
    status = row.get("status", "active")
    if not row.get("stated"):
        return _order(row, version, f"listed-{number}", status, written)
    stated: Json = {"resourceType": "MedicationStatement", "id": f"listed-{number}"} | _stated_status(status, version)
    ended = row.get("ended_days_ago")
    period = {"start": written} if written else {}
    period |= {"end": day(ended).isoformat()} if ended is not None else {}
    if period:
        stated["effectivePeriod"] = period
    return stated | _medication(row, version) | subject(version) | _reason_of_statement(row, version)


def _reason_of_statement(row: Json, version: str) -> Json:
    found = _reason(row, version)
    if version == "DSTU2" and found:
        return {"reasonForUseCodeableConcept": found["reasonCodeableConcept"]}
    return found


def _stated_status(status: str, version: str) -> Json:
    if version == "R5":
        words = {"active": "taking", "not-taken": "not-taking", "on-hold": "on-hold"}
        if status not in words:
            raise Unsaid(status)
        return {"status": "recorded", "adherence": {"code": {"coding": [{"code": words[status]}]}}}
    if status != "not-taken":
        return {"status": status}
    older: Json = {"DSTU2": {"wasNotTaken": True}, "STU3": {"taken": "n"}}
    return {"status": "active", **older[version]} if version in older else {"status": "not-taken"}


def _draft(row: Json, number: int, case: Case, version: str) -> Json:
    names = [listed["drug"] for listed in case.taking]
    if row.get("stop") and row["drug"] in names:
        stopped = _listed(case.taking[names.index(row["drug"])], names.index(row["drug"]), version)
        return stopped | {"status": row.get("status", "stopped")}
    status = row.get("status", "stopped" if row.get("stop") else "draft")
    return _order(row, version, f"draft-{number}", status, AS_OF.isoformat())
