"""Feedback is read entry by entry; what cannot be used is told by its place, never in the client's words."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from cds_service.hooks.feedback import MOST, Feedback, parse
from cds_service.hooks.refusal import Refusal
from tests.hooks.words import (
    AT,
    CARD,
    CODE,
    MARK,
    OFFER,
    OFFER_2,
    RECEIVED,
    SERVICE,
    accepted,
    one,
    overridden,
    problem,
    read,
    reasoned,
)

# Bodies and batches


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"feedback": [NaN]}', b"[" * 50_000, b'{"feedback":[]} x'])
def test_what_is_no_json_is_refused(body: bytes) -> None:
    """A body that is not JSON is a 400 that says so."""
    with pytest.raises(Refusal, match="not valid JSON") as refused:
        parse(body, SERVICE, RECEIVED)
    assert refused.value.status == 400


@pytest.mark.parametrize("body", [[], [{"feedback": []}], {}, "feedback", None, 1, {"feedback": None}])
def test_a_body_without_a_list_is_refused(body: Any) -> None:
    """Anything but an object with a list of feedback is a 400 that names the member."""
    with pytest.raises(Refusal, match="`feedback` is missing or not a list") as refused:
        parse(json.dumps(body).encode(), SERVICE, RECEIVED)
    assert refused.value.status == 400


@pytest.mark.parametrize("listed", [{}, {"card": CARD}, "card", 1, True])
def test_feedback_that_is_no_list_is_refused(listed: Any) -> None:
    """One entry without its list is refused, not guessed at."""
    with pytest.raises(Refusal, match="not a list"):
        parse(json.dumps({"feedback": listed}).encode(), SERVICE, RECEIVED)


def test_as_many_as_are_taken_at_once() -> None:
    """The longest list is read whole; with one entry more nothing is, and the text says what to do."""
    assert len(read(*[overridden()] * MOST).entries) == MOST
    with pytest.raises(Refusal, match=f"more than {MOST} entries; nothing was stored. Send them in several calls"):
        read(*[overridden()] * (MOST + 1))


def test_an_empty_list_is_no_error() -> None:
    """Nothing told is nothing found."""
    assert read() == Feedback((), (), 0)


def test_a_batch_keeps_its_order() -> None:
    """Every entry of a batch is kept, in the order in which it came, with the service and the moment of its receipt."""
    found = read(overridden(), accepted(card=OFFER), overridden(card=OFFER_2))
    assert [(entry.card, entry.outcome) for entry in found.entries] == [
        (CARD, "overridden"),
        (OFFER, "accepted"),
        (OFFER_2, "overridden"),
    ]
    assert {(entry.service, entry.received, entry.client) for entry in found.entries} == {(SERVICE, RECEIVED, "")}


def test_bad_entries_among_good_ones() -> None:
    """The good entries are kept, and each bad one is told by its place and its member."""
    found = read(overridden(), 1, accepted(card=OFFER), overridden(outcome="seen"), overridden(card="none of ours"))
    assert [entry.card for entry in found.entries] == [CARD, OFFER]
    assert found.strange == 1
    assert [text.split(" ")[0] for text in found.problems] == ["feedback[1]", "feedback[3].outcome"]


@pytest.mark.parametrize(
    ("entry", "member"),
    [
        (MARK, ""),
        (None, ""),
        ([overridden()], ""),
        (overridden(card=None), ".card"),
        (overridden(card=""), ".card"),
        (overridden(card=1), ".card"),
        (overridden(card=[MARK]), ".card"),
        (overridden(outcome=None), ".outcome"),
        (overridden(outcome=MARK), ".outcome"),
        (overridden(outcome=[MARK]), ".outcome"),
        (overridden(outcome="Overridden"), ".outcome"),
        (overridden(outcomeTimestamp=None), ".outcomeTimestamp"),
        (overridden(outcomeTimestamp=MARK), ".outcomeTimestamp"),
        (reasoned(MARK), ".overrideReason"),
        (reasoned([MARK]), ".overrideReason"),
        (reasoned({}), ".overrideReason"),
        (reasoned({"reason": MARK}), ".overrideReason:"),
        (reasoned({"reason": [CODE]}), ".overrideReason:"),
        (reasoned({"userComment": [MARK]}), ".overrideReason:"),
        (reasoned({"reason": CODE, "userComment": 1}), ".overrideReason:"),
        (overridden(overrideReasons=MARK), ".overrideReason"),
        (overridden(overrideReasons=[MARK]), ".overrideReason"),
        (overridden(overrideReasons={}), ".overrideReason"),
        (accepted(acceptedSuggestions=None), ".acceptedSuggestions"),
        (accepted(acceptedSuggestions=MARK), ".acceptedSuggestions"),
        (accepted(acceptedSuggestions={"id": OFFER}), ".acceptedSuggestions"),
        (accepted(acceptedSuggestions=[OFFER]), ".acceptedSuggestions"),
        (accepted(acceptedSuggestions=[{"id": OFFER}, None]), ".acceptedSuggestions"),
    ],
)
def test_a_bad_entry_is_told_by_its_member_only(entry: Any, member: str) -> None:
    """The text names place and member, says what to send, and repeats nothing of the client's words."""
    text = problem(entry)
    assert text.split(" ")[0] == f"feedback[0]{member}"
    assert MARK not in text
    assert OFFER not in text
    assert text.endswith(".")


