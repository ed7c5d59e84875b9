"""Bodies in the shapes that real clients send, some of them against every specification."""

from __future__ import annotations

from typing import Any

from tests.web.bodies import (
    MISSING,
    PATIENT,
    RXNORM,
    USER,
    Json,
    bundle,
    charted,
    condition,
    order,
    patient,
    request,
    with_member,
)

_OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]}
_PILLS = {
    "timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d", "boundsPeriod": {"start": "2026-11-20"}}},
    "doseAndRate": [{"doseQuantity": {"value": 1, "system": "http://unitsofmeasure.org", "code": "{pill}"}}],
}
_NEXT = [{"relation": "next", "url": "https://ehr.example.org/fhir?page=2"}]


def _without_orders(hook: str) -> Json:
    """A tab that is clicked again."""
    body = with_member(request(hook), "context/draftOrders", MISSING)
    return with_member(body, "context/selections", MISSING) if hook == "order-select" else body


def _imaging() -> Json:
    """An order of another kind, half filled in."""
    draft = {
        "resourceType": "ServiceRequest",
        "id": "r-1",
        "code": {"coding": [{}]},
        "reasonCode": [],
        "intent": "plan",
    }
    return request("order-select", draft)


def _unchosen() -> Json:
    """The order form before a medication is chosen."""
    draft = {"resourceType": "MedicationRequest", "id": "r-1", "status": "draft", "category": {"text": "x"}}
    return request("order-select", draft | {"subject": {"reference": f"Patient/{PATIENT}"}})


def _objects_for_lists() -> Json:
    """What FHIR has in lists, without the lists; a Bundle without its type."""
    loose = {"category": {"text": "x"}, "reasonCode": {"text": "Cramp"}, "dosageInstruction": _PILLS}
    body = request("order-sign", order(**loose))
    return with_member(body, "context/draftOrders/type", MISSING)


def _prefetched(hook: str, **keys: Any) -> Json:
    body = request(hook)
    return body | {"prefetch": body["prefetch"] | keys}


def _failed_prefetch() -> Json:
    """A truncated answer as text, an error in the place of data, and what never came."""
    cut = '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Cond'
    return _prefetched("order-sign", conditions=cut, medicationRequests=_OUTCOME, observations=None)


def _empty_with_outcome() -> Json:
    """A search that found nothing, with a word of it as its only entry."""
    entry = {"resource": _OUTCOME, "search": {"mode": "outcome"}}
    empty = {"resourceType": "Bundle", "type": "searchset", "total": 0, "entry": [entry]}
    return _prefetched("patient-view", conditions=empty, medicationRequests=empty)


def _old_client() -> Json:
    """Before version 1.0: the user beside the context, prefetch wrapped in a response."""
    body = with_member(request("medication-prescribe"), "context/userId", MISSING)
    wrapped = {key: {"response": {"status": "200"}, "resource": part} for key, part in body["prefetch"].items()}
    return body | {"user": USER, "prefetch": wrapped}


def _dstu2() -> Json:
    """Units in the plural, the patient by an old name."""
    old = {"timing": {"repeat": {"frequency": 1, "period": 1, "periodUnits": "d"}}, "doseQuantity": {"value": 1}}
    drug = {"text": "diazepam", "coding": [{"system": RXNORM, "code": "197589", "display": "Diazepam"}]}
    draft = {"resourceType": "MedicationOrder", "id": "order-123", "dateWritten": "2026-11-22", "status": "draft"}
    draft |= {
        "medicationCodeableConcept": drug,
        "dosageInstruction": [old],
        "patient": {"reference": f"Patient/{PATIENT}"},
    }
    return request("medication-prescribe", draft)


def _launched() -> Json:
    """With a token, and a FHIR server that nobody allowed to be called."""
    access = {"access_token": "x", "token_type": "Bearer", "expires_in": 3600, "scope": "patient/*.*", "subject": "cds"}
    return request("order-sign") | {"fhirServer": "https://ehr.example.org/fhir/", "fhirAuthorization": access}


def _long_ids() -> Json:
    """Order ids of 200 characters, with extensions of the EHR."""
    body = request("order-select", order(id="e" * 200), order(id="f" * 200, text="lorazepam"))
    return body | {"extension": {"com.example.timestamp": "2026-11-22T10:00:00Z", "io.cds-service.explain": True}}


def _paged() -> Json:
    """First pages only, the rest behind a link."""
    page = bundle(condition("R25.2", "Cramp and spasm")) | {"link": _NEXT, "total": 120}
    return _prefetched("patient-view", conditions=page, medicationRequests=bundle(order(status="active")))


def _contained() -> Json:
    """The drug lies inside the order."""
    drug = {"resourceType": "Medication", "id": "m", "code": {"coding": [{"system": RXNORM, "code": "828348"}]}}
    draft = order(contained=[drug], medicationReference={"reference": "#m"})
    return request("order-sign", with_member(draft, "medicationCodeableConcept", MISSING))


def _by_uuid() -> Json:
    """References by urn:uuid, resolved by the addresses of the entries."""
    name = "urn:uuid:0b6a7c1e-5d0f-4a52-9b5e-1f8f3f1f7a11"
    people = {"resourceType": "Bundle", "entry": [{"fullUrl": name, "resource": patient()}]}
    return _prefetched(
        "order-sign", people=people, conditions=bundle(condition("K74.60", "x", subject={"reference": name}))
    )


def _results() -> Json:
    """Results as texts, with comparators, in parts, without a date, and of a test that was cancelled."""
    code = {"code": {"coding": [{"system": "http://loinc.org", "code": "19123-9"}], "text": "Magnesium"}}
    plain = {"resourceType": "Observation", "status": "final", "subject": {"reference": f"Patient/{PATIENT}"}} | code
    dated = plain | {"effectiveDateTime": "2026-11-20"}
    found = [
        dated | {"id": "o-1", "valueString": "<1.2"},
        dated | {"id": "o-2", "valueQuantity": {"value": 1.2, "comparator": "<", "unit": "mg/dl"}},
        dated | {"id": "o-3", "component": [code | {"valueQuantity": {"value": 2}}]},
        plain | {"id": "o-4", "valueQuantity": {"value": 0.7, "unit": "mmol/L"}},
        dated | {"id": "o-5", "status": "cancelled", "dataAbsentReason": {"text": "haemolysed"}},
    ]
    body = request("order-sign", order("6582", "Magnesium oxide 400 MG Oral Tablet", dosageInstruction=[_PILLS]))
    return body | {"prefetch": body["prefetch"] | {"observations": bundle(*found)}}


SHAPES: dict[str, Json] = {
    "clicked again": _without_orders("order-select"),
    "clicked again at signing": _without_orders("order-sign"),
    "imaging": _imaging(),
    "unchosen": _unchosen(),
    "objects for lists": _objects_for_lists(),
    "failed prefetch": _failed_prefetch(),
    "empty with outcome": _empty_with_outcome(),
    "old client": _old_client(),
    "dstu2": _dstu2(),
    "launched": _launched(),
    "long ids": _long_ids(),
    "paged": _paged(),
    "contained": _contained(),
    "by uuid": _by_uuid(),
    "results": _results(),
    **{f"charted {hook}": charted(hook, "1955-03-02") for hook in ("patient-view", "order-select", "order-sign")},
}
