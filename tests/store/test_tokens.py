"""Tokens that were used are known to every process that shares the database, and tell nobody whose they were."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, event, select

from cds_service.store import memory as module
from cds_service.store import schema, tokens, writer
from cds_service.store.database import Database
from cds_service.store.keys import Keys
from cds_service.store.memory import Job, Memory, Unavailable
from tests.store.conftest import KEYS, Remembering
from tests.store.looking import PATIENCE, count, prepared, until
from tests.store.made import NOW, ago

ISSUER, OTHER = "https://ehr.example.org", "https://other.example.org"
EXPIRES = NOW.replace(tzinfo=UTC).timestamp() + 300


def _opened(remembering: Remembering, keys: Keys = KEYS) -> Memory:
    """A memory whose database is open: that takes longer than a question may."""
    memory = remembering(keys=keys)
    until(lambda: memory.state == "ready")
    return memory


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that is busy with other tests answers late."""
    monkeypatch.setattr(module, "ASKED", PATIENCE)


def test_a_token_is_new_once_for_all_processes(address: str, remembering: Remembering) -> None:
    """What one process has seen is used for the other, by the issuer and the id together."""
    one, two = _opened(remembering), _opened(remembering)
    assert one.first_use(ISSUER, "j1", EXPIRES)
    assert not one.first_use(ISSUER, "j1", EXPIRES)
    assert not two.first_use(ISSUER, "j1", EXPIRES)
    assert two.first_use(OTHER, "j1", EXPIRES)
    assert two.first_use(ISSUER, "j2", EXPIRES)
    assert count(address, schema.token) == 3


@pytest.mark.parametrize("newer_first", [True, False])
def test_a_secret_that_is_replaced_forgets_no_token(remembering: Remembering, newer_first: bool) -> None:
    """While processes with the old secrets and with the new ones run side by side, both know what either has seen."""
    old, new = Keys(["o" * 32]), Keys(["n" * 32, "o" * 32])
    first, second = (new, old) if newer_first else (old, new)
    assert _opened(remembering, first).first_use(ISSUER, "j1", EXPIRES)
    assert not _opened(remembering, second).first_use(ISSUER, "j1", EXPIRES)


def test_the_database_holds_neither_issuer_nor_id(address: str, remembering: Remembering) -> None:
    """A row is a keyed hash and the moment at which the token ends."""
    _opened(remembering).first_use(ISSUER, "a-very-own-id", EXPIRES)
    database = Database(address)
    with database.reading() as connection:
        [row] = connection.execute(select(schema.token))
    database.close()
    assert tuple(row) == (KEYS.of("token", ISSUER, "a-very-own-id"), NOW + timedelta(seconds=300))


def test_a_token_is_remembered_until_it_has_ended_everywhere(database: Database) -> None:
    """Five minutes longer than by this machine's clock: that of another one may be behind."""
    with database.writing() as connection:
        for number, at in enumerate([ago(seconds=301), ago(seconds=300), NOW]):
            assert tokens.use(connection, [f"key {number}"], at)
        assert tokens.purge(connection, NOW) == 1
        assert tokens.purge(connection, NOW) == 0
        assert sorted(connection.scalars(select(schema.token.c.key))) == ["key 1", "key 2"]


