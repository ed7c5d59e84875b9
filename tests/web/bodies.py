"""Bodies of hook calls, small and complete, and ways to send and to spoil them."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

INSTANCE = "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"
PATIENT = "pat-1"
USER = "Practitioner/doc-1"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
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


def order(code: str = "197446", text: str = "Cyclobenzaprine 10 MG Oral Tablet", **members: Any) -> Json:
    """A draft order; cyclobenzaprine unless told otherwise."""
    return {
        "resourceType": "MedicationRequest",
        "id": "draft-1",
        "status": "draft",
        "intent": "order",
        "subject": {"reference": f"Patient/{PATIENT}"},
        "medicationCodeableConcept": {"coding": [{"system": RXNORM, "code": code}], "text": text},
    } | members


def bundle(*resources: Json) -> Json:
    """A Bundle of resources."""
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}


def patient() -> Json:
    """A woman of 71."""
    return {"resourceType": "Patient", "id": PATIENT, "gender": "female", "birthDate": "1955-03-02"}


def prefetch() -> Json:
    """Every kind of data that the services ask for; the lists are empty, so nothing is left unchecked."""
    empty = {"resourceType": "Bundle", "type": "searchset", "total": 0}
    return {"patient": patient(), "conditions": empty, "medicationRequests": empty, "allergies": empty}


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


MISSING = object()


def with_member(body: Json, path: str, value: Any) -> Json:
    """The body with the member at a dotted path set, or taken away if the value is MISSING."""
    name, _, rest = path.partition(".")
    if rest:
        return body | {name: with_member(body[name], rest, value)}
    if value is MISSING:
        return {key: part for key, part in body.items() if key != name}
    return body | {name: value}
