"""What holds over all cases of all rules, whatever they say (rules 10)."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.fhir.check import problems
from cds_service.fhir.version import Version
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from tests.support import hook
from tests.support.cases import AS_OF, OTHER_DRUGS, Case, all_cases, concept

Json = dict[str, Any]
CASES = all_cases()
# What a suggestion may do to an order of the EHR.
LISTED_CHANGES = {
    *(("stopped", drug) for drug in ("cyclobenzaprine", "quinine")),
    *(("on-hold", drug) for drug in ("magnesium", "furosemide", "spironolactone")),
}
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.name}")
every_version = pytest.mark.parametrize("version", hook.VERSIONS)


@pytest.fixture(scope="module")
def judged() -> FlaskClient:
    """The service on the day of the cases."""
    return create_app(Settings(as_of=date.fromisoformat(AS_OF.isoformat()))).test_client()


def _request(case: Case, version: str = "R4") -> Json | None:
    try:
        return hook.request(case, version)
    except hook.Unsaid:
        return None


def _cards(request: Json, client: FlaskClient) -> list[Json]:
    response = client.post(f"/cds-services/cramp-{request['hook']}", json=request)
    assert response.status_code == 200
    cards: list[Json] = response.get_json()["cards"]
    return cards


def _drafts(request: Json) -> list[Json]:
    context = request["context"]
    bundle = context.get("draftOrders") or context.get("medications") or {"entry": []}
    return [entry["resource"] for entry in bundle["entry"]]


@pytest.mark.parametrize("case", [case for case in CASES if case.hook == "order-sign"], ids=lambda case: case.name)
def test_medication_prescribe_equals_order_sign(case: Case, judged: FlaskClient) -> None:
    """The deprecated hook gives the cards of order-sign."""
    request = hook.request(case, "R4")
    old = copy.deepcopy(request) | {"hook": "medication-prescribe"}
    old["context"]["medications"] = old["context"].pop("draftOrders")
    assert _cards(old, judged) == _cards(request, judged)


@every_version
@every_case
def test_cards_keep_their_form(case: Case, version: str, judged: FlaskClient) -> None:
    """Summaries stay below 140 characters, no member is empty, patient-view is never critical."""
    request = _request(case, version)
    for card in _cards(request, judged) if request else []:
        assert 0 < len(card["summary"]) < 140
        assert "{" not in card["summary"] + card["detail"]
        assert not list(_empty(card))
        assert case.hook != "patient-view" or card["indicator"] != "critical"


def _empty(part: Any) -> Iterator[Any]:
    if part in (None, "", [], {}):
        yield part
    for child in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _empty(child)


@every_case
def test_order_of_resources_does_not_matter(case: Case, judged: FlaskClient) -> None:
    """Shuffled Bundles get the same cards."""
    request = hook.request(case, "R4")
    shuffled = copy.deepcopy(request)
    for value in [*shuffled["prefetch"].values(), shuffled["context"].get("draftOrders", {})]:
        random.Random(7).shuffle(value.get("entry", []))  # noqa: S311 - a fixed shuffle, no secret
    assert _by_rule(_cards(shuffled, judged)) == _by_rule(_cards(request, judged))


def _by_rule(cards: list[Json]) -> dict[str, tuple[str, str]]:
    return {card["source"]["topic"]["code"]: (card["indicator"], card["summary"]) for card in cards}


@every_case
def test_errors_and_strangers_change_nothing(case: Case, judged: FlaskClient) -> None:
    """An entry in error, a refuted condition and an unrelated draft leave the cards as they are."""
    request = hook.request(case, "R4")
    noisy = copy.deepcopy(request)
    opioid = {"resourceType": "MedicationRequest", "id": "x1", "status": "entered-in-error", "intent": "order"}
    opioid["medicationCodeableConcept"] = {"coding": [{"system": OTHER_DRUGS["amoxicillin"].system, "code": "7804"}]}
    hospice = {"resourceType": "Condition", "id": "x2", "verificationStatus": {"coding": [{"code": "refuted"}]}}
    hospice["code"] = {"coding": [{"system": concept("hospice").system, "code": concept("hospice").code}]}
    for key, resource in (("medicationRequests", opioid), ("conditions", hospice)):
        if key in noisy["prefetch"]:
            bundle = noisy["prefetch"][key]
            resource["subject"] = {"reference": f"Patient/{hook.PATIENT}"}
            bundle["total"] += 1
            bundle.setdefault("entry", []).append({"resource": resource})
    if "draftOrders" in noisy["context"]:
        antibiotic = {"text": "Amoxicillin 500 MG Oral Capsule"}
        order = {"resourceType": "MedicationRequest", "id": "x3", "status": "draft", "intent": "order"}
        order["medicationCodeableConcept"] = antibiotic
        noisy["context"]["draftOrders"]["entry"].append({"resource": order})
    assert _cards(noisy, judged) == _cards(request, judged)


@every_case
def test_children_get_no_card(case: Case, judged: FlaskClient) -> None:
    """At ten years of age nothing is said, not even what could not be checked."""
    request = hook.request(case, "R4")
    request["prefetch"]["patient"] = {"resourceType": "Patient", "id": hook.PATIENT, "birthDate": "2016-01-01"}
    assert _cards(request, judged) == []


@every_version
@every_case
def test_suggestions_do_what_they_may(case: Case, version: str, judged: FlaskClient) -> None:
    """Deletes name drafts of drugs not taken yet; resources fit the patient and validate in the client's version."""
    request = _request(case, version)
    drafts = {f"{draft['resourceType']}/{draft['id']}": draft for draft in _drafts(request)} if request else {}
    for card in _cards(request, judged) if request else []:
        suggestions = card.get("suggestions", [])
        assert len(suggestions) <= 3
        assert bool(suggestions) == ("selectionBehavior" in card)
        assert card["indicator"] != "info" or not any(one.get("isRecommended") for one in suggestions)
        for action in (action for one in suggestions for action in one["actions"]):
            _check_action(action, drafts, case, version)


def _check_action(action: Json, drafts: dict[str, Json], case: Case, version: str) -> None:
    assert action["description"]
    taken = {row["drug"] for row in case.taking if row.get("status", "active") in ("active", "on-hold")}
    if action["type"] == "delete":
        assert action["resourceId"] in drafts
        number = int(action["resourceId"].rsplit("-", 1)[1])
        assert case.orders[number]["drug"] not in taken | {"methadone", "buprenorphine"}
        return
    resource = action["resource"]
    owner = resource.get("subject") or resource.get("patient")
    assert owner == {"reference": f"Patient/{hook.PATIENT}"}
    if action["type"] == "create":
        assert problems(resource, Version[version]) == []
        assert resource["status"] == "draft"
        return
    before = drafts.get(f"{resource['resourceType']}/{resource['id']}")
    if before is None:
        assert (resource["status"], resource_text(resource)) in LISTED_CHANGES
    else:
        assert set(before) - set(resource) <= {"dispenseRequest"}
        assert bool(problems(resource, Version[version])) <= bool(problems(before, Version[version]))


def resource_text(resource: Json) -> str:
    """The words of a medication."""
    concept_ = resource.get("medicationCodeableConcept") or resource["medication"]["concept"]
    return str(concept_["text"])
