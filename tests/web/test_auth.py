"""Only clients that the site lists are let in; who is not is told nothing, and the log is told why."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from cds_service.trust import token
from cds_service.web import server
from cds_service.web.app import create_app
from cds_service.web.callers import Callers
from cds_service.web.settings import Settings
from tests.support.commands import run
from tests.support.notes import Notes
from tests.support.tokens import EHR, EVERY, OTHER, TENANTED, Call
from tests.support.trusting import ADDRESS, SERVICE, VIEW, bearer, now, service, site
from tests.trust.forged import FORGED, Forged
from tests.web.bodies import Json

FEEDBACK = f"{SERVICE}/feedback"
# What a 401 must not tell (conformance A15).
_REASONS = ("expired", "signature", "audience", "iss", "jti", "replay", "kid", "algorithm", "key", "known")


class Known(Notes):
    """A memory in which no token was used before."""

    def first_use(self, issuer: str, jti: str, expires: float) -> bool:
        """Always."""
        return True


def _call(client: FlaskClient, token: str | None, path: str = SERVICE, body: Json = VIEW) -> Any:
    return client.post(path, json=body, headers=bearer(token) if token is not None else {})


@pytest.fixture(scope="module")
def trusting() -> FlaskClient:
    """One service for many tokens."""
    return service(Known())


def test_a_client_is_let_in(trusting: FlaskClient) -> None:
    """A right token of a client that is listed gets the answer."""
    assert _call(trusting, now().token()).status_code == 200


# No header can carry a line break: whoever tries is refused by the server.
SENT = {name: forged for name, forged in FORGED.items() if name != "a line break at the end"}


@pytest.mark.parametrize("forged", SENT.values(), ids=SENT)
def test_a_forged_token_is_refused(trusting: FlaskClient, forged: Forged) -> None:
    """Whatever is wrong with a token, the answer is the same and says nothing of it."""
    token = forged.make(now())
    if forged.used_before:
        _call(trusting, token)
    with capture_logs() as logs:
        answer = trusting.post(SERVICE, json=VIEW, headers=bearer(token))
    assert answer.status_code == forged.status
    assert answer.headers.get("WWW-Authenticate") == ("Bearer" if forged.status == 401 else None)
    issue = answer.get_json()["issue"][0]
    told = issue["details"]["text"].lower()
    assert not [word for word in _REASONS if word in told]
    [entry] = [entry for entry in logs if entry["event"] == "call refused"]
    assert entry["reason"] == forged.reason
    assert token not in json.dumps(logs)


def test_there_are_many_forged_tokens() -> None:
    """The table is as long as it should be."""
    assert len(SENT) >= 40


@pytest.mark.parametrize("authorization", [None, "", "Basic dXNlcjpwYXNz", "Bearer", "Bearer "])
def test_without_a_token_nobody_is_let_in(trusting: FlaskClient, authorization: str | None) -> None:
    """Every call of every service, and its feedback, wants one."""
    headers = {} if authorization is None else {"Authorization": authorization}
    for service_id in ("patient-view", "order-select", "order-sign", "medication-prescribe"):
        for ending in ("", "/feedback"):
            answer = trusting.post(f"/cds-services/cramp-{service_id}{ending}", json={}, headers=headers)
            assert answer.status_code == 401
            assert answer.get_json()["issue"][0]["code"] == "login"


def test_every_address_is_guarded_or_open_on_purpose() -> None:
    """What is not a call of a hook or its feedback shows nothing of a patient, and takes nothing."""
    app = create_app(Settings(public_url=ADDRESS, site=site()), None)
    taken = {rule.rule for rule in app.url_map.iter_rules() if rule.methods and "POST" in rule.methods}
    assert taken == {"/cds-services/<service_id>", "/cds-services/<service_id>/feedback"}
    open_to_all = {rule.rule for rule in app.url_map.iter_rules()} - taken
    assert open_to_all == {
        "/",
        "/cds-services",
        "/evidence",
        "/evidence/<rule_id>",
        "/evidence/codes",
        "/evidence/coverage",
        "/healthz",
        "/openapi.json",
        "/readyz",
        "/static/<path:filename>",
    }


def test_the_playground_is_open_only_if_the_site_wants_it() -> None:
    """Beside listed clients there is none; where a site wants it, what it takes is rendered and sent back."""
    usual = {rule.rule for rule in create_app(Settings(public_url=ADDRESS, site=site())).url_map.iter_rules()}
    wanted = create_app(Settings(public_url=ADDRESS, site=site(), playground=True))
    assert {rule.rule for rule in wanted.url_map.iter_rules()} - usual == {
        "/fixtures/<path:file>",
        "/playground/draft",
        "/playground/drugs",
        "/playground/markdown",
        "/playground/words",
    }
    assert wanted.test_client().post(SERVICE, json=VIEW).status_code == 401


def test_discovery_and_preflight_need_no_token(trusting: FlaskClient) -> None:
    """A browser asks before it sends a token, and discovery tells nothing of a patient."""
    assert trusting.get("/cds-services").status_code == 200
    for path in (SERVICE, FEEDBACK):
        answer = trusting.options(
            path, headers={"Origin": "https://a.example", "Access-Control-Request-Method": "POST"}
        )
        assert answer.status_code == 200
        assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]


def test_a_refusal_can_be_read_in_a_browser(trusting: FlaskClient) -> None:
    """Without these headers a browser would hide the refusal."""
    answer = trusting.post(SERVICE, json=VIEW, headers={"Origin": "https://a.example"})
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (401, "*")


@pytest.mark.parametrize("audience", [SERVICE, FEEDBACK])
def test_feedback_names_its_own_address_or_the_service(trusting: FlaskClient, audience: str) -> None:
    """Clients disagree; both are taken for feedback."""
    entry = {"card": str(uuid4()), "outcome": "overridden", "outcomeTimestamp": "2026-11-22T00:00:00Z"}
    assert _call(trusting, now(audience).token(), FEEDBACK, {"feedback": [entry]}).status_code == 200


def test_a_call_of_a_hook_does_not_name_feedback(trusting: FlaskClient) -> None:
    """A token of feedback opens no hook."""
    assert _call(trusting, now(FEEDBACK).token()).status_code == 401


def test_the_body_is_not_read_before_the_token(trusting: FlaskClient) -> None:
    """A stranger's body is refused unread, whatever it holds."""
    answer = trusting.post(SERVICE, data=b"{" * 100_000, content_type="application/json")
    assert answer.status_code == 401


