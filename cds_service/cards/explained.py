"""The form of a card's explanation, as it is published: what build.py fills in, and nothing else."""

from __future__ import annotations

from typing import NotRequired, Required, TypedDict


class ToldFact(TypedDict, total=False):
    """What a conclusion rests on."""

    what: Required[str]
    value: str
    unit: str
    date: str
    reference: str
    against: str


class SiteValue(TypedDict):
    """A number or a switch that the site has changed."""

    key: str
    value: float | bool
    published: float | bool
    unit: NotRequired[str]


class Unread(TypedDict):
    """How many entries of one part of the request could not be read."""

    key: str
    count: int


class Explanation(TypedDict, total=False):
    """Why a card is shown."""

    rule: Required[str]
    message: Required[str]
    version: Required[str]
    also: list[str]
    reasons: list[str]
    orders: list[str]
    facts: list[ToldFact]
    siteValues: list[SiteValue]
    unread: list[Unread]
