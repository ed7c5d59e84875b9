"""The floor of replay: a plain script that parses every line with the standard library, keeps all of it in memory, and
fires a hook for every order and every chart, inside of this process, with what was known then.

`python -m benchmarks.plain_replay EXPORT_DIR DAY`. It knows when something was known only roughly, as made exports tell
it; its cards are about those of a replay.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from cds_service.fhir.queries import QUERIES
from cds_service.hooks.answer import answer
from cds_service.hooks.catalogue import SERVICES

Json = dict[str, Any]
_DATES = ("authoredOn", "recordedDate", "issued", "performedDateTime", "dateAsserted")
_NEVER = "9999"
_KEYS = {query.key: query.type for query in QUERIES if query.key not in ("patient", "encounter")}
_KEYS["x-procedures"] = "Procedure"


def loaded(folder: Path) -> Iterator[Json]:
    """Every resource of an export."""
    for path in sorted(folder.glob("*.ndjson")):
        with path.open(encoding="utf-8") as file:
            yield from map(json.loads, file)


def counted(folder: Path, last: date) -> dict[str, int]:
    """The orders, the charts, and the cards at each."""
    charts: dict[str, list[Json]] = defaultdict(list)
    medications: dict[str, Json] = {}
    for resource in loaded(folder):
        if resource["resourceType"] == "Medication":
            medications[f"Medication/{resource['id']}"] = resource
        else:
            charts[_whose(resource)].append(resource)
    found: dict[str, int] = defaultdict(int)
    for patient, chart in charts.items():
        for hook, cards in _fired(patient, chart, medications, last):
            found[f"{hook} calls"] += 1
            found[f"{hook} cards"] += cards
    return dict(found)


def _whose(resource: Json) -> str:
    if resource["resourceType"] == "Patient":
        return str(resource["id"])
    who = resource.get("subject") or resource["patient"]
    return str(who["reference"]).removeprefix("Patient/")


def _fired(patient: str, chart: list[Json], medications: dict[str, Json], last: date) -> Iterator[tuple[str, int]]:
    """Each call of a patient: its hook, and how many cards were shown."""
    for order in chart:
        if order["resourceType"] == "MedicationRequest":
            now = order["authoredOn"]
            known = [_then(resource, now) for resource in chart if _since(resource) < now]
            draft = order | {"status": "draft"}
            yield "order-sign", _cards("order-sign", patient, known, [draft], medications, date.fromisoformat(now[:10]))
    yield "patient-view", _cards("patient-view", patient, chart, [], medications, last)


def _since(resource: Json) -> str:
    if resource["resourceType"] == "Patient":
        return ""
    told = resource["period"]["start"] if "period" in resource else next(filter(None, map(resource.get, _DATES)), None)
    return told or _NEVER


def _then(resource: Json, now: str) -> Json:
    """An order was in force, and a patient alive."""
    if resource["resourceType"] == "MedicationRequest":
        return resource | {"status": "active"}
    return {name: one for name, one in resource.items() if name != "deceasedDateTime" or one < now}


def _cards(
    hook: str, patient: str, known: list[Json], drafts: list[Json], medications: dict[str, Json], day: date
) -> int:
    named = {one["medicationReference"]["reference"] for one in (*known, *drafts) if "medicationReference" in one}
    prefetch = {key: _bundle(one for one in known if one["resourceType"] == kind) for key, kind in _KEYS.items()}
    prefetch["x-medications"] = _bundle(medications[name] for name in named)
    prefetch["patient"] = next(one for one in known if one["resourceType"] == "Patient")
    context = {"userId": "Practitioner/1", "patientId": patient, "draftOrders": _bundle(drafts)}
    request = {"hook": hook, "hookInstance": "i", "context": context, "prefetch": prefetch}
    return len(answer(SERVICES[f"cramp-{hook}"], json.dumps(request).encode(), day, lambda: "http://localhost").cards)


def _bundle(resources: Iterable[Json]) -> Json:
    return {"resourceType": "Bundle", "entry": [{"resource": resource} for resource in resources]}


if __name__ == "__main__":
    json.dump(counted(Path(sys.argv[1]), date.fromisoformat(sys.argv[2])), sys.stdout)
