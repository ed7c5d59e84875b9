"""FhirServer: the listed server of one request, and which FHIR version it speaks."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from cds_service.ehr.address import Server
from cds_service.ehr.budget import Budget
from cds_service.ehr.client import Client
from cds_service.ehr.parallel import fetch_all
from cds_service.ehr.reply import Fetched
from cds_service.ehr.room import Room
from cds_service.fhir.version import Version, of_number

_METADATA = "metadata"
# The version that a server speaks does not change between two requests; allow-listed servers are few.
_SPOKEN: dict[Server, Version] = {}


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
