"""What is told is written once, whole, and without a word of whom it is about."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from cds_service.store import schema
from cds_service.store.database import Database
from cds_service.store.record import digest, write_calls, write_feedback, write_tally
from tests.store.conftest import KEYS
from tests.store.made import NOW, SUBJECT, ago, call, card, feedback, identity, uuid

DAY = date(2026, 11, 22)


def _rows(database: Database, table: Table) -> list[Any]:
    with database.reading() as connection:
        return list(connection.execute(select(table)))


def _count(database: Database, table: Table) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_a_call_is_written_with_its_cards_and_suggestions(database: Database) -> None:
    """Every column has what was told; patient, user, card and order stand as keys."""
    shown = card(suggestions=(uuid("s1"), uuid("s2")))
    with database.writing() as connection:
        write_calls(connection, [call(shown)], KEYS)
    [one] = _rows(database, schema.call)
    [written] = _rows(database, schema.card)
    patient, user = KEYS.of("patient", "", SUBJECT.patient), KEYS.of("user", "", SUBJECT.user)
    assert one._asdict() == {
        "id": one.id,
        "at": NOW,
        "service": "cramp-order-select",
        "client": "",
        "patient": patient,
        "user": user,
        "milliseconds": 1.5,
    }
    assert written._asdict() == {
        "uuid": shown.uuid,
        "call_id": one.id,
        "at": NOW,
        "day": DAY,
        "service": "cramp-order-select",
        "client": "",
        "patient": patient,
        "user": user,
        "rule": shown.rule,
        "message": shown.message,
        "indicator": "info",
        "thresholds": shown.thresholds,
        "key": KEYS.of("card", "card"),
        "order_hash": KEYS.of("order", "order"),
    }
    assert {row.uuid for row in _rows(database, schema.suggestion)} == {uuid("s1"), uuid("s2")}


def test_a_call_that_is_retried_shows_no_second_card(database: Database) -> None:
    """The same uuids are the same cards; the other cards of the batch are written all the same."""
    with database.writing() as connection:
        write_calls(
            connection, [call(card(suggestions=(uuid("s1"),))), call(card(suggestions=(uuid("s1"),)), card("c2"))], KEYS
        )
    assert [_count(database, table) for table in (schema.call, schema.card, schema.suggestion)] == [2, 2, 1]


def test_what_is_counted_adds_up(database: Database) -> None:
    """Numbers and milliseconds of the same day, service, kind, rule and reason are added."""
    calls = (DAY, "s", "", "call", "", "")
    other = (DAY - timedelta(days=1), "s", "", "call", "", "")
    for tally in ({calls: (2, 3.5)}, {calls: (1, 0.5), other: (1, 1.0)}):
        with database.writing() as connection:
            write_tally(connection, tally)
    assert {row.day: (row.number, row.milliseconds) for row in _rows(database, schema.tally)} == {
        DAY: (3, 4.0),
        DAY - timedelta(days=1): (1, 1.0),
    }


def test_feedback_is_written_once_however_often_it_is_sent(database: Database) -> None:
    """A repetition, received later, is none; a contradiction is kept beside what was said first."""
    said = feedback(outcome="accepted", accepted=(uuid("s1"), uuid("s1"), uuid("s2")))
    told = [[said], [said, feedback(outcome="accepted", accepted=said.accepted, received=ago(hours=-1))], [feedback()]]
    new = []
    for entries in told:
        with database.writing() as connection:
            new.append(write_feedback(connection, entries))
    assert new == [1, 0, 1]
    assert [row.outcome for row in _rows(database, schema.feedback)] == ["accepted", "overridden"]
    assert {row.suggestion for row in _rows(database, schema.accepted)} == {uuid("s1"), uuid("s2")}


@pytest.mark.parametrize(
    "other",
    [
        {"card": uuid("c2")},
        {"outcome": "accepted"},
        {"at": ago(seconds=1)},
        {"service": "another"},
        {"client": "another"},
        {"reason_system": "urn:another"},
        {"reason_code": "another"},
        {"given": False},
        {"comment": "a word"},
        {"accepted": (uuid("s1"),)},
    ],
)
def test_whatever_a_client_says_makes_it_another_word(other: dict[str, Any]) -> None:
    """Only the moment at which it was received does not tell two words apart."""
    assert digest(feedback()) == digest(feedback(received=ago(days=1)))
    assert digest(feedback()) != digest(feedback(**other) if "card" not in other else feedback("c2"))


def test_entries_that_are_printed_tell_nothing() -> None:
    """What stands for a subject, an identity or feedback in a message holds no id, dose or comment."""
    shown = repr([SUBJECT, identity("10 mg"), feedback(comment="a name"), call(card())])
    assert not any(mark in shown for mark in ("p1", "Practitioner", "10 mg", "a name"))
