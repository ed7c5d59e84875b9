"""A FHIR server that answers from a table, for tests of what is asked and what is made of the answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cds_service.ehr.client import Fetched
from cds_service.fhir.version import Version

Json = dict[str, Any]
SLOW = Fetched((), False, "the record system did not answer in time", "deadline")


def answered(*pages: Json, complete: bool = True, why: str = "", detail: str = "") -> Fetched:
    """Pages as a server sends them."""
    return Fetched(tuple(json.dumps(page).encode() for page in pages), complete, why, detail)


@dataclass
class Asked:
    """Answers by key; a key without one timed out. `queries` remembers what was asked, call by call."""

    answers: Mapping[str, Fetched] = field(default_factory=dict)
    version: Version | None = Version.R4
    queries: list[dict[str, str]] = field(default_factory=list)

    def fetch(self, queries: Mapping[str, str]) -> Mapping[str, Fetched]:
        """The answers to what is asked."""
        self.queries.append(dict(queries))
        return {key: self.answers.get(key, SLOW) for key in queries}
