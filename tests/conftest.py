"""The application on a fixed day, a client for it, and its log; only functional tests may open a socket."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import structlog
from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from cds_service.store import figures, writer
from cds_service.trust import published, replay
from cds_service.web import app as web_app
from cds_service.web import auth, cds, errors
from cds_service.web.settings import Settings


@pytest.fixture(autouse=True)
def _fresh_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A logger keeps the level and the stream of its first use, which tests must not inherit."""
    for module in (web_app, auth, cds, errors, published, replay, writer, figures):
        monkeypatch.setattr(module, "_LOG", structlog.get_logger())


@pytest.fixture(autouse=True)
def _nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """An application that reads its settings from the environment would write into the repository."""
    monkeypatch.setenv("CDS_DATABASE_URL", "none")


@pytest.fixture(autouse=True)
def _no_failure_goes_unseen(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    """A failure of the service becomes a card for the clinician, and in every test but its own an error."""

    def seen(base_url: str) -> None:
        raise AssertionError("the service failed on a request: see the log")

    if "failing" not in request.fixturenames:
        monkeypatch.setattr(cds, "failed", seen)


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every hook fails inside."""

    def fail(*parts: object) -> None:
        raise ValueError("a patient's name")

    monkeypatch.setattr(cds, "answer", fail)


@pytest.fixture
def app() -> Flask:
    """The application with the day of evaluation fixed."""
    return web_app.create_app(Settings(as_of=date(2026, 11, 22)))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application."""
    return app.test_client()


@pytest.fixture
def logs(app: Flask) -> Iterator[list[Any]]:
    """What the application logs after its start."""
    with capture_logs() as entries:
        yield entries
