"""Feedback: what a clinician did with cards, in the forms of all versions of CDS Hooks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

from cds_service.hooks.bounds import check_lists
from cds_service.hooks.refusal import Refusal
from cds_service.store.entries import FeedbackEntry

MOST = 500
LONGEST_COMMENT = 4000
# Suggestions of one card that may be said to be accepted: no card has nearly as many.
_MOST_SUGGESTIONS = 100
_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}")
_SYSTEM = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[A-Za-z0-9._~:/?#&=%-]{1,180}")
# What stands for a code that is none, so that no text of a client is kept as one.
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Feedback:
    """The entries that can be kept, what is wrong with the others by their place, and how many name a card that cannot
    be ours."""

    entries: tuple[FeedbackEntry, ...]
    problems: tuple[str, ...]
    strange: int


class _Bad(ValueError):
    """An entry that cannot be kept; the text names the member."""


def parse(body: bytes, service: str, received: datetime, client: str = "") -> Feedback:
    """The feedback in a body of the client of that name. Raises Refusal for a body without a list of feedback, or
    with too much."""
    check_lists(body)
    try:
        told = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal("The body is not valid JSON in UTF-8. Send one feedback object.") from None
    listed = told.get("feedback") if isinstance(told, dict) else None
    if not isinstance(listed, list):
        raise Refusal("`feedback` is missing or not a list. Send an object with a list of feedback entries.")
    if len(listed) > MOST:
        raise Refusal(f"`feedback` has more than {MOST} entries; nothing was stored. Send them in several calls.")
    entries, problems, strange = [], [], 0
    for place, said in enumerate(listed):
        try:
            entry = _entry(said, service, received, client)
        except _Bad as bad:
            problems.append(f"feedback[{place}]{bad}")
        else:
            strange += entry is None
            entries += [] if entry is None else [entry]
    return Feedback(tuple(entries), tuple(problems), strange)


def _entry(said: object, service: str, received: datetime, client: str) -> FeedbackEntry | None:
    """One entry; None if its card cannot be one of ours."""
    if not isinstance(said, dict):
        raise _Bad(" is not an object. Send card, outcome and outcomeTimestamp.")
    card, outcome = said.get("card"), said.get("outcome")
    if not isinstance(card, str) or not card:
        raise _Bad(".card is missing or not text. Send the uuid of the card.")
    if outcome not in ("accepted", "overridden"):
        raise _Bad(".outcome must be `accepted` or `overridden`.")
    at = _moment(said.get("outcomeTimestamp"))
    accepted = _accepted(said.get("acceptedSuggestions")) if outcome == "accepted" else ()
    system, code, comment = _reason(said) if outcome == "overridden" else ("", "", "")
    uuid = _uuid(card)
    if not uuid:
        return None
    return FeedbackEntry(
        card=uuid,
        outcome=outcome,
        at=at,
        received=received,
        service=service,
        client=client,
        reason_system=system,
        reason_code=code,
        given=bool(code or comment),
        comment=comment,
        accepted=accepted,
    )


def _uuid(text: str) -> str:
    """A uuid as we write it, "" if it is none: then it names no card of ours."""
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def _moment(said: object) -> datetime:
    """UTC, without naming it; a moment that names no zone is taken for UTC, as the specification wants it."""
    wrong = ".outcomeTimestamp must be a moment such as 2026-11-22T10:00:00Z."
    if not isinstance(said, str) or "T" not in said.upper():
        raise _Bad(wrong)
    try:
        found = datetime.fromisoformat(said.upper())  # RFC 3339 allows t and z
        return found.astimezone(UTC).replace(tzinfo=None) if found.tzinfo else found
    except (ValueError, OverflowError):
        raise _Bad(wrong) from None


def _accepted(said: object) -> tuple[str, ...]:
    """The suggestions; early drafts of the specification name none of them."""
    if not isinstance(said, list) or not all(isinstance(one, dict) for one in said):
        raise _Bad(".acceptedSuggestions must be a list of objects, each with the `id` of a suggestion.")
    if len(said) > _MOST_SUGGESTIONS:
        raise _Bad(f".acceptedSuggestions has more than {_MOST_SUGGESTIONS} entries. Send those of the card.")
    ids = (_uuid(one["id"]) for one in said if isinstance(one.get("id"), str))
    return tuple(dict.fromkeys(id for id in ids if id))


def _reason(said: Mapping[str, Any]) -> tuple[str, str, str]:
    """System, code and comment, each "" if it is not there. Early drafts, and an EHR, say `overrideReasons`."""
    reason = said.get("overrideReason")
    drafted = said.get("overrideReasons")
    if reason is None and drafted is not None:
        reason = next(iter(drafted), None) if isinstance(drafted, list) else drafted
    if reason is None:
        return "", "", ""
    if not isinstance(reason, dict) or not reason:
        raise _Bad(".overrideReason must be an object with a reason or a userComment, or be left out.")
    coding, comment = reason.get("reason"), reason.get("userComment")
    if not isinstance(coding, dict | None) or not isinstance(comment, str | None):
        raise _Bad(".overrideReason: reason must be a coding, userComment text.")
    return *_coding(coding or {}), (comment or "").replace("\0", "").strip()[:LONGEST_COMMENT]  # no database takes NUL


def _coding(coding: Mapping[str, Any]) -> tuple[str, str]:
    """System and code; of a text that is no code only that there was one."""
    system, code = coding.get("system"), coding.get("code")
    if code is None or code == "":
        return "", ""
    told = system if isinstance(system, str) and _SYSTEM.fullmatch(system) else ""
    return told, (code if isinstance(code, str) and _CODE.fullmatch(code) else OTHER)
