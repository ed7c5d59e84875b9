"""The feedback of clinicians as a client sends it: what is stored, what is refused, and what the log says."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cds_service.hooks.terms import Terms
from tests.hooks.words import CARD, CODE, MARK, OFFER, OFFER_2, accepted, overridden, reasoned
from tests.support.notes import NOW, Everybody, Notes, client, unavailable
from tests.web.bodies import SERVICES, refusal

PATH = "/cds-services/cramp-order-sign/feedback"
STRANGE = overridden(card="someone-elses-card")


def told(asked: FlaskClient, *entries: Any, path: str = PATH) -> TestResponse:
    """The answer to a batch."""
    return asked.post(path, json={"feedback": entries})


@pytest.mark.parametrize("service", [service for service, _ in SERVICES.values()])
def test_feedback_is_stored(service: str) -> None:
    """Every service takes feedback, answers 200 with an empty object, and hands all of it to the memory at once."""
    memory = Notes()
    response = told(client(memory), overridden(), accepted(card=OFFER_2), path=f"/cds-services/{service}/feedback")
    assert (response.status_code, response.content_type, response.get_json()) == (200, "application/json", {})
    assert [(entry.card, entry.outcome) for entry in memory.learned] == [(CARD, "overridden"), (OFFER_2, "accepted")]
    assert {(entry.service, entry.received) for entry in memory.learned} == {(service, NOW)}


def test_feedback_is_its_clients() -> None:
    """What is stored has the name of the client that sent it."""
    memory = Notes()
    asked = client(memory)
    asked.application.extensions["cds_callers"] = Everybody(Terms(client="north"))
    told(asked, overridden())
    assert [entry.client for entry in memory.learned] == ["north"]


@pytest.mark.parametrize("entries", [(), (STRANGE,)])
def test_nothing_to_store_asks_no_database(entries: tuple[Any, ...]) -> None:
    """An empty batch, or one about cards of others, is a success even where the database is down."""
    assert told(client(Notes(learns=unavailable)), *entries).get_json() == {}


def test_the_bad_are_told_and_the_good_are_stored() -> None:
    """A batch that is partly bad is a 400 with an issue that sums up and one for each bad entry."""
    memory = Notes()
    bad = overridden(outcome=MARK)
    response = told(client(memory), overridden(), bad, accepted(card=OFFER_2), reasoned(MARK), STRANGE)
    assert response.status_code == 400
    body = response.get_json()
    assert body["resourceType"] == "OperationOutcome"
    assert {(issue["severity"], issue["code"]) for issue in body["issue"]} == {("error", "invalid")}
    texts = [issue["details"]["text"] for issue in body["issue"]]
    assert texts[0] == "Entries that cannot be used: 2; stored: 2."
    assert [text.split(" ")[0] for text in texts[1:]] == ["feedback[1].outcome", "feedback[3].overrideReason"]
    assert MARK not in response.text
    assert [entry.card for entry in memory.learned] == [CARD, OFFER_2]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"feedback": {}}'])
def test_a_body_without_feedback_is_refused(body: bytes) -> None:
    """A 400 in one issue, and nothing is stored."""
    memory = Notes()
    refusal(client(memory).post(PATH, data=body, content_type="application/json"))
    assert memory.learned == []


def test_a_database_that_is_down_asks_for_a_repetition() -> None:
    """503 with the time after which to try again, and nothing of why."""
    response = told(client(Notes(learns=unavailable)), overridden(), 1)
    assert refusal(response, 503) == "Feedback cannot be stored now. Send it again later."
    assert response.get_json()["issue"][0]["code"] == "transient"
    assert response.headers["Retry-After"] == "5"


def test_only_what_passes_asks_for_a_repetition() -> None:
    """What would be refused again names no time."""
    assert "Retry-After" not in told(client(Notes()), 1).headers


def test_without_a_memory_there_is_no_feedback() -> None:
    """404 that says that nothing was stored, whatever was sent."""
    response = client(None).post(PATH, data=b"x", content_type="text/plain")
    assert "nothing was stored" in refusal(response, 404)
    assert response.get_json()["issue"][0]["code"] == "not-supported"


@pytest.mark.parametrize("memory", [None, Notes()])
def test_an_unknown_service_takes_no_feedback(memory: Notes | None) -> None:
    """404 that points at discovery."""
    response = told(client(memory), overridden(), path=f"/cds-services/{MARK}/feedback")
    assert "GET /cds-services" in refusal(response, 404)
    assert MARK not in response.text


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_feedback_is_posted(method: str) -> None:
    """405 with the methods that are allowed."""
    response = client(Notes()).open(PATH, method=method)
    refusal(response, 405)
    assert "POST" in response.headers["Allow"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/fhir+json"])
def test_another_content_type_is_refused(kind: str) -> None:
    """415, and nothing is stored."""
    memory = Notes()
    refusal(client(memory).post(PATH, data=b'{"feedback":[]}', content_type=kind), 415)
    assert memory.learned == []


def test_a_charset_is_no_other_type() -> None:
    """JSON with a charset, or without any type, is JSON."""
    for kind in ("application/json; charset=utf-8", None):
        assert client(Notes()).post(PATH, data=b'{"feedback":[]}', content_type=kind).status_code == 200


def test_a_body_too_large_is_refused() -> None:
    """413 above the limit of the settings."""
    memory = Notes()
    small = client(memory, max_body=1000)
    assert told(small, overridden()).status_code == 200
    refusal(told(small, reasoned({"userComment": "x" * 1000})), 413)
    assert len(memory.learned) == 1


def test_the_log_has_counts_only(capsys: pytest.CaptureFixture[str]) -> None:
    """The line says how much was new, said before and not ours; no card, reason, comment or suggestion is in it."""
    asked = client(Notes(learns=lambda entries: 1))
    capsys.readouterr()
    marked = reasoned({"reason": CODE | {"code": "marked-code"}, "userComment": MARK})
    told(asked, marked, accepted(card=OFFER_2), overridden(), STRANGE, overridden(outcome=MARK))
    logged = capsys.readouterr().out
    assert logged.count("\n") == 2  # what was taken, and that something was not
    assert '"service": "cramp-order-sign", "client": "", "new": 1, "said_before": 2, "unknown_cards": 1' in logged
    for mark in (CARD, OFFER, OFFER_2, MARK, CODE["system"], "marked-code", STRANGE["card"], "overridden"):
        assert mark not in logged


def test_a_browser_may_send_feedback() -> None:
    """The preflight allows POST with JSON, and answers and errors may be read."""
    asked, origin = client(Notes()), {"Origin": "https://sandbox.cds-hooks.org"}
    preflight = asked.options(PATH, headers=origin | {"Access-Control-Request-Method": "POST"})
    assert preflight.status_code == 200
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in preflight.headers["Access-Control-Allow-Headers"]
    for entry in (overridden(), 1):
        response = asked.post(PATH, json={"feedback": [entry]}, headers=origin)
        assert response.headers["Access-Control-Allow-Origin"] == "*"
