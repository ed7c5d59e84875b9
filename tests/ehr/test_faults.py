"""A real HTTP server on loopback that does everything wrong: no fault raises, outlasts the budget or stays behind."""

from __future__ import annotations

import gzip
import json
import logging
import ssl
import time

import pytest

from cds_service.ehr import sessions
from cds_service.ehr.client import Fetched
from cds_service.ehr.words import PART, UNREACHABLE, UNUSABLE
from tests.ehr.asking import SEARCH, bundle, chunked, client, page, says, search, sockets
from tests.support.loopback import CLOSE, Asked, Ehr, Line, Script, answer

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

GOOD = answer(bundle("1"))


def _reset(line: Line, asked: Asked) -> object:
    line.reset()
    return CLOSE


def _reset_in_body(line: Line, asked: Asked) -> object:
    line.send(GOOD[:-10])
    line.reset()
    return CLOSE


PACKED = gzip.compress(json.dumps(bundle("1")).encode())
TAKEN = {
    "plain": answer(bundle("1")),
    "chunked": chunked(json.dumps(bundle("1")).encode()),
    "until closed": b"HTTP/1.0 200 OK\r\n\r\n" + json.dumps(bundle("1")).encode(),
    "gzip": answer(PACKED, Content_Encoding="gzip"),
    "gzip in chunks": chunked(PACKED[:9], PACKED[9:]).replace(b"\r\n\r\n", b"\r\nContent-Encoding: x-gzip\r\n\r\n", 1),
    "a page of 3 MB": answer(page(3_000_000)),
    "a page of 3 MB, packed": answer(gzip.compress(page(3_000_000)), Content_Encoding="gzip"),
}


@pytest.mark.parametrize("data", TAKEN.values(), ids=TAKEN)
def test_every_form_of_a_body_is_read(data: bytes) -> None:
    """However a body is sent, all of it is read."""
    with Ehr(says(data)) as ehr:
        fetched = search(ehr)
    assert fetched.complete
    assert json.loads(fetched.pages[0])["entry"][0]["resource"]["id"] == "1"


