"""Asking a server on loopback: the clients, the pages that it may send, and what must be gone afterwards."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from cds_service.ehr.budget import Budget
from cds_service.ehr.client import Client, Fetched
from tests.support.loopback import CLOSE, Asked, Ehr, Line, Script

SEARCH = "Observation?patient=p1&code=http://loinc.org|2601-3"
# Milliseconds that nothing uses up which answers at all.
LONG = 20_000


def sockets() -> list[str]:
    """The sockets that this process has open."""
    found = []
    for descriptor in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            found.append(os.readlink(f"/proc/self/fd/{descriptor}"))
    return sorted(name for name in found if name.startswith("socket:"))


def threads() -> set[str]:
    """The names of the threads that ask, or that look names up."""
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("ehr-")}


def until(condition: Callable[[], bool]) -> None:
    """Wait for what another thread is about to do."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never came true"
        time.sleep(0.002)


def bundle(*ids: str, next: str = "") -> dict[str, Any]:
    """A page of a search."""
    link = [{"relation": "self", "url": "x"}] + ([{"relation": "next", "url": next}] if next else [])
    entries = [{"resource": {"resourceType": "Observation", "id": id}} for id in ids]
    return {"resourceType": "Bundle", "type": "searchset", "link": link, "entry": entries}


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """The bytes of an answer in chunks."""
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return start + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def page(size: int) -> bytes:
    """A page of a search that is so large."""
    return json.dumps(bundle("1") | {"text": "x" * size}).encode()


def client(ehr: Ehr, milliseconds: int = LONG, **budget: Any) -> Client:
    """A client with a token and, unless told, time enough."""
    return Client(ehr.server, "secret-token", Budget(milliseconds, **budget))


def search(ehr: Ehr, milliseconds: int = LONG, **budget: Any) -> Fetched:
    """What came of the search that the tests make."""
    return client(ehr, milliseconds, **budget).search(SEARCH)


def says(data: bytes, *, close: bool = True) -> Script:
    """A script that sends these bytes and hangs up."""

    def script(line: Line, asked: Asked) -> object:
        line.send(data)
        return CLOSE if close else None

    return script
