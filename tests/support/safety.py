"""Whether what a case is offered may harm: baclofen, opioids and benzodiazepines (rules 11.14 to 11.18).

What is safe is worked out from the rows of the case, not by the code under test.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

from cds_service.fhir.check import problems
from cds_service.fhir.version import Version
from cds_service.terminology import by_code
from cds_service.web.app import create_app
from cds_service.web.examples.cases import AS_OF, Case
from cds_service.web.settings import Settings
from tests.support import baclofen, hook
from tests.support.switches import turned_on

Json = dict[str, Any]
# Drugs that must never end at once.
_KEPT = {
    *("baclofen", "oxycodone", "morphine", "tramadol", "hydrocodone", "methadone", "buprenorphine"),
    *("lorazepam", "diazepam", "clonazepam", "midazolam", "alprazolam", "temazepam"),
}
_SEDATING = _KEPT - {"baclofen"}
_KEPT_SETS = {"baclofen", "opioids", "opioid-use-disorder-medications", "benzodiazepines"}
_STEP, _WEEK, _LONGER, _HIGH = 10, 7, 14, 30


class Judged:
    """The service on the day of the cases, asked once for each case in each version."""

    def __init__(self) -> None:
        self._client = create_app(Settings(as_of=AS_OF)).test_client()
        self._told: dict[tuple[str, str, str], list[tuple[Json, Json]]] = {}

    def suggestions(self, case: Case, version: str) -> list[tuple[Json, Json]]:
        """Every (suggestion, action) that the case gets."""
        key = case.rule, case.name, version
        if key not in self._told:
            with turned_on(*case.switches):
                response = self._client.post(f"/cds-services/cramp-{case.hook}", json=hook.request(case, version))
            assert response.status_code == 200
            offers = [offer for card in response.get_json()["cards"] for offer in card.get("suggestions", [])]
            self._told[key] = [(offer, action) for offer in offers for action in offer["actions"]]
        return self._told[key]

    def forget(self) -> None:
        """Ask again: a case of the same name is another one."""
        self._told.clear()


def _drafts(case: Case, version: str) -> dict[str, Json]:
    """The rows of the drafts by their reference; a stop of a listed order has that order's."""
    sent = [hook._draft(row, number, case, version) for number, row in enumerate(case.orders)]
    return {f"{one['resourceType']}/{one['id']}": row for one, row in zip(sent, case.orders, strict=True)}


def is_of(resource: Json, *sets: str) -> bool:
    """Whether a medication order is of a drug of these value sets."""
    concept = resource.get("medicationCodeableConcept") or resource.get("medication", {}).get("concept") or {}
    codings = concept.get("coding", [])
    return any(entry.valueset in sets for one in codings for entry in by_code(one["system"], one["code"]))


def _steps(resource: Json) -> list[tuple[float, float | None]]:
    """(mg a day, days) of the dosage lines in their order."""
    return [_step(line) for line in resource["dosageInstruction"]]


def _step(line: Json) -> tuple[float, float | None]:
    repeat = line["timing"]["repeat"]
    dose = (line["doseAndRate"][0] if "doseAndRate" in line else line)["doseQuantity"]
    assert dose["unit"] == "mg"
    assert repeat["period"] == 1
    assert repeat.get("periodUnit", repeat.get("periodUnits")) == "d"
    return dose["value"] * repeat["frequency"], _days(repeat)


def _days(repeat: Json) -> float | None:
    if "boundsDuration" in repeat:
        assert repeat["boundsDuration"]["code"] == "d"
        return float(repeat["boundsDuration"]["value"])
    period = repeat.get("boundsPeriod", {})
    return None if "end" not in period else float((_date(period["end"]) - _date(period["start"])).days)


def _date(day: str) -> date:
    return date.fromisoformat(day)


def _priors(case: Case, version: str) -> set[str]:
    """What a taper may replace: the one active order of baclofen, or the one that the session stops."""
    kind = "MedicationOrder" if version == "DSTU2" else "MedicationRequest"
    active = [f"{kind}/listed-{number}" for number, _ in baclofen.active_orders(case)]
    stopped = [name for name, row in _drafts(case, version).items() if row.get("stop")]
    return set(active or stopped) if len(active) <= 1 else set()


def check_removed(case: Case, version: str, judged: Judged) -> None:
    """A removal names a draft of a drug that is neither taken nor may be."""
    drafts = _drafts(case, version)
    for _, action in judged.suggestions(case, version):
        if action["type"] == "delete":
            row = drafts[action["resourceId"]]
            held = [one for one in case.taking if one["drug"] == row["drug"]]
            assert not any(baclofen.may_be_taken(one | {"drug": "baclofen"}) for one in held if _counts(one))
            assert row["drug"] not in {"methadone", "buprenorphine"}
            assert not (baclofen.is_oral_baclofen(row) and baclofen.recent(case))


