"""How many calls may be inside at once, and that no number, however written, makes one fail."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.hooks.answer import Answered
from cds_service.web import cds
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from tests.support.served import within
from tests.web.bodies import Json, address, bundle, call, order, refusal, request

MOST = 3
ORIGIN = {"Origin": "https://sandbox.cds-hooks.org"}


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> tuple[Event, list[None]]:
    """Every call is held inside until the event is set; the list has one item for each."""
    go, inside = Event(), []

    def answer(*parts: Any) -> Answered:
        inside.append(None)
        assert go.wait(10)
        return Answered(())

    monkeypatch.setattr(cds, "answer", answer)
    return go, inside


def _filled(threads: ThreadPoolExecutor, client: FlaskClient, inside: list[None]) -> list[Any]:
    """As many calls as may be inside, all of them there."""
    calls = [threads.submit(call, client, request()) for _ in range(MOST)]
    assert within(10, lambda: len(inside) == MOST)
    return calls


def test_a_call_beyond_the_bound_is_told_to_come_again(held: tuple[Event, list[None]]) -> None:
    """With as many calls inside as may be, the next one gets a 503 at once that names when to come again, in the form
    of every other error; those inside are answered, and then there is room."""
    go, inside = held
    client = create_app(Settings(max_waiting=MOST)).test_client()
    with ThreadPoolExecutor(MOST) as threads:
        calls = _filled(threads, client, inside)
        for path in (address("order-sign"), f"{address('order-sign')}/feedback"):
            response = client.post(path, json=request(), headers=ORIGIN)
            assert "Send it again" in refusal(response, 503)
            assert response.get_json()["issue"][0]["code"] == "throttled"
            assert (response.headers["Retry-After"], response.headers["Access-Control-Allow-Origin"]) == ("1", "*")
        go.set()
        assert {one.result().status_code for one in calls} == {200}
    assert call(client, request()).status_code == 200


def test_a_full_worker_still_says_that_it_lives(held: tuple[Event, list[None]]) -> None:
    """Health, discovery and the pages are answered however many calls are inside."""
    go, inside = held
    client = create_app(Settings(max_waiting=MOST)).test_client()
    with ThreadPoolExecutor(MOST) as threads:
        _filled(threads, client, inside)
        for path in ("/healthz", "/readyz", "/cds-services", "/evidence", "/"):
            assert client.get(path).status_code == 200
        assert client.options(address("order-sign")).status_code == 200
        go.set()


@pytest.mark.usefixtures("failing")
def test_a_call_that_fails_leaves_its_place() -> None:
    """However a call ends, the next one has its place."""
    client = create_app(Settings(max_waiting=1)).test_client()
    for body in (request(), {}, request()):
        assert call(client, body).status_code in (200, 400)


NUMBERS = {
    "a deep exponent": b"1e999999",
    "a deep negative exponent": b"1e-999999999",
    "an exponent of many digits": b"-1e" + b"9" * 100,
    "10000 digits": b"9" * 10_000,
    "10000 digits after the point": b"0." + b"0" * 10_000 + b"1",
    "the largest double": b"1.7976931348623157e308",
    "smaller than any double": b"1e-320",
    "minus zero": b"-0",
}


def _dosed(drug: str, hook: str) -> Json:
    """A call with one order of a drug, in which every number that is read is to be replaced."""
    number = {"value": "@@", "unit": "mg", "code": "mg"}
    days = {"value": "@@", "unit": "d", "code": "d"}
    repeat = {"frequency": "@@", "period": "@@", "periodUnit": "d", "boundsDuration": days}
    one = order(
        text=drug,
        status="active" if hook == "patient-view" else "draft",
        authoredOn="2026-11-01",
        dosageInstruction=[{"timing": {"repeat": repeat}, "doseAndRate": [{"doseQuantity": number}]}],
        dispenseRequest={"expectedSupplyDuration": days, "numberOfRepeatsAllowed": "@@"},
    )
    del one["medicationCodeableConcept"]["coding"]
    body = request(hook, one)
    body["prefetch"]["medicationRequests"] = bundle(one | {"id": "med-1", "status": "active"})
    result = {"resourceType": "Observation", "id": "lab-1", "status": "final", "effectiveDateTime": "2026-11-20"}
    coded = {"code": {"coding": [{"system": "http://loinc.org", "code": "19123-9"}]}}
    body["prefetch"]["observations"] = bundle(
        result | coded | {"valueQuantity": number, "referenceRange": [{"low": number, "high": number}]}
    )
    return body


@pytest.mark.parametrize("hook", ["patient-view", "order-sign"])
@pytest.mark.parametrize("drug", ["baclofen 10 mg", "magnesium oxide 400 mg tablet", "lorazepam 1 mg"])
@pytest.mark.parametrize("number", NUMBERS.values(), ids=NUMBERS)
def test_no_number_makes_a_call_fail(client: FlaskClient, number: bytes, drug: str, hook: str) -> None:
    """Whatever JSON takes for a number may stand for a dose, a time, a result or a range: in all of them at once, and
    in each alone, the call is answered or refused."""
    body = json.dumps(_dosed(drug, hook)).encode()
    pieces = body.split(b'"@@"')
    for place in range(len(pieces)):  # the last place is beyond all: there every number is replaced
        parts = [number if place in (at, len(pieces) - 1) else b"1" for at in range(len(pieces) - 1)]
        sent = b"".join(piece + part for piece, part in zip(pieces, [*parts, b""], strict=True))
        response = client.post(address(hook), data=sent, content_type="application/json")
        assert response.status_code in (200, 400)
