"""What every answer carries: the id of its request, and what a browser may do with it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import cds_service.web
from cds_service.rules import RULES
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from tests.web.bodies import address, call, request

PAGES = ["/", "/evidence", "/evidence/coverage", f"/evidence/{RULES[0].id}"]
OTHERS = ["/cds-services", "/healthz", "/readyz", "/nowhere", address("order-sign")]
FILES = ["/static/icon.png", "/static/start.js", "/static/style.css"]
TEMPLATES = sorted(Path(cds_service.web.__file__).parent.glob("templates/*.html"))
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self'",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}


@pytest.mark.parametrize("path", [*PAGES, *OTHERS, *FILES])
def test_no_answer_is_taken_for_another_type(client: FlaskClient, path: str) -> None:
    """Pages, files, answers and errors say that a browser must not guess their type."""
    with client.get(path) as response:
        assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", PAGES)
def test_a_page_runs_nothing_that_is_not_its_own(client: FlaskClient, path: str) -> None:
    """Pages take scripts, styles and pictures from the service alone, and are shown within no other page."""
    headers = client.get(path).headers
    told = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert told == POLICY
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_page_has_nothing_inline(path: Path) -> None:
    """No template holds a script, a style or a piece of either: the policy would keep it from working."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"<style|\bstyle=|\son\w+=|javascript:|<script(?![^>]*\bsrc=)", text)


@pytest.mark.parametrize("path", OTHERS)
def test_json_has_no_policy_of_pages(client: FlaskClient, path: str) -> None:
    """Answers that are no pages carry only what they need."""
    headers = client.get(path).headers
    assert {"Content-Security-Policy", "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"}.isdisjoint(
        headers.keys()
    )


def test_an_ehr_may_show_the_icon(client: FlaskClient) -> None:
    """The icon that cards name may be shown by pages of other origins, even by strict ones."""
    with client.get("/static/icon.png") as response:
        assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize(
    ("public_url", "told"), [("https://cds.example.org", True), ("http://cds.example.org", False), ("", False)]
)
def test_tls_is_insisted_on_where_there_is_tls(public_url: str, told: bool) -> None:
    """Browsers are told to come by https only where clients do: else nobody could come any more."""
    client = create_app(Settings(public_url=public_url)).test_client()
    assert all(("Strict-Transport-Security" in client.get(path).headers) is told for path in ("/", "/cds-services"))


@pytest.mark.parametrize("given", ["a", "8b0f6a9e-8c0c-4a1f-9d8e-2f6f4a3c1b2d", "A.b_c-9", "x" * 64])
@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/static/icon.png"])
def test_an_id_of_the_caller_is_kept(client: FlaskClient, path: str, given: str) -> None:
    """A plain id comes back, on errors and files, too."""
    with client.get(path, headers={"X-Request-Id": given}) as response:
        assert response.headers.getlist("X-Request-Id") == [given]


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a/b", "<b>", "a\u00e4", '"', "a,b"])
def test_another_id_is_made_anew(client: FlaskClient, given: str) -> None:
    """Whatever else is sent is neither repeated nor logged, and the request has an id all the same."""
    made = client.get("/healthz", headers={"X-Request-Id": given}).headers["X-Request-Id"]
    assert made != given
    assert re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]+", made)


def test_each_request_has_its_own_id(client: FlaskClient) -> None:
    """Two requests never have one id, whether one follows the other or both come at once, to one process or two."""
    other = create_app(Settings()).test_client()
    with ThreadPoolExecutor(8) as threads:
        asked = threads.map(lambda number: (client, other)[number % 2].get("/healthz"), range(200))
        assert len({response.headers["X-Request-Id"] for response in asked}) == 200


def test_every_line_of_a_request_has_its_id(capsys: pytest.CaptureFixture[str]) -> None:
    """What is logged while a request is answered names it, and what is logged for the next one does not."""
    client = create_app(Settings()).test_client()
    for id in ("first", "second"):
        client.post(address("order-sign"), json=request(), headers={"X-Request-Id": id})
        client.get("/nowhere", headers={"X-Request-Id": id})
        lines = capsys.readouterr().out.splitlines()
        assert len(lines) == 2
        assert all(f'"request_id": "{id}"' in line for line in lines)


def test_a_retry_has_the_same_body_and_another_id(client: FlaskClient) -> None:
    """The id belongs to the request, and not to the answer: a retry gets the same bytes."""
    first, second = call(client, request()), call(client, request())
    assert first.data == second.data
    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]
