"""An EHR's FHIR server on loopback: one synthetic R4 patient, every question kept, and one type spoilt on demand."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qs

from tests.fhir.resources import PATIENT, Json, bundle
from tests.support.loopback import Asked, Ehr, Line

# The address says R4, as many servers' addresses do.
_PATH = "/fhir/r4"
_METADATA = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
# As the type to be spoilt: every question.
EVERY = "*"


@dataclass(frozen=True)
class Question:
    """One question: the FHIR type it is about, its headers, and the right answer to it."""

    kind: str
    headers: Mapping[str, str]
    right: Json


# Answers a question wrongly; CLOSE closes the connection.
Spoil = Callable[[Line, Question], object]


class Chart(Ehr):
    """The server, for the length of a `with`: it answers rightly but for one type."""

    def __init__(self, record: Sequence[Json] = (), kind: str = "", spoil: Spoil | None = None) -> None:
        super().__init__(self._respond, _PATH)
        self.base = self.server.base
        self.questions: list[Question] = []
        self._record = record
        self._spoil = spoil if kind else None
        self._kind = kind

    def _respond(self, line: Line, asked: Asked) -> object:
        path, _, query = asked.target.removeprefix(f"{_PATH}/").partition("?")
        kind = path.partition("/")[0]
        right = self._right(path, {**parse_qs(query), **parse_qs(asked.body)})
        question = Question(kind, asked.headers, right)
        self.questions.append(question)
        if self._spoil is not None and self._kind in (kind, EVERY):
            return self._spoil(line, question)
        line.answer(right)
        return None

    def _right(self, path: str, parameters: Mapping[str, list[str]]) -> Json:
        """A read by its path, a search by its type and ids or the patient; `code` has no part in so small a record."""
        if path == "metadata":
            return _METADATA
        kind, _, id = path.partition("/")
        held = [one for one in self._record if one["resourceType"] == kind]
        if id and id != "_search":
            return next(one for one in held if one["id"] == id)
        if "_id" in parameters:
            held = [one for one in held if one["id"] in parameters["_id"][0].split(",")]
        elif parameters.get("patient") != [PATIENT]:
            held = []
        return bundle(*held, type="searchset", total=len(held))


class Nobody:
    """An address, for the length of a `with`, at which every connection is refused."""

    questions: Sequence[Question] = ()

    def __enter__(self) -> Self:
        self._bound = socket.socket()
        self._bound.bind(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._bound.getsockname()[1]}{_PATH}"
        return self

    def __exit__(self, *_: object) -> None:
        self._bound.close()
