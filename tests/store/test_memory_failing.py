"""Whatever the database does, a memory costs nobody a card, and loses nothing that it can keep."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from time import monotonic
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from cds_service.store import database as databases
from cds_service.store import memory as module
from cds_service.store import record, schema, writer
from cds_service.store.database import Database
from cds_service.store.memory import Job, Unavailable
from cds_service.store.writer import Writer
from tests.store.conftest import Remembering
from tests.store.looking import PATIENCE, count, prepared, until
from tests.store.made import SUBJECT, call, card, feedback, identity
from tests.support.witnessed import witnessing


def test_a_call_at_fault_in_itself_holds_up_no_other(
    address: str, remembering: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever writing it raises, the thread lives, the loss is counted, and the next call is written."""
    times, write = iter([ZeroDivisionError()]), record.write_calls

    def fail_once(*parts: Any) -> None:
        for error in times:
            raise error
        write(*parts)

    monkeypatch.setattr(writer, "write_calls", fail_once)
    memory = remembering()
    memory.keep(call(card("c1")))
    until(lambda: memory.lost == 1)
    memory.keep(call(card("c2")))
    memory.close()
    assert count(address, schema.card) == 1


@pytest.fixture
def broken(tmp_path: Path) -> str:
    """The address of a database that cannot be made: where its folder should be lies a file."""
    (tmp_path / "file").touch()
    return f"sqlite:///{tmp_path / 'file' / 'store.sqlite3'}"


def test_a_database_that_cannot_be_used_is_told(broken: str, remembering: Remembering) -> None:
    """Questions are refused, at once while it is left alone; what was told waits, and nothing is raised."""
    memory = remembering(at=broken)
    with pytest.raises(Unavailable):
        memory.learn([feedback()])
    assert memory.state == "unavailable"
    begun = monotonic()
    with pytest.raises(Unavailable, match="unavailable"):
        memory.repeated(SUBJECT, [identity()])
    assert monotonic() - begun < module.ASKED
    memory.keep(call(card()))