def _counts(row: Json) -> bool:
    return row.get("status", "active") not in ("cancelled", "entered-in-error", "not-taken", "plan")


def check_listed(case: Case, version: str, judged: Judged) -> None:
    """No order of these drugs that is not a draft is changed."""
    drafts = {name for name, row in _drafts(case, version).items() if not row.get("stop")}
    for _, action in judged.suggestions(case, version):
        resource = action.get("resource", {})
        if action["type"] == "update" and f"{resource['resourceType']}/{resource['id']}" not in drafts:
            assert not is_of(resource, *_KEPT_SETS)


def check_changed(case: Case, version: str, judged: Judged) -> None:
    """A changed draft of baclofen gives no less than what is taken minus one step, or is a taper."""
    for offer, action in judged.suggestions(case, version):
        resource = action.get("resource", {})
        if action["type"] != "update" or not is_of(resource, "baclofen"):
            continue
        assert "status" not in resource or resource["status"] == "draft"
        if baclofen.recent(case):
            now = baclofen.current_mg(case)
            assert now is not None
            assert _steps(resource)[0][0] >= now - _STEP
        if len(_steps(resource)) > 1 or "replaces" in offer["label"]:
            _check_taper(offer, resource, case, version)


def check_created(case: Case, version: str, judged: Judged) -> None:
    """A new order of baclofen is a small first dose or a taper."""
    for offer, action in judged.suggestions(case, version):
        resource = action.get("resource", {})
        if action["type"] == "create" and is_of(resource, "baclofen"):
            assert problems(resource, Version[version]) == []
            if "priorPrescription" in resource:
                _check_taper(offer, resource, case, version)
            else:
                _check_first(resource, case)


def _check_taper(offer: Json, resource: Json, case: Case, version: str) -> None:
    assert resource["priorPrescription"]["reference"] in _priors(case, version)
    assert "replaces the current order" in offer["label"]
    note = resource["note"]
    notes = note if isinstance(note, str) else " ".join(one["text"] for one in note)
    assert "Replaces the current order" in notes
    assert "discontinue" in notes
    now, steps = baclofen.current_mg(case), _steps(resource)
    assert now is not None
    ends = steps[-1][1] is not None
    levels = [now, *(mg for mg, _ in steps), *([0.0] if ends else [])]
    assert all(0 < high - low <= _STEP for high, low in pairwise(levels))
    assert all(days is not None for _, days in steps[:-1])
    if ends:
        assert sum(days or 0 for _, days in steps) >= (_LONGER if now > _HIGH else _WEEK)


def _check_first(resource: Json, case: Case) -> None:
    ((mg, days),) = _steps(resource)
    assert not baclofen.recent(case)
    assert days is None
    older, weak = _may_be_older(case), _weak_kidneys(case)
    assert not (older and weak)
    assert mg in ((5,) if older or weak else (5, 10))
    assert resource["dosageInstruction"][0]["text"].startswith("5 mg ")
    assert not {row["is"] for row in case.problems} & {"dialysis", "acute-kidney-injury"}
    assert not any(row["is"] == "pregnancy" and row.get("days_ago", 0) <= 300 for row in case.problems)
    assert not any(row["is"] == "hepatic-encephalopathy" and _lately(row) for row in case.problems)
    assert "baclofen-intolerance" not in {row["is"] for row in case.intolerances}
    assert not _SEDATING & {row["drug"] for row in (*case.taking, *case.orders)}


def _lately(row: Json) -> bool:
    """Active, or of the last year."""
    return row.get("status", "active") == "active" or row.get("days_ago", 0) <= 365


def _may_be_older(case: Case) -> bool:
    return case.born is None or AS_OF.year - int(case.born[:4]) >= 65


def _weak_kidneys(case: Case) -> bool:
    """An eGFR of 30 to 59 or a CKD of stage 3; anything worse, or nothing, forbids an order."""
    found = [row for row in case.labs if row["test"] in ("egfr", "creatinine") and row["days_ago"] <= 365]
    stages = {row["is"] for row in case.problems if row["is"].startswith("ckd-stage")}
    assert found or stages
    assert not stages & {"ckd-stage-4", "ckd-stage-5"} or found
    values = [row["value"] for row in found if row["test"] == "egfr"]
    assert all(value >= 30 for value in values)
    return any(value < 60 for value in values) or (not values and bool(stages & {"ckd-stage-3", "ckd-stage-unknown"}))
