"""Writer: the thread of the store. It alone touches the database, so that one connection serves a process."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from queue import Empty
from threading import main_thread
from time import monotonic

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from cds_service.store.daily import add_up
from cds_service.store.database import Database, Outdated
from cds_service.store.entries import CallEntry
from cds_service.store.memory import MOST, Job, Memory, Unavailable
from cds_service.store.record import write_calls, write_tally
from cds_service.store.report import purge
from cds_service.store.tokens import purge as purge_tokens

_LOG = structlog.get_logger()
# Seconds for which calls are gathered before they are written together.
_GATHERED = 0.2
# Seconds after which it looks for what was only counted, and for what became too old.
_IDLE = 0.5
_A_DAY = 86_400.0
_A_WHILE = 300.0
# Seconds after which it tidies up though somebody always asks, and looks again for a day to add up.
_BUSY = 30.0
# Seconds after which a database that failed is tried again.
_AGAIN = 2.0
# What passes: a server that restarts, a lock. Anything else would fail for ever.
_PASSING = (OperationalError, InterfaceError, Outdated)


class Writer:
    """Takes jobs from a Memory until it is told to stop."""

    def __init__(self, memory: Memory, first: Job | CallEntry | None = None) -> None:
        """`first` is a job that was taken already."""
        self._memory = memory
        self._database: Database | None = None
        self._unsaved: list[CallEntry] = []
        self._failed_at = -_AGAIN
        self._flushed_at = 0.0
        self._lost_told = 0
        self._purge_at = 0.0
        self._tokens_at = 0.0
        self._sums_at = 0.0
        self._tidied_at = monotonic()
        self._first = [] if first is None else [first]

    def run(self) -> None:
        """Work until the last job, or until the process ends: workers of a server end without any other word."""
        stopping = False
        while not stopping:
            questions = self._gather()
            stopping = not main_thread().is_alive() or any(job.question is None for job in questions)
            if self._is_time(questions) or stopping:
                self._flush()
            for jobs in _together(questions):
                self._answer(jobs)
            if (not questions and not self._unsaved) or monotonic() >= self._tidied_at + _BUSY:
                self._tidy()
        if self._database is not None:
            self._database.close()

    def _gather(self) -> list[Job]:
        """Calls to be written together; whoever waits for an answer ends the gathering."""
        questions: list[Job] = []
        until = monotonic() + _IDLE
        while self._first:
            self._take(self._first.pop(), questions)
        with suppress(Empty):
            while not questions and (left := until - monotonic()) > 0:
                self._take(self._memory.jobs.get(timeout=left), questions)
                until = min(until, monotonic() + _GATHERED)
            while True:  # what came in the meantime: taking is quicker than giving
                self._take(self._memory.jobs.get_nowait(), questions)
        return questions

    def _take(self, job: Job | CallEntry, questions: list[Job]) -> None:
        if isinstance(job, Job):
            questions.append(job)
        elif len(self._unsaved) < MOST:
            self._unsaved.append(job)
        else:
            self._memory.lose(1)

    def _is_time(self, questions: list[Job]) -> bool:
        """Whether to write now: nobody waits, somebody wants it, or it has been long."""
        long = monotonic() >= self._flushed_at + _GATHERED
        return not questions or long or any(job.after_writing for job in questions)

    def _flush(self) -> None:
        """Write what was told and counted. What fails for now is kept, what would fail for ever is dropped."""
        memory, calls, tally = self._memory, self._unsaved, self._memory.counted()
        self._flushed_at = monotonic()
        try:
            database = self._usable() if calls or tally else None
            if database is not None:
                with database.writing() as connection:
                    write_calls(connection, calls, memory.site.keys)
                    write_tally(connection, tally)
                self._unsaved, tally = [], {}
        except _PASSING as error:
            self._fail(error)
        except Exception as error:  # the thread must live: a call that nobody can write goes, the others are written
            memory.lose(len(calls))
            self._unsaved = []
            _LOG.error("calls could not be recorded", error=type(error).__name__)
        memory.count(tally)
        self._tell_lost()

    def _tell_lost(self) -> None:
        lost = self._memory.lost - self._lost_told
        if lost:
            _LOG.error("calls were lost", count=lost)
            self._lost_told += lost

    def _answer(self, jobs: Sequence[Job]) -> None:
        """Jobs that share a transaction: all are answered, or none."""
        try:
            database = self._usable()
            if database is None:
                raise Unavailable(f"the database is {self._memory.state}")
            with database.writing(jobs[0].lasting) if jobs[0].writes else database.reading() as connection:
                found = [job.question(connection) for job in jobs if job.question is not None]
        except Exception as error:  # whoever waits must be told, and the thread must live
            if isinstance(error, _PASSING):
                self._fail(error)
            told = error if isinstance(error, Unavailable) else Unavailable(type(error).__name__)
            for job in jobs:
                job.answer.set_exception(told)
            return
        for job, answer in zip(jobs, found, strict=True):
            job.answer.set_result(answer)

    def _usable(self) -> Database | None:
        """The database if it can be used; one that failed is left alone for a while."""
        if monotonic() < self._failed_at + _AGAIN:
            return None
        if self._memory.state != "ready":
            self._open()
        return self._database if self._memory.state == "ready" else None

    def _open(self) -> None:
        try:
            database = self._database = self._database or Database(self._memory.site.address)
            if self._memory.site.upgrade:
                database.upgrade()
            database.check()
        except Exception as error:  # no folder, a migration that fails: cards go out all the same
            self._fail(error)
            return
        self._memory.turn("ready")
        _LOG.info("database ready")

    def _fail(self, error: Exception) -> None:
        self._failed_at = monotonic()
        before = self._memory.state
        self._memory.turn("outdated" if isinstance(error, Outdated) else "unavailable")
        if before != self._memory.state:  # said once, and not every two seconds
            told = {"text": str(error)} if isinstance(error, Outdated) else {}
            _LOG.error("the database cannot be used", error=type(error).__name__, **told)

    def _tidy(self) -> None:
        """One day that is over is added up; a piece of what is too old is forgotten, at the start and once a day; of
        tokens that ended, every few minutes."""
        memory = self._memory
        self._tidied_at = monotonic()
        if monotonic() >= self._sums_at and not self._done(lambda found: add_up(found, memory.clock().date())):
            self._sums_at = monotonic() + _BUSY
        if monotonic() >= self._tokens_at and not self._done(lambda found: purge_tokens(found, memory.clock())):
            self._tokens_at = monotonic() + _A_WHILE
        if monotonic() >= self._purge_at:
            gone = self._done(lambda connection: purge(connection, memory.clock(), memory.site.retention_days))
            if gone:
                _LOG.info("what was too old is forgotten", count=gone)
            elif gone == 0:
                self._purge_at = monotonic() + _A_DAY

    def _done(self, work: Callable[[Connection], int]) -> int | None:
        """How much was done; None if the database cannot be used now."""
        database = self._usable()
        if database is None:
            return None
        try:
            with database.writing() as connection:
                return work(connection)
        except SQLAlchemyError as error:
            self._fail(error)
            return None


def _together(jobs: Sequence[Job]) -> Iterator[Sequence[Job]]:
    """Jobs that may share a transaction: what need not be on disk; of many calls at once that is a token each. Every
    other one has its own."""
    asked = (job for job in jobs if job.question is not None)
    for quick, group in groupby(asked, key=lambda job: job.writes and not job.lasting):
        found = list(group)
        yield from [found] if quick else ([job] for job in found)
