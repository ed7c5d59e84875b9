"""The service as its own process: started as people start it, called over loopback, and hard to kill."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.web.bodies import SERVICES, address, request

pytestmark = [pytest.mark.server, pytest.mark.allow_hosts(["127.0.0.1"])]

# What a start may take from the command to the first answer.
START = 10.0
SPAWNED = re.compile(r"Spawning worker-\d+ with PID: (\d+)")


class Server:
    """One running `cds serve`, and where it writes what it has to say."""

    def __init__(self, log: Path) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.log = log
        environment = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
        command = [sys.executable, "-c", "from cds_service.cli import main; main()", "serve"]
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "--as-of", "2026-11-22"],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
            )

    def ask(self, method: str, path: str, body: bytes = b"") -> tuple[int, Any]:
        """Status and JSON of one call on a connection of its own."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            # A body too large is refused before it has been sent; the answer is there all the same.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body or None, {"Content-Type": "application/json"} if body else {})
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def answers(self) -> bool:
        """Whether the service is there and well."""
        try:
            return self.ask("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def workers(self) -> list[int]:
        """The processes of all workers so far, the last one is the living one."""
        return [int(pid) for pid in SPAWNED.findall(self.log.read_text(encoding="utf-8"))]

    def stop(self) -> int:
        """Ask the service to end, and wait until it has."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=15)
        finally:
            self.process.kill()


def within(seconds: float, reached: Callable[[], bool]) -> bool:
    """Whether something is reached in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if reached():
            return True
        time.sleep(0.05)
    return False


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A service that answers, for one test."""
    started = Server(tmp_path / "log.txt")
    try:
        assert within(START, started.answers), started.log.read_text(encoding="utf-8")
        yield started
    finally:
        started.stop()


def test_a_started_service_tells_its_address_and_answers(server: Server) -> None:
    """Within ten seconds of its start the service prints where it is, offers its services and judges an order."""
    log = server.log.read_text(encoding="utf-8")
    assert f"http://127.0.0.1:{server.port}/cds-services" in log
    assert f"http://127.0.0.1:{server.port}/\n" in log
    status, discovery = server.ask("GET", "/cds-services")
    assert status == 200
    assert {service["hook"] for service in discovery["services"]} == set(SERVICES)
    status, answer = server.ask("POST", address("order-sign"), json.dumps(request()).encode())
    assert status == 200
    assert [card["source"]["topic"]["code"] for card in answer["cards"]] == ["cyclobenzaprine-older-adult"]
    assert answer["cards"][0]["links"][0]["url"].startswith(f"http://127.0.0.1:{server.port}/evidence/")


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
