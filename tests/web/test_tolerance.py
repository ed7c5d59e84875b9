"""What is unusual but allowed, and what is missing, is answered."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.bodies import (
    MISSING,
    SERVICES,
    USER,
    Json,
    call,
    cards,
    order,
    refusal,
    request,
    with_member,
)

HOOKS = list(SERVICES)
ORDER_HOOKS = HOOKS[1:]


# What a tolerant service takes

TOLERATED: dict[str, tuple[str, Any]] = {
    "unknown members": ("futureMember", {"anything": [1, 2]}),
    "unknown members in the context": ("context/futureMember", "x"),
    "an unknown extension": ("extension", {"com.example.timestamp": "2026-11-22"}),
    "an extension that is no object": ("extension", ["x"]),
    "an extension of a resource": ("prefetch/patient/extension", [{"url": "http://example.org/x", "valueCode": "y"}]),
    "no prefetch": ("prefetch", MISSING),
    "prefetch null": ("prefetch", None),
    "an empty prefetch": ("prefetch", {}),
    "an unknown prefetch key": ("prefetch/other", {"resourceType": "Basic"}),
    "fhirServer": ("fhirServer", "https://ehr.example.org/fhir"),
    "fhirServer on loopback": ("fhirServer", "http://localhost:8080"),
    "fhirServer null": ("fhirServer", None),
    "fhirAuthorization null": ("fhirAuthorization", None),
    "a PractitionerRole as user": ("context/userId", "PractitionerRole/role-1"),
    "an encounter": ("context/encounterId", "enc-1"),
    "an encounter of 200 characters": ("context/encounterId", "e" * 200),
    "a hookInstance that is no uuid": ("hookInstance", "abc"),
}


@pytest.mark.parametrize(("path", "value"), TOLERATED.values(), ids=TOLERATED)
def test_what_is_unusual_but_allowed_is_answered(client: FlaskClient, path: str, value: Any) -> None:
    """Members that are unknown, optional or empty never stand in the way of an answer."""
    assert call(client, with_member(request(), path, value)).status_code == 200


@pytest.mark.parametrize("value", [MISSING, None], ids=["missing", "null"])
@pytest.mark.parametrize("hook", ORDER_HOOKS)
def test_an_order_hook_without_its_orders_has_no_cards(client: FlaskClient, hook: str, value: Any) -> None:
    """A real client sends order hooks without their Bundle: 200 and no cards."""
    body = with_member(request(hook), f"context/{SERVICES[hook][1]}", value)
    assert call(client, body, hook).get_json() == {"cards": []}


@pytest.mark.parametrize("drafts", [{}, {"entry": []}, {"entry": None}, {"type": "collection"}], ids=str)
@pytest.mark.parametrize("hook", ORDER_HOOKS)
def test_an_empty_bundle_of_orders_has_no_cards(client: FlaskClient, hook: str, drafts: Json) -> None:
    """A Bundle without entries, or without a type, holds nothing to judge."""
    body = with_member(request(hook), f"context/{SERVICES[hook][1]}", {"resourceType": "Bundle"} | drafts)
    assert cards(client, body, hook) == []


@pytest.mark.parametrize("hook", ORDER_HOOKS)
def test_orders_of_another_kind_have_no_cards(client: FlaskClient, hook: str) -> None:
    """A session that orders services only is none of the guideline's business."""
    drafts = [{"resourceType": kind, "id": "1", "status": "draft"} for kind in ("ServiceRequest", "DeviceRequest")]
    assert cards(client, request(hook, *drafts), hook) == []


def test_the_root_user_of_old_clients_is_taken(client: FlaskClient) -> None:
    """A client from before version 1.0 sends the user beside the context."""
    body = with_member(request(), "context/userId", MISSING) | {"user": USER}
    assert len(cards(client, body)) == 1


def test_order_ids_may_be_long(client: FlaskClient) -> None:
    """An order id of 200 characters, as one EHR makes them, is taken and comes back whole."""
    long = "o" * 200
    body = request("order-select", order(id=long))
    [card] = cards(client, body, "order-select")
    assert f"MedicationRequest/{long}" in json.dumps(card)


def test_only_selected_orders_are_judged(client: FlaskClient) -> None:
    """At order-select an order that is not selected brings no card."""
    body = with_member(request("order-select"), "context/selections", ["MedicationRequest/other"])
    assert cards(client, body, "order-select") == []


UNUSABLE: dict[str, Any] = {
    "null": None,
    "OperationOutcome": {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "forbidden"}]},
    "text": "no",
    "list": [{"resourceType": "Patient"}],
    "number": 7,
    "an object without a type": {"id": "x"},
    "an empty object": {},
    "empty Bundle": {"resourceType": "Bundle", "type": "searchset"},
    "a Bundle with holes": {"resourceType": "Bundle", "entry": [None, 5, {}, {"resource": None}]},
}


@pytest.mark.parametrize("hook", ORDER_HOOKS)
@pytest.mark.parametrize("value", UNUSABLE.values(), ids=UNUSABLE)
def test_no_prefetch_value_stops_an_order_hook(client: FlaskClient, hook: str, value: Any) -> None:
    """Whatever stands under the prefetch keys, an order hook is answered."""
    keys = client.get("/cds-services").get_json()["services"][HOOKS.index(hook)]["prefetch"]
    assert call(client, request(hook) | {"prefetch": dict.fromkeys(keys, value)}, hook).status_code == 200


def test_what_could_not_be_seen_is_told(client: FlaskClient) -> None:
    """Without any data an order that a rule warns of still brings a card: silence would read as all clear."""
    assert cards(client, with_member(request(), "prefetch", MISSING)) != []


NOTHING: dict[str, Any] = {"missing": MISSING, "null": None, "empty": {}}


@pytest.mark.parametrize("value", NOTHING.values(), ids=NOTHING)
def test_an_open_chart_without_any_data_is_refused_with_412(client: FlaskClient, value: Any) -> None:
    """At patient-view with nothing supplied the client is told which keys to send."""
    text = refusal(call(client, with_member(request("patient-view"), "prefetch", value), "patient-view"), 412)
    for key in client.get("/cds-services").get_json()["services"][0]["prefetch"]:
        assert key in text


@pytest.mark.parametrize("name", ["null", "OperationOutcome", "text", "list"])
def test_an_open_chart_with_unusable_data_only_never_fails(client: FlaskClient, name: str) -> None:
    """At patient-view with every key unusable the answer is an empty list that counts, or 412."""
    keys = client.get("/cds-services").get_json()["services"][0]["prefetch"]
    body = request("patient-view") | {"prefetch": dict.fromkeys(keys, UNUSABLE[name])}
    assert call(client, body, "patient-view").status_code == (200 if name == "null" else 412)
