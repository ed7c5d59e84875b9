"""Pool: every piece is done once, in this process or in others, and what goes wrong in one is told."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from threading import Event
from types import SimpleNamespace

import pytest

from cds_service.batch import pool
from cds_service.batch.pool import Killed, done


def _double(number: int) -> int:
    return 2 * number


def _where(number: int) -> int:
    return os.getpid()


def _fail(number: int) -> int:
    raise OSError(28, "No space left on device", f"part-{number}")


def _die(number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return number


@pytest.mark.parametrize("processes", [1, 2, 9])
def test_every_piece_once(processes: int) -> None:
    """However many processes there are."""
    assert sorted(done(_double, range(5), processes)) == [0, 2, 4, 6, 8]
    assert list(done(_double, (), processes)) == []


def test_where_it_is_done() -> None:
    """One process, or one piece, needs no other one."""
    assert {*done(_where, range(3), 1), *done(_where, [1], 2)} == {os.getpid()}
    assert os.getpid() not in set(done(_where, range(4), 2))


@pytest.mark.parametrize("processes", [1, 2])
def test_what_goes_wrong(processes: int) -> None:
    """It is told as it happened, with its file."""
    with pytest.raises(OSError, match="No space left on device") as told:
        list(done(_fail, [1, 2], processes))
    assert told.value.filename.startswith("part-")


def test_a_process_that_is_killed() -> None:
    """It is told what to do."""
    with pytest.raises(Killed, match=r"most likely for want of memory.*fewer --processes"):
        list(done(_die, range(4), 2))


@pytest.mark.parametrize(("platform", "how"), [("linux", "fork"), ("darwin", "spawn")])
def test_how_processes_begin(platform: str, how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As copies of this one where that is safe."""
    monkeypatch.setattr(sys, "platform", platform)
    assert pool._context().get_start_method() == how


def test_an_interrupt_is_left_to_the_first_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else each process would tell of it."""
    told: list[object] = []
    monkeypatch.setattr(signal, "signal", lambda *what: told.append(what))
    pool._begin()
    assert told == [(signal.SIGINT, signal.SIG_IGN)]


def test_the_first_process_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others end: nobody would ever give them anything to do."""
    ended, (sentinel, first) = Event(), os.pipe()
    monkeypatch.setattr(signal, "signal", lambda *what: None)
    monkeypatch.setattr(os, "_exit", lambda status: ended.set())
    monkeypatch.setattr(multiprocessing, "parent_process", lambda: SimpleNamespace(sentinel=sentinel))
    pool._begin()
    assert not ended.wait(0.05)
    os.close(first)
    assert ended.wait(5)
    os.close(sentinel)
