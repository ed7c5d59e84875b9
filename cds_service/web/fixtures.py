"""The synthetic hook requests that ship with the service, rolled from their own day to another."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?=$|T)")


@dataclass(frozen=True, slots=True)
class Fixture:
    """One request: its file, its service, and what it shows. `as_of` is the day for which it was written."""

    file: str
    service: str
    fhir: str
    story: str
    expect: tuple[str, ...]
    as_of: date


@cache
def fixtures() -> tuple[Fixture, ...]:
    """All requests, in the order of the index."""
    index = json.loads(files("fhir_fixtures").joinpath("index.json").read_bytes())
    as_of = date.fromisoformat(index["as_of"])
    return tuple(Fixture(**(row | {"expect": tuple(row["expect"])}), as_of=as_of) for row in index["requests"])


def rolled(fixture: Fixture, today: date) -> dict[str, Any]:
    """The request with every date moved, so that it means today what it meant on its own day."""
    raw = files("fhir_fixtures").joinpath(fixture.file).read_bytes()
    moved: dict[str, Any] = _roll(json.loads(raw), today - fixture.as_of)
    return moved


def _roll(part: Any, by: timedelta) -> Any:
    if isinstance(part, dict):
        return {key: _roll(value, by) for key, value in part.items()}
    if isinstance(part, list):
        return [_roll(value, by) for value in part]
    if isinstance(part, str) and _DAY.match(part):
        return (date.fromisoformat(part[:10]) + by).isoformat() + part[10:]
    return part
