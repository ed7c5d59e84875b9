"""`cds serve`: where it listens, and what it refuses to start with."""

from __future__ import annotations

import os
from typing import Any

import pytest
from granian.constants import HTTPModes

from cds_service.web import server
from tests.support.commands import run
from tests.web.bodies import Json

OTHERS = (
    "CDS_PLAYGROUND",
    "CDS_DATABASE_URL",
    "CDS_HMAC_KEY",
    "CDS_HMAC_KEY_FILE",
    "CDS_RETENTION_DAYS",
    "CDS_SNOOZE_DAYS",
    "CDS_STORE_COMMENTS",
)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[Json]:
    """How granian would have been started; nothing listens."""
    starts: list[Json] = []

    class Server:
        def __init__(self, target: str, **settings: Any) -> None:
            self.settings = {"target": target} | settings

        def serve(self) -> None:
            starts.append(self.settings)

    monkeypatch.setattr(server, "Granian", Server)
    # Set first, so that the variable is taken back even where the command sets it.
    for name in ("CDS_AS_OF", "CDS_PUBLIC_URL", "CDS_MAX_BODY_MB", "CDS_CORS_ORIGINS", "CDS_LOG_LEVEL", *OTHERS):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)
    return starts


def test_serve_starts_on_loopback(started: list[Json]) -> None:
    """Without options one respawning worker listens on loopback, and the addresses are printed."""
    result = run("serve")
    assert result.exit_code == 0
    assert "http://127.0.0.1:8000/\n" in result.output
    assert "http://localhost:8000/cds-services" in result.output
    assert len(result.output.splitlines()) == 3
    [settings] = started
    assert settings["address"] == "127.0.0.1"
    assert settings["port"] == 8000
    assert settings["workers"] == 1
    assert settings["respawn_failed_workers"] is True
    assert settings["target"] == "cds_service.web.worker:create_app"
    assert settings["factory"] is True
    assert settings["blocking_threads"] == 1
    assert settings["http"] == HTTPModes.http1  # else a connection on which nothing comes is kept for ever
    assert settings["log_level"] == "warning"


def test_serve_lets_the_server_speak_where_details_are_wanted(
    started: list[Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    """At DEBUG granian tells of its start and its workers, too."""
    monkeypatch.setenv("CDS_LOG_LEVEL", "DEBUG")
    assert run("serve").exit_code == 0
    assert started[0]["log_level"] == "info"


@pytest.mark.parametrize(
    ("host", "look", "paste"),
    [
        ("::1", "http://[::1]:8000/\n", "http://localhost:8000/cds-services"),
        ("192.0.2.1", "http://192.0.2.1:8000/\n", "http://192.0.2.1:8000/cds-services"),
    ],
)
def test_serve_tells_addresses_that_can_be_opened(started: list[Json], host: str, look: str, paste: str) -> None:
    """An address of IPv6 stands in brackets; another machine is not reached by the name of this one."""
    result = run("serve", "--host", host, "--anybody-may-call")
    assert look in result.output
    assert paste in result.output


@pytest.mark.parametrize(
    ("options", "variable", "expected"),
    [
        ([], None, None),
        (["--playground"], "no", "yes"),
        (["--no-playground"], None, "no"),
        (["--host", "192.0.2.1", "--anybody-may-call"], None, "no"),
        (["--host", "192.0.2.1", "--anybody-may-call"], "yes", "yes"),
        (["--host", "192.0.2.1", "--anybody-may-call", "--playground"], None, "yes"),
    ],
)
def test_serve_has_no_playground_in_public_unless_told(
    started: list[Json], monkeypatch: pytest.MonkeyPatch, options: list[str], variable: str | None, expected: str | None
) -> None:
    """On a public address it is off unless option or variable says otherwise; workers read it from the environment."""
    if variable is not None:
        monkeypatch.setenv("CDS_PLAYGROUND", variable)
    assert run("serve", *options).exit_code == 0
    assert os.environ.get("CDS_PLAYGROUND") == expected


def test_serve_has_a_thread_for_each_call_that_may_wait(started: list[Json], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where calls wait for a FHIR server, there are as many threads as calls may wait, and some that refuse others."""
    monkeypatch.setenv("CDS_FHIR_SERVERS", "https://ehr.example.org/fhir")
    monkeypatch.setenv("CDS_MAX_WAITING", "20")
    assert run("serve").exit_code == 0
    [settings] = started
    assert settings["blocking_threads"] > 20


def test_serve_listens_where_asked(started: list[Json]) -> None:
    """Host, port and workers are handed on."""
    assert run("serve", "--host", "0.0.0.0", "--port", 9000, "--workers", 3, "--anybody-may-call").exit_code == 0  # noqa: S104
    [settings] = started
    assert (settings["address"], settings["port"], settings["workers"]) == ("0.0.0.0", 9000, 3)  # noqa: S104
    assert settings["blocking_threads"] > 100  # where strangers may send slowly


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "localhost"])
def test_serve_fixes_the_day_on_loopback(started: list[Json], host: str) -> None:
    """A demonstration on loopback may fix the day of evaluation; the workers read it from the environment."""
    assert run("serve", "--host", host, "--as-of", "2026-11-22").exit_code == 0
    assert os.environ["CDS_AS_OF"] == "2026-11-22"
    assert len(started) == 1


PUBLIC = ["0.0.0.0", "::", "192.0.2.1", "cds.example.org", "localhost.example.org", ""]  # noqa: S104


@pytest.mark.parametrize("host", PUBLIC)
def test_serve_refuses_a_fixed_day_on_a_public_address(started: list[Json], host: str) -> None:
    """--as-of is refused where patients could be served, and nothing starts."""
    result = run("serve", "--host", host, "--as-of", "2026-11-22")
    assert result.exit_code == 2
    assert "refused on a public address" in result.output
    assert started == []


@pytest.mark.parametrize("host", PUBLIC)
def test_serve_refuses_a_day_from_the_environment_on_a_public_address(
    started: list[Json], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """CDS_AS_OF is refused just as --as-of is."""
    monkeypatch.setenv("CDS_AS_OF", "2026-11-22")
    result = run("serve", "--host", host)
    assert result.exit_code == 2
    assert "unset it" in result.output
    assert started == []


def test_serve_takes_a_day_from_the_environment_on_loopback(
    started: list[Json], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CDS_AS_OF is a demonstration, too."""
    monkeypatch.setenv("CDS_AS_OF", "2026-11-22")
    assert run("serve").exit_code == 0
    assert len(started) == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("CDS_PUBLIC_URL", "cds"),
        ("CDS_MAX_BODY_MB", "x"),
        ("CDS_AS_OF", "x"),
        ("CDS_LOG_LEVEL", "x"),
        ("CDS_DATABASE_URL", "x"),
        ("CDS_HMAC_KEY", "x"),
        ("CDS_PLAYGROUND", "x"),
    ],
)
def test_serve_refuses_a_wrong_setting(
    started: list[Json], monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    """A wrong setting stops the start with its name, before any worker could fail over and over."""
    monkeypatch.setenv(name, text)
    result = run("serve")
    assert result.exit_code == 2
    assert name in result.output
    assert started == []


@pytest.mark.parametrize("option", [("--as-of", "yesterday"), ("--port", "x"), ("--workers", "x")])
def test_serve_refuses_a_wrong_option(started: list[Json], option: tuple[str, str]) -> None:
    """A wrong option is told by name, and nothing starts."""
    result = run("serve", *option)
    assert result.exit_code == 2
    assert option[0] in result.output
    assert started == []
