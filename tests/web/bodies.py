"""Bodies of hook calls, small and complete; ways to spoil them, to send them and to read the answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

Json = dict[str, Any]

INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
PATIENT = "pat-1"
USER = "Practitioner/doc-1"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ICD_10_CM = "http://hl7.org/fhir/sid/icd-10-cm"
# Every hook with its service and the field of its context that holds the drafts.
SERVICES = {
    "patient-view": ("cramp-patient-view", ""),
    "order-select": ("cramp-order-select", "draftOrders"),
    "order-sign": ("cramp-order-sign", "draftOrders"),
    "medication-prescribe": ("cramp-medication-prescribe", "medications"),
}


def address(hook: str) -> str:
    """Where the service of a hook is called."""
    return f"/cds-services/{SERVICES[hook][0]}"


def order(code: str = "21949", text: str = "Cyclobenzaprine 10 MG Oral Tablet", **members: Any) -> Json:
    """A draft order; cyclobenzaprine unless told otherwise."""
    return {
        "resourceType": "MedicationRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{PATIENT}"},
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code}], "text": text},
    } | members


def condition(code: str, text: str, **members: Any) -> Json:
    """An active problem with an ICD-10-CM code."""
    return {
        "resourceType": "Condition",
        "id": f"condition-{code}",
        "subject": {"reference": f"Patient/{PATIENT}"},
        "clinicalStatus": {"coding": [{"code": "active"}]},
        "code": {"coding": [{"system": ICD_10_CM, "code": code}], "text": text},
    } | members


def bundle(*resources: Json) -> Json:
    """A Bundle of resources."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def patient(born: str = "1955-03-02") -> Json:
    """A woman, 71 years old on the fixed day."""
    return {"resourceType": "Patient", "id": PATIENT, "gender": "female", "birthDate": born}


def prefetch() -> Json:
    """Every kind of data that the services ask for; the lists are empty, so nothing is left unchecked."""
    empty = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    return {"patient": patient(), "conditions": empty, "medicationRequests": empty}


def request(hook: str = "order-sign", *drafts: Json) -> Json:
    """A call of a hook that is right in every way, with one draft order unless others are given."""
    body: Json = {
        "hook": hook,
        "hookInstance": INSTANCE,
        "context": {"userId": USER, "patientId": PATIENT},
        "prefetch": prefetch(),
    }
    orders = drafts or (order(),)
    field = SERVICES[hook][1]
    if field:
        body["context"][field] = bundle(*orders)
    if hook == "order-select":
        body["context"]["selections"] = [f"{one['resourceType']}/{one['id']}" for one in orders]
    return body


def charted(hook: str, born: str) -> Json:
    """A call with every kind of resource and element that matters, and a card that changes an order."""
    length = {"value": 60, "unit": "days", "code": "d"}
    dosage = {
        "text": "1 tablet daily",
        "timing": {"repeat": {"frequency": 1, "period": 1, "periodUnit": "d", "boundsDuration": length}},
        "doseAndRate": [{"doseQuantity": {"value": 1}}],
        "route": {"text": "oral"},
    }
    taken: Json = {
        "status": "active",
        "authoredOn": "2026-11-01",
        "dosageInstruction": [dosage],
        "dispenseRequest": {"expectedSupplyDuration": length, "numberOfRepeatsAllowed": 3},
        "reasonCode": [{"coding": [{"system": ICD_10_CM, "code": "R25.2"}], "text": "Cramp"}],
        "reasonReference": [{"reference": "Condition/condition-R25.2"}],
    }
    diazepam = ("3322", "Diazepam 5 MG Oral Tablet")
    drafts = [order(*diazepam, **(taken | {"status": "draft"})), order(id="draft-2")]
    body = request(hook, *drafts)
    body["context"]["encounterId"] = "enc-1"
    body["extension"] = {"io.cds-service.explain": True}
    body["prefetch"] |= {
        "patient": patient(born),
        "encounter": {"resourceType": "Encounter", "id": "enc-1", "status": "in-progress", "class": {"code": "AMB"}},
        "conditions": bundle(condition("R25.2", "Cramp and spasm", recordedDate="2026-10-01")),
        "medicationRequests": bundle(order(*diazepam, **taken, id="med-1"), order(id="med-2", status="active")),
        "medicationStatements": bundle(
            order(resourceType="MedicationStatement", id="med-3", status="active", effectivePeriod={"start": "2026"})
        ),
    }
    return body


MISSING = object()


def with_member(body: Any, path: str, value: Any) -> Any:
    """The body with the member at a path such as context/patientId set, or gone if the value is MISSING."""
    name, _, rest = path.partition("/")
    copy = list(body) if isinstance(body, list) else dict(body)
    key: Any = int(name) if isinstance(copy, list) else name
    if rest:
        copy[key] = with_member(copy[key], rest, value)
    elif value is MISSING:
        del copy[key]
    else:
        copy[key] = value
    return copy


def paths(body: Any, start: str = "") -> Iterator[str]:
    """The path of every member and position in a body."""
    parts = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for name, part in parts:
        yield f"{start}{name}"
        yield from paths(part, f"{start}{name}/")


def call(client: FlaskClient, body: Any, hook: str = "order-sign") -> TestResponse:
    """One firing of a hook."""
    return client.post(address(hook), json=body)


def cards(client: FlaskClient, body: Any, hook: str = "order-sign") -> list[Json]:
    """The cards of a call that must be answered."""
    response = call(client, body, hook)
    assert response.status_code == 200, response.text
    found: list[Json] = response.get_json()["cards"]
    return found


def refusal(response: TestResponse, status: int = 400) -> str:
    """The text of a refusal, which must be an OperationOutcome."""
    assert response.status_code == status, response.text
    assert response.content_type == "application/json"
    body = response.get_json()
    assert body["resourceType"] == "OperationOutcome"
    [issue] = body["issue"]
    assert issue["severity"] == "error"
    assert issue["code"]
    text: str = issue["details"]["text"]
    return text


def empty_members(part: Any, place: str = "") -> list[str]:
    """Where a body holds null, an empty text, list or object."""
    if part in (None, "", [], {}):
        return [place]
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return [found for name, value in inside for found in empty_members(value, f"{place}/{name}")]
