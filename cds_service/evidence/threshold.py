"""A number of the guideline with its birth certificate, and a switch with its own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number with its UCUM unit, what it means, the reference it rests on and the site's key for it."""

    value: int | float
    unit: str
    meaning: str
    cites: str
    key: str


@dataclass(frozen=True, slots=True)
class Switch:
    """A part of the service that a site may turn on or off, with what it does and the reference it rests on."""

    key: str
    on: bool
    meaning: str
    cites: str
