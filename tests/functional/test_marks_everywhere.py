"""Every address, asked rightly and wrongly with marked data and marked tokens: no mark is in the log, an error or a
header."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cds_service.hooks.terms import Terms
from cds_service.web import cds, health
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from tests.functional.test_marks import MARKS, _marked
from tests.hooks.calls import sent
from tests.support.notes import Everybody, Notes, unavailable
from tests.support.tokens import TENANTED, Call
from tests.support.trusting import ADDRESS, now, site
from tests.web.bodies import MISSING, with_member
from tests.web.test_auth import Known

MARK = "mark-"
SIGN, VIEW = "/cds-services/cramp-order-sign", "/cds-services/cramp-patient-view"
# What a caller may write beside the body, all of it marked; the id of a request is not a plain one.
HEADERS = {
    "Authorization": "Bearer mark-token-8",
    "Cookie": "session=mark-cookie-8",
    "Origin": "https://mark-origin-8.example",
    "Referer": "https://mark-referer-8.example/mark-patient-7",
    "User-Agent": "mark-agent-8",
    "X-Request-Id": "mark-id-8 of mark-patient-7",
    "X-Forwarded-For": "mark-forwarded-8",
}
JSON = {"Content-Type": "application/json"}
SAID = {"card": MARKS["card"], "outcome": MARKS["reason"], "userComment": MARKS["comment"]}


@dataclass(frozen=True)
class Asked:
    """One request and the status that it must get."""

    status: int
    method: str
    path: str
    body: bytes = b""
    content_type: str = "application/json"


def _call(hook: str, path: str = "", value: Any = None) -> bytes:
    call = _marked(hook)
    return sent(with_member(call, path, value) if path else call)


ASKED = [
    Asked(200, "GET", "/?q=mark-query-8"),
    Asked(200, "GET", "/evidence?x=mark-query-8"),
    Asked(200, "GET", "/evidence/coverage?x=mark-query-8"),
    Asked(200, "GET", "/evidence/codes?q=mark-query-8"),
    Asked(200, "GET", "/evidence/quinine-cramps?x=mark-query-8"),
    Asked(200, "GET", "/openapi.json?x=mark-query-8"),
    Asked(200, "GET", "/playground/words?x=mark-query-8"),
    Asked(200, "GET", "/playground/drugs?q=mark-query-8"),
    Asked(200, "GET", "/healthz?x=mark-query-8"),
    Asked(200, "GET", "/readyz?x=mark-query-8"),
    Asked(200, "GET", "/static/icon.png?x=mark-query-8"),
    Asked(200, "GET", "/cds-services?x=mark-query-8"),
    Asked(200, "OPTIONS", f"{SIGN}?x=mark-query-8"),
    Asked(200, "POST", SIGN, _call("order-sign")),
    Asked(200, "POST", "/cds-services/cramp-order-select", _call("order-select")),
    Asked(
        200, "POST", "/playground/draft", json.dumps({"request": _marked("order-sign"), "name": "mark-drug-8"}).encode()
    ),
    Asked(200, "POST", "/playground/markdown", json.dumps([MARKS["comment"]]).encode()),
    Asked(400, "POST", "/playground/draft", json.dumps({"request": {"hook": MARKS["name"]}}).encode()),
    Asked(400, "POST", "/playground/markdown", json.dumps({"text": MARKS["comment"]}).encode()),
    Asked(400, "POST", SIGN, _call("order-sign", "hook", MARKS["name"])),
    Asked(400, "POST", SIGN, _call("order-sign", "context/patientId", f"Patient/{MARKS['patient']}")),
    Asked(400, "POST", SIGN, _call("order-sign", "context/userId", MARKS["user"])),
    Asked(400, "POST", SIGN, _call("order-sign", "fhirServer", MARKS["server"])),
    Asked(400, "POST", SIGN, _call("order-sign", "fhirAuthorization/token_type", MARKS["token"])),
    Asked(400, "POST", SIGN, _call("order-sign", "context/draftOrders", MARKS["draft"])),
    Asked(400, "POST", SIGN, _call("order-sign")[:-9]),
    Asked(400, "POST", SIGN, b'{"mark-name-7": ' + b"[" * 50_000),
    Asked(400, "POST", f"{SIGN}/feedback", json.dumps({"feedback": [SAID, MARKS["comment"]]}).encode()),
    Asked(400, "POST", f"{SIGN}/feedback", b'{"feedback": "mark-comment-7"}'),
    Asked(404, "GET", "/mark-patient-7"),
    Asked(404, "GET", "/static/mark-patient-7"),
    Asked(404, "GET", "/fixtures/mark-patient-7"),
    Asked(404, "GET", "/evidence/mark-patient-7"),
    Asked(404, "GET", "/evidence?client=mark-patient-7"),
    Asked(404, "POST", "/cds-services/mark-patient-7", _call("order-sign")),
    Asked(404, "POST", "/cds-services/mark-patient-7/feedback", b"{}"),
    Asked(405, "DELETE", f"{SIGN}?x=mark-query-8", _call("order-sign")),
    Asked(412, "POST", VIEW, _call("patient-view", "prefetch", MISSING)),
    Asked(413, "POST", SIGN, _call("order-sign") + b" " * 60_000),
    Asked(415, "POST", SIGN, _call("order-sign"), "text/mark-type-8"),
]


def _unmarked(response: TestResponse, status: int) -> None:
    """The status is right; its headers, and the body of an error, have no mark."""
    with response:
        assert response.status_code == status
        assert MARK not in str(response.headers)
        if status >= 400:
            assert response.get_json()["resourceType"] == "OperationOutcome"
            assert not [mark for mark in (*MARKS.values(), MARK) if mark in response.text]


def _open(app: Flask, asked: Asked, **headers: str) -> TestResponse:
    return app.test_client().open(
        asked.path,
        method=asked.method,
        data=asked.body,
        content_type=asked.content_type,
        headers=HEADERS | headers,
    )


def _app(memory: Any = None, **changes: Any) -> Flask:
    """A service that logs every call, and a memory that notes what it is told."""
    usual = {"public_url": ADDRESS, "log_level": "DEBUG", "log_calls": "all", "max_body": 60_000}
    return create_app(Settings(**(usual | changes)), memory or Notes())


@pytest.mark.parametrize("asked", ASKED, ids=lambda asked: f"{asked.status} {asked.method} {asked.path}")
def test_no_mark_is_told(asked: Asked, capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever is asked, and however it is refused, the log and the headers tell nothing of it, nor does an error."""
    _unmarked(_open(_app(), asked), asked.status)
    logged = capsys.readouterr().out
    assert not [mark for mark in (*MARKS.values(), MARK) if mark in logged]
    called = asked.method == "POST" and asked.path.startswith("/cds-services")
    assert ("hook answered" in logged) is (asked.status == 200 and called)
    assert ("request refused" in logged) is (asked.status >= 400)


