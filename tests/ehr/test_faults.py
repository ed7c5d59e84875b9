"""A real HTTP server on loopback that does everything wrong: no fault raises, outlasts the budget or stays behind."""

from __future__ import annotations

import gzip
import json
import logging
import socket
import ssl
import time
from collections.abc import Callable
from typing import Any

import pytest

from cds_service.ehr import sessions
from cds_service.ehr.address import Server
from cds_service.ehr.budget import Budget
from cds_service.ehr.client import Client, Fetched
from cds_service.ehr.sockets import PlainSocket, spending
from cds_service.ehr.words import NOT_IN_TIME, PART, TOO_MUCH, UNREACHABLE, UNUSABLE
from tests.ehr.loopback import CERTIFICATE, CLOSE, Asked, Ehr, Line, Script, answer, bundle, sockets

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

SEARCH = "Observation?patient=p1&code=http://loinc.org|2601-3"
GOOD = answer(bundle("1"))
# A budget that a hanging server uses up, and what the answer may take beyond it on a busy machine.
SHORT, SLACK = 300, 0.5
# A budget that nothing uses up which answers at all.
LONG = 20_000


def _client(ehr: Ehr, milliseconds: int = LONG, **budget: Any) -> Client:
    return Client(ehr.server, "secret-token", Budget(milliseconds, **budget))


def _search(ehr: Ehr, milliseconds: int = LONG, **budget: Any) -> Fetched:
    return _client(ehr, milliseconds, **budget).search(SEARCH)


def _says(data: bytes, *, close: bool = True) -> Script:
    """A script that sends these bytes and hangs up."""

    def script(line: Line, asked: Asked) -> object:
        line.send(data)
        return CLOSE if close else None

    return script


def _reset(line: Line, asked: Asked) -> object:
    line.reset()
    return CLOSE


def _reset_in_body(line: Line, asked: Asked) -> object:
    line.send(GOOD[:-10])
    line.reset()
    return CLOSE


def _chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return start + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def _page(size: int) -> bytes:
    return json.dumps(bundle("1") | {"text": "x" * size}).encode()


PACKED = gzip.compress(json.dumps(bundle("1")).encode())
TAKEN = {
    "plain": answer(bundle("1")),
    "chunked": _chunked(json.dumps(bundle("1")).encode()),
    "until closed": b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps(bundle("1")).encode(),
    "gzip": answer(PACKED, Content_Encoding="gzip"),
    "gzip in chunks": _chunked(PACKED[:9], PACKED[9:]).replace(b"\r\n\r\n", b"\r\nContent-Encoding: x-gzip\r\n\r\n", 1),
    "a page of 3 MB": answer(_page(3_000_000)),
    "a page of 3 MB, packed": answer(gzip.compress(_page(3_000_000)), Content_Encoding="gzip"),
}


@pytest.mark.parametrize("data", TAKEN.values(), ids=TAKEN)
def test_every_form_of_a_body_is_read(data: bytes) -> None:
    """However a body is sent, all of it is read."""
    with Ehr(_says(data)) as ehr:
        fetched = _search(ehr)
    assert fetched.complete
    assert json.loads(fetched.pages[0])["entry"][0]["resource"]["id"] == "1"


BROKEN: dict[str, tuple[bytes, str, str]] = {
    "length too long": (answer(bundle("1"), Content_Length="9999"), PART, "IncompleteRead"),
    "length too short": (answer(bundle("1"), Content_Length="20"), UNUSABLE, "not a JSON object"),
    "two lengths": (answer(bundle("1"), Content_Length="5, 6"), UNUSABLE, "InvalidHeader"),
    "truncated": (b"HTTP/1.0 200 OK\r\n\r\n" + GOOD[-40:-9], UNUSABLE, "not a JSON object"),
    "chunks without end": (_chunked(b"{}", end=b""), PART, "ValueError"),
    "chunk cut short": (_chunked(b"{}", end=b"ff\r\n{"), PART, "IncompleteRead"),
    "chunk that is no number": (_chunked(b"{}", end=b"zz\r\n"), PART, "ValueError"),
    "gzip cut short": (answer(PACKED[:-12], Content_Encoding="gzip"), PART, "gzip without its end"),
    "gzip that is none": (answer(b"{}", Content_Encoding="gzip"), UNUSABLE, "broken gzip"),
    "HTML": (answer(b"<html>", Content_Type="text/html"), UNUSABLE, "not a JSON object"),
    "not HTTP": (b"220 mail.example.org ESMTP\r\n", UNUSABLE, "BadStatusLine"),
    "status that is no number": (b"HTTP/1.1 abc OK\r\n\r\n", UNUSABLE, "ValueError"),
    "endless header": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000, UNUSABLE, "LineTooLong"),
    "too many headers": (b"HTTP/1.1 200 OK\r\n" + b"X: x\r\n" * 200 + b"\r\n", UNUSABLE, "HTTPException"),
}


