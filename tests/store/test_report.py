"""What is read of the store: the export, the counts by rule and day, and what is forgotten."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Table, func, select

from cds_service.store import report, schema
from cds_service.store.counts import Wanted, counts
from cds_service.store.daily import add_up
from cds_service.store.database import Database
from cds_service.store.entries import Subject
from tests.support.stored import (
    NOON,
    RULE,
    SERVICE,
    Told,
    call_entry,
    counted,
    feedback_entry,
    fill,
    shown_card,
    uuid,
)

TODAY = NOON.date()
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
OF_EHR = Subject("p1", "Practitioner/1", "ehr")


def exported(database: Database) -> list[dict[str, object]]:
    """All rows of the export."""
    with database.reading() as connection:
        return list(report.export(connection))


def numbers(database: Database) -> dict[str, int]:
    """How many rows each table has of what is told to it: not a token, and not what is added up by itself."""
    with database.reading() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in schema.metadata.tables.items()
            if table not in (schema.token, schema.daily, schema.stale)
        }


def forgotten(database: Database, days: float, now: datetime = NOON) -> int:
    """How many calls and words of feedback one purge took away."""
    with database.writing() as connection:
        return report.purge(connection, now, days)


# export


def test_nothing_is_exported_of_nothing(database: Database) -> None:
    """An empty database has no row."""
    assert exported(database) == []


def test_a_row_tells_the_feedback_and_its_card(database: Database) -> None:
    """What was said stands beside the rule, the message and the numbers of the card, in the order of EXPORTED."""
    word = feedback_entry(
        at=NOON + HOUR,
        received=NOON + 2 * HOUR,
        reason_system="urn:reasons",
        reason_code="will-monitor",
        given=True,
        comment="seen in clinic",
        client="ehr",
    )
    fill(database, call_entry(shown_card(), subject=OF_EHR), word)
    [row] = exported(database)
    assert tuple(row) == report.EXPORTED
    assert row == {
        "outcome_at": NOON + HOUR,
        "received": NOON + 2 * HOUR,
        "service": SERVICE,
        "client": "ehr",
        "card": uuid(1),
        "rule": RULE,
        "message": "shown",
        "indicator": "warning",
        "thresholds": "0a1b2c",
        "outcome": "overridden",
        "counts": True,
        "reason_system": "urn:reasons",
        "reason_code": "will-monitor",
        "comment": "seen in clinic",
    }
    assert row["counts"] is True


def test_feedback_on_an_unknown_card_is_exported_without_a_rule(database: Database) -> None:
    """A word on a card that is not in the database is not lost: what the card would tell is empty."""
    fill(database, feedback_entry(7))
    [row] = exported(database)
    assert row["card"] == uuid(7)
    assert [row[name] for name in ("rule", "message", "indicator", "thresholds", "comment")] == [""] * 5


def test_what_a_client_says_of_the_card_of_another_counts_for_none(database: Database) -> None:
    """It is exported as feedback on a card that is not known, and takes the last word from nobody."""
    strange = feedback_entry(at=NOON + HOUR, reason_code="other", client="another")
    fill(database, call_entry(shown_card(), subject=OF_EHR), feedback_entry(outcome="accepted", client="ehr"), strange)
    told = [(row["client"], row["rule"], row["outcome"], row["counts"]) for row in exported(database)]
    assert told == [("ehr", RULE, "accepted", True), ("another", "", "overridden", True)]


@pytest.mark.parametrize("late_first", [True, False])
def test_the_last_word_on_a_card_counts(database: Database, late_first: bool) -> None:
    """Of two words the later one counts, in whichever order they were received; both are exported."""
    first, second = (NOON + 3 * HOUR, NOON + 2 * HOUR) if late_first else (NOON + 2 * HOUR, NOON + 3 * HOUR)
    words = [
        feedback_entry(outcome="overridden", received=first),
        feedback_entry(outcome="accepted", at=NOON + HOUR, received=second),
    ]
    fill(database, call_entry(shown_card()), *(reversed(words) if late_first else words))
    told = {row["outcome"]: row["counts"] for row in exported(database)}
    assert told == {"overridden": False, "accepted": True}


def test_of_two_words_of_one_moment_the_second_counts(database: Database) -> None:
    """Where the clock does not decide, the order in which they came does."""
    fill(database, feedback_entry(outcome="overridden"), feedback_entry(outcome="accepted"))
    assert [(row["outcome"], row["counts"]) for row in exported(database)] == [
        ("overridden", False),
        ("accepted", True),
    ]


def test_the_oldest_is_exported_first(database: Database) -> None:
    """The order is that in which feedback was received, not that of the cards or of what was done when."""
    received = {1: NOON + 2 * HOUR, 2: NOON, 3: NOON + HOUR}
    fill(database, *(feedback_entry(number, received=at) for number, at in received.items()))
    assert [row["card"] for row in exported(database)] == [uuid(2), uuid(3), uuid(1)]


def test_an_export_of_several_pieces_is_whole(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """More rows than are fetched at a time all come, each once."""
    monkeypatch.setattr(report, "_AT_A_TIME", 2)
    fill(database, *(feedback_entry(number) for number in range(1, 6)))
    assert [row["card"] for row in exported(database)] == [uuid(number) for number in range(1, 6)]


# everything


def test_everything_has_a_line_for_each_card_and_count(database: Database) -> None:
    """The oldest card first, with the last word on it and the seconds until then, and after them what is only counted;
    nothing of a patient and nothing of a user."""
    fill(
        database,
        call_entry(shown_card(2), at=NOON + DAY),
        call_entry(shown_card(1), subject=OF_EHR),
        feedback_entry(1, "accepted", NOON + HOUR / 60, client="ehr"),
        feedback_entry(1, at=NOON + HOUR / 40, reason_code="other", client="ehr"),
        counted("call", 9),
    )
    with database.reading() as connection:
        first, second, tallied = report.everything(connection)
    assert first == {
        "kind": "card",
        "at": NOON,
        "service": SERVICE,
        "client": "ehr",
        "uuid": uuid(1),
        "rule": RULE,
        "message": "shown",
        "indicator": "warning",
        "thresholds": "0a1b2c",
        "outcome": "overridden",
        "reason": "other",
        "milliseconds": 1.5,
        "seconds": 90.0,
    }
    assert (second["uuid"], second["outcome"], second["seconds"]) == (uuid(2), "", None)
    assert (tallied["day"], tallied["kind"], tallied["number"]) == (TODAY, "call", 9)
    assert not {"patient", "user", "comment"} & (first.keys() | tallied.keys())


# purge


def _whole(at: datetime, number: int) -> list[Told]:
    """A call with a card and a suggestion, feedback that accepted it, and a tally, all of one moment."""
    suggestion = uuid(number + 100)
    return [
        call_entry(shown_card(number, suggestions=(suggestion,)), at=at),
        feedback_entry(number, "accepted", at=at, accepted=(suggestion,)),
        counted("call", 1, at=at),
    ]


def test_what_is_old_is_forgotten_with_all_that_hangs_on_it(database: Database) -> None:
    """A call takes its cards and suggestions with it, feedback what was accepted, and the newer ones stay."""
    fill(database, *_whole(NOON - 11 * DAY, 1), *_whole(NOON - 9 * DAY, 2))
    assert set(numbers(database).values()) == {2}
    assert forgotten(database, 10) == 2
    assert set(numbers(database).values()) == {1}
    assert [row["card"] for row in exported(database)] == [uuid(2)]
    assert forgotten(database, 10) == 0


@pytest.mark.parametrize(("table", "told"), [(schema.call, call_entry()), (schema.feedback, feedback_entry())])
def test_age_counts_to_the_moment(database: Database, table: Table, told: Told) -> None:
    """What is exactly as old as the retention stays; a moment later it goes."""
    fill(database, told)
    assert forgotten(database, 1, NOON + DAY) == 0
    assert numbers(database)[table.name] == 1
    assert forgotten(database, 1, NOON + DAY + timedelta(microseconds=1)) == 1
    assert numbers(database)[table.name] == 0


def test_what_was_added_up_is_forgotten_with_its_day(database: Database) -> None:
    """No sum stays of a day that is too old, and the day of which a part goes is to be added up anew."""
    fill(database, *_whole(NOON - 2 * DAY, 1), *_whole(NOON - DAY, 2), *_whole(NOON, 3))
    with database.writing() as connection:
        while add_up(connection, TODAY + DAY):
            pass
    assert forgotten(database, 1, NOON + HOUR) == 4
    with database.reading() as connection:
        assert set(connection.execute(select(schema.daily.c.day)).scalars()) == {TODAY - DAY, TODAY}
        assert list(connection.execute(select(schema.stale.c.day)).scalars()) == [TODAY - DAY]
        kinds = [row for row in counts(connection, Wanted(TODAY - 2 * DAY)) if row.rule]
    assert [(row.kind, row.number) for row in kinds] == [("accepted", 1)]


def test_a_tally_of_the_last_day_stays(database: Database) -> None:
    """A tally has only a day: it goes when that whole day is too old, and is not among what is counted."""
    fill(database, counted("call", 1))
    assert forgotten(database, 1, NOON + DAY + 11 * HOUR) == 0
    assert numbers(database)["tally"] == 1
    assert forgotten(database, 1, NOON + DAY + 12 * HOUR) == 0
    assert numbers(database)["tally"] == 0


def test_much_is_forgotten_in_pieces(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One purge takes no more of each than a piece, so that no writer waits long; 0 says that all is gone."""
    monkeypatch.setattr(report, "_AT_A_TIME", 2)
    fill(database, *(call_entry(shown_card(number)) for number in range(1, 6)), feedback_entry())
    assert [forgotten(database, 1, NOON + 3 * DAY) for _ in range(4)] == [3, 2, 1, 0]
    assert numbers(database)["card"] == 0