def test_a_database_that_comes_back_gets_what_waited(
    address: str, remembering: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Calls and counts of the time in which it failed are written afterwards, none twice."""
    monkeypatch.setattr(writer, "_AGAIN", 0.05)
    fails, failures = True, []

    def fail(self: Database) -> None:
        if fails:
            failures.append(self)
            raise OperationalError("upgrade", {}, OSError("gone"))

    monkeypatch.setattr(Database, "check", fail)
    memory = remembering()
    memory.keep(call(card()))
    until(lambda: len(failures) > 2)
    fails = False
    until(lambda: memory.state == "ready")
    memory.close()
    assert (count(address, schema.card), count(address, schema.tally)) == (1, 1)


def test_a_write_that_fails_for_now_is_done_again(
    address: str, remembering: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lock or a server that restarts in the middle of a transaction loses nothing."""
    monkeypatch.setattr(writer, "_AGAIN", 0.05)
    times = iter([OperationalError("insert", {}, OSError("gone"))])
    write = record.write_tally

    def fail_once(connection: Any, tally: Any) -> None:
        for error in times:
            raise error
        write(connection, tally)

    monkeypatch.setattr(writer, "write_tally", fail_once)
    prepared(address)
    memory = remembering()
    memory.keep(call(card()))
    until(lambda: count(address, schema.tally))
    memory.close()
    assert count(address, schema.card) == 1


def test_a_call_that_can_never_be_written_holds_up_no_other(
    address: str, remembering: Remembering, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is dropped and counted in the log, without what it held."""
    memory = remembering()
    memory.keep(call(card(uuid=None, rule="a name")))
    until(lambda: memory.lost == 1)
    memory.keep(call(card()))
    memory.close()
    assert count(address, schema.card) == 1
    logged = capsys.readouterr().out
    assert "calls were lost" in logged
    assert "a name" not in logged


def test_a_question_that_fails_is_refused(remembering: Remembering, monkeypatch: pytest.MonkeyPatch) -> None:
    """Feedback that the database takes for wrong is not stored, and the thread goes on."""
    memory = remembering()
    with pytest.raises(Unavailable, match="IntegrityError"):
        memory.learn([feedback(service=None)])
    assert memory.learn([feedback()]) == 1


def test_a_question_that_is_at_fault_itself_costs_nobody_else(remembering: Remembering) -> None:
    """Whatever it raises, whoever asked is told, and the thread goes on."""
    memory = remembering()
    memory.learn([feedback()])
    with pytest.raises(Unavailable, match="ZeroDivisionError"):
        memory._ask(Job(lambda connection: 1 / 0), PATIENCE)
    assert memory.learn([feedback("c2")]) == 1


def test_a_server_that_fails_in_a_question_is_left_alone(
    remembering: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the connection fails the state says so."""

    def fail(*parts: object) -> None:
        raise OperationalError("insert", {}, OSError("gone"))

    memory = remembering()
    memory.learn([feedback()])
    monkeypatch.setattr(record, "write_feedback", fail)
    with pytest.raises(Unavailable, match="OperationalError"):
        memory.learn([feedback("c2")])
    assert memory.state == "unavailable"


def test_a_database_that_hangs_holds_nobody(remembering: Remembering, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first question waits its time, the next ones not at all; when the database goes on, it is asked again."""
    monkeypatch.setattr(module, "ASKED", 0.1)
    memory, hangs = remembering(), Event()
    memory.learn([feedback()])
    with pytest.raises(Unavailable, match="in time"):
        memory._ask(Job(lambda connection: hangs.wait(PATIENCE)), 0.1)
    begun = monotonic()
    for _ in range(20):
        with pytest.raises(Unavailable):
            memory.repeated(SUBJECT, [identity()])
    assert monotonic() - begun < 0.1
    hangs.set()
    until(lambda: memory._late is not None and memory._late.done())
    assert memory.learn([feedback("c2")]) == 1


def test_what_nobody_writes_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch, remembering: Remembering) -> None:
    """A database that is away for long fills no memory: too many calls are lost, and questions refused."""
    monkeypatch.setattr(module.Memory, "start", lambda self: None)
    monkeypatch.setattr(module, "MOST", 2)
    memory = remembering()
    for number in range(3):
        memory.keep(call(card(number)))
    assert memory.lost == 1
    with pytest.raises(Unavailable, match="too much"):
        memory.learn([feedback()])
    monkeypatch.setattr(writer, "MOST", 1)
    one = Writer(memory)
    one._gather()
    assert memory.lost == 2


def test_a_migration_that_fails_costs_no_answer(remembering: Remembering, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a migration raises, the thread lives and says that the database cannot be used."""

    def fail(*parts: object) -> None:
        raise KeyError("a migration of another program")

    monkeypatch.setattr(databases, "_migrate", fail)
    memory = remembering()
    until(lambda: memory.state == "unavailable")
    with pytest.raises(Unavailable):
        memory.learn([feedback()])


def test_what_cannot_be_forgotten_now_is_forgotten_later(
    address: str, remembering: Remembering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failure while forgetting is told by the state, and tried again."""
    monkeypatch.setattr(writer, "_AGAIN", 0.05)
    failures = iter([OperationalError("delete", {}, OSError("gone"))])
    states: list[str] = []

    def fail_once(*parts: object) -> int:
        for error in failures:
            raise error
        states.append(memory.state)
        return 0

    monkeypatch.setattr(writer, "purge", fail_once)
    memory = remembering()
    until(lambda: states == ["ready"])


def test_what_a_database_is_and_loses_is_witnessed(address: str, remembering: Remembering) -> None:
    """From the start on, whenever it is told, and each loss as it happens."""
    with witnessing() as told:
        memory = remembering()
        until(lambda: memory.state == "ready")
        memory.keep(call(card(uuid=None)))
        until(lambda: memory.lost == 1)
        memory.close()
    assert told == [("opening",), ("ready",), (1,)]
    with witnessing() as told:
        memory = remembering(at=address.replace("store", "no/store") if "sqlite" in address else f"{address}-none")
        until(lambda: memory.state != "opening")
        memory.close()
    assert (told[0], {*told[1:]}) == (("opening",), {(memory.state,)})
