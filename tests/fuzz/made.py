"""The bodies of the fuzz: each follows from the seed and its number, and can be made again by itself."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from random import Random
from typing import NamedTuple

from cds_service.hooks.request import EXPLAIN
from cds_service.web.fixtures import fixtures
from tests.fuzz import foreign
from tests.fuzz.broken import BROKEN
from tests.fuzz.shapes import SHAPES
from tests.fuzz.spoil import one_fault, swapped
from tests.web.bodies import Json

# How many of a hundred bodies are spoiled in this way.
_TWO_FAULTS, _SWAPPED, _FOREIGN, _BYTES, _ELSEWHERE = 25, 5, 30, 15, 2


class Made(NamedTuple):
    """One body, the service that it is sent to, and whether another patient's resources were mixed in."""

    service: str
    body: bytes
    marked: bool


@cache
def sources() -> list[tuple[str, str]]:
    """Service and body of everything that is spoiled: the synthetic requests, and the shapes of real clients."""
    held = files("fhir_fixtures")
    shipped = [(one.service, held.joinpath(one.file).read_text(encoding="utf-8")) for one in fixtures()]
    return shipped + [(f"cramp-{body['hook']}", json.dumps(body)) for body in SHAPES.values()] * 3


def _of_a_hundred(chance: Random, share: int) -> bool:
    return chance.random() * 100 < share


def made(seed: str, number: int) -> Made:
    """One body."""
    chance = Random(f"{seed}-{number}")  # noqa: S311 - no secret
    service, text = chance.choice(sources())
    body: Json = json.loads(text)
    if chance.random() < 0.5:
        body["extension"] = {EXPLAIN: True}
    _spoil(chance, body)
    marked = _of_a_hundred(chance, _FOREIGN) and foreign.mix(chance, body)
    sent = json.dumps(body, ensure_ascii=chance.random() < 0.5 or not _is_text(body)).encode()
    if not marked and _of_a_hundred(chance, _BYTES):  # else a byte could make the other patient this one
        sent = chance.choice(BROKEN)(chance, sent)
    if _of_a_hundred(chance, _ELSEWHERE):
        service = chance.choice(sources())[0]
    return Made(service, sent, marked)


def _spoil(chance: Random, body: Json) -> None:
    if _of_a_hundred(chance, _SWAPPED):
        swapped(chance, body)
    for _ in range(chance.randint(2, 4) if _of_a_hundred(chance, _TWO_FAULTS) else 1):
        one_fault(chance, body)


def _is_text(body: Json) -> bool:
    """Whether it can be written in UTF-8: half a character cannot."""
    try:
        return bool(json.dumps(body, ensure_ascii=False).encode())
    except UnicodeEncodeError:
        return False
