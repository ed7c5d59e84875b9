"""Card and its parts as CDS Hooks words them: frozen, and without empty members when they are sent."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from cds_service.rules import Indicator

# CDS Hooks 2.0: "one-sentence, <140-character summary".
LONGEST_SUMMARY = 139


class _Part(msgspec.Struct, frozen=True, omit_defaults=True, rename="camel", kw_only=True):
    """A member that was not given is not sent: null and empty members are forbidden."""


class Coding(_Part, frozen=True, kw_only=True):
    system: str
    code: str
    display: str


class Source(_Part, frozen=True, kw_only=True):
    label: str
    url: str
    icon: str
    topic: Coding


class Action(_Part, frozen=True, kw_only=True):
    """One change of an order. A delete names the resource, the others carry it whole; in CDS Hooks 1.0 the name stood
    in `resource`."""

    type: Literal["create", "update", "delete"]
    description: str
    resource: dict[str, Any] | str = {}
    resource_id: str = ""


class Suggestion(_Part, frozen=True, kw_only=True):
    label: str
    uuid: str
    is_recommended: bool = False
    actions: tuple[Action, ...]


class Link(_Part, frozen=True, kw_only=True):
    label: str
    url: str
    type: Literal["absolute"]


class Card(_Part, frozen=True, kw_only=True):
    """One card. `extension` holds our explanation under `io.cds-service.explanation`."""

    uuid: str
    summary: str
    indicator: Indicator
    detail: str
    source: Source
    suggestions: tuple[Suggestion, ...] = ()
    selection_behavior: Literal["", "at-most-one", "any"] = ""
    override_reasons: tuple[Coding, ...] = ()
    links: tuple[Link, ...]
    extension: dict[str, Any] = {}
