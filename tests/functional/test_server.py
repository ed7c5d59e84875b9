"""The service as its own process: started as people start it, called over loopback, and hard to kill."""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.served import Server, within
from tests.web.bodies import SERVICES, address, request

pytestmark = [pytest.mark.server, pytest.mark.allow_hosts(["127.0.0.1"])]

# What a start may take from the command to the first answer.
START = 10.0


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A service that answers, for one test."""
    # What it keeps lies beside its log, and not in the repository.
    database = f"sqlite:///{tmp_path / 'cds.db'}"
    started = Server(tmp_path / "log.txt", "--as-of", "2026-11-22", CDS_DATABASE_URL=database)
    try:
        assert within(START, started.answers), started.log.read_text(encoding="utf-8")
        yield started
    finally:
        started.stop()


def test_a_started_service_tells_its_address_and_answers(server: Server) -> None:
    """Within ten seconds of its start the service prints where it is, offers its services and judges an order."""
    log = server.log.read_text(encoding="utf-8")
    assert f"http://localhost:{server.port}/cds-services" in log
    assert f"http://127.0.0.1:{server.port}/\n" in log
    status, discovery = server.ask("GET", "/cds-services")
    assert status == 200
    assert {service["hook"] for service in discovery["services"]} == set(SERVICES)
    status, answer = server.ask("POST", address("order-sign"), json.dumps(request()).encode())
    assert status == 200
    assert [card["source"]["topic"]["code"] for card in answer["cards"]] == ["cyclobenzaprine-older-adult"]
    assert answer["cards"][0]["links"][0]["url"].startswith(f"http://127.0.0.1:{server.port}/evidence/")


def test_a_start_says_three_lines(tmp_path: Path) -> None:
    """Where to look, how to point the Sandbox here, where it is explained; and nothing of the server's own."""
    started = Server(tmp_path / "log.txt", CDS_LOG_LEVEL="INFO")
    try:
        assert within(START, started.answers), started.log.read_text(encoding="utf-8")
    finally:
        started.stop()
    lines = started.log.read_text(encoding="utf-8").splitlines()
    assert [line.split(":")[0] for line in lines] == ["Look", "Sandbox", "Docs"]


def test_abuse_is_refused_and_the_service_lives(server: Server) -> None:
    """10 MB, 50,000 levels, a call cut short and no HTTP at all: refused, and the same worker goes on."""
    status, outcome = server.ask("POST", address("order-sign"), b" " * 10 * 1024 * 1024)
    assert (status, outcome["resourceType"]) == (413, "OperationOutcome")
    for opening, closing_ in ((b"[", b"]"), (b'{"contained":', b"}")):
        nested = b'{"prefetch":{"patient":' + opening * 50_000 + b"1" + closing_ * 50_000 + b"}}"
        status, outcome = server.ask("POST", address("order-sign"), nested)
        assert (status, outcome["resourceType"]) == (400, "OperationOutcome")
    head = f"POST {address('order-sign')} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n"
    for raw in (head.encode() + b'{"hook"', b"\x00\xff\r\n\r\n"):
        with closing(socket.create_connection(("127.0.0.1", server.port), timeout=10)) as connection:
            connection.sendall(raw)
    assert server.answers()
    status, answer = server.ask("POST", address("order-sign"), json.dumps(request()).encode())
    assert (status, len(answer["cards"])) == (200, 1)
    assert len(server.workers()) == 1


def test_a_killed_worker_is_replaced(server: Server) -> None:
    """When its worker dies, the service starts another and answers again."""
    [first] = server.workers()
    os.kill(first, signal.SIGKILL)
    assert within(START, lambda: len(server.workers()) == 2 and server.answers())
    assert server.workers()[-1] != first
    assert server.process.poll() is None


def test_a_service_ends_when_asked_to(server: Server) -> None:
    """SIGTERM ends the service with its workers, as supervisors expect."""
    assert server.stop() == 0
    assert not server.answers()
