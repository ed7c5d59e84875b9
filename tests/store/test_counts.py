"""What is counted of cards and of what is only counted, whether or not its day was added up already."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cds_service.store import daily
from cds_service.store.counts import Wanted, calls, clients
from cds_service.store.database import Database
from cds_service.store.entries import Subject
from tests.store.adding import DAY, EVER, HOUR, TODAY, WEEK, added_up, both, told
from tests.support.stored import NOON, RULE, SERVICE, Told, call_entry, counted, feedback_entry, fill, shown_card

MONDAY = date(2026, 11, 16)
OF_EHR = Subject("p1", "Practitioner/1", "ehr")


def test_cards_are_counted_by_rule_and_what_was_done(database: Database) -> None:
    """Each rule has its own numbers: cards accepted, overridden for each reason, and of which nothing was told."""
    fill(
        database,
        call_entry(*(shown_card(number) for number in range(1, 6)), shown_card(9, "other")),
        feedback_entry(1, "accepted"),
        feedback_entry(2, reason_code="will-monitor"),
        feedback_entry(3, reason_code="will-monitor"),
        feedback_entry(4),
    )
    assert both(database) == {
        (RULE, "accepted", ""): 1,
        (RULE, "overridden", "will-monitor"): 2,
        (RULE, "overridden", ""): 1,
        (RULE, "shown", ""): 1,
        ("other", "shown", ""): 1,
    }


def test_a_card_counts_once_whatever_was_said_of_it(database: Database) -> None:
    """Of several words on a card the last one counts, whose reason is forgotten with it."""
    words = [feedback_entry(at=NOON + n * HOUR, reason_code="other") for n in range(3)]
    fill(database, call_entry(shown_card()), *words, feedback_entry(outcome="accepted", at=NOON + DAY))
    assert both(database) == {(RULE, "accepted", ""): 1}


def test_what_a_client_says_of_the_card_of_another_counts_for_nothing(database: Database) -> None:
    """It takes the last word from nobody."""
    strange = feedback_entry(at=NOON + HOUR, reason_code="other", client="another")
    fill(database, call_entry(shown_card(), subject=OF_EHR), feedback_entry(outcome="accepted", client="ehr"), strange)
    assert both(database) == {(RULE, "accepted", ""): 1}


def test_a_card_counts_in_the_week_in_which_it_was_shown(database: Database) -> None:
    """A week is named by its Monday, from its first moment to its last; feedback belongs to the week of its card."""
    monday = NOON - 2 * DAY - timedelta(hours=12)
    times = (monday, monday + WEEK - timedelta(microseconds=1), monday + WEEK, monday - timedelta(microseconds=1))
    fill(
        database,
        *(call_entry(shown_card(number), at=at) for number, at in enumerate(times, start=1)),
        feedback_entry(1, at=NOON + 2 * WEEK, reason_code="other"),
    )
    added_up(database, MONDAY + DAY)
    assert {key[1:]: value[0] for key, value in told(database).items()} == {
        ("overridden", "other", MONDAY): 1,
        ("shown", "", MONDAY): 1,
        ("shown", "", MONDAY + WEEK): 1,
        ("shown", "", MONDAY - WEEK): 1,
    }


@pytest.mark.parametrize(
    ("late", "seconds"), [(timedelta(seconds=7.5), 7.5), (-HOUR, 0.0), (DAY, daily.LONGEST), (timedelta(0), 0.0)]
)
def test_time_is_added_up(database: Database, late: timedelta, seconds: float) -> None:
    """Milliseconds of the calls, and seconds until something was done: not below 0, and ten minutes at most."""
    done = feedback_entry(1, at=NOON + late, received=NOON + 2 * DAY)
    fill(database, call_entry(shown_card(1), shown_card(2), milliseconds=2.5), done)
    [overridden, shown] = [value for _, value in sorted(told(database).items())]
    assert overridden == (1, 2.5, pytest.approx(seconds, abs=0.01))
    assert shown == (1, 2.5, 0.0)


def test_what_is_only_counted_is_added_up_over_services(database: Database) -> None:
    """One number for a rule, kind and reason, whichever services and clients it came from."""
    fill(
        database,
        counted("not-evaluated", 3, RULE, "sodium"),
        {(TODAY, "cramp-patient-view", "ehr", "not-evaluated", RULE, "sodium"): (4, 0.0)},
        counted("not-evaluated", 1, RULE, "patient"),
        counted("call", 9),
    )
    assert both(database) == {
        (RULE, "not-evaluated", "sodium"): 7,
        (RULE, "not-evaluated", "patient"): 1,
        ("", "call", ""): 9,
    }


def _of_two(at_home: str = SERVICE) -> list[Told]:
    return [
        call_entry(shown_card(1), service=at_home),
        call_entry(shown_card(2, "other"), subject=OF_EHR, service="cramp-patient-view", at=NOON + DAY),
        counted("call", 5),
        {(TODAY + DAY, "cramp-patient-view", "ehr", "call", "", ""): (7, 70.0)},
    ]


@pytest.mark.parametrize(
    ("wanted", "there"),
    [
        (EVER, {RULE, "other"}),
        (Wanted(TODAY), {RULE, "other"}),
        (Wanted(TODAY + DAY), {"other"}),
        (Wanted(TODAY - DAY, TODAY), {RULE}),
        (Wanted(TODAY - DAY, TODAY - DAY), set()),
        (Wanted(TODAY, client=""), {RULE}),
        (Wanted(TODAY, client="ehr"), {"other"}),
        (Wanted(TODAY, services=("cramp-patient-view",)), {"other"}),
        (Wanted(TODAY, services=("cramp-patient-view", SERVICE)), {RULE, "other"}),
        (Wanted(TODAY, rule=RULE), {RULE}),
    ],
)
def test_only_what_is_wanted_is_counted(database: Database, wanted: Wanted, there: set[str]) -> None:
    """Both days of a period belong to it; a client without a name is one client, and not all."""
    fill(database, *_of_two())
    assert {rule for rule, _, _ in both(database, wanted) if rule} == there


def test_calls_are_counted_by_week_and_service(database: Database) -> None:
    """Whatever rule is wanted: its cards are held against them."""
    fill(database, *_of_two(), counted("failed", 2), counted("call", 1, at=NOON + WEEK))
    for _ in range(2):
        with database.reading() as connection:
            found = {(row.week, row.service): row.number for row in calls(connection, Wanted(TODAY, rule=RULE))}
        assert found == {(MONDAY, SERVICE): 5, (MONDAY, "cramp-patient-view"): 7, (MONDAY + WEEK, SERVICE): 1}
        added_up(database)


def test_clients_are_those_that_called(database: Database) -> None:
    """Since a day, each once."""
    fill(database, *_of_two(), counted("call", 1, at=NOON + DAY))
    with database.reading() as connection:
        assert clients(connection, TODAY) == ["", "ehr"]
        assert clients(connection, TODAY + 2 * DAY) == []
