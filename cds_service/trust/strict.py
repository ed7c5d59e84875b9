"""JSON objects that say one thing only: no member twice, no number that is none, no second encoding."""

from __future__ import annotations

import json
from typing import Any


def object_of(text: bytes) -> dict[str, Any] | None:
    """The object in these bytes, None if it is not exactly one."""
    # Nothing is raised: what json raises holds the text, and whoever logs it would log a token.
    try:
        found = json.loads(text.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a member that stands there twice two readers would each believe another one."""
    found = dict(members)
    if len(found) != len(members):
        raise ValueError
    return found


def _no_number(name: str) -> None:
    raise ValueError
