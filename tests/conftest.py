"""The application on a fixed day, and a client for it; no test but the functional ones may open a socket."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_service.web.app import create_app
from cds_service.web.settings import Settings


@pytest.fixture
def app() -> Flask:
    """The application with the day of evaluation fixed."""
    return create_app(Settings(as_of=date(2026, 11, 22)))


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application."""
    return app.test_client()