BROKEN: dict[str, tuple[bytes, str, str]] = {
    "length too long": (answer(bundle("1"), Content_Length="9999"), PART, "IncompleteRead"),
    "length too short": (answer(bundle("1"), Content_Length="20"), UNUSABLE, "not a JSON object"),
    "two lengths": (answer(bundle("1"), Content_Length="5, 6"), UNUSABLE, "InvalidHeader"),
    "truncated": (b"HTTP/1.0 200 OK\r\n\r\n" + GOOD[-40:-9], UNUSABLE, "not a JSON object"),
    "chunks without end": (chunked(b"{}", end=b""), PART, "ValueError"),
    "chunk cut short": (chunked(b"{}", end=b"ff\r\n{"), PART, "IncompleteRead"),
    "chunk that is no number": (chunked(b"{}", end=b"zz\r\n"), PART, "ValueError"),
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
    with Ehr(says(data)) as ehr:
        assert search(ehr) == Fetched((), False, why, f"Observation search: {detail}")
        assert ehr.methods == ["POST"]


def test_a_reset_in_the_body_is_a_part() -> None:
    """A connection that breaks in the middle of an answer is not asked again."""
    with Ehr(_reset_in_body) as ehr:
        assert search(ehr).why in (PART, UNUSABLE)
        assert len(ehr.asked) == 1


@pytest.mark.parametrize("script", [_reset, says(b"")], ids=["reset", "closed"])
def test_a_connection_that_breaks_is_tried_twice(script: Script) -> None:
    """A connection that breaks before any answer is tried once more, and only once."""
    with Ehr(script) as ehr:
        fetched = search(ehr)
        assert fetched.why == UNREACHABLE
        assert fetched.detail in ("Observation search: ConnectionResetError", "Observation search: RemoteDisconnected")
        assert ehr.methods == ["POST", "POST"]


def test_a_second_try_is_an_answer() -> None:
    """Where the second connection holds, nothing is lost."""

    def script(line: Line, asked: Asked) -> object:
        return _reset(line, asked) if len(ehr.asked) == 1 else line.answer(bundle("1"))

    with Ehr(script) as ehr:
        assert search(ehr).complete


def test_a_second_try_tells_its_own_failure() -> None:
    """What is told is how it ended, not how it began."""

    def script(line: Line, asked: Asked) -> object:
        return _reset(line, asked) if len(ehr.asked) == 1 else says(b"220 mail.example.org\r\n")(line, asked)

    with Ehr(script) as ehr:
        assert search(ehr) == Fetched((), False, UNUSABLE, "Observation search: BadStatusLine")


def test_nobody_listens() -> None:
    """A refused connection is told at once."""
    with Ehr(says(GOOD)) as ehr:
        pass
    started = time.monotonic()
    assert search(ehr) == Fetched((), False, UNREACHABLE, "Observation search: ConnectionRefusedError")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("status", [301, 302, 307, 308])
@pytest.mark.parametrize("how", ["redirect", "next"])
def test_no_token_arrives_elsewhere(status: int, how: str) -> None:
    """Another origin, even on the same host, never hears of the token or the patient."""
    with Ehr(says(GOOD)) as canary:
        elsewhere = f"{canary.server.base}/Observation?patient=p1"

        def script(line: Line, asked: Asked) -> None:
            if how == "next":
                line.answer(bundle("1", next=elsewhere))
            else:
                line.answer(status=status, Location=elsewhere)

        with Ehr(script) as ehr:
            asking = client(ehr)
            assert not asking.search(SEARCH).complete
            assert not asking.read("Patient/p1").complete
            assert {asked.headers["authorization"] for asked in ehr.asked} == {"Bearer secret-token"}
        assert canary.asked == []


def test_a_redirect_with_a_huge_body_is_not_read() -> None:
    """The body of a redirect, packed or not, is nobody's concern."""
    bomb = answer(gzip.compress(b" " * 200_000_000, 1), 302, Content_Encoding="gzip", Location="/fhir/Patient/p2")

    def script(line: Line, asked: Asked) -> object:
        line.send(bomb if asked.target.endswith("p1") else answer({"resourceType": "Patient"}))
        return CLOSE

    with Ehr(script) as ehr:
        assert client(ehr, size=100_000).read("Patient/p1").complete


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
                assert search(ehr).complete
    assert len(connections) == 1
    assert not any("cookie" in asked.headers for asked in ehr.asked)


def test_a_connection_that_was_closed_meanwhile_is_replaced() -> None:
    """A server that closes idle connections costs no answer."""
    with Ehr(says(GOOD)) as ehr:
        for _ in range(3):
            assert search(ehr).complete
            assert ehr.hung_up.wait(10)
            ehr.hung_up.clear()


def test_nothing_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Not even urllib3 writes an address with a patient in it, whatever the headers look like."""
    caplog.set_level(logging.DEBUG)
    with Ehr(says(b"HTTP/1.1 200 OK\r\n: x\r\nbroken\r\n\r\n{}")) as ehr:
        client(ehr).read("Patient/p1")
    assert not [record for record in caplog.records if "p1" in record.getMessage()]


@pytest.mark.usefixtures("trusted")
def test_tls_with_a_trusted_certificate() -> None:
    """A site's own authority is named in SSL_CERT_FILE; long questions and long answers pass."""
    with Ehr(lambda line, asked: line.answer(page(300_000)), tls=True) as ehr:
        asking = client(ehr)
        assert asking.search(SEARCH).complete
        assert asking.search(f"Medication?_id={'x' * 100_000}").complete
    assert len(ehr.asked[1].body) > 100_000


def test_tls_with_an_unknown_certificate() -> None:
    """A certificate that nobody vouches for is no connection: not one question is asked, and none twice."""
    before = sockets()
    with Ehr(says(GOOD), tls=True) as ehr:
        fetched = search(ehr)
    assert fetched == Fetched((), False, UNREACHABLE, "Observation search: SSLCertVerificationError")
    assert ehr.asked == []
    assert sockets() == before


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