def test_every_address_is_asked() -> None:
    """Each rule of the service's addresses is among them, and each status that it gives without a token."""
    adapter = _app().url_map.bind("cds.example.org")
    known = {rule.endpoint for rule in _app().url_map.iter_rules()}
    found = set()
    for asked in ASKED:
        if (asked.status not in (404, 405) and asked.method != "OPTIONS") or asked.path.startswith("/fixtures"):
            found.add(adapter.match(asked.path.partition("?")[0], method=asked.method)[0])
    assert found == known
    assert {200, 400, 404, 405, 412, 413, 415} <= {asked.status for asked in ASKED}


# Tokens that are refused, by what is wrong with them, and with which status.
TOKENS: dict[str, tuple[Callable[[Call], str], int]] = {
    "no token": (lambda call: "mark-token-8", 401),
    "another signature": (lambda call: f"{call.token().rpartition('.')[0]}.mark-token-8", 401),
    "a marked issuer": (lambda call: call.token(claims={"iss": "https://mark-issuer-8.example"}), 401),
    "a marked tenant": (lambda call: call.token(claims={"iss": TENANTED, "tenant": "mark-tenant-8"}), 403),
}


@pytest.mark.parametrize(("make", "status"), TOKENS.values(), ids=TOKENS)
def test_no_token_is_told(make: Callable[[Call], str], status: int, capsys: pytest.CaptureFixture[str]) -> None:
    """A token that is refused is nowhere: not it, nor what it says."""
    token = make(now(SIGN))
    asked = Asked(status, "POST", SIGN, _call("order-sign"))
    response = _open(_app(site=site(), memory=Known()), asked, Authorization=f"Bearer {token}")
    _unmarked(response, status)
    logged = capsys.readouterr().out
    assert "call refused" in logged
    assert token not in logged + response.text + str(response.headers)
    assert MARK not in logged


@pytest.mark.parametrize("path", [SIGN, f"{SIGN}/feedback"])
def test_no_mark_is_told_by_a_full_worker(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A call that is not taken is told to come again, and nothing of it is repeated."""
    _unmarked(_open(_app(max_waiting=0), Asked(503, "POST", path, _call("order-sign"))), 503)
    assert MARK not in capsys.readouterr().out


def test_no_mark_is_told_without_a_database(capsys: pytest.CaptureFixture[str]) -> None:
    """Feedback that cannot be stored is told to come again, and nothing of it is repeated."""
    said = {"card": "0f8fad5b-d9cb-469f-a165-70867728950e", "outcome": "overridden"}
    said |= {"outcomeTimestamp": "2026-11-22T10:00:00Z", "overrideReason": {"userComment": MARKS["comment"]}}
    asked = Asked(503, "POST", f"{SIGN}/feedback", json.dumps({"feedback": [said]}).encode())
    app = _app(memory=Notes(learns=unavailable))
    app.extensions["cds_callers"] = Everybody(Terms(client="north"))
    _unmarked(_open(app, asked), 503)
    assert MARK not in capsys.readouterr().out


def _fail(*parts: object) -> Any:
    raise ValueError(*MARKS.values(), *parts)


@pytest.mark.usefixtures("failing")
def test_no_mark_is_told_by_a_failure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A failure of ours that holds all marks tells its kind only: in a hook as a card, elsewhere as a 500."""
    monkeypatch.setattr(cds, "answer", _fail)
    response = _open(_app(), Asked(200, "POST", SIGN, _call("order-sign")))
    _unmarked(response, 200)
    assert "Nothing was checked" in response.text
    assert MARK not in response.text
    monkeypatch.setattr(health, "json", _fail)
    _unmarked(_open(_app(), Asked(500, "GET", "/healthz")), 500)
    monkeypatch.setattr(cds, "parse", _fail)
    _unmarked(_open(_app(), Asked(500, "POST", f"{SIGN}/feedback", b'{"feedback": []}')), 500)
    logged = capsys.readouterr().out
    assert logged.count("ValueError") == 3
    assert not [mark for mark in (*MARKS.values(), MARK) if mark in logged]
