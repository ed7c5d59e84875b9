"""What holds over all cases of all rules, whatever they say (rules 10)."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.fhir.check import problems
from cds_service.fhir.version import Version
from cds_service.terminology import LOINC, Coding
from cds_service.web.app import create_app
from cds_service.web.examples.cases import AS_OF, Case, product
from cds_service.web.settings import Settings
from tests.support import hook
from tests.support.cases import all_cases, concept

Json = dict[str, Any]
CASES = all_cases()
# What a suggestion may do to an order of the EHR.
LISTED_CHANGES = {
    *(("stopped", drug) for drug in ("cyclobenzaprine", "quinine")),
    *(("on-hold", drug) for drug in ("magnesium", "furosemide", "spironolactone")),
}
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.name}")
every_ordering = pytest.mark.parametrize(
    "case", [case for case in CASES if case.hook != "patient-view"], ids=lambda case: f"{case.rule}: {case.name}"
)
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


def _errors() -> Iterator[tuple[str, Json]]:
    """Resources that would change nearly every card if they counted: in error, refuted, or cancelled."""
    order = {"resourceType": "MedicationRequest", "status": "entered-in-error", "intent": "order"}
    for drug in ("oxycodone", "lorazepam", "baclofen", "magnesium"):
        yield "medicationRequests", order | {"medicationCodeableConcept": _coded(product({"drug": drug}))}
        said = {"resourceType": "MedicationStatement", "status": "entered-in-error"}
        yield "medicationStatements", said | {"medicationCodeableConcept": _coded(product({"drug": drug}))}
    for name in ("hospice", "muscle-cramp", "cirrhosis", "dialysis", "hypomagnesaemia", "hepatic-encephalopathy"):
        for status in ("entered-in-error", "refuted"):
            told = {"resourceType": "Condition", "verificationStatus": {"coding": [{"code": status}]}}
            yield "conditions", told | {"code": _coded(concept(name))}
    results = (
        ("19123-9", 9.0, "mg/dL"),
        ("2823-3", 2.1, "mmol/L"),
        ("2951-2", 110, "mmol/L"),
        ("2160-0", 9.0, "mg/dL"),
    )
    for code, value, unit in (*results, ("98979-8", 9, "mL/min/{1.73_m2}")):
        for status in ("entered-in-error", "cancelled"):
            result = {"resourceType": "Observation", "status": status, "code": _coded(Coding(LOINC, code, ""))}
            yield "observations", result | {"valueQuantity": {"value": value, "unit": unit}}


def _coded(coding: Coding) -> Json:
    return {"coding": [{"system": coding.system, "code": coding.code}]}


def _with_errors(request: Json) -> Json:
    noisy = copy.deepcopy(request)
    for number, (key, error) in enumerate(_errors()):
        bundle = noisy["prefetch"].get(key)
        if bundle is not None:
            found = error | {"id": f"x{number}", "subject": {"reference": f"Patient/{hook.PATIENT}"}}
            found |= {"effectiveDateTime": AS_OF.isoformat()} if key == "observations" else {}
            bundle["total"] += 1
            bundle.setdefault("entry", []).append({"resource": found})
    return noisy


@every_case
def test_errors_change_nothing(case: Case, judged: FlaskClient) -> None:
    """Orders, statements, conditions and results that were entered in error leave the cards as they are."""
    request = hook.request(case, "R4")
    assert _cards(_with_errors(request), judged) == _cards(request, judged)


@every_ordering
@pytest.mark.parametrize("selected", [True, False])
def test_an_unrelated_draft_changes_nothing(case: Case, selected: bool, judged: FlaskClient) -> None:
    """A draft of an antibiotic, chosen or not, leaves the cards of every order hook as they are."""
    for request in _at_every_order_hook(hook.request(case, "R4")):
        crowded = copy.deepcopy(request)
        order = {"resourceType": "MedicationRequest", "id": "x3", "status": "draft", "intent": "order"}
        order["subject"] = {"reference": f"Patient/{hook.PATIENT}"}
        order["medicationCodeableConcept"] = _coded(product({"drug": "amoxicillin"}))
        context = crowded["context"]
        context.get("draftOrders", context.get("medications"))["entry"].append({"resource": order})
        if selected and "selections" in context:
            context["selections"].append("MedicationRequest/x3")
        assert _cards(crowded, judged) == _cards(request, judged)


def _at_every_order_hook(request: Json) -> Iterator[Json]:
    """The same orders as each order hook sends them; where nothing was chosen every draft is."""
    drafted = ("draftOrders", "medications", "selections")
    context = {key: part for key, part in request["context"].items() if key not in drafted}
    bundle = request["context"].get("draftOrders") or request["context"]["medications"]
    names = [f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in bundle["entry"]]
    selections = request["context"].get("selections", names)
    yield request | {"hook": "order-sign", "context": context | {"draftOrders": bundle}}
    yield request | {"hook": "medication-prescribe", "context": context | {"medications": bundle}}
    chosen = {"draftOrders": bundle, "selections": selections}
    yield request | {"hook": "order-select", "context": context | chosen}


@every_case
def test_children_get_no_card(case: Case, judged: FlaskClient) -> None:
    """At ten years of age no hook says anything, not even what could not be checked."""
    request = hook.request(case, "R4")
    request["prefetch"]["patient"] = {"resourceType": "Patient", "id": hook.PATIENT, "birthDate": "2016-01-01"}
    for sent in [request] if case.hook == "patient-view" else _at_every_order_hook(request):
        assert _cards(sent, judged) == []


KIDNEYS = ("dialysis", "acute-kidney-injury", "ckd-stage")


@every_ordering
@pytest.mark.parametrize("supplied", [True, False])
def test_no_result_is_never_critical(case: Case, supplied: bool, judged: FlaskClient) -> None:
    """Without any result, looked for in vain or not supplied, and without a condition of the kidneys, only what two
    drugs do to one another is critical."""
    healthy = [row for row in case.problems if not row["is"].startswith(KIDNEYS)]
    unknown = case.unknown if supplied else [*case.unknown, "labs"]
    request = hook.request(replace(case, labs=[], problems=healthy, unknown=unknown), "R4")
    assert _critical(_cards(request, judged)) <= {"benzodiazepine-opioid-combination"}


@every_ordering
def test_what_is_not_supplied_makes_nothing_critical(case: Case, judged: FlaskClient) -> None:
    """Each list left out, one after the other, makes no card critical that was not; except where it held what softens
    a hazard that is on record all the same."""
    request = hook.request(case, "R4")
    before = _critical(_cards(request, judged))
    softened = {"benzodiazepine-opioid-combination", "magnesium-renal-severe"}
    for key in request["prefetch"]:
        fewer = request | {"prefetch": {name: part for name, part in request["prefetch"].items() if name != key}}
        assert _critical(_cards(fewer, judged)) <= before | softened


def _critical(cards: list[Json]) -> set[str]:
    return {card["source"]["topic"]["code"] for card in cards if card["indicator"] == "critical"}


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
