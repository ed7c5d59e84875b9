"""What need not be said again: overridden with a reason lately, or shown minutes ago for the same draft."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.evidence import reference
from cds_service.store.database import Database
from cds_service.store.entries import Identity, ShownCard, Subject
from cds_service.store.keys import Keys
from cds_service.store.record import write_calls, write_feedback
from cds_service.store.repeats import SAME_SESSION, repeated
from cds_service.store.snooze import SNOOZE
from tests.store.conftest import KEYS
from tests.store.made import NOW, SUBJECT, ago, call, card, feedback, identity

SELECT = "cramp-order-select"


def _asked(database: Database, *cards: Identity, by: str = "", keys: Keys = KEYS, who: Subject = SUBJECT) -> list[str]:
    with database.reading() as connection:
        return repeated(connection, keys, who, cards or (identity(),), NOW, 90, by)


def _shown(database: Database, *cards: ShownCard, keys: Keys = KEYS, **more: Any) -> None:
    with database.writing() as connection:
        write_calls(connection, [call(*cards, **more)], keys)


def _said(database: Database, *entries: Any) -> None:
    with database.writing() as connection:
        write_feedback(connection, entries)


def test_the_times_say_whose_decision_they_are() -> None:
    """Both lengths of silence cite what is known to the evidence."""
    assert {reference(number.cites).id for number in (SNOOZE, SAME_SESSION)} == {"cdc-opioid-cds", "house:repeats"}


def test_what_was_never_shown_is_said(database: Database) -> None:
    """An empty database silences nothing."""
    assert _asked(database, by=SELECT) == [""]


def test_what_was_overridden_with_a_reason_is_not_said_again(database: Database) -> None:
    """An info or warning card that was overridden with a reason is not repeated; another card is."""
    _shown(database, card("c1"), card("c2", indicator="warning", identity=identity("second")))
    _said(database, feedback("c1"), feedback("c2", reason_code="", comment="said in words"))
    asked = _asked(database, identity(), identity("second"), identity("third"))
    assert asked == ["override", "override", ""]


@pytest.mark.parametrize(
    "entry",
    [feedback(given=False, reason_code=""), feedback(outcome="accepted"), feedback("another card")],
    ids=["dismissed without a reason", "accepted", "of another card"],
)
def test_what_was_not_overridden_is_said_again(database: Database, entry: Any) -> None:
    """A dismissal without a reason, an acceptance or another card's override silences nothing (rules 1.14)."""
    _shown(database, card())
    _said(database, entry)
    assert _asked(database) == [""]


def test_a_critical_card_is_never_silenced(database: Database) -> None:
    """Even where a critical card was overridden it is said again."""
    _shown(database, card(indicator="critical"))
    _said(database, feedback())
    assert _asked(database, by=SELECT) == [""]


@pytest.mark.parametrize(("days", "by"), [(89.9, "override"), (90.1, "")])
def test_an_override_lasts_ninety_days(database: Database, days: float, by: str) -> None:
    """After ninety days the card is said again."""
    _shown(database, card(), at=ago(days=days))
    _said(database, feedback(at=ago(days=days), received=ago(days=days)))
    assert _asked(database) == [by]


@pytest.mark.parametrize(
    ("first", "second", "by"), [("overridden", "accepted", ""), ("accepted", "overridden", "override")]
)
def test_of_two_words_the_later_counts(database: Database, first: str, second: str, by: str) -> None:
    """Whatever order they come in: the later moment decides."""
    _shown(database, card())
    words = [feedback(outcome=first, at=ago(hours=2)), feedback(outcome=second, at=ago(hours=1))]
    _said(database, *reversed(words))
    assert _asked(database) == [by]


def test_a_clock_that_is_fast_has_not_the_last_word_for_ever(database: Database) -> None:
    """What is said to be of the future counts as of the moment in which it was received."""
    _shown(database, card())
    _said(database, feedback(at=ago(days=-300), received=ago(hours=2)), feedback(outcome="accepted", at=ago(hours=1)))
    assert _asked(database) == [""]


def test_of_two_words_of_one_moment_the_one_told_later_counts(database: Database) -> None:
    """A client that tells no fractions of a second still contradicts itself in order."""
    _shown(database, card())
    _said(database, feedback(), feedback(outcome="accepted"))
    assert _asked(database) == [""]


@pytest.mark.parametrize(
    "who", [Subject("p2", SUBJECT.user), Subject("p1", "Practitioner/2"), Subject("p1", SUBJECT.user, "b")]
)
def test_an_override_is_one_users_for_one_patient(database: Database, who: Subject) -> None:
    """Another patient, another user or another client is told."""
    _shown(database, card())
    _said(database, feedback())
    assert _asked(database) == ["override"]
    assert _asked(database, who=who) == [""]


@pytest.mark.parametrize(("client", "by"), [("a", ""), ("", ""), ("b", "override")])
def test_a_client_silences_its_own_cards_only(database: Database, client: str, by: str) -> None:
    """What another client says of a card by its uuid silences nothing, and takes back nothing."""
    who = Subject("p1", SUBJECT.user, "b")
    _shown(database, card(), subject=who)
    _said(database, feedback(client=client), feedback(outcome="accepted", at=ago(hours=-1), client="another"))
    assert _asked(database, who=who) == [by]


def test_a_replaced_secret_forgets_nothing(database: Database) -> None:
    """What was written with the old secret is found as long as that is listed, and no longer."""
    old, new = "o" * 32, "n" * 32
    _shown(database, card(), keys=Keys([old]))
    _said(database, feedback())
    assert _asked(database, keys=Keys([new, old])) == ["override"]
    assert _asked(database, keys=Keys([new])) == [""]


@pytest.mark.parametrize(
    ("told", "more", "by"),
    [
        ({}, {}, "order-select"),
        ({}, {"at": ago(minutes=9.9)}, "order-select"),
        ({}, {"at": ago(minutes=10.1)}, ""),
        ({}, {"service": "cramp-order-sign"}, ""),
        ({"indicator": "warning"}, {}, ""),
        ({"indicator": "critical"}, {}, ""),
        ({"identity": identity(order="another draft")}, {}, ""),
        ({"identity": identity("another card")}, {}, ""),
    ],
)
def test_signing_does_not_repeat_an_info_card_of_choosing(
    database: Database, told: dict[str, Any], more: dict[str, Any], by: str
) -> None:
    """Within ten minutes, of the same card and draft, and of no warning or critical one (rules 1.3)."""
    _shown(database, card(**told), **more)
    assert _asked(database, by=SELECT) == [by]
    assert _asked(database) == [""]
