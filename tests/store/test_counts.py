"""What is counted of cards and of what is only counted, whether or not its day was added up already."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date, timedelta
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, delete, select

from cds_service.store import daily, schema
from cds_service.store.counts import Wanted, calls, clients, counts
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
)

TODAY = NOON.date()
MONDAY = date(2026, 11, 16)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)
OF_EHR = Subject("p1", "Practitioner/1", "ehr")
EVER = Wanted(TODAY - 52 * WEEK)


def added_up(database: Database, before: date = TODAY + 52 * WEEK) -> int:
    """How many days were added up."""
    days = 0
    with database.writing() as connection:
        while daily.add_up(connection, before):
            days += 1
    return days


def told(database: Database, wanted: Wanted = EVER) -> dict[tuple[str, str, str, date], tuple[int, float, float]]:
    """What is counted, each key once."""
    found: dict[tuple[str, str, str, date], tuple[int, float, float]] = {}
    with database.reading() as connection:
        for row in counts(connection, wanted):
            assert type(row.number) is int
            key = (row.rule, row.kind, row.why, row.week)
            number, milliseconds, seconds = found.get(key, (0, 0.0, 0.0))
            found[key] = number + row.number, milliseconds + row.milliseconds, round(seconds + row.seconds, 3)
    return found


def numbers(database: Database, wanted: Wanted = EVER) -> dict[tuple[str, str, str], int]:
    """How often, by rule, kind and reason."""
    found = Counter[tuple[str, str, str]]()
    for (rule, kind, why, _), (number, _, _) in told(database, wanted).items():
        found[rule, kind, why] += number
    return dict(found)


def both(database: Database, wanted: Wanted = EVER) -> dict[tuple[str, str, str], int]:
    """How often, before and after everything was added up: the same."""
    before = told(database, wanted)
    added_up(database)
    assert told(database, wanted) == before
    return numbers(database, wanted)


def rows(database: Database, table: Table) -> list[Any]:
    """All rows of a table."""
    with database.reading() as connection:
        return list(connection.execute(select(table)))


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


# days


def test_a_day_is_added_up_once(database: Database) -> None:
    """The oldest first, and not the day itself before which it is asked for: that is not over."""
    fill(
        database, call_entry(shown_card(1)), call_entry(shown_card(2), at=NOON + DAY), counted("call", 1, at=NOON - DAY)
    )
    assert {row.day for row in rows(database, schema.stale)} == {TODAY - DAY, TODAY, TODAY + DAY}
    assert added_up(database, TODAY + DAY) == 2
    assert [row.day for row in rows(database, schema.stale)] == [TODAY + DAY]
    assert {row.day for row in rows(database, schema.daily)} == {TODAY - DAY, TODAY}
    assert added_up(database, TODAY + DAY) == 0


LATE: dict[str, tuple[Told, dict[tuple[str, str, str], int]]] = {
    "feedback": (feedback_entry(1, at=NOON + 3 * DAY), {(RULE, "overridden", ""): 1}),
    "a card": (call_entry(shown_card(7)), {(RULE, "shown", ""): 2}),
    "a count": (counted("shadow", 2, RULE), {(RULE, "shown", ""): 1, (RULE, "shadow", ""): 2}),
}


@pytest.mark.parametrize(("late", "found"), LATE.values(), ids=LATE)
def test_what_comes_late_makes_its_day_stale(
    database: Database, late: Told, found: dict[tuple[str, str, str], int]
) -> None:
    """It is counted at once, and added up anew afterwards."""
    fill(database, call_entry(shown_card(1)))
    added_up(database)
    assert rows(database, schema.stale) == []
    fill(database, late)
    assert [row.day for row in rows(database, schema.stale)] == [TODAY]
    assert both(database) == found


def test_feedback_on_no_card_of_ours_changes_no_day(database: Database) -> None:
    """Nothing is to be added up for it."""
    fill(database, feedback_entry(5))
    assert rows(database, schema.stale) == []


def test_what_was_told_before_makes_no_day_stale(database: Database) -> None:
    """A repetition changes nothing."""
    fill(database, call_entry(shown_card(1)), feedback_entry(1))
    added_up(database)
    fill(database, feedback_entry(1))
    assert rows(database, schema.stale) == []


MOMENTS = st.integers(0, 15 * 24).map(lambda hours: NOON + hours * HOUR)
CARDS = st.lists(st.tuples(MOMENTS, st.sampled_from([RULE, "other"]), st.sampled_from(["", "ehr"])), max_size=8)
WORDS = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from(["accepted", "overridden"]), MOMENTS, st.sampled_from(["", "ehr"])),
    max_size=8,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(shown=CARDS, said=WORDS, between=st.integers(0, 16))
def test_counts_are_those_of_the_cards_themselves(
    database: Database,
    shown: list[tuple[Any, str, str]],
    said: list[tuple[int, str, Any, str]],
    between: int,
) -> None:
    """Whatever is told, whatever was added up in the meantime: the numbers are those of a plain look at each card."""
    with database.writing() as connection:
        for table in reversed(schema.metadata.sorted_tables):
            connection.execute(delete(table))
    words = [feedback_entry(card, outcome, at, client=client) for card, outcome, at, client in said]
    entries: list[Told] = [
        call_entry(shown_card(number, rule), at=at, subject=Subject("p", "u", client))
        for number, (at, rule, client) in enumerate(shown, start=1)
    ]
    entries += words
    fill(database, *entries[:between])
    added_up(database, TODAY + 7 * DAY)
    fill(database, *entries[between:])
    assert both(database) == _plainly(shown, said)


def test_nothing_is_lost_between_writers_and_whoever_adds_up(database: Database, address: str) -> None:
    """Two write cards of one day and feedback on them while a third adds that day up, over and over."""
    done = Event()

    def write(first: int) -> None:
        with closing(Database(address)) as mine:
            for number in range(first, first + 60):
                fill(mine, call_entry(shown_card(number)))
                fill(mine, feedback_entry(number))

    def add() -> None:
        with closing(Database(address)) as mine:
            while not done.is_set():
                added_up(mine)

    with ThreadPoolExecutor(3) as pool:
        adding, *writing = pool.submit(add), pool.submit(write, 1000), pool.submit(write, 2000)
        for one in writing:
            one.result()
        done.set()
        adding.result()
    assert both(database) == {(RULE, "overridden", ""): 120}


def _plainly(
    shown: list[tuple[Any, str, str]], said: list[tuple[int, str, Any, str]]
) -> dict[tuple[str, str, str], int]:
    found = Counter[tuple[str, str, str]]()
    for number, (_, rule, client) in enumerate(shown, start=1):
        # The same word twice is one word, at the place of the first; of one moment the later one counts.
        mine = list(dict.fromkeys(word for word in said if word[0] == number and word[3] == client))
        last = max(enumerate(mine), key=lambda one: (one[1][2], one[0]), default=None)
        found[rule, last[1][1] if last else "shown", ""] += 1
    return dict(found)
