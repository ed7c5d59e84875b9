"""CDS Hooks requests made of small FHIR resources, and the service's answer to them."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from cds_service.hooks.answer import Answered, answer
from cds_service.hooks.catalogue import SERVICES
from tests.fhir.resources import PATIENT, TODAY, Json, bundle, patient


def base() -> str:
    """Where the service is."""
    return "https://cds.example"


INSTANCE = "5c1a1e9a-0000-4000-8000-000000000001"
FIELDS = {"order-select": "draftOrders", "order-sign": "draftOrders", "medication-prescribe": "medications"}
OLD_TYPES = {"MedicationOrder", "ProcedureRequest"}
KEYS = {
    "Condition": "conditions",
    "MedicationRequest": "medicationRequests",
    "MedicationOrder": "medicationOrders",
    "MedicationStatement": "medicationStatements",
    "AllergyIntolerance": "allergies",
    "Observation": "observations",
    "ServiceRequest": "serviceRequests",
    "ProcedureRequest": "procedureRequests",
}


def prefetch(*held: Json, **more: Any) -> Json:
    """Every key of R4 answered, each with its own resources, and those of older versions where they hold any."""
    held_types = {resource["resourceType"] for resource in held}
    keys = [key for kind, key in KEYS.items() if kind not in OLD_TYPES or kind in held_types]
    found: Json = {"patient": patient()} | {key: bundle() for key in keys}
    for resource in held:
        if resource["resourceType"] in KEYS:
            found[KEYS[resource["resourceType"]]]["entry"].append({"resource": resource})
        else:
            found[resource["resourceType"].lower()] = resource
    return found | more


def request(hook: str, *drafts: Json, held: Any = (), context: Any = None, **more: Any) -> Json:
    """A call with these drafts, and with every prefetch key answered."""
    inside: Json = {"userId": "Practitioner/1", "patientId": PATIENT}
    if hook in FIELDS:
        inside[FIELDS[hook]] = bundle(*drafts)
    call = {"hook": hook, "hookInstance": INSTANCE, "context": inside | (context or {})}
    return call | {"prefetch": prefetch(*held)} | more


def sent(call: Any) -> bytes:
    """The body of a call."""
    return json.dumps(call).encode()


def answered(call: Json, hook: str = "") -> Answered:
    """The answer to a call."""
    return answer(SERVICES[f"cramp-{hook or call['hook']}"], sent(call), TODAY, base)


def cards(call: Json) -> list[Any]:
    """The cards as they are sent."""
    found: list[Any] = json.loads(msgspec.json.encode(answered(call).to_json()))["cards"]
    return found


def told(call: Json) -> list[str]:
    """`rule:indicator` of every card."""
    return [f"{card['source']['topic']['code']}:{card['indicator']}" for card in cards(call)]


def traced(call: Json) -> Any:
    """The trace of a call that asks for it."""
    explained = answered(call | {"extension": {"io.cds-service.explain": True}})
    return json.loads(msgspec.json.encode(explained.to_json()))["extension"]["io.cds-service.trace"]
