"""The FHIR server of one request: what may be asked of it, and which FHIR version it speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

from cds_service.ehr.address import Server, allowed
from cds_service.ehr.budget import Budget
from cds_service.ehr.client import Client, Fetched
from cds_service.ehr.parallel import fetch_all
from cds_service.ehr.room import Room
from cds_service.fhir.version import Version, of_number

# Requests that are judged at once in one worker. One: judging is pure Python, and a second thread only waits for the
# interpreter, in turns of 5 ms that make the slowest answers four times as slow (benchmarks/).
PLACES = 1
_METADATA = "metadata"
# The version that a server speaks does not change between two requests; allow-listed servers are few.
_SPOKEN: dict[Server, Version] = {}


class Source(Protocol):
    """Where missing data can be asked for."""

    @property
    def version(self) -> Version | None:
        """The FHIR version that the server speaks, as far as it is known."""

    def fetch(self, queries: Mapping[str, str]) -> Mapping[str, Fetched]:
        """The answers to relative reads and searches, by the same keys."""


@dataclass(frozen=True, slots=True)
class Access:
    """Which FHIR servers the service may call, how long one request may spend on it, and where requests are judged."""

    servers: Sequence[Server] = ()
    milliseconds: int = 1500
    room: Room = field(default_factory=lambda: Room(PLACES), compare=False)

    def source(self, server: str, token: str) -> Source | None:
        """The server of a request if it may be called, else None; its budget starts to run here."""
        found = allowed(server, self.servers) if server and self.servers else None
        return None if found is None else FhirServer(found, token, Budget(self.milliseconds), self.room)


# No server may be called: what a service does that was told of none.
NO_ACCESS = Access()


class FhirServer:
    """An allow-listed server with the token and the budget of one request."""

    def __init__(self, server: Server, token: str, budget: Budget, room: Room) -> None:
        self._server = server
        self._room = room
        self._client = Client(server, token, budget)

    @property
    def version(self) -> Version | None:
        """As the server's CapabilityStatement told it once."""
        return _SPOKEN.get(self._server)

    def fetch(self, queries: Mapping[str, str]) -> Mapping[str, Fetched]:
        """All in parallel; a server whose version is not known yet is asked for it at the same time."""
        asked = dict(queries)
        if self.version is None:
            asked[_METADATA] = _METADATA
        with self._room.outside():
            found = dict(fetch_all(self._client, asked))
        told = found.pop(_METADATA, None)
        version = None if told is None else _spoken(told)
        if version is not None:
            _SPOKEN[self._server] = version
        return found


class _Statement(msgspec.Struct, rename="camel"):
    fhir_version: object = None


def _spoken(answer: Fetched) -> Version | None:
    """The version of a CapabilityStatement (Conformance in DSTU2)."""
    try:
        statement = msgspec.json.decode(answer.pages[0], type=_Statement)
    except (IndexError, msgspec.MsgspecError):
        return None
    return of_number(statement.fhir_version) if isinstance(statement.fhir_version, str) else None