@pytest.mark.parametrize("member", ["card", "outcome", "outcomeTimestamp", "acceptedSuggestions"])
def test_a_member_that_is_missing_is_named(member: str) -> None:
    """An accepted card without one of the members that it must have is not kept."""
    entry = accepted()
    del entry[member]
    assert problem(entry).split(" ")[0] == f"feedback[0].{member}"


# Cards


@pytest.mark.parametrize("card", ["card-1", "0f8fad5b", CARD + "0", "z" * 36, "\0", "é" * 32])
def test_a_card_that_cannot_be_ours_is_counted(card: str) -> None:
    """A name that is no uuid is no error of the client, and nothing is kept of it."""
    assert read(overridden(card=card), accepted(card=card)) == Feedback((), (), 2)


@pytest.mark.parametrize("card", [CARD.upper(), CARD.replace("-", ""), f"urn:uuid:{CARD}", f"{{{CARD}}}"])
def test_a_uuid_is_kept_as_we_write_it(card: str) -> None:
    """However a client writes the uuid of a card or a suggestion, it is the one that was sent."""
    assert one(overridden(card=card)).card == CARD
    assert one(accepted(acceptedSuggestions=[{"id": card}])).accepted == (CARD,)


# Moments


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-11-22T10:00:00Z", "2026-11-22T10:00:00"),
        ("2026-11-22t10:00:00z", "2026-11-22T10:00:00"),
        ("2026-11-22T10:00:00+00:00", "2026-11-22T10:00:00"),
        ("2026-11-22T10:00:00-01:30", "2026-11-22T11:30:00"),
        ("2026-11-22T01:00:00+02:00", "2026-11-21T23:00:00"),
        ("2026-11-22T10:00:00.123Z", "2026-11-22T10:00:00.123000"),
        ("2026-11-22T10:00:00.1234567Z", "2026-11-22T10:00:00.123456"),
        ("2026-11-22T10:00:00", "2026-11-22T10:00:00"),
        ("2026-11-22T10:00", "2026-11-22T10:00:00"),
        ("2026-11-22T12:00:00-05:00", "2026-11-22T17:00:00"),
        ("9999-12-31T23:59:59", "9999-12-31T23:59:59"),
    ],
)
def test_moments(told: str, at: str) -> None:
    """A moment is kept in UTC as it was told, one without a zone is UTC."""
    assert one(overridden(outcomeTimestamp=told)).at.isoformat() == at


def test_no_zone_is_utc_wherever_the_machine_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time zone of the machine is not that of a moment without one."""
    with monkeypatch.context() as abroad:
        abroad.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        kept = one(overridden(outcomeTimestamp="2026-11-22T10:00:00"))
    time.tzset()
    assert kept.at.isoformat() == "2026-11-22T10:00:00"


@pytest.mark.parametrize(
    "told",
    [
        "",
        "T",
        "yesterday",
        "2026-11-22",
        "2026-11-22 10:00:00Z",
        "2026-13-22T10:00:00Z",
        "2026-11-22T25:00:00Z",
        "2026-11-22T10:00:00+99:00",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        1_795_341_600,
        20261122.5,
        True,
        {"T": 1},
        [AT],
    ],
)
def test_what_is_no_moment_is_refused(told: Any) -> None:
    """A day, a number or nonsense is not taken for a moment."""
    assert problem(overridden(outcomeTimestamp=told)).startswith("feedback[0].outcomeTimestamp must be a moment")


def test_whose_feedback_it_is() -> None:
    """Every entry has the name of the client that sent it, and none where it has none; a body cannot tell another."""
    entries = read(overridden(client="another"), accepted(), client="north").entries
    assert [entry.client for entry in entries] == ["north", "north"]
    assert one(overridden(client="another")).client == ""
