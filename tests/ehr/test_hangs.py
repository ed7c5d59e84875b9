"""A real HTTP server on loopback that hangs, drips or never ends holds nobody beyond the budget; nothing stays."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from itertools import repeat

import pytest

from cds_service.ehr import sessions
from cds_service.ehr.address import Server
from cds_service.ehr.budget import Budget
from cds_service.ehr.client import Client, Fetched
from cds_service.ehr.sockets import PlainSocket, spending
from cds_service.ehr.words import NOT_IN_TIME, TOO_MUCH
from tests.ehr.asking import SEARCH, bundle, chunked, client, page, says, search, sockets
from tests.support.loopback import CLOSE, Asked, Ehr, Line, Script, answer

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

GOOD = answer(bundle("1"))
# A budget that a hanging server uses up, and what the answer may take beyond it on a busy machine.
SHORT, SLACK = 300, 0.5


def _hang(line: Line, asked: Asked) -> object:
    line.hang()
    return CLOSE


def _dripping(start: bytes, drop: bytes) -> Script:
    def script(line: Line, asked: Asked) -> object:
        line.send(start)
        line.drip(repeat(drop))
        return CLOSE

    return script


def _second_page(script: Script) -> Script:
    """The first page comes at once and the second never."""

    def both(line: Line, asked: Asked) -> object:
        return script(line, asked) if asked.method == "GET" else line.answer(bundle("1", next="?_getpages=0e8c-4d2f"))

    return both


HANGS = {
    "hang": _hang,
    "drip in the status line": _dripping(b"", b"H"),
    "drip in the headers": _dripping(b"HTTP/1.1 200 OK\r\nX: ", b"x"),
    "drip of continues": _dripping(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "drip in the body": _dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b" "),
    "drip until closed": _dripping(b"HTTP/1.0 200 OK\r\n\r\n", b" "),
    "drip of chunks": _dripping(chunked(b"{", end=b""), b"1\r\n \r\n"),
    "drip in a chunk's length": _dripping(chunked(b"{", end=b""), b"0"),
}


@pytest.mark.parametrize("script", HANGS.values(), ids=HANGS)
@pytest.mark.parametrize("page", [1, 2])
def test_a_server_that_hangs_holds_nobody(script: Script, page: int) -> None:
    """When the budget ends the caller goes on with what it has, and the connection is closed."""
    before = sockets()
    with Ehr(script if page == 1 else _second_page(script)) as ehr:
        started = time.monotonic()
        fetched = search(ehr, SHORT)
        taken = time.monotonic() - started
        assert ehr.hung_up.wait(10)
    assert SHORT / 1000 - 0.01 <= taken < SHORT / 1000 + SLACK
    assert fetched == Fetched(fetched.pages, False, NOT_IN_TIME, f"Observation search: {SHORT} ms are over")
    assert len(fetched.pages) == page - 1
    assert sockets() == before


def test_a_server_that_accepts_nobody_holds_nobody() -> None:
    """A listener that never accepts is a hang like any other, and so is a queue of connections that is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        with socket.create_connection(address):
            asking = Client(_listening(address[1]), "", Budget(SHORT))
            started = time.monotonic()
            fetched = asking.read("Patient/p1")
            assert time.monotonic() - started < SHORT / 1000 + SLACK
    assert fetched.why == NOT_IN_TIME


def _listening(port: int) -> Server:
    return Server("http", "127.0.0.1", port)


def test_a_server_that_does_not_read_holds_nobody() -> None:
    """A question that is longer than what the network buffers ends with the budget, too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        started = time.monotonic()
        fetched = Client(_listening(port), "", Budget(SHORT)).search(f"Medication?_id={'x' * 20_000_000}")
        assert time.monotonic() - started < SHORT / 1000 + SLACK
    assert fetched.why == NOT_IN_TIME


HUGE = {
    "50 MB": lambda: answer(b'{"resourceType": "Bundle", "text": "' + b"x" * 50_000_000 + b'"}'),
    "50 MB in chunks": lambda: chunked(*[b" " * 1_000_000] * 50),
    "gzip bomb": lambda: answer(gzip.compress(b" " * 500_000_000, 1), Content_Encoding="gzip"),
    "50 MB of headers": lambda: b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_answer_is_left(name: str) -> None:
    """What is larger than one answer may be is left where that is certain, long before its end."""
    before = sockets()
    with Ehr(says(HUGE[name]())) as ehr:
        fetched = search(ehr)
        assert ehr.hung_up.wait(10)
    assert fetched.pages == ()
    assert fetched.why == TOO_MUCH
    assert fetched.detail.startswith("Observation search: more than ")
    assert sockets() == before


def test_a_huge_answer_leaves_room_for_others() -> None:
    """After one answer that is too large the next one is still read."""

    def script(line: Line, asked: Asked) -> object:
        line.answer(page(50_000_000) if asked.target.endswith("Observation/_search") else bundle("2"))
        return CLOSE

    with Ehr(script) as ehr:
        asking = client(ehr)
        assert asking.search(SEARCH).why == TOO_MUCH
        assert asking.search("Condition?patient=p1").complete


def test_a_small_budget_of_bytes_is_felt_at_the_socket() -> None:
    """Bytes count as they come in, whatever they are part of."""
    with Ehr(says(GOOD)) as ehr:
        fetched = search(ehr, size=50)
    assert fetched == Fetched((), False, TOO_MUCH, "Observation search: more than 50 bytes")


@pytest.mark.usefixtures("trusted")
def test_tls_that_hangs_holds_nobody() -> None:
    """A server that never shakes hands, or stops in the middle of an answer, ends with the budget."""
    before = sockets()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        silent = Server("https", "127.0.0.1", listener.getsockname()[1])
        sessions.session(silent.origin)
        _in_time(lambda: Client(silent, "", Budget(SHORT)).read("Patient/p1"))
    with Ehr(HANGS["drip in the body"], tls=True) as ehr:
        sessions.session(ehr.server.origin)
        _in_time(lambda: search(ehr, SHORT))
        assert ehr.hung_up.wait(10)
    assert sockets() == before


def test_no_time_no_wait() -> None:
    """A socket whose budget is over does not wait at all."""
    with PlainSocket(socket.AF_UNIX) as one, spending(Budget(0)), pytest.raises(TimeoutError):
        one.recv_into(bytearray(1))


def _in_time(ask: Callable[[], Fetched]) -> None:
    started = time.monotonic()
    assert ask().why == NOT_IN_TIME
    assert time.monotonic() - started < SHORT / 1000 + SLACK