@pytest.mark.parametrize(("data", "why", "detail"), BROKEN.values(), ids=BROKEN)
def test_a_broken_answer_is_told(data: bytes, why: str, detail: str) -> None:
    """What is cut, mangled or no answer at all is not used, and not asked for again."""
    with Ehr(_says(data)) as ehr:
        assert _search(ehr) == Fetched((), False, why, f"Observation search: {detail}")
        assert ehr.methods == ["POST"]


def test_a_reset_in_the_body_is_a_part() -> None:
    """A connection that breaks in the middle of an answer is not asked again."""
    with Ehr(_reset_in_body) as ehr:
        assert _search(ehr).why in (PART, UNUSABLE)
        assert len(ehr.asked) == 1


@pytest.mark.parametrize("script", [_reset, _says(b"")], ids=["reset", "closed"])
def test_a_connection_that_breaks_is_tried_twice(script: Script) -> None:
    """A connection that breaks before any answer is tried once more, and only once."""
    with Ehr(script) as ehr:
        fetched = _search(ehr)
        assert fetched.why == UNREACHABLE
        assert fetched.detail in ("Observation search: ConnectionResetError", "Observation search: RemoteDisconnected")
        assert ehr.methods == ["POST", "POST"]


def test_a_second_try_is_an_answer() -> None:
    """Where the second connection holds, nothing is lost."""

    def script(line: Line, asked: Asked) -> object:
        return _reset(line, asked) if len(ehr.asked) == 1 else line.answer(bundle("1"))

    with Ehr(script) as ehr:
        assert _search(ehr).complete


def test_a_second_try_tells_its_own_failure() -> None:
    """What is told is how it ended, not how it began."""

    def script(line: Line, asked: Asked) -> object:
        return _reset(line, asked) if len(ehr.asked) == 1 else _says(b"220 mail.example.org\r\n")(line, asked)

    with Ehr(script) as ehr:
        assert _search(ehr) == Fetched((), False, UNUSABLE, "Observation search: BadStatusLine")


def test_nobody_listens() -> None:
    """A refused connection is told at once."""
    with Ehr(_says(GOOD)) as ehr:
        pass
    started = time.monotonic()
    assert _search(ehr) == Fetched((), False, UNREACHABLE, "Observation search: ConnectionRefusedError")
    assert time.monotonic() - started < 5


def _hang(line: Line, asked: Asked) -> object:
    line.hang()
    return CLOSE


def _dripping(start: bytes, drop: bytes) -> Script:
    def script(line: Line, asked: Asked) -> object:
        line.send(start)
        line.drip(drop)
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
    "drip of chunks": _dripping(_chunked(b"{", end=b""), b"1\r\n \r\n"),
    "drip in a chunk's length": _dripping(_chunked(b"{", end=b""), b"0"),
}


@pytest.mark.parametrize("script", HANGS.values(), ids=HANGS)
@pytest.mark.parametrize("page", [1, 2])
def test_a_server_that_hangs_holds_nobody(script: Script, page: int) -> None:
    """When the budget ends the caller goes on with what it has, and the connection is closed."""
    before = sockets()
    with Ehr(script if page == 1 else _second_page(script)) as ehr:
        started = time.monotonic()
        fetched = _search(ehr, SHORT)
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
            client = Client(_listening(address[1]), "", Budget(SHORT))
            started = time.monotonic()
            fetched = client.read("Patient/p1")
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
    "50 MB in chunks": lambda: _chunked(*[b" " * 1_000_000] * 50),
    "gzip bomb": lambda: answer(gzip.compress(b" " * 500_000_000, 1), Content_Encoding="gzip"),
    "50 MB of headers": lambda: b"HTTP/1.1 100 Continue\r\n\r\n" * 2_000_000,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_huge_answer_is_left(name: str) -> None:
    """What is larger than one answer may be is left where that is certain, long before its end."""
    before = sockets()
    with Ehr(_says(HUGE[name]())) as ehr:
        fetched = _search(ehr)
        assert ehr.hung_up.wait(10)
    assert fetched.pages == ()
    assert fetched.why == TOO_MUCH
    assert fetched.detail.startswith("Observation search: more than ")
    assert sockets() == before


def test_a_huge_answer_leaves_room_for_others() -> None:
    """After one answer that is too large the next one is still read."""

    def script(line: Line, asked: Asked) -> object:
        line.answer(_page(50_000_000) if asked.target.endswith("Observation/_search") else bundle("2"))
        return CLOSE

    with Ehr(script) as ehr:
        client = _client(ehr)
        assert client.search(SEARCH).why == TOO_MUCH
        assert client.search("Condition?patient=p1").complete


