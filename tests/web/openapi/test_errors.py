"""Every error that the document tells of does happen, as it says; and no other status is sent."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from cds_service.web import cds
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from tests.support.notes import Notes, unavailable
from tests.support.notes import client as made
from tests.support.published import Published
from tests.support.tokens import TENANTED
from tests.support.trusting import SERVICE, VIEW, bearer, now
from tests.support.trusting import service as trusting
from tests.web.bodies import request

FEEDBACK = f"{SERVICE}/feedback"
# Addresses that are read, with one that does not exist.
READ = {
    "/cds-services": "",
    "/healthz": "",
    "/readyz": "",
    "/openapi.json": "",
    "/": "",
    "/evidence": "/evidence?client=nobody",
    "/evidence/coverage": "/evidence/coverage?client=nobody",
    "/evidence/codes": "/evidence/codes?client=nobody",
    "/evidence/{rule}": "/evidence/none",
    "/fixtures/hook_requests/order-sign/{file}": "/fixtures/hook_requests/order-sign/none.json",
    "/playground/words": "",
    "/playground/drugs": "",
    "/static/icon.png": "",
}


class Doubtful(Notes):
    """A memory that cannot tell whether a token was used before."""

    def first_use(self, *token: object) -> bool:
        """Not now."""
        return bool(unavailable(token))


def _plain(**settings: Any) -> FlaskClient:
    return made(Notes(), **settings)


def _token(**claims: Any) -> dict[str, str]:
    return bearer(now().token(claims=claims))


def _entry() -> Any:
    said = {"outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z"}
    return {"feedback": [said | {"card": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea"}]}


# Status -> a service that answers so, and how it is called at one address.
POSTED: dict[int, Callable[[str], tuple[FlaskClient, TestResponse]]] = {}


def _brought(client: FlaskClient, path: str, method: str = "POST", **call: Any) -> tuple[FlaskClient, TestResponse]:
    if "data" not in call:
        call["json"] = _entry() if path == FEEDBACK else VIEW
    return client, client.open(path, method=method, **call)


POSTED[200] = lambda path: _brought(_plain(), path)
POSTED[400] = lambda path: _brought(_plain(), path, data=b"{", content_type="application/json")
POSTED[401] = lambda path: _brought(trusting(Notes()), path)
POSTED[403] = lambda path: _brought(trusting(Notes()), path, headers=_token(iss=TENANTED, tenant="another"))
POSTED[405] = lambda path: _brought(_plain(), path, "GET")
POSTED[413] = lambda path: _brought(_plain(max_body=10), path)
POSTED[415] = lambda path: _brought(_plain(), path, data=b"{}", content_type="text/plain")
POSTED[503] = lambda path: _brought(trusting(Doubtful(), strict_replay=True), path, headers=_token())


@pytest.mark.parametrize("status", POSTED)
@pytest.mark.parametrize("path", [SERVICE, FEEDBACK])
def test_what_a_call_may_be_answered(path: str, status: int) -> None:
    """Each status of a hook and of its feedback comes about, with the body and the headers of the document."""
    client, response = POSTED[status](path)
    assert response.status_code == status, response.text
    assert Published(client.application).wrong(path, "post", response) == ""


def test_a_chart_without_data() -> None:
    """412 comes when a chart is opened without anything, and is told of at no other hook."""
    client = _plain()
    published = Published(client.application)
    response = client.post(SERVICE, json=request("patient-view") | {"prefetch": {}})
    assert response.status_code == 412
    assert published.wrong(SERVICE, "post", response) == ""
    told = {path for path in published.document["paths"] if path.startswith("/cds") and path != "/cds-services"}
    assert {path for path in told if "412" in published.responses(path, "post")} == {SERVICE}


def test_feedback_that_cannot_be_stored() -> None:
    """503 with the time after which to send it again; without a store 404, and nothing else is told of then."""
    for memory, status, other in ((Notes(learns=unavailable), 503, "404"), (None, 404, "503")):
        client = create_app(Settings(), memory).test_client()  # type: ignore[arg-type]
        response = client.post(FEEDBACK, json=_entry())
        published = Published(client.application)
        assert response.status_code == status
        assert published.wrong(FEEDBACK, "post", response) == ""
        assert other not in published.responses(FEEDBACK, "post")


@pytest.mark.parametrize(("path", "missing"), READ.items(), ids=READ)
def test_what_is_read_may_be_answered_otherwise(path: str, missing: str) -> None:
    """A wrong method is 405, what is not there is 404 where that may be; else 404 is not told of."""
    client = _plain()
    published = Published(client.application)
    refused = client.post(path, json={})
    assert refused.status_code == 405
    assert published.wrong(path, "get", refused) == ""
    assert ("404" in published.responses(path, "get")) == bool(missing)
    if missing:
        response = client.get(missing)
        assert response.status_code == 404
        assert published.wrong(path, "get", response) == ""


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (206, {"Range": "bytes=0-9"}),
        (304, {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}),
        (412, {"If-Match": '"another"'}),
        (416, {"Range": "bytes=999999999-"}),
    ],
)
def test_what_a_file_may_be_answered(status: int, headers: dict[str, str]) -> None:
    """Conditions and ranges, which the web framework knows for files, are answered as the document says."""
    client = _plain()
    with client.get("/static/icon.png", headers=headers) as response:
        assert response.status_code == status
        assert Published(client.application).wrong("/static/icon.png", "get", response) == ""


def test_a_failure_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    """500 is an OperationOutcome, and told of everywhere."""
    client = _plain()
    published = Published(client.application)
    monkeypatch.setattr(cds, "discovery", lambda: json.loads("{"))
    response = client.get("/cds-services")
    assert response.status_code == 500
    assert published.wrong("/cds-services", "get", response) == ""
    operations = [(path, method) for path, item in published.document["paths"].items() for method in item]
    assert all("500" in published.responses(*operation) for operation in operations)


def test_no_other_status_is_told_of_at_a_hook() -> None:
    """The document of a site with clients tells of nothing at a hook that these tests do not bring about."""
    published = Published(trusting(Notes()).application)
    assert set(published.responses(SERVICE, "post")) == {str(status) for status in (*POSTED, 412, 500)}
