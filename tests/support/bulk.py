"""Engine `bulk`: cases as patients of a Bulk Data export, replayed on the day of the cases."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cds_service.batch.call import Terms
from cds_service.batch.local import Replay
from cds_service.evidence import in_force
from cds_service.web.examples.cases import AS_OF, Case
from cds_service.web.examples.played import turned_on
from tests.support import hook

Json = dict[str, Any]
# Everything that is listed stood in the record the day before, as it does now; drafts are signed at noon.
_LISTED, _MORNING, _NOON = "2026-11-21T00:00:00", "2026-11-22T08:00:00", "2026-11-22T12:00:00"
_TYPES = {
    "patient": ("Patient",),
    "conditions": ("Condition",),
    "medications": ("MedicationRequest", "MedicationOrder"),
    "statements": ("MedicationStatement",),
    "allergies": ("AllergyIntolerance",),
    "labs": ("Observation",),
    "ordered": ("ServiceRequest", "ProcedureRequest", "DiagnosticOrder"),
}
_ORDERS = ("MedicationRequest", "MedicationOrder")
_NEVER = ("draft", "cancelled")


class Unsaid(Exception):
    """An export has no word for something in the case."""


def can_say(case: Case, version: str) -> bool:
    """Whether an export of that FHIR version has words for everything in the case."""
    try:
        _resources(case, version, 0)
    except (Unsaid, hook.Unsaid):
        return False
    return True


@cache
def answers(version: str, folder: Path) -> dict[str, tuple[str, list[str]]]:
    """Of every case, by its rule and name, the kind of its rule's answer, and the reasons that it found."""
    from tests.support.cases import all_cases

    groups: dict[Any, list[tuple[int, Case]]] = defaultdict(list)
    for number, case in enumerate(all_cases()):
        if can_say(case, version):
            groups[case.hook, tuple(case.switches), tuple(sorted(case.unknown))].append((number, case))
    found: dict[str, tuple[str, list[str]]] = {}
    for place, ((hook_, switches, unknown), cases) in enumerate(groups.items()):
        with turned_on(switches):
            rows = _replayed(folder / version / str(place), hook_, unknown, version, cases)
        found |= {key(case): _said(case, rows[number]) for number, case in cases}
    return found


def key(case: Case) -> str:
    """What tells a case from the others."""
    return f"{case.rule}: {case.name}"


def _said(case: Case, rows: Iterable[Json]) -> tuple[str, list[str]]:
    own = [row for row in rows if row["rule"] == case.rule]
    if not own:
        return "silent", []
    kind = own[0]["became"] if own[0]["became"] == "not-evaluated" else "finding"
    return kind, own[0]["reasons"].split()


def _replayed(
    folder: Path, hook_: str, unknown: Iterable[str], version: str, cases: Iterable[tuple[int, Case]]
) -> dict[int, list[Json]]:
    """What was said, by the number of the case."""
    export = folder / "export"
    export.mkdir(parents=True)
    held = [resource for number, case in cases for resource in _resources(case, version, number)]
    write(export, held, [kind for name, types in _TYPES.items() if name not in unknown for kind in types])
    terms = Terms(AS_OF, AS_OF, (hook_,), edition=in_force())
    replay = Replay(export, folder / "work", terms)
    replay.begin()
    replay.run(_quietly)
    found: dict[int, list[Json]] = defaultdict(list)
    for row in csv.DictReader(replay.orders()):
        found[int(row["orders"].split("/")[1].split("-")[0])].append(row)
    return found


def _quietly(*told: object) -> None:
    """Nobody looks on."""


def write(folder: Path, resources: Iterable[Json], types: Iterable[str] = ()) -> None:
    """Resources as NDJSON files, one a type; of these types there is one even if nothing is in it."""
    lines: dict[str, list[str]] = {kind: [] for kind in types}
    for resource in resources:
        lines.setdefault(resource["resourceType"], []).append(json.dumps(resource))
    for kind, held in lines.items():
        folder.joinpath(f"{kind}.ndjson").write_text("".join(f"{line}\n" for line in held), encoding="utf-8")


def _resources(case: Case, version: str, number: int) -> list[Json]:
    """The case as an export holds it, every id with the number of the case before it."""
    if why := unsaid(case):
        raise Unsaid(why)
    request = hook.request(case, version)
    context = request["context"]
    drafts = context.get("draftOrders") or context.get("medications") or {}
    encounter = context.get("encounterId", "")
    orders = [_signed(entry["resource"], encounter) for entry in drafts.get("entry", ())]
    resources = orders + [_stood(one) for value in request["prefetch"].values() for one in _held(value)]
    return [_numbered(resource, number) for resource in [*resources, *_broken(case, version)]]


def unsaid(case: Case) -> str:
    """Why an export of no version can say what a case is, "" if one can."""
    if any(row.get("stop") or row.get("status") for row in case.orders):
        return "an order is stopped: an export holds it once, as it was written"
    if not all(row.get("selected", True) for row in case.orders):
        return "a draft was not selected: what is played was signed"
    if case.orders and "medications" in case.unknown:
        return "no list of medications: what is signed stands on it"
    if any(row.get("days_ago", 0) < 0 for rows in (case.labs, case.problems, case.taking) for row in rows):
        return "something is dated later: it is not seen"
    return ""


def _held(value: Json) -> Iterator[Json]:
    if value["resourceType"] != "Bundle":
        yield value
    for entry in value.get("entry", ()):
        yield entry["resource"]


def _signed(order: Json, encounter: str) -> Json:
    written = "dateWritten" if order["resourceType"] == "MedicationOrder" else "authoredOn"
    visit = {"encounter": {"reference": f"Encounter/{encounter}"}} if encounter else {}
    return order | {"status": "active", written: _NOON} | visit


def _stood(resource: Json) -> Json:
    """What is listed; an order of the day itself was signed in the morning."""
    told = resource | {"meta": {"lastUpdated": _LISTED}}
    if resource["resourceType"] in _ORDERS:
        today = {name: _MORNING for name in ("authoredOn", "dateWritten") if resource.get(name) == AS_OF.isoformat()}
        return told | today
    return told


def _broken(case: Case, version: str) -> Iterator[Json]:
    """Of a list that is not whole an entry that cannot be read."""
    for name in case.partial:
        kind = _TYPES[name][1 if name == "medications" and version == "DSTU2" else 0]
        yield {"resourceType": kind, "id": f"broken-{name}", "status": [], "code": [[]]} | hook.subject(version)


def _numbered(element: Any, number: int) -> Any:
    """With the number of the case before every id and in every reference."""
    if isinstance(element, list):
        return [_numbered(one, number) for one in element]
    if not isinstance(element, dict):
        return element
    found = {name: _numbered(value, number) for name, value in element.items()}
    if "resourceType" in element and "id" in element:
        found["id"] = f"{number}-{element['id']}"
    if isinstance(element.get("reference"), str):
        kind, _, id = element["reference"].rpartition("/")
        found["reference"] = f"{kind}/{number}-{id}"
    return found