def test_a_small_budget_of_bytes_is_felt_at_the_socket() -> None:
    """Bytes count as they come in, whatever they are part of."""
    with Ehr(_says(GOOD)) as ehr:
        fetched = _search(ehr, size=50)
    assert fetched == Fetched((), False, TOO_MUCH, "Observation search: more than 50 bytes")


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("how", ["redirect", "next"])
def test_no_token_arrives_elsewhere(status: int, how: str) -> None:
    """Another origin, even on the same host, never hears of the token or the patient."""
    with Ehr(_says(GOOD)) as canary:
        elsewhere = f"{canary.server.base}/Observation?patient=p1"

        def script(line: Line, asked: Asked) -> None:
            if how == "next":
                line.answer(bundle("1", next=elsewhere))
            else:
                line.answer(status=status, Location=elsewhere)

        with Ehr(script) as ehr:
            client = _client(ehr)
            assert not client.search(SEARCH).complete
            assert not client.read("Patient/p1").complete
            assert {asked.headers["authorization"] for asked in ehr.asked} == {"Bearer secret-token"}
        assert canary.asked == []


def test_a_redirect_with_a_huge_body_is_not_read() -> None:
    """The body of a redirect, packed or not, is nobody's concern."""
    bomb = answer(gzip.compress(b" " * 200_000_000, 1), 302, Content_Encoding="gzip", Location="/fhir/Patient/p2")

    def script(line: Line, asked: Asked) -> object:
        line.send(bomb if asked.target.endswith("p1") else answer({"resourceType": "Patient"}))
        return CLOSE

    with Ehr(script) as ehr:
        assert _client(ehr, size=100_000).read("Patient/p1").complete


def test_one_connection_serves_many_questions() -> None:
    """A connection is kept for the next question, without cookies and without a proxy of the environment."""
    connections: set[int] = set()

    def script(line: Line, asked: Asked) -> None:
        connections.add(id(line.connection))
        line.answer(bundle("1"), Set_Cookie="session=1; Path=/")

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("HTTP_PROXY", "http://127.0.0.1:9")
        environment.setenv("http_proxy", "http://127.0.0.1:9")
        with Ehr(script) as ehr:
            for _ in range(3):
                assert _search(ehr).complete
    assert len(connections) == 1
    assert not any("cookie" in asked.headers for asked in ehr.asked)


def test_a_connection_that_was_closed_meanwhile_is_replaced() -> None:
    """A server that closes idle connections costs no answer."""
    with Ehr(_says(GOOD)) as ehr:
        for _ in range(3):
            assert _search(ehr).complete
            assert ehr.hung_up.wait(10)
            ehr.hung_up.clear()


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Not even urllib3 writes an address with a patient in it, whatever the headers look like."""
    caplog.set_level(logging.DEBUG)
    with Ehr(_says(b"HTTP/1.1 200 OK\r\n: x\r\nbroken\r\n\r\n{}")) as ehr:
        _client(ehr).read("Patient/p1")
    assert not [record for record in caplog.records if "p1" in record.getMessage()]


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's own authority is the one of the test's server."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))


@pytest.mark.usefixtures("trusted")
def test_tls_with_a_trusted_certificate() -> None:
    """A site's own authority is named in SSL_CERT_FILE; long questions and long answers pass."""
    with Ehr(lambda line, asked: line.answer(_page(300_000)), tls=True) as ehr:
        client = _client(ehr)
        assert client.search(SEARCH).complete
        assert client.search(f"Medication?_id={'x' * 100_000}").complete
    assert len(ehr.asked[1].body) > 100_000


def test_tls_with_an_unknown_certificate() -> None:
    """A certificate that nobody vouches for is no connection: not one question is asked, and none twice."""
    before = sockets()
    with Ehr(_says(GOOD), tls=True) as ehr:
        fetched = _search(ehr)
    assert fetched == Fetched((), False, UNREACHABLE, "Observation search: SSLCertVerificationError")
    assert ehr.asked == []
    assert sockets() == before


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
        _in_time(lambda: _search(ehr, SHORT))
        assert ehr.hung_up.wait(10)
    assert sockets() == before


def test_no_time_no_wait() -> None:
    """A socket whose budget is over does not wait at all."""
    with PlainSocket(socket.AF_UNIX) as one, spending(Budget(0)), pytest.raises(TimeoutError):
        one.recv_into(bytearray(1))


def test_the_authorities_are_read_for_tls_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading them takes longer than many a call: once for all servers, and never for one without TLS."""
    read: list[int] = []
    create = ssl.create_default_context

    def counted() -> ssl.SSLContext:
        read.append(1)
        return create()

    monkeypatch.setattr(ssl, "create_default_context", counted)
    sessions.session("http://ehr.example.org")
    assert read == []
    for origin in ("https://ehr.example.org", "https://other.example.org", "https://ehr.example.org"):
        sessions.session(origin)
    assert read == [1]


def _in_time(ask: Callable[[], Fetched]) -> None:
    started = time.monotonic()
    assert ask().why == NOT_IN_TIME
    assert time.monotonic() - started < SHORT / 1000 + SLACK
