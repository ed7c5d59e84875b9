"""A hook call that is wrong is refused by name, and nothing that a client sends makes the service fail."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.bodies import (
    MISSING,
    PATIENT,
    SERVICES,
    Json,
    address,
    bundle,
    call,
    charted,
    order,
    paths,
    patient,
    refusal,
    request,
    with_member,
)

HOOKS = list(SERVICES)

SECRET = "s3cret-value"


REFUSED: dict[str, tuple[str, str, Any, str]] = {
    # what: hook, path, value, what the text must name
    "wrong hook": ("order-sign", "hook", "patient-view", "`hook`"),
    "unknown hook": ("order-sign", "hook", SECRET, "`hook`"),
    "hook missing": ("order-sign", "hook", MISSING, "`hook`"),
    "hook null": ("order-sign", "hook", None, "`hook`"),
    "hook a list": ("order-sign", "hook", ["order-sign"], "`hook`"),
    "hookInstance missing": ("order-sign", "hookInstance", MISSING, "`hookInstance`"),
    "hookInstance null": ("order-sign", "hookInstance", None, "`hookInstance`"),
    "hookInstance empty": ("order-sign", "hookInstance", "", "`hookInstance`"),
    "hookInstance a number": ("order-sign", "hookInstance", 12345, "`hookInstance`"),
    "context missing": ("patient-view", "context", MISSING, "`context`"),
    "context null": ("patient-view", "context", None, "`context`"),
    "context an array": ("patient-view", "context", [{"patientId": SECRET}], "`context`"),
    "context text": ("patient-view", "context", SECRET, "`context`"),
    "patientId missing": ("patient-view", "context/patientId", MISSING, "`context.patientId`"),
    "patientId null": ("patient-view", "context/patientId", None, "`context.patientId`"),
    "patientId a number": ("patient-view", "context/patientId", 12345, "`context.patientId`"),
    "patientId empty": ("patient-view", "context/patientId", "", "`context.patientId`"),
    "patientId traversal": ("patient-view", "context/patientId", f"../../{SECRET}", "`context.patientId`"),
    "patientId with its type": ("patient-view", "context/patientId", f"Patient/{SECRET}", "`context.patientId`"),
    "patientId of 65 characters": ("patient-view", "context/patientId", "p" * 65, "`context.patientId`"),
    "patientId with a line end": ("patient-view", "context/patientId", f"{PATIENT}\n", "`context.patientId`"),
    "patientId an object": ("order-sign", "context/patientId", {"id": SECRET}, "`context.patientId`"),
    "userId missing": ("patient-view", "context/userId", MISSING, "`context.userId`"),
    "userId null": ("patient-view", "context/userId", None, "`context.userId`"),
    "userId bare": ("patient-view", "context/userId", SECRET, "`context.userId`"),
    "userId a number": ("patient-view", "context/userId", 12345, "`context.userId`"),
    "userId of another type": ("patient-view", "context/userId", f"Device/{SECRET}", "`context.userId`"),
    "userId without an id": ("patient-view", "context/userId", "Practitioner/", "`context.userId`"),
    "userId traversal": ("patient-view", "context/userId", f"Practitioner/../{SECRET}", "`context.userId`"),
    "encounterId traversal": ("patient-view", "context/encounterId", f"../{SECRET}", "`context.encounterId`"),
    "encounterId a number": ("patient-view", "context/encounterId", 12345, "`context.encounterId`"),
    "draftOrders text": ("order-sign", "context/draftOrders", SECRET, "`context.draftOrders`"),
    "draftOrders a list": ("order-sign", "context/draftOrders", [SECRET], "`context.draftOrders`"),
    "draftOrders a number": ("order-sign", "context/draftOrders", 12345, "`context.draftOrders`"),
    "draftOrders an object": ("order-sign", "context/draftOrders", {"x": SECRET}, "`context.draftOrders`"),
    "draftOrders one order": ("order-sign", "context/draftOrders", order(text=SECRET), "`context.draftOrders`"),
    "medications text": ("medication-prescribe", "context/medications", SECRET, "`context.medications`"),
    "selections text": ("order-select", "context/selections", SECRET, "`context.selections`"),
    "selections an object": ("order-select", "context/selections", {"0": SECRET}, "`context.selections`"),
    "a draft of another patient": (
        "order-sign",
        "context/draftOrders",
        bundle(order(subject={"reference": f"Patient/{SECRET}"})),
        "draft order",
    ),
    "prefetch a list": ("order-sign", "prefetch", [patient() | {"id": SECRET}], "`prefetch`"),
    "prefetch text": ("order-sign", "prefetch", SECRET, "`prefetch`"),
    "prefetch a number": ("order-sign", "prefetch", 12345, "`prefetch`"),
    "fhirServer a number": ("order-sign", "fhirServer", 5, "`fhirServer`"),
    "fhirServer text": ("order-sign", "fhirServer", "not a url", "`fhirServer`"),
    "fhirServer a file": ("order-sign", "fhirServer", "file:///etc/passwd", "`fhirServer`"),
    "fhirServer empty": ("order-sign", "fhirServer", "", "`fhirServer`"),
    "fhirServer without a host": ("order-sign", "fhirServer", "https:///fhir", "`fhirServer`"),
    "fhirServer with a broken host": ("order-sign", "fhirServer", "http://[::1", "`fhirServer`"),
    "fhirServer with CRLF": ("order-sign", "fhirServer", "https://a.example\r\nX-Evil: 1", "`fhirServer`"),
    "fhirAuthorization text": ("order-sign", "fhirAuthorization", SECRET, "`fhirAuthorization`"),
    "fhirAuthorization empty": ("order-sign", "fhirAuthorization", {}, "`fhirAuthorization`"),
    "fhirAuthorization without fhirServer": (
        "order-sign",
        "fhirAuthorization",
        {"access_token": SECRET, "token_type": "Bearer"},
        "`fhirServer`",
    ),
    "fhirAuthorization Basic": (
        "order-sign",
        "fhirAuthorization",
        {"access_token": SECRET, "token_type": "Basic"},
        "`fhirAuthorization`",
    ),
}


@pytest.mark.parametrize(("hook", "path", "value", "named"), REFUSED.values(), ids=REFUSED)
def test_a_wrong_member_is_refused_by_name(client: FlaskClient, hook: str, path: str, value: Any, named: str) -> None:
    """400 with an OperationOutcome that names the field and holds nothing of what was sent."""
    response = call(client, with_member(request(hook), path, value), hook)
    assert named in refusal(response)
    for sent in (SECRET, "12345", "p" * 65, "passwd", "Evil", "not a url", PATIENT):
        assert sent not in response.text


BROKEN: dict[str, bytes] = {
    "broken JSON": b'{"hook": "order-sign",',
    "empty": b"",
    "text": b"hello",
    "a byte order mark of UTF-16": b"\xff\xfe{\x00}\x00",
    "invalid UTF-8 in a member that is read": b'{"hook": "\xff\xfe"}',
    "a lone surrogate": b'{"hook": "\\ud800"}',
    "NaN": b'{"hook": NaN}',
    "a control character": b'{"hook": "order\x01sign"}',
    "two documents": b"{}{}",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_body_that_is_no_json_is_refused(client: FlaskClient, body: bytes) -> None:
    """400 that says: JSON in UTF-8."""
    response = client.post(address("order-sign"), data=body, content_type="application/json")
    assert "JSON in UTF-8" in refusal(response)


@pytest.mark.parametrize("body", [b"[]", b'["hook"]', b"null", b"5", b'"hook"', b"true"], ids=str)
def test_a_body_that_is_no_object_is_refused(client: FlaskClient, body: bytes) -> None:
    """400 that says: send one object."""
    response = client.post(address("order-sign"), data=body, content_type="application/json")
    assert "not a JSON object" in refusal(response)


@pytest.mark.parametrize("hook", HOOKS)
def test_null_everywhere_is_refused(client: FlaskClient, hook: str) -> None:
    """A call whose members are all null is a bad request, not a failure."""
    members = ("hook", "hookInstance", "context", "prefetch", "fhirServer", "fhirAuthorization", "extension", "user")
    assert "`hook`" in refusal(call(client, dict.fromkeys(members), hook))


@pytest.mark.parametrize("place", [b'{"x": %s}', b'{"prefetch": {"patient": %s}}', b'{"context": %s}', b"%s"])
@pytest.mark.parametrize(("opening", "closing"), [(b'{"contained": ', b"}"), (b"[", b"]")], ids=["objects", "lists"])
def test_deep_nesting_is_refused(client: FlaskClient, place: bytes, opening: bytes, closing: bytes) -> None:
    """50,000 levels anywhere are a bad request, and the service lives."""
    body = place % (opening * 50_000 + b"1" + closing * 50_000)
    refusal(client.post(address("order-sign"), data=body, content_type="application/json"))
    assert client.get("/healthz").status_code == 200


def raw(body: Json, member: bytes) -> bytes:
    """The body as bytes with one more member, which the service does not read."""
    return json.dumps(body).encode().replace(b'{"hook"', b'{"unread": ' + member + b', "hook"', 1)


def active(hook: str) -> Json:
    """A call whose card carries a resource of the request, changed: the body is read a second time for it."""
    return charted(hook, "1955-03-02" if hook == "patient-view" else "1985-03-02")


def changes(answer: Json) -> list[str]:
    """The types of all actions of an answer."""
    offered = [suggestion for card in answer["cards"] for suggestion in card.get("suggestions", [])]
    return [action["type"] for suggestion in offered for action in suggestion["actions"]]


@pytest.mark.parametrize("hook", ["patient-view", "order-sign"])
@pytest.mark.parametrize("number", [b"1e999", b"-1e999", b"9" * 6000], ids=["huge", "negative", "long"])
def test_a_number_too_large_in_an_unread_member_does_no_harm(client: FlaskClient, hook: str, number: bytes) -> None:
    """Members that the service does not read may hold any JSON number; the change of an order is offered as ever."""
    response = client.post(address(hook), data=raw(active(hook), number), content_type="application/json")
    assert response.status_code == 200, response.text
    assert changes(response.get_json()) == changes(call(client, active(hook), hook).get_json()) != []


@pytest.mark.parametrize("hook", ["patient-view", "order-sign"])
def test_invalid_utf_8_in_an_unread_member_is_refused(client: FlaskClient, hook: str) -> None:
    """A body that is not UTF-8 is refused wherever the wrong byte stands, because resources are copied from it."""
    response = client.post(address(hook), data=raw(active(hook), b'"\xff"'), content_type="application/json")
    assert "JSON in UTF-8" in refusal(response)


@pytest.mark.parametrize("hook", ["patient-view", "order-sign"])
@pytest.mark.parametrize("first", [b'"x"', b"5", b"null", b"[]", b'{"x": 1}'], ids=str)
@pytest.mark.parametrize("name", [b"context", b"prefetch"])
def test_of_a_member_told_twice_the_last_counts(client: FlaskClient, hook: str, first: bytes, name: bytes) -> None:
    """Whatever stood there first, the call is answered by what stood there last, a changed order included."""
    twice = json.dumps(active(hook)).encode().replace(b"{", b'{"' + name + b'": ' + first + b", ", 1)
    response = client.post(address(hook), data=twice, content_type="application/json")
    assert response.get_json() == call(client, active(hook), hook).get_json()


ODD: dict[str, Callable[[Any], Any]] = {
    "missing": lambda _: MISSING,
    "null": lambda _: None,
    "empty list": lambda _: [],
    "empty object": lambda _: {},
    "number": lambda _: 5,
    "true": lambda _: True,
    "text": lambda _: "x",
    "list of null": lambda _: [None],
    "object": lambda _: {"x": 1},
    "huge number": lambda _: 10**400,
    "NaN as text": lambda _: "NaN",
    "twice": lambda part: [part, part],
    "first only": lambda part: part[0] if isinstance(part, list) else part,
}


def member(body: Any, path: str) -> Any:
    """What stands at a path."""
    for name in path.split("/"):
        body = body[int(name)] if isinstance(body, list) else body[name]
    return body


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("hook", ["patient-view", "order-sign"])
def test_an_odd_value_anywhere_never_makes_the_service_fail(client: FlaskClient, hook: str, odd: str) -> None:
    """Whatever member of a full call is spoiled, it is answered or refused, never failed."""
    body = active(hook)
    failed = {}
    for path in paths(body):
        spoiled = with_member(body, path, ODD[odd](member(body, path)))
        status = call(client, spoiled, hook).status_code
        if status not in (200, 400, 412):
            failed[path] = status
    assert failed == {}
