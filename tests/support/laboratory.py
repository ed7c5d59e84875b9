"""The laboratory of a case as FHIR resources of any version."""

from __future__ import annotations

from typing import Any

from cds_service.terminology import LOINC, valueset
from cds_service.web.examples.cases import day
from cds_service.web.examples.laboratory import EGFR_UNIT, analyte, moment

Json = dict[str, Any]


def observation(row: Json, number: int, version: str, subject: Json) -> Json:
    """A result as an Observation."""
    code = valueset(analyte(row).valueset).codings[0]
    found: Json = {"resourceType": "Observation", "id": f"lab-{number}", "status": row.get("status", "final")}
    found["code"] = {"coding": [{"system": LOINC, "code": code.code}]}
    found["effectiveDateTime"] = moment(row).isoformat()
    found["valueQuantity"] = _quantity(row["value"], row.get("unit", EGFR_UNIT))
    if "comparator" in row:
        found["valueQuantity"]["comparator"] = row["comparator"]
    limits = {name: _quantity(row[name], row.get("range_unit", row["unit"])) for name in ("low", "high") if name in row}
    if limits:
        found["referenceRange"] = [limits]
    if "flag" in row:
        flag = {"coding": [{"code": row["flag"]}]}
        found["interpretation"] = [flag] if version in ("R4", "R5") else flag
    if "specimen" in row:
        found["specimen"] = {"reference": "Specimen/1", "display": row["specimen"]}
    if "note" in row:
        text: Json = {"DSTU2": {"comments": row["note"]}, "STU3": {"comment": row["note"]}}
        found |= text.get(version, {"note": [{"text": row["note"]}]})
    return found | subject


def _quantity(value: float, name: str) -> Json:
    return {"value": value, "unit": name}


def order(row: Json, number: int, version: str, subject: Json) -> Json:
    """An order of a test."""
    coding = valueset(f"{row['test']}-order").codings[0]
    code = {"coding": [{"system": coding.system, "code": coding.code}]}
    written = day(row.get("days_ago", 2)).isoformat()
    if version == "DSTU2":
        events = [{"status": "requested", "dateTime": written}]
        order_: Json = {"resourceType": "DiagnosticOrder", "status": "requested", "item": [{"code": code}]}
        return order_ | {"id": f"test-{number}", "event": events, "subject": subject["patient"]}
    order_ = {"resourceType": "ProcedureRequest" if version == "STU3" else "ServiceRequest", "status": "active"}
    order_ |= {"id": f"test-{number}", "intent": "order", "authoredOn": written}
    return order_ | {"code": {"concept": code} if version == "R5" else code} | subject
