"""The FHIR server of one request: what may be asked of it, and which FHIR version it speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from cds_service.ehr.address import Server, allowed
from cds_service.ehr.budget import Budget
from cds_service.ehr.reply import Fetched
from cds_service.ehr.room import ROOM, Room
from cds_service.fhir.version import Version


class Source(Protocol):
    """Where missing data can be asked for."""

    @property
    def version(self) -> Version | None:
        """The FHIR version that the server speaks, as far as it is known."""

    def fetch(self, queries: Mapping[str, str]) -> Mapping[str, Fetched]:
        """The answers to relative reads and searches, by the same keys."""


@dataclass(frozen=True, slots=True)
class Access:
    """Which FHIR servers may be called for a client, how long one request may spend on it, and where requests are
    judged."""

    servers: Sequence[Server] = ()
    milliseconds: int = 1500
    room: Room = field(default=ROOM, compare=False)

    def source(self, server: str, token: str) -> Source | None:
        """The server of a request if it may be called, else None; its budget starts to run here."""
        found = allowed(server, self.servers) if server and self.servers else None
        return None if found is None else self._reach(found, token)

    def _reach(self, server: Server, token: str) -> Source:
        # What talks HTTP takes long to load, and most sites list no server.
        from cds_service.ehr.server import FhirServer

        return FhirServer(server, token, Budget(self.milliseconds), self.room)

    def prepare(self) -> None:
        """Load what talks to the listed servers, so that the first request need not wait for it."""
        if self.servers:
            from cds_service.ehr.sessions import session

            for server in self.servers:
                self._reach(server, "")
                session(server.origin)


# No server may be called: what a service does that was told of none.
NO_ACCESS = Access()
