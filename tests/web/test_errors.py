"""What is refused, and how: every error is an OperationOutcome that names the field and echoes nothing."""

from __future__ import annotations

import json
from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import TooManyRequests, default_exceptions

from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from tests.web.bodies import (
    SERVICES,
    Json,
    address,
    refusal,
    request,
)

HOOKS = list(SERVICES)

SECRET = "s3cret-value"

# What the web framework refuses by itself


def test_an_unknown_address_is_not_found(client: FlaskClient) -> None:
    """404 that points at discovery."""
    assert "GET /cds-services" in refusal(client.get(f"/{SECRET}"), 404)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_discovery_takes_get_only(client: FlaskClient, method: str) -> None:
    """405 with the methods that are allowed."""
    response = client.open("/cds-services", method=method)
    refusal(response, 405)
    assert "GET" in response.headers["Allow"]


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("hook", HOOKS)
def test_services_take_post_only(client: FlaskClient, hook: str, method: str) -> None:
    """405 with the methods that are allowed."""
    response = client.open(address(hook), method=method)
    refusal(response, 405)
    assert "POST" in response.headers["Allow"]


def test_a_body_too_large_is_refused() -> None:
    """413 for a body above the limit, whatever it holds."""
    small = create_app(Settings(max_body=1000)).test_client()
    response = small.post(address("order-sign"), data=b"x" * 1001, content_type="application/json")
    assert "larger" in refusal(response, 413)


def test_a_body_too_large_without_a_length_is_refused() -> None:
    """413, too, where the body comes in chunks and its size is not told beforehand."""
    small = create_app(Settings(max_body=1000)).test_client()
    response = small.post(
        address("order-sign"),
        input_stream=BytesIO(b'{"hook": "' + b"x" * 1001),
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert "larger" in refusal(response, 413)


def test_a_body_without_a_length_is_taken(client: FlaskClient) -> None:
    """A client that sends in chunks is answered like any other."""
    response = client.post(
        address("order-sign"),
        input_stream=BytesIO(json.dumps(request()).encode()),
        content_type="application/json",
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert response.status_code == 200


def test_a_body_at_the_limit_is_taken() -> None:
    """The limit itself is still allowed."""
    body = json.dumps(request()).encode()
    exact = create_app(Settings(max_body=len(body))).test_client()
    assert exact.post(address("order-sign"), data=body, content_type="application/json").status_code == 200


def test_any_other_http_error_is_named(app: Flask) -> None:
    """An HTTP error that the table does not list is told by its name."""

    @app.get("/raises")
    def raises() -> str:
        raise TooManyRequests

    assert "Too Many Requests" in refusal(app.test_client().get("/raises"), 429)


@pytest.mark.parametrize("status", default_exceptions)
def test_every_error_of_the_framework_is_an_outcome(app: Flask, status: int) -> None:
    """Whatever the web framework may raise, with whatever it says of the request, is told in our words."""

    @app.get("/raises")
    def raises() -> str:
        raise default_exceptions[status](SECRET)

    response = app.test_client().get("/raises")
    refusal(response, status)
    assert SECRET not in response.text


def test_an_unexpected_error_tells_nothing_of_the_request(app: Flask, logs: list[Json]) -> None:
    """500 without a trace, a path or a value; the log has the kind of the error only."""

    @app.get("/raises")
    def raises() -> str:
        raise ValueError(SECRET)

    response = app.test_client().get("/raises")
    assert "Nothing was checked" in refusal(response, 500)
    assert logs == [{"event": "unexpected error", "error": "ValueError", "log_level": "error"}]
    assert SECRET not in response.text


@pytest.mark.usefixtures("failing")
def test_a_failure_of_our_own_becomes_a_card(client: FlaskClient, logs: list[Json]) -> None:
    """A client would show an error as "all clear": the clinician is told that nothing was checked."""
    response = client.post(address("order-sign"), json=request())
    assert response.status_code == 200
    (card,) = response.get_json()["cards"]
    assert (card["source"]["topic"]["code"], card["indicator"]) == ("not-evaluated", "info")
    assert "Nothing was checked" in card["summary"]
    assert logs[0] == {
        "event": "hook failed",
        "service": "cramp-order-sign",
        "error": "ValueError",
        "log_level": "error",
    }
    assert "patient's name" not in response.text
