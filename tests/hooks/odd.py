"""Requests with odd nodes: every place of one, what may stand there, and whether it is answered all the same."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

from cds_service.hooks.answer import answer
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.refusal import Refusal
from tests.fhir.resources import TODAY, Json
from tests.hooks.calls import base, sent

ODD: list[Any] = [None, [], {}, "text", 5, -1.5, True, "NaN", 10**30, [None], {"resourceType": "Patient"}]


def paths(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every node of a JSON value but the root."""
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in inside:
        yield (*path, key)
        yield from paths(value, (*path, key))


def replaced(call: Json, path: tuple[Any, ...], odd: Any) -> Json:
    """A copy of a call with another node; unchanged where an earlier replacement took the place away."""
    changed = copy.deepcopy(call)
    place: Any = changed
    for key in path[:-1]:
        place = place[key] if _holds(place, key) else None
    if _holds(place, path[-1]):
        place[path[-1]] = odd
    return changed


def _holds(place: Any, key: Any) -> bool:
    return (
        key in place
        if isinstance(place, dict)
        else isinstance(place, list) and isinstance(key, int) and key < len(place)
    )


def survives(call: Any, hook: str) -> str:
    """ "" if the call is answered or refused, else what was raised."""
    try:
        answer(SERVICES[f"cramp-{hook}"], sent(call), TODAY, base)
    except Refusal:
        return ""
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""