def test_an_unknown_service_is_told_before_the_token(trusting: FlaskClient) -> None:
    """An address that is not there is told as such: discovery tells it, too."""
    assert trusting.post("/cds-services/none", json={}).status_code == 404


def test_nobody_need_say_who_he_is_where_no_client_is_listed() -> None:
    """Without clients a token means nothing and is not looked at."""
    client = create_app(Settings(), None).test_client()
    assert _call(client, None).status_code == 200
    assert _call(client, "nonsense").status_code == 200


def test_a_host_that_a_caller_names_is_no_audience() -> None:
    """The service's own address comes from the site, not from the call."""
    elsewhere = Call(f"https://elsewhere.example.org{SERVICE}", now().now)
    headers = bearer(elsewhere.token()) | {"Host": "elsewhere.example.org"}
    assert service(Known()).post(SERVICE, json=VIEW, headers=headers).status_code == 401


def test_what_is_remembered_is_remembered_of_its_client() -> None:
    """Two clients with one id of a patient are two patients."""
    memory = Known()
    client = service(memory)
    for issuer, key in ((EHR, "es384-ehr"), (OTHER, "es384-other")):
        assert _call(client, now().token(key, claims={"iss": issuer})).status_code == 200
    assert [call.subject.client for call in memory.kept] == ["ehr", "other"]


def test_a_client_may_be_forbidden() -> None:
    """A tenant that is not listed gets 403: the client is known, and may not do this."""
    answer = _call(service(Known()), now().token(claims={"iss": TENANTED, "tenant": "another"}))
    assert answer.status_code == 403
    assert answer.get_json()["issue"][0]["code"] == "forbidden"


@pytest.mark.parametrize(("key", "algorithm"), [("es384-ehr", "ES384"), ("rsa-ehr", "RS384"), ("es256-ehr", "ES256")])
def test_every_algorithm_that_is_listed(trusting: FlaskClient, key: str, algorithm: str) -> None:
    """A client that may use them all is let in by each."""
    token = now().token(key, claims={"iss": EVERY}, algorithm=algorithm)
    assert _call(trusting, token).status_code == 200


def test_a_site_may_refuse_what_it_cannot_check() -> None:
    """A strict site without its database answers 503 with the time after which to call again."""
    answer = _call(service(None, strict_replay=True), now().token())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")


def test_without_a_database_a_process_knows_its_own_tokens() -> None:
    """Unless the site is strict, the call is let in once, and its repetition is refused."""
    client, token = service(None), now().token()
    with capture_logs() as logs:
        assert [_call(client, token).status_code for _ in range(2)] == [200, 401]
    assert "used tokens are known to this process alone" in [entry["event"] for entry in logs]


def test_a_call_costs_one_signature(monkeypatch: pytest.MonkeyPatch) -> None:
    """One verification for each request, of a hook and of feedback."""
    checked: list[str] = []
    real = token.is_signed

    def counted(algorithm: str, *parts: Any) -> bool:
        checked.append(algorithm)
        return real(algorithm, *parts)

    monkeypatch.setattr(token, "is_signed", counted)
    client = service(Known())
    assert _call(client, now().token()).status_code == 200
    assert _call(client, now(FEEDBACK).token(), FEEDBACK, {"feedback": []}).status_code == 200
    assert checked == ["ES384", "ES384"]


def test_unknown_is_no_word_of_a_client() -> None:
    """A name that the site does not list has no terms."""
    with pytest.raises(KeyError):
        Callers(Settings(site=site()), None).named("nobody")
    assert Callers(Settings(site=site()), None).named("ehr").client == "ehr"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "cds.example.org"])  # noqa: S104
def test_nothing_starts_where_strangers_could_call(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """A public address without clients is refused unless that is said in plain words."""
    monkeypatch.setattr(server, "Granian", None)
    result = run("serve", "--host", host)
    assert result.exit_code == 2
    assert "--anybody-may-call" in result.output
