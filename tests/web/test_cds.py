"""The protocol as a client sees it: discovery, calls that are answered, and calls that are refused."""

from __future__ import annotations

import json
from datetime import date
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from tests.support import clock
from tests.web.bodies import (
    INSTANCE,
    SERVICES,
    address,
    bundle,
    call,
    cards,
    empty_members,
    order,
    refusal,
    request,
    with_member,
)

HOOKS = list(SERVICES)
ORDER_HOOKS = HOOKS[1:]


# Discovery


def test_discovery_lists_a_service_for_every_hook(client: FlaskClient) -> None:
    """GET /cds-services answers 200 with JSON and one service for each hook on offer."""
    response = client.get("/cds-services")
    assert response.status_code == 200
    assert response.content_type == "application/json"
    found = {service["hook"]: service["id"] for service in response.get_json()["services"]}
    assert found == {hook: service for hook, (service, _) in SERVICES.items()}


def test_discovery_tells_each_service_in_full(client: FlaskClient) -> None:
    """Every service has a title, a description, versions, and prefetch templates that are texts."""
    for service in client.get("/cds-services").get_json()["services"]:
        assert all(service[name] for name in ("title", "description", "version", "hookVersion", "usageRequirements"))
        assert service["prefetch"]
        assert all(isinstance(search, str) for search in service["prefetch"].values())


def test_discovery_holds_nothing_empty(client: FlaskClient) -> None:
    """Discovery has no null and no empty member, as CDS Hooks demands."""
    assert empty_members(client.get("/cds-services").get_json()) == []


def test_discovery_is_json_whatever_is_accepted(client: FlaskClient) -> None:
    """A browser that accepts only HTML is sent JSON all the same."""
    assert client.get("/cds-services", headers={"Accept": "text/html"}).content_type == "application/json"


# Calls that are answered


@pytest.mark.parametrize("hook", ORDER_HOOKS)
def test_an_order_that_the_guideline_warns_of_is_answered_with_a_card(client: FlaskClient, hook: str) -> None:
    """Cyclobenzaprine for a woman of 71 brings its card at every order hook."""
    [card] = cards(client, request(hook), hook)
    assert card["source"]["topic"]["code"] == "cyclobenzaprine-older-adult"
    assert card["indicator"] == "warning"
    assert len(card["summary"]) < 140
    assert UUID(card["uuid"])


@pytest.mark.parametrize("hook", HOOKS)
def test_answers_hold_nothing_empty(client: FlaskClient, hook: str) -> None:
    """Cards, extensions and trace have no null and no empty member, except an empty list of cards."""
    body = request(hook) | {"extension": {"io.cds-service.explain": True}}
    answer = call(client, body, hook).get_json()
    assert [place for place in empty_members(answer) if place != "/cards"] == []


def test_an_open_chart_without_anything_to_say_has_no_cards(client: FlaskClient) -> None:
    """Success without a finding is 200 with an empty list of cards and nothing else."""
    assert call(client, request("patient-view"), "patient-view").get_json() == {"cards": []}


def test_a_retry_gives_the_same_answer(client: FlaskClient) -> None:
    """The same body again gives the same bytes, card uuids included."""
    assert call(client, request()).data == call(client, request()).data


def test_another_firing_has_other_uuids(client: FlaskClient) -> None:
    """A new hookInstance gives cards of its own."""
    other = request() | {"hookInstance": "8b0f6a9e-8c0c-4a1f-9d8e-2f6f4a3c1b2d"}
    assert cards(client, request())[0]["uuid"] != cards(client, other)[0]["uuid"]


def test_links_and_icons_start_at_the_address_that_was_called(client: FlaskClient) -> None:
    """Without a public address, links are built from the request's own Host."""
    [card] = client.post(address("order-sign"), json=request(), base_url="http://cds.test:81").get_json()["cards"]
    assert card["links"][0]["url"] == "http://cds.test:81/evidence/cyclobenzaprine-older-adult"
    assert card["source"]["icon"] == "http://cds.test:81/static/icon.png"


def test_links_and_icons_start_at_the_public_address() -> None:
    """With a public address, links are built from it whatever Host was called."""
    public = create_app(Settings(public_url="https://cds.example.org")).test_client()
    [card] = cards(public, request())
    assert card["links"][0]["url"].startswith("https://cds.example.org/evidence/")
    assert card["source"]["icon"].startswith("https://cds.example.org/")


def test_the_links_of_a_card_lead_somewhere(client: FlaskClient) -> None:
    """Evidence page and icon of a card are there."""
    [card] = cards(client, request())
    for url in (card["links"][0]["url"], card["source"]["url"], card["source"]["icon"]):
        with client.get(url) as response:
            assert response.status_code == 200


