"""Many calls at once, clients that send slowly, and heads beyond reason: each is answered in time, and nobody hangs."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.served import Server, within
from tests.support.trusting import ADDRESS
from tests.web.bodies import address, request
from tests.web.site.made import CLIENT, written

pytestmark = [pytest.mark.server, pytest.mark.allow_hosts(["127.0.0.1"])]

START = 15.0
MANY = 500
# Seconds in which each of many calls at once must be answered; on a quiet machine the last one takes half a second.
LAST = 10.0
# A FHIR server that nobody asks here: with one listed calls have threads of their own.
WAITING = {"CDS_FHIR_SERVERS": "http://127.0.0.1:9/fhir"}
CALL = json.dumps(request()).encode()


@contextmanager
def _started(log: Path, *options: str, **settings: str) -> Iterator[Server]:
    server = Server(log, *options, **settings)
    try:
        assert within(START, server.answers), log.read_text(encoding="utf-8")
        yield server
    finally:
        server.stop()


def _head(length: int, more: str = "") -> bytes:
    head = f"POST {address('order-sign')} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{more}"
    return f"{head}Content-Length: {length}\r\n\r\n".encode()


def _connected(server: Server, sent: bytes) -> socket.socket:
    found = socket.create_connection(("127.0.0.1", server.port), timeout=LAST)
    found.sendall(sent)
    return found


def _answers(connections: list[socket.socket]) -> list[bytes]:
    """The beginning of each answer that comes in time."""
    found: list[bytes] = []
    with selectors.DefaultSelector() as selector:
        for one in connections:
            selector.register(one, selectors.EVENT_READ)
        end = time.monotonic() + LAST
        while selector.get_map() and time.monotonic() < end:
            for key, _ in selector.select(end - time.monotonic()):
                selector.unregister(key.fileobj)
                assert isinstance(key.fileobj, socket.socket)
                found.append(key.fileobj.recv(1 << 16))
    return found


@pytest.mark.parametrize("settings", [{}, WAITING, WAITING | {"CDS_MAX_WAITING": "10"}], ids=["one", "many", "few"])
def test_of_many_calls_at_once_each_is_answered(settings: dict[str, str], tmp_path: Path) -> None:
    """Each of 500 calls that come in one moment gets its cards or is told to come again; then all is as before."""
    with _started(tmp_path / "log.txt", **settings) as server, ExitStack() as stack:
        connections = [stack.enter_context(closing(_connected(server, _head(len(CALL)) + CALL))) for _ in range(MANY)]
        answers = _answers(connections)
        statuses = Counter(answer.split(b" ", 2)[1] for answer in answers)
        assert sum(statuses.values()) == MANY
        assert set(statuses) <= {b"200", b"503"}
        assert statuses[b"200"] >= 10
        refused = [answer.lower() for answer in answers if b" 503 " in answer[:20]]
        assert all(b"retry-after: 1\r\n" in one for one in refused)
        assert bool(refused) is ("CDS_MAX_WAITING" in settings)
        assert server.ask("POST", address("order-sign"), CALL)[0] == 200
        assert len(server.workers()) == 1


@pytest.mark.parametrize("options", [("--host", "0.0.0.0", "--anybody-may-call"), ()], ids=["public", "waiting"])  # noqa: S104
def test_slow_clients_hold_nobody(options: tuple[str, ...], tmp_path: Path) -> None:
    """While twenty clients have sent half of a body and no more, others are answered as ever; those beyond the bound
    are told to come again, and health is told all the same."""
    settings = {"CDS_MAX_WAITING": "20"} | ({} if options else WAITING)
    with _started(tmp_path / "log.txt", *options, **settings) as server, ExitStack() as stack:
        half = _head(len(CALL)) + CALL[:100]
        slow = [stack.enter_context(closing(_connected(server, half))) for _ in range(19)]
        time.sleep(0.5)
        begun = time.monotonic()
        assert server.ask("POST", address("order-sign"), CALL)[0] == 200
        assert time.monotonic() - begun < LAST / 2
        slow.append(stack.enter_context(closing(_connected(server, half))))
        time.sleep(0.5)  # else the call might come first, and the slow one be refused
        assert server.ask("POST", address("order-sign"), CALL)[0] == 503
        assert server.answers()
        slow[0].sendall(CALL[100:])
        assert b"200" in _answers(slow[:1])[0][:20]


def test_slow_clients_keep_no_service_from_ending(tmp_path: Path) -> None:
    """A service that is asked to end does so within seconds, whoever has sent half of a body."""
    with _started(tmp_path / "log.txt") as server, closing(_connected(server, _head(len(CALL)) + CALL[:10])):
        time.sleep(0.5)
        assert server.stop() == 0


def test_nothing_of_a_stranger_is_waited_for(tmp_path: Path) -> None:
    """Where clients are listed a call without a token is refused before its body has come."""
    site = {"CDS_SITE": str(written(tmp_path, CLIENT)), "CDS_PUBLIC_URL": ADDRESS}
    with (
        _started(tmp_path / "log.txt", **site) as server,
        closing(_connected(server, _head(len(CALL)) + CALL[:10])) as one,
    ):
        assert b" 401 " in _answers([one])[0][:20]


HEADS = {
    "one long line": (f"X-A: {'a' * 2_000_000}\r\n", b"431"),
    "many lines": ("".join(f"X-{number}: a\r\n" for number in range(1000)), b"431"),
}


@pytest.mark.parametrize(("more", "status"), HEADS.values(), ids=HEADS)
def test_a_head_beyond_reason_is_refused(more: str, status: bytes, tmp_path: Path) -> None:
    """The server itself refuses a head that is too large with a 431, at once, and the worker lives."""
    with _started(tmp_path / "log.txt") as server:
        connection = socket.create_connection(("127.0.0.1", server.port), timeout=LAST)
        with closing(connection):
            with suppress(OSError):  # it may stop listening before all is sent
                connection.sendall(_head(len(CALL), more) + CALL)
            assert _answers([connection])[0].split(b" ", 2)[1] == status
        assert server.answers()
        assert len(server.workers()) == 1


def test_every_line_of_the_log_is_json(tmp_path: Path) -> None:
    """Of a start, a call, a refusal and an end every line but the three for whoever starts it is JSON with a level."""
    log = tmp_path / "log.txt"
    with _started(log) as server:
        server.ask("POST", address("order-sign"), CALL)
        server.ask("GET", "/nowhere")
    written = log.read_text(encoding="utf-8").splitlines()
    lines = [line for line in written if not line.startswith(("Look:", "Sandbox:", "Docs:"))]
    assert len(lines) > 5
    assert all(json.loads(line)["level"] for line in lines)
    assert {"hook answered", "request refused"} <= {json.loads(line)["event"] for line in lines}
