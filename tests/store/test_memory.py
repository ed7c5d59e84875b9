"""The memory of a process writes soon, answers in time, and forgets in time."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from cds_service.store import record, schema, writer
from cds_service.store.database import Database
from cds_service.store.entries import Count
from tests.store.conftest import KEYS, Remembering
from tests.store.looking import count, prepared, until
from tests.store.made import SUBJECT, ago, call, card, feedback, identity, uuid


def test_what_is_kept_is_written_at_the_end(address: str, remembering: Remembering) -> None:
    """A memory that is closed has written every call, card and count."""
    memory = remembering()
    for number in range(50):
        memory.keep(call(card(number), counts=(Count("not-evaluated", "a-rule", "egfr"),)))
    memory.keep(call())
    memory.close()
    assert (count(address, schema.call), count(address, schema.card)) == (50, 50)
    database = Database(address)
    with database.reading() as connection:
        counted = {(row.kind, row.rule, row.why): row.number for row in connection.execute(select(schema.tally))}
    database.close()
    assert counted == {("call", "", ""): 51, ("not-evaluated", "a-rule", "egfr"): 50}


def test_what_is_kept_is_written_soon(address: str, remembering: Remembering) -> None:
    """Nobody need ask or close for a card or a count to be written."""
    prepared(address)
    memory = remembering()
    memory.keep(call(card()))
    until(lambda: count(address, schema.card) and count(address, schema.tally))
    assert memory.state == "ready"


def test_calls_that_never_stop_are_written_while_they_come(
    address: str, remembering: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody need be silent for a card to be written: gathering ends when its time is over."""
    monkeypatch.setattr(writer, "_GATHERED", 0.0)
    prepared(address)
    memory, numbers = remembering(), iter(range(10_000))

    def kept_and_written() -> int:
        memory.keep(call(card(next(numbers))))
        return count(address, schema.card)

    until(kept_and_written)


def test_silent_calls_are_counted(address: str, remembering: Remembering) -> None:
    """A call without a card leaves a number and nothing else."""
    memory = remembering()
    memory.keep(call())
    memory.close()
    assert (count(address, schema.tally), count(address, schema.call)) == (1, 0)


def test_a_memory_that_nobody_asks_opens_its_database(remembering: Remembering) -> None:
    """The readiness of a service that was never called tells the state of its database."""
    memory = remembering()
    until(lambda: memory.state == "ready")


def test_feedback_is_on_disk_when_it_is_learned(address: str, remembering: Remembering) -> None:
    """As soon as `learn` returns, another process reads it; a repetition is nothing new."""
    memory = remembering()
    assert memory.learn([feedback(), feedback("c2")]) == 2
    assert count(address, schema.feedback) == 2
    assert memory.learn([feedback()]) == 0


@pytest.mark.parametrize(("comments", "kept"), [(False, None), (True, "a word")])
def test_comments_are_kept_only_where_the_site_says_so(
    address: str, remembering: Remembering, comments: bool, kept: str | None
) -> None:
    """Without the site's word a comment is dropped before it is written."""
    remembering(comments=comments).learn([feedback(comment="a word")])
    database = Database(address)
    with database.reading() as connection:
        [row] = connection.execute(select(schema.feedback))
    database.close()
    assert row.comment == kept
    assert row.given is True


def test_what_was_shown_and_overridden_is_known_at_once(remembering: Remembering) -> None:
    """Signing sees every call that the same process was told before."""
    memory = remembering()
    memory.learn([feedback("another card")])  # opens the database, which may take longer than a question
    memory.keep(call(card(), at=ago(minutes=1)))
    assert memory.repeated(SUBJECT, [identity()], "cramp-order-select") == ["order-select"]
    assert memory.repeated(SUBJECT, [identity()]) == [""]
    memory.learn([feedback()])
    assert memory.repeated(SUBJECT, [identity(), identity("other")]) == ["override", ""]


def test_a_site_may_repeat_at_once(remembering: Remembering) -> None:
    """With no day of silence an override silences nothing."""
    memory = remembering(snooze_days=0)
    memory.keep(call(card()))
    memory.learn([feedback(received=ago(seconds=1))])
    assert memory.repeated(SUBJECT, [identity()]) == [""]


def test_a_memory_that_died_with_its_parent_begins_anew(address: str, remembering: Remembering) -> None:
    """After a fork the thread is gone; the next question starts another."""
    memory = remembering()
    memory.close()
    assert memory.learn([feedback()]) == 1
    memory.close()
    memory.close()
    assert count(address, schema.feedback) == 1


@pytest.mark.parametrize("upgrade", [True, False])
def test_only_what_may_upgrade_itself_does(
    address: str, remembering: Remembering, upgrade: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """A site that upgrades by hand is told what to run, once, and nothing is written before."""
    memory = remembering(upgrade=upgrade)
    memory.keep(call(card()))
    until(lambda: memory.state != "opening")
    assert memory.state == ("ready" if upgrade else "outdated")
    assert ("cds db upgrade" in capsys.readouterr().out) is not upgrade


def test_what_is_too_old_is_forgotten_at_the_start(address: str, remembering: Remembering) -> None:
    """Calls, cards, counts and feedback beyond the retention go, younger ones stay."""
    database = Database(address)
    database.upgrade()
    with database.writing() as connection:
        for days in (399, 401):
            record.write_calls(connection, [call(card(days, suggestions=(uuid(days),)), at=ago(days=days))], KEYS)
            record.write_feedback(connection, [feedback(days, received=ago(days=days), accepted=(uuid(days),))])
            record.write_tally(connection, {(ago(days=days).date(), "s", "", "call", "", ""): (1, 1.0)})
    database.close()
    remembering()
    tables = (schema.call, schema.card, schema.suggestion, schema.feedback, schema.accepted, schema.tally)
    until(lambda: [count(address, table) for table in tables] == [1] * 6)
