"""The application as a whole: slashes, CORS, the log of its start, and what it loads."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cds_service.web.app import create_app
from cds_service.web.settings import BadSetting, Settings
from tests.web.bodies import SERVICES, address, request

SAID = {
    "card": "0f8fad5b-d9cb-469f-a165-70867728950e",
    "outcome": "overridden",
    "outcomeTimestamp": "2026-11-22T10:00:00Z",
}
ORIGIN = "https://sandbox.cds-hooks.org"
SERVICE_ADDRESSES = [address(hook) for hook in SERVICES]
ADDRESSES = ["/cds-services", *SERVICE_ADDRESSES, *(f"{path}/feedback" for path in SERVICE_ADDRESSES)]


@pytest.mark.parametrize("path", ["/cds-services", "/cds-services/", "//cds-services", "//cds-services//"])
def test_discovery_may_be_asked_with_any_slashes(client: FlaskClient, path: str) -> None:
    """Doubled and trailing slashes are answered at once, not redirected."""
    assert client.open(environ_overrides={"PATH_INFO": path}).status_code == 200


@pytest.mark.parametrize("path", ["/cds-services//cramp-order-sign", "/cds-services/cramp-order-sign/"])
def test_services_may_be_called_with_any_slashes(client: FlaskClient, path: str) -> None:
    """A service id glued to a discovery address that ends in a slash is the same service."""
    assert client.post(path, json=request()).status_code == 200


@pytest.mark.parametrize("path", ["", "/", "//"])
def test_the_start_page_has_any_slashes(client: FlaskClient, path: str) -> None:
    """An empty path and any number of slashes are the start page."""
    assert client.open(environ_overrides={"PATH_INFO": path}).status_code == 200


@pytest.mark.parametrize("path", ADDRESSES)
def test_a_preflight_needs_nothing(client: FlaskClient, path: str) -> None:
    """OPTIONS on discovery, services and feedback answers 2xx and allows what browsers ask for."""
    asked = {"Origin": ORIGIN, "Access-Control-Request-Method": "POST"}
    response = client.options(path, headers=asked | {"Access-Control-Request-Headers": "authorization,content-type"})
    assert response.status_code in (200, 204)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert {"GET", "POST", "OPTIONS"} == set(response.headers["Access-Control-Allow-Methods"].split(", "))
    assert response.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"


@pytest.mark.parametrize(("path", "status"), [("/cds-services", 200), ("/nowhere", 404), (address("order-sign"), 405)])
def test_every_answer_may_be_read_by_a_browser(client: FlaskClient, path: str, status: int) -> None:
    """CORS stands on errors, too, because the browser hides an error without it; cookies are never allowed."""
    response = client.get(path, headers={"Origin": ORIGIN})
    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Credentials" not in response.headers


def test_a_refused_call_may_be_read_by_a_browser(client: FlaskClient) -> None:
    """A 400 carries CORS, so that a developer sees its text."""
    response = client.post(address("order-sign"), json={}, headers={"Origin": ORIGIN})
    assert response.status_code == 400
    assert response.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("origin", "allowed"), [(ORIGIN, ORIGIN), ("https://evil.example", None), ("", None), ("null", None)]
)
def test_only_the_named_origins_are_allowed(origin: str, allowed: str | None) -> None:
    """With a list of origins, those are echoed and no other, and caches are told that it varies."""
    client = create_app(Settings(cors_origins=("https://a.example", ORIGIN))).test_client()
    response = client.get("/cds-services", headers={"Origin": origin})
    assert response.headers.get("Access-Control-Allow-Origin") == allowed
    assert response.headers["Vary"] == "Origin"


def test_no_origin_at_all_may_be_allowed() -> None:
    """An empty list of origins keeps every browser page out."""
    client = create_app(Settings(cors_origins=())).test_client()
    assert "Access-Control-Allow-Origin" not in client.get("/cds-services", headers={"Origin": ORIGIN}).headers


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without settings the application reads the environment."""
    monkeypatch.setenv("CDS_MAX_BODY_MB", "1")
    assert create_app().config["MAX_CONTENT_LENGTH"] == 1024 * 1024


def test_nothing_is_kept_where_the_environment_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the address none there is no memory, and so no feedback."""
    monkeypatch.setenv("CDS_DATABASE_URL", "none")
    assert create_app().extensions["cds_memory"] is None


def test_the_memory_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without settings the application starts the memory of the environment: what is told is on disk."""
    monkeypatch.setenv("CDS_DATABASE_URL", f"sqlite:///{tmp_path / 'cds.sqlite3'}")
    monkeypatch.setenv("CDS_HMAC_KEY", "0" * 32)
    app = create_app()
    try:
        assert app.test_client().post(f"{address('order-sign')}/feedback", json={"feedback": [SAID]}).get_json() == {}
        assert app.test_client().get("/readyz").get_json()["database"] == "ready"
    finally:
        app.extensions["cds_memory"].close()
    with closing(sqlite3.connect(tmp_path / "cds.sqlite3")) as database:
        assert database.execute("SELECT card, outcome FROM feedback").fetchall() == [(SAID["card"], "overridden")]


def test_given_settings_bring_no_memory(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An application that is made with settings keeps nothing unless it is given a memory, too."""
    monkeypatch.setenv("CDS_DATABASE_URL", f"sqlite:///{tmp_path / 'cds.sqlite3'}")
    assert create_app(Settings()).extensions["cds_memory"] is None
    assert not any(tmp_path.iterdir())


def test_a_wrong_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """An application that could not work as asked is not made."""
    monkeypatch.setenv("CDS_MAX_BODY_MB", "many")
    with pytest.raises(BadSetting):
        create_app()


def test_a_fixed_day_is_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    """A demonstration says in the log that it is one, and a real service logs nothing at its start."""
    create_app(Settings(as_of=date(2026, 11, 22)))
    line = json.loads(capsys.readouterr().out)
    assert line["event"] == "EVALUATION DATE IS FIXED: not for patients"
    assert line["as_of"] == "2026-11-22"
    assert line["level"] == "warning"
    create_app(Settings())
    assert capsys.readouterr().out == ""


def test_the_log_keeps_quiet_below_its_level(capsys: pytest.CaptureFixture[str]) -> None:
    """With the level ERROR a warning is not logged."""
    create_app(Settings(as_of=date(2026, 11, 22), log_level="ERROR"))
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("module", ["cds_service.web.app", "cds_service.cli"])
def test_the_service_loads_no_models(module: str) -> None:
    """A fresh interpreter that loads the service loads neither fhir.resources nor what asks a database or counts."""
    code = f"import json, sys, {module}; print(json.dumps(sorted({{name.split('.')[0] for name in sys.modules}})))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, timeout=60)
    assert not {"fhir", "fhir_core", "pydantic", "sqlalchemy", "alembic", "prometheus_client"} & set(
        json.loads(found.stdout)
    )