def test_tokens_that_ended_are_forgotten_in_pieces(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """One purge takes no more than a piece, so that nobody waits long for it."""
    monkeypatch.setattr(tokens, "_AT_A_TIME", 2)
    with database.writing() as connection:
        for number in range(5):
            tokens.use(connection, [f"key {number}"], ago(hours=1))
        assert [tokens.purge(connection, NOW) for _ in range(4)] == [2, 2, 1, 0]


def test_the_writer_forgets_tokens_that_ended(
    address: str, remembering: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody need call for it, at the start and while the process runs, and what has not ended stays."""
    monkeypatch.setattr(writer, "_A_WHILE", 0.0)
    prepared(address)
    database = Database(address)
    with database.writing() as connection:
        tokens.use(connection, ["ended"], ago(hours=1))
        tokens.use(connection, ["lasts"], ago(seconds=-1))
    remembering()
    until(lambda: count(address, schema.token) == 1)
    with database.writing() as connection:
        tokens.use(connection, ["ended later"], ago(hours=1))
    until(lambda: count(address, schema.token) == 1)
    database.close()


def test_a_token_waits_for_no_disk_and_feedback_does(database: Database) -> None:
    """Only the transaction of a token may be forgotten by a machine that fails; the next one is as safe as ever."""
    said: list[str] = []
    event.listen(database._engine, "before_cursor_execute", lambda *parts: said.append(parts[2]))
    asked = "PRAGMA synchronous" if database.is_file else "SHOW synchronous_commit"
    levels = []
    for lasting in (False, True):
        with database.writing(lasting) as connection:
            levels.append(connection.exec_driver_sql(asked).scalar())
    assert levels == ([1, 2] if database.is_file else ["off", "on"])
    if database.is_file:
        assert [text.split()[-1] for text in said if "synchronous =" in text] == ["NORMAL", "FULL"]


def test_the_moment_of_the_end_is_utc(address: str, remembering: Remembering) -> None:
    """Seconds since 1970 become the same moment without a zone, wherever the machine stands."""
    _opened(remembering).first_use(ISSUER, "j1", 0.0)
    database = Database(address)
    with database.reading() as connection:
        found = connection.scalar(select(schema.token.c.expires))
    database.close()
    assert found == datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, without naming it


_USE_AND_DIE = """
import os, sys
from datetime import datetime
from time import sleep
from cds_service.store import memory as module
from cds_service.store.keys import Keys
module.ASKED = 10.0
memory = module.Memory(module.Site(sys.argv[1], Keys([sys.argv[2]]), 90, 400), lambda: datetime(2026, 11, 22, 12))
memory.start()
while memory.state != "ready":
    sleep(0.01)
assert memory.first_use(sys.argv[3], "j1", float(sys.argv[4]))
os.kill(os.getpid(), 9)
"""


def test_a_token_survives_the_death_of_its_process(address: str, remembering: Remembering) -> None:
    """It need not be on disk for that: what was handed to the system stays there."""
    prepared(address)
    secret = "a secret of the tests, long enough"
    died = subprocess.run([sys.executable, "-c", _USE_AND_DIE, address, secret, ISSUER, str(EXPIRES)], check=False)
    assert died.returncode == -9
    assert not _opened(remembering).first_use(ISSUER, "j1", EXPIRES)


def _quick(question: Callable[[Connection], object] = lambda connection: True) -> Job:
    return Job(question, writes=True, lasting=False)


def test_tokens_of_calls_at_once_share_a_transaction() -> None:
    """What need not be on disk is written together, everything else by itself, in the order in which it came; the word
    to stop asks nothing."""
    first, second, third, feedback, question = _quick(), _quick(), _quick(), Job(len, writes=True), Job(len)  # type: ignore[arg-type]
    found = writer._together([first, second, feedback, Job(), question, third])
    assert [[*jobs] for jobs in found] == [[first, second], [feedback], [question], [third]]


def test_of_a_shared_transaction_all_fail_or_none(address: str, remembering: Remembering) -> None:
    """Where one of them cannot be written nobody is told that his was."""
    working = writer.Writer(_opened(remembering))
    working._database = Database(address)
    used, failing = _quick(lambda connection: tokens.use(connection, ["key"], NOW)), _quick(lambda connection: 1 / 0)
    working._answer([used, failing])
    for job in (used, failing):
        with pytest.raises(Unavailable):
            job.answer.result(0)
    again = _quick(lambda connection: tokens.use(connection, ["key"], NOW))
    working._answer([_quick(), again])
    assert again.answer.result(0) is True
    working._database.close()
