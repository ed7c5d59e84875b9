"""Days are added up once they are over, and again once something of them comes late: never is a count another one."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Event
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from cds_service.store import schema, writer
from cds_service.store.database import Database
from cds_service.store.entries import Subject
from tests.store.adding import DAY, HOUR, TODAY, added_up, both, rows
from tests.store.conftest import Remembering
from tests.store.looking import until
from tests.store.made import NOW, SUBJECT, identity
from tests.support.stored import NOON, RULE, Told, call_entry, counted, feedback_entry, fill, shown_card


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


def test_the_service_adds_up_by_itself(remembering: Remembering, database: Database) -> None:
    """Days that are over, one after the other; today is read as it is."""
    fill(database, *(call_entry(shown_card(number), at=NOW - number * DAY) for number in range(4)))
    remembering()
    until(lambda: len(rows(database, schema.daily)) == 3)
    assert [row.day for row in rows(database, schema.stale)] == [NOW.date()]


def test_the_service_adds_up_though_somebody_always_asks(
    remembering: Remembering, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a while it does, between two questions."""
    monkeypatch.setattr(writer, "_BUSY", 0.2)
    fill(database, call_entry(shown_card(1), at=NOW - DAY))
    memory = remembering()

    def asked() -> bool:
        memory.repeated(SUBJECT, [identity()])
        return bool(rows(database, schema.daily))

    until(asked)


MOMENTS = st.integers(0, 15 * 24).map(lambda hours: NOON + hours * HOUR)
CARDS = st.lists(st.tuples(MOMENTS, st.sampled_from([RULE, "other"]), st.sampled_from(["", "ehr"])), max_size=8)
WORDS = st.lists(
    st.tuples(st.integers(1, 9), st.sampled_from(["accepted", "overridden"]), MOMENTS, st.sampled_from(["", "ehr"])),
    max_size=8,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
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
