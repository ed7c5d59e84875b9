"""The dosage lines of a case's order, in any FHIR version."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from cds_service.web.examples.cases import AS_OF, day
from tests.support.cases import ROUTES

Json = dict[str, Any]


def dosage_lines(row: Json, version: str, start: str | None) -> list[Json]:
    """The lines of an order that starts on a day."""
    if "steps" in row:
        return _stepwise(row["steps"], version, start)
    line: Json = {}
    repeat: Json = {}
    if "ended_days_ago" in row:
        repeat["boundsPeriod"] = {"start": start, "end": day(row["ended_days_ago"]).isoformat()}
    if "lasts_days" in row:
        repeat["boundsQuantity" if version == "DSTU2" else "boundsDuration"] = {"value": row["lasts_days"], "code": "d"}
    if row.get("single"):
        repeat["count"] = 1
    if "times" in row or "a_week" in row:
        times, unit = (row["a_week"], "wk") if "a_week" in row else (row["times"], "d")
        repeat |= {"frequency": times, "period": 1, "periodUnits" if version == "DSTU2" else "periodUnit": unit}
        mass, pieces = {"value": row.get("mg"), "unit": "mg"}, {"value": row.get("pieces"), "unit": "tablet"}
        dose = {"doseQuantity": mass if "mg" in row else pieces}
        line |= {"doseAndRate": [dose]} if version in ("R4", "R5") else dose
    if "evening" in row:
        slot = "HS" if row["evening"] else "ACM"
        repeat["when"] = slot if version == "DSTU2" else [slot]
    if repeat:
        line["timing"] = {"repeat": repeat}
    if "route" in row:
        line["route"] = {"coding": [{"system": "http://snomed.info/sct", "code": ROUTES[row["route"]]}]}
    if row.get("infusion"):
        rate = {"rateRatio": {"numerator": {"value": 1, "unit": "mL"}, "denominator": {"value": 1, "unit": "h"}}}
        line |= {"doseAndRate": [rate]} if version in ("R4", "R5") else rate
    lines = row.get("lines", 1)
    return [line] * lines if line or lines > 1 else []


def _stepwise(steps: list[list[float]], version: str, start: str | None) -> list[Json]:
    """A line for each step, half of its daily dose twice a day; DSTU2 has no sequence, so its steps have days."""
    lines: list[Json] = []
    begins = date.fromisoformat(start or AS_OF.isoformat())
    for number, (mg, days) in enumerate(steps, start=1):
        ends = begins + timedelta(days=days)
        repeat: Json = {"frequency": 2, "period": 1, "periodUnits" if version == "DSTU2" else "periodUnit": "d"}
        dose: Json = {"doseQuantity": {"value": mg / 2, "unit": "mg"}}
        line = {"doseAndRate": [dose]} if version in ("R4", "R5") else dose
        if version == "DSTU2":
            repeat["boundsPeriod"] = {"start": begins.isoformat()} | ({"end": ends.isoformat()} if days else {})
        else:
            line["sequence"] = number
            repeat |= {"boundsDuration": {"value": days, "code": "d"}} if days else {}
        lines.append(line | {"timing": {"repeat": repeat}})
        begins = ends
    return lines
