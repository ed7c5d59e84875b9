"""Where metrics are served from the command line, and what is refused before anything starts."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cds_service import cli
from cds_service.web import exposition, folder, server
from tests.support.commands import run

Listening = list[tuple[Any, ...]]


@pytest.fixture
def listening(monkeypatch: pytest.MonkeyPatch) -> Listening:
    """Where metrics would have been served while a service would have run; nothing listens."""
    found: Listening = []

    class Server:
        def __init__(self, target: str, **settings: Any) -> None:
            self.place = f"{settings['address']}:{settings['port']}"

        def serve(self) -> None:
            found.append((self.place,))

    @contextmanager
    def served(host: str, port: int, *rest: Any) -> Iterator[None]:
        found.append((host, port, *rest))
        yield
        found.append(("end",))

    monkeypatch.setattr(server, "Granian", Server)
    monkeypatch.setattr(cli.Event, "wait", lambda self: found.append(("waits",)))
    monkeypatch.setattr(folder, "counting", served)
    monkeypatch.setattr(exposition, "served", served)
    for name in ("CDS_AS_OF", "CDS_METRICS", "CDS_SITE", folder.FOLDER):
        monkeypatch.delenv(name, raising=False)
    return found


def test_without_the_option_nothing_counts(listening: Listening) -> None:
    """Metrics are off unless somebody asks for them."""
    assert "Metrics" not in run("serve").output
    assert listening == [("127.0.0.1:8000",)]


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [("127.0.0.1:9464", "127.0.0.1", 9464), ("localhost:1", "localhost", 1), ("[::1]:65535", "::1", 65535)],
)
def test_metrics_are_served_while_the_service_runs(listening: Listening, text: str, host: str, port: int) -> None:
    """From before it starts until it has ended, at the address that was named, which is told."""
    result = run("serve", "--metrics", text)
    assert result.exit_code == 0
    assert f"http://{text}/metrics\n" in result.output
    assert listening == [(host, port), ("127.0.0.1:8000",), ("end",)]


def test_the_address_may_come_from_the_environment(listening: Listening, monkeypatch: pytest.MonkeyPatch) -> None:
    """CDS_METRICS says it, too; empty it says nothing."""
    monkeypatch.setenv("CDS_METRICS", "127.0.0.1:9464")
    run("serve")
    monkeypatch.setenv("CDS_METRICS", "")
    run("serve")
    assert listening == [("127.0.0.1", 9464), ("127.0.0.1:8000",), ("end",), ("127.0.0.1:8000",)]


WRONG = [
    "9464",
    "127.0.0.1",
    "127.0.0.1:0",
    "127.0.0.1:65536",
    "::1:9464",
    ":9464",
    "a b:9464",
    "127.0.0.1:9464/metrics",
]


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("command", [("serve", "--metrics"), ("metrics", "--listen")])
def test_a_wrong_address_is_refused(listening: Listening, command: tuple[str, str], text: str) -> None:
    """By the name of the option, with what an address looks like; nothing starts."""
    result = run(*command, text)
    assert result.exit_code == 2
    assert command[1] in result.output
    assert "127.0.0.1:9464" in result.output
    assert listening == []


@pytest.mark.parametrize("host", ["0.0.0.0", "[::]", "192.0.2.1", "cds.example.org"])  # noqa: S104
def test_a_public_address_must_be_wanted(
    listening: Listening, host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is asked who he is where metrics are served: where all can reach it they are only if that is said."""
    monkeypatch.setenv(folder.FOLDER, str(tmp_path))
    for command in (("serve", "--metrics"), ("metrics", "--listen")):
        result = run(*command, f"{host}:9464")
        assert result.exit_code == 2
        assert "--anybody-may-read-metrics" in result.output
        assert listening == []
        assert run(*command, f"{host}:9464", "--anybody-may-read-metrics").exit_code == 0
        assert listening[0][:2] == (host.strip("[]"), 9464)
        listening.clear()


def test_what_another_server_started_is_served(
    listening: Listening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`cds metrics` reads the folder that the workers were told, on loopback, until it is ended."""
    monkeypatch.setenv(folder.FOLDER, str(tmp_path))
    assert run("metrics").exit_code == 0
    assert listening == [("127.0.0.1", 9464, tmp_path), ("waits",), ("end",)]


@pytest.mark.parametrize("named", ["", "/nowhere"])
def test_without_a_folder_there_is_nothing_to_serve(
    listening: Listening, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    """It is told by the name of the variable."""
    monkeypatch.setenv(folder.FOLDER, named)
    result = run("metrics")
    assert result.exit_code == 2
    assert folder.FOLDER in result.output
    assert listening == []


@pytest.mark.parametrize("folder_named", ["", "/nowhere", __file__])
def test_workers_do_not_start_with_a_wrong_folder(
    listening: Listening, monkeypatch: pytest.MonkeyPatch, folder_named: str
) -> None:
    """A folder into which nobody can count stops the start; an empty name is none."""
    monkeypatch.setenv(folder.FOLDER, folder_named)
    result = run("serve")
    assert (result.exit_code, bool(listening)) == ((2, False) if folder_named else (0, True))
    assert (folder.FOLDER in result.output) == bool(folder_named)


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_an_address_that_is_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a traceback, and the service does not start; no folder stays named."""
    monkeypatch.setattr(server, "Granian", None)
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        result = run("serve", "--metrics", f"127.0.0.1:{other.getsockname()[1]}")
    assert result.exit_code == 2
    assert "Metrics cannot be served on 127.0.0.1:" in result.output
    assert folder.FOLDER not in os.environ
