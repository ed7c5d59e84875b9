"""Several questions to one server at once, none waiting longer than the request's budget."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from dataclasses import replace
from threading import Lock, Thread
from time import perf_counter

from cds_service.ehr.client import Client
from cds_service.ehr.reply import Fetched
from cds_service.ehr.words import NOT_IN_TIME
from cds_service.witness import witness

# Calls that one origin may keep waiting at once, over all requests.
_MOST = 64
# A call that ends with the budget needs this long to say so, and to hand over the pages that it has.
_GRACE = 0.03
_LOCK = Lock()
_CREWS: dict[str, Crew] = {}


class Crew:
    """At most so many threads: each is started when there is work, and gone when there is none. They are daemons,
    so that no record system keeps the service from stopping."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._busy = 0
        self._waiting: deque[Callable[[], None]] = deque()
        self._lock = Lock()

    def do(self, work: Callable[[], None]) -> None:
        """Do it as soon as a thread is free. The work may not raise."""
        with self._lock:
            if self._busy == self._most:
                self._waiting.append(work)
                return
            Thread(target=self._work, args=(work,), name="ehr-call", daemon=True).start()
            self._busy += 1

    def _work(self, work: Callable[[], None] | None) -> None:
        while work is not None:
            work()
            work = self._next()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            if self._waiting:
                return self._waiting.popleft()
            self._busy -= 1
            return None


def fetch_all(client: Client, queries: Mapping[str, str]) -> dict[str, Fetched]:
    """Ask all at once: searches ("Type?..."), reads ("Type/id"), or "metadata". What is not there when the budget
    ends, even because no thread was free, was not answered in time."""
    crew, begun = _crew(client.server.origin), perf_counter()
    futures: dict[str, Future[Fetched]] = {key: Future() for key in queries}
    for key, query in queries.items():
        crew.do(_work(futures[key], client, query))
    wait(futures.values(), client.budget.seconds_left + _GRACE)
    found = {key: _result(future, client, queries[key], begun) for key, future in futures.items()}
    for fetched in found.values():
        witness().fetched(fetched.why, fetched.seconds)
    return found


def _crew(origin: str) -> Crew:
    """A crew per origin: a server that hangs takes the threads of no other."""
    with _LOCK:
        return _CREWS.setdefault(origin, Crew(_MOST))


def _work(future: Future[Fetched], client: Client, query: str) -> Callable[[], None]:
    def work() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            begun = perf_counter()
            future.set_result(replace(_ask(client, query), seconds=perf_counter() - begun))
        except Exception as error:  # a bug of ours, raised in the thread that asked
            future.set_exception(error)

    return work


def _ask(client: Client, query: str) -> Fetched:
    if query == "metadata":
        return client.metadata()
    return client.search(query) if "?" in query else client.read(query)


def _result(future: Future[Fetched], client: Client, query: str, begun: float) -> Fetched:
    if future.cancel() or not future.done():
        what = f"{query.partition('?')[0]} search" if "?" in query else f"{query.partition('/')[0]} read"
        late = f"{what}: {client.budget.milliseconds} ms are over"
        return Fetched((), False, NOT_IN_TIME, late, perf_counter() - begun)
    return future.result()
