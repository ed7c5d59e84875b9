"""Names are looked up by the system, once per connection, and nobody waits for it beyond the budget."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest

from cds_service.ehr import resolve
from cds_service.ehr.address import Server
from cds_service.ehr.budget import Budget
from cds_service.ehr.client import Client
from cds_service.ehr.resolve import addresses
from cds_service.ehr.words import NOT_IN_TIME, UNREACHABLE
from tests.ehr.asking import sockets, threads, until
from tests.support.loopback import Asked, Ehr, Line

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "127.0.0.2"])
Resolver = Callable[[Callable[[str], list[str]]], list[str]]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    """Put a function from a name to its addresses in place of the system's resolver; what it was asked comes back."""
    asked: list[str] = []

    def put(answer: Callable[[str], list[str]]) -> list[str]:
        def getaddrinfo(host: str, port: int, **_: Any) -> list[Any]:
            asked.append(host)
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in answer(host)]

        monkeypatch.setattr(resolve.socket, "getaddrinfo", getaddrinfo)  # type: ignore[attr-defined]
        return asked

    yield put
    until(lambda: not threads())


def _patient(line: Line, asked: Asked) -> None:
    line.answer({"resourceType": "Patient"}, Connection="close")
    line.connection.shutdown(socket.SHUT_RDWR)


def test_a_name_is_looked_up_for_every_connection(resolver: Resolver) -> None:
    """Each new connection asks the system anew, once."""
    asked = resolver(lambda host: ["127.0.0.1"])
    with Ehr(_patient) as ehr:
        for _ in range(2):
            client = Client(Server("http", "ehr.example.org", ehr.port), "", Budget(20_000))
            assert client.read("Patient/p1").complete
        assert [call.headers["host"] for call in ehr.asked] == [f"ehr.example.org:{ehr.port}"] * 2
    assert asked == ["ehr.example.org"] * 2


def test_the_next_address_is_tried(resolver: Resolver) -> None:
    """Where the first address refuses the second is tried; the one that failed leaves no socket."""
    before = sockets()
    resolver(lambda host: ["127.0.0.2", "127.0.0.1"])
    with Ehr(_patient) as ehr:
        client = Client(Server("http", "ehr.example.org", ehr.port), "", Budget(20_000))
        assert client.read("Patient/p1").complete
    assert sockets() == before


def test_a_name_that_nobody_knows(resolver: Resolver) -> None:
    """A name without an address is a server that cannot be reached."""

    def unknown(host: str) -> list[str]:
        raise socket.gaierror("not known")

    resolver(unknown)
    fetched = Client(Server("http", "ehr.example.org", 80), "", Budget(20_000)).read("Patient/p1")
    assert (fetched.why, fetched.detail) == (UNREACHABLE, "Patient read: gaierror")


def test_a_resolver_that_hangs_holds_nobody(resolver: Resolver) -> None:
    """When the budget ends the caller goes on; many calls have one lookup, and the next asks anew."""
    release = Event()

    def hang(host: str) -> list[str]:
        release.wait(20)
        return ["127.0.0.1"]

    asked = resolver(hang)
    for _ in range(3):
        started = time.monotonic()
        fetched = Client(Server("http", "ehr.example.org", 80), "", Budget(100)).read("Patient/p1")
        assert fetched.why == NOT_IN_TIME
        assert time.monotonic() - started < 0.6
    assert asked == ["ehr.example.org"]
    assert threads() == {"ehr-resolve"}
    release.set()
    assert addresses("ehr.example.org", 80, 20) == [(socket.AF_INET, ("127.0.0.1", 80))]


def test_an_ip_address_needs_no_thread(resolver: Resolver) -> None:
    """A host that is an address already is asked of nobody."""
    resolver(lambda host: [host])
    assert addresses("127.0.0.1", 80, 0) == [(socket.AF_INET, ("127.0.0.1", 80))]
    assert threads() == set()
