"""Memory: the store as the service asks it. No card waits for a disk, and a database that hangs costs a call no more
than its share of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from queue import Empty, Full, Queue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Literal, get_args

from msgspec.structs import replace

from cds_service.store.entries import CallEntry, FeedbackEntry, Identity, Subject
from cds_service.store.figures import Figures
from cds_service.store.keys import Keys
from cds_service.witness import witness

if TYPE_CHECKING:  # SQLAlchemy takes long to load, and the first answer must not wait for it
    from sqlalchemy import Connection

# Day, service, client, kind, rule, why -> how often, and in how many milliseconds all together.
Tally = dict[tuple[date, str, str, str, str, str], tuple[int, float]]

# Seconds for which a hook waits to learn what need not be said again, and feedback to be on disk.
ASKED = 0.5
TOLD = 2.0
# Seconds in which a process that was started answers its first calls.
_STARTING = 1.0
# What a database may be found to be.
State = Literal["opening", "ready", "outdated", "unavailable"]
STATES: tuple[State, ...] = get_args(State)
# Calls that wait to be written; beyond that they are counted and dropped.
MOST = 10_000


class Unavailable(Exception):
    """The database cannot be asked now."""


@dataclass(frozen=True, slots=True)
class Site:
    """What a site decides on its memory: where it is, how long it lasts, and whether comments are kept."""

    address: str = field(repr=False)  # with the password of the database
    keys: Keys = field(repr=False)
    snooze_days: float
    retention_days: float
    comments: bool = False
    upgrade: bool = True  # bring the database up to date by itself, which a SQLite file allows


@dataclass(frozen=True, slots=True)
class Job:
    """Something that the thread of the store does for somebody who waits; without a question it is to stop.

    `after_writing` asks for what was told before to be written first; what is not `lasting` need not be on disk.
    """

    question: Callable[[Connection], object] | None = None
    writes: bool = False
    after_writing: bool = False
    lasting: bool = True
    answer: Future[object] = field(default_factory=Future)


class Memory:
    """The store of one process. `keep` never waits and never fails; `repeated`, `learn` and `first_use` raise
    Unavailable within their time."""

    def __init__(self, site: Site, clock: Callable[[], datetime]) -> None:
        """Nothing is opened before `start`. The clock tells UTC, without naming it."""
        self.site = site
        self.clock = clock
        self.jobs: Queue[Job | CallEntry] = Queue(MOST)
        self.state: State = "opening"
        self.lost = 0
        self.figures = Figures(site.address, lambda: clock().date())
        self._tally: Tally = {}
        self._lock = Lock()
        self._late: Future[object] | None = None
        self._thread: Thread | None = None

    def start(self) -> None:
        """Begin to write, and to open the database where nobody asks for it. What was told is written at the latest
        when the process ends."""
        with self._lock:
            if self._thread is None or not self._thread.is_alive():  # after a fork it is not
                # No daemon: the process waits for it at its end, and it ends when nothing else is left (writer.py).
                self._thread = Thread(target=self._run, name="store")
                self._thread.start()
                self.turn(self.state)

    def _run(self) -> None:
        """Load what talks to the database when it is first needed, or when the start is over."""
        first = None
        with suppress(Empty):
            first = self.jobs.get(timeout=_STARTING)
        from cds_service.store.writer import Writer

        Writer(self, first).run()

    def close(self, seconds: float = 5.0) -> None:
        """Write what is left, and stop."""
        thread, self._thread = self._thread, None
        if thread is not None and thread.is_alive():
            with suppress(Full):  # a database that hangs must not hold up the end
                self.jobs.put(Job(), timeout=seconds)
            thread.join(seconds)

    def keep(self, call: CallEntry) -> None:
        """Remember a call; it is written soon."""
        day, service, client = call.at.date(), call.service, call.subject.client
        self.count({(day, service, client, "call", "", ""): (1, call.milliseconds)})
        for one in call.counts:
            self.count({(day, service, client, one.kind, one.rule, one.why): (1, 0.0)})
        if call.cards:
            try:
                self.jobs.put_nowait(call)
            except Full:
                self.lose(1)

    def lose(self, calls: int) -> None:
        """So many calls will not be written."""
        self.lost += calls
        witness().lost(calls)

    def turn(self, state: State) -> None:
        """The database is ready, outdated or unavailable from now on."""
        self.state = state
        witness().database(state)

    def count(self, tally: Tally) -> None:
        """Add to what is only counted."""
        with self._lock:
            for key, (number, spent) in tally.items():
                before, before_spent = self._tally.get(key, (0, 0.0))
                self._tally[key] = before + number, before_spent + spent

    def counted(self) -> Tally:
        """What was counted since this was last asked."""
        with self._lock:
            counted, self._tally = self._tally, {}
        return counted

    def repeated(self, subject: Subject, cards: Sequence[Identity], chosen_by: str = "") -> list[str]:
        """Of each card by what it need not be said again, "" if it must: an override, or the service named `chosen_by`
        that showed it minutes ago. Raises Unavailable."""
        now, keys, days = self.clock(), self.site.keys, self.site.snooze_days

        def ask(connection: Connection) -> list[str]:
            from cds_service.store.repeats import repeated

            return repeated(connection, keys, subject, cards, now, days, chosen_by)

        found: list[str] = self._ask(Job(ask, after_writing=bool(chosen_by)), ASKED)
        return found

    def learn(self, entries: Sequence[FeedbackEntry]) -> int:
        """Write feedback -> how much of it was new. It is on disk when this returns. Raises Unavailable."""
        kept = entries if self.site.comments else [replace(entry, comment="") for entry in entries]

        def write(connection: Connection) -> int:
            from cds_service.store.record import write_feedback

            return write_feedback(connection, kept)

        new: int = self._ask(Job(write, writes=True), TOLD)
        return new

    def first_use(self, issuer: str, jti: str, expires: float) -> bool:
        """Whether nobody who shares the database has used this token before; it is remembered until it expires, in
        seconds since 1970. It need not be on disk: a process that ends forgets nothing, and a machine that fails may
        forget the tokens of its last moments. Raises Unavailable."""
        keys = self.site.keys.all("token", issuer, jti)
        until = datetime.fromtimestamp(expires, UTC).replace(tzinfo=None)

        def write(connection: Connection) -> bool:
            from cds_service.store.tokens import use

            return use(connection, keys, until)

        first: bool = self._ask(Job(write, writes=True, lasting=False), ASKED)
        return first

    def _ask(self, job: Job, seconds: float) -> Any:
        """Nobody waits behind a question that was not answered in its time."""
        self.start()
        if self._late is not None and not self._late.done():
            raise Unavailable("the database does not answer")
        try:
            self.jobs.put_nowait(job)
            return job.answer.result(seconds)
        except TimeoutError:
            self._late = job.answer
            raise Unavailable("the database does not answer in time") from None
        except Full:
            raise Unavailable("too much waits to be written") from None
