"""Dosage lines in the client's version, and draft orders of the request, whole, with new ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from cds_service.fhir.version import Version

Json = dict[str, Any]
# How often a dose is given, in words.
TIMES = {1: "once", 2: "twice", 3: "three times", 4: "four times"}
UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps of a taper: (mg, times a day), so many days each from a day on; the last one without an end if it
    `stays`."""

    steps: Sequence[tuple[float, int]]
    days: int | float
    begins: date
    stays: bool = False


def stepwise(version: Version, plan: Plan) -> list[Json]:
    """A dosage line for each step; DSTU2 has no sequence, so there its steps have days."""
    lines: list[Json] = []
    begins = plan.begins
    for number, (mg, times) in enumerate(plan.steps, start=1):
        ends = begins + timedelta(days=plan.days)
        goes_on = plan.stays and number == len(plan.steps)
        for_days = "" if goes_on else f" for {plan.days} days"
        repeat = daily(version, times)
        if version is Version.DSTU2:
            repeat["boundsPeriod"] = {"start": begins.isoformat()} | ({} if goes_on else {"end": ends.isoformat()})
        elif not goes_on:
            repeat["boundsDuration"] = {"value": plan.days, "unit": "days", "system": UCUM, "code": "d"}
        line = dosage_line(version, f"{per_day(mg, times)}{for_days}", mass(mg), repeat)
        lines.append(line if version is Version.DSTU2 else line | {"sequence": number})
        begins = ends
    return lines


def redosed(order: Mapping[str, Any], version: Version, mg: float, times: int) -> Json:
    """A draft order, whole, with one new dosage line: so many mg so many times a day."""
    return dosed(order, version, [dosage_line(version, per_day(mg, times), mass(mg), daily(version, times))])


def at_night(order: Mapping[str, Any], version: Version, pieces: int, piece: str, words: str) -> Json:
    """A draft order, whole, with one new dosage line: so many pieces once a day at night."""
    return dosed(order, version, [dosage_line(version, words, so_many(pieces, piece), at_night_daily(version))])


def so_many(number: int, piece: str) -> Json:
    """So many tablets or capsules as a dose."""
    return {"value": number, "unit": piece, "system": UCUM, "code": f"{{{piece}}}"}


def at_night_daily(version: Version) -> Json:
    """Once a day at night."""
    return {"frequency": 1, "period": 1, "when": "HS" if version is Version.DSTU2 else ["HS"]} | _unit(version, "d")


def weekly(order: Mapping[str, Any], version: Version, grams: int | float) -> Json:
    """A draft order, whole, with one new dosage line: so many grams once a week."""
    dose = {"value": grams, "unit": "g", "system": UCUM, "code": "g"}
    repeat = {"frequency": 1, "period": 1} | _unit(version, "wk")
    return dosed(order, version, [dosage_line(version, f"{grams} g once a week", dose, repeat)])


def per_day(mg: float, times: int) -> str:
    """A dose in words: `5 mg twice daily`."""
    return f"{mg:g} mg {TIMES[times]} daily"


def mass(mg: float) -> Json:
    whole = int(mg) if mg == int(mg) else mg
    return {"value": whole, "unit": "mg", "system": UCUM, "code": "mg"}


def daily(version: Version, times: int) -> Json:
    return {"frequency": times, "period": 1} | _unit(version, "d")


def dosage_line(version: Version, words: str, dose: Json, repeat: Json) -> Json:
    return {"text": words, "timing": {"repeat": repeat}} | _dose(version, dose)


def dosed(order: Mapping[str, Any], version: Version, new: Sequence[Json]) -> Json:
    """A draft order, whole, with new dosage lines; the route stays.

    A quantity to dispense, which was for the old dose, is taken out.
    """
    changed = tidy(order)
    lines = changed.get("dosageInstruction") or {}
    first = lines[0] if isinstance(lines, list) else lines  # an object where a list belongs
    route = {"route": first["route"]} if "route" in first else {}
    changed["dosageInstruction"] = [line | route for line in new]
    supply = changed.pop("dispenseRequest", None)
    kept = {key: part for key, part in supply.items() if key != "quantity"} if isinstance(supply, dict) else {}
    return changed | ({"dispenseRequest": kept} if kept else {})


def _dose(version: Version, dose: Json) -> Json:
    """The dose of a dosage line: up to STU3 it stands in the line itself."""
    quantity: Json = {"doseQuantity": dose}
    return quantity if version in (Version.DSTU2, Version.STU3) else {"doseAndRate": [quantity]}


def _unit(version: Version, unit: str) -> Json:
    return {"periodUnits" if version is Version.DSTU2 else "periodUnit": unit}


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
