"""Edition: the guideline as one site, or one client of it, applies it: its own numbers, switches and stages."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Stage = Literal["live", "shadow", "off"]


@dataclass(frozen=True, slots=True)
class SignOff:
    """Who at the site takes clinical responsibility for a rule: a name, the day, the next review, and the version of
    the rule that was read ("": not stated)."""

    by: str
    on: date
    next: date
    version: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Edition:
    """What differs from the guideline as it is published: `values` by the key of a Threshold or Switch, `stages` and
    `signed` by rule id. It is told from others by its identity, so that what follows from it can be kept."""

    values: Mapping[str, float] = field(default_factory=dict)
    stages: Mapping[str, Stage] = field(default_factory=dict)
    signed: Mapping[str, SignOff] = field(default_factory=dict)


# The guideline as its text and the sources have it.
PUBLISHED = Edition()
_IN_FORCE: ContextVar[Edition] = ContextVar("edition", default=PUBLISHED)


def in_force() -> Edition:
    """The edition by which this call is judged, or this page written."""
    return _IN_FORCE.get()


class applied:
    """Judge and write by this edition; in this thread only, and as it was again afterwards."""

    __slots__ = ("_before", "_edition")

    def __init__(self, edition: Edition) -> None:
        self._edition = edition

    def __enter__(self) -> None:
        self._before = _IN_FORCE.set(self._edition)

    def __exit__(self, *_: object) -> None:
        _IN_FORCE.reset(self._before)