def test_the_day_of_evaluation_is_the_fixed_one() -> None:
    """Age is counted on the fixed day: a day before the 65th birthday is not yet older."""
    body = with_member(request(), "prefetch/patient/birthDate", "1961-11-22")
    before, after = (create_app(Settings(as_of=date(2026, 11, day))).test_client() for day in (21, 22))
    assert cards(before, body) == []
    assert len(cards(after, body)) == 1


def test_the_day_of_evaluation_is_today_unless_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a fixed day the server's own day counts."""
    clock.stop(monkeypatch, 2050, 7, 1)
    [card] = cards(create_app(Settings()).test_client(), request())
    assert "Age 95" in card["summary"]


def test_a_call_is_logged_without_anything_of_the_patient(capsys: pytest.CaptureFixture[str]) -> None:
    """The line of a call has the request's id, the service, its rules, a count, a time, and nothing from the body."""
    response = call(create_app(Settings()).test_client(), request())
    line = json.loads(capsys.readouterr().out)
    assert line.pop("timestamp")
    assert 0 < line.pop("ms") < 10_000
    assert line == {
        "event": "hook answered",
        "level": "info",
        "request_id": response.headers["X-Request-Id"],
        "client": "",
        "status": 200,
        "service": "cramp-order-sign",
        "cards": 1,
        "rules": ["cyclobenzaprine-older-adult"],
    }


@pytest.mark.parametrize(("calls", "lines"), [("all", 3), ("shown", 2), ("none", 0)])
def test_the_site_says_which_calls_are_logged(capsys: pytest.CaptureFixture[str], calls: str, lines: int) -> None:
    """Of a silent call, one with a card and one that is refused all, those that told something, or none have a line."""
    client = create_app(Settings(log_calls=calls)).test_client()
    for body in (request("patient-view"), request(), {}):
        call(client, body, body.get("hook", "order-sign"))
    assert capsys.readouterr().out.count("\n") == lines


def test_an_implausible_result_is_logged_as_a_count(capsys: pytest.CaptureFixture[str]) -> None:
    """A laboratory value that no living patient has is an error to be mended: the log counts it, without the value."""
    wrong = {"resourceType": "Observation", "id": "lab-1", "status": "final", "effectiveDateTime": "2026-11-20"}
    wrong |= {"code": {"coding": [{"system": "http://loinc.org", "code": "19123-9"}]}}
    wrong |= {"valueQuantity": {"value": 20, "unit": "mg/dL"}}
    body = request("order-sign", order(code="6582", text="Magnesium oxide"))
    body["prefetch"]["observations"] = bundle(wrong)
    call(create_app(Settings()).test_client(), body)
    line = json.loads(capsys.readouterr().out.partition("\n")[0])
    assert line.pop("timestamp")
    assert line.pop("request_id")
    assert line == {
        "event": "implausible laboratory results were not used",
        "level": "info",
        "service": "cramp-order-sign",
        "count": 1,
    }


def test_the_trace_comes_only_when_asked_for(client: FlaskClient) -> None:
    """Every rule's answer is told to a client that asks for it, and to no other."""
    asked = call(client, request() | {"extension": {"io.cds-service.explain": True}}).get_json()
    told = {line["rule"]: line["answer"] for line in asked["extension"]["io.cds-service.trace"]["rules"]}
    assert told["cyclobenzaprine-older-adult"] == "finding"
    assert "extension" not in call(client, request()).get_json()


# What HTTP asks


@pytest.mark.parametrize(
    "content_type", ["application/json", "application/json; charset=utf-8", "APPLICATION/JSON", "", None]
)
def test_json_and_an_unnamed_type_are_taken(client: FlaskClient, content_type: str | None) -> None:
    """A charset, upper case and no type at all are fine."""
    response = client.post(address("order-sign"), data=json.dumps(request()), content_type=content_type)
    assert response.status_code == 200


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded"])
def test_another_type_is_refused(client: FlaskClient, content_type: str) -> None:
    """415 for a body that says it is something else."""
    response = client.post(address("order-sign"), data=json.dumps(request()), content_type=content_type)
    assert "application/json" in refusal(response, 415)


@pytest.mark.parametrize("path", ["/cds-services/none", "/cds-services/none/feedback", "/cds-services/cramp-patient"])
def test_an_unknown_service_is_not_found(client: FlaskClient, path: str) -> None:
    """404 that points at discovery and does not repeat the name."""
    response = client.post(path, json=request())
    assert "/cds-services" in refusal(response, 404)
    assert "none" not in response.text


@pytest.mark.parametrize("hook", HOOKS)
def test_feedback_is_declined_openly(client: FlaskClient, hook: str) -> None:
    """Feedback is not kept yet, and the client is told so rather than thanked."""
    text = refusal(client.post(f"{address(hook)}/feedback", json={"feedback": [{"card": INSTANCE}]}), 404)
    assert "nothing was stored" in text
