"""Questions asked at once: as slow as the slowest, never slower than the budget, and no thread stays."""

from __future__ import annotations

import json
import time
from threading import Barrier, Event, Thread

import pytest

from cds_service.ehr import parallel
from cds_service.ehr.budget import Budget
from cds_service.ehr.client import Client
from cds_service.ehr.parallel import Crew, fetch_all
from cds_service.ehr.words import ERROR, NOT_IN_TIME, TOO_MUCH
from tests.ehr.asking import bundle, sockets, threads, until
from tests.support.loopback import CLOSE, Asked, Ehr, Line
from tests.support.witnessed import witnessing

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

QUERIES = {"patient": "Patient/p1"} | {f"key{number}": f"Observation?patient=p{number}" for number in range(9)}
SHORT, SLACK = 300, 0.5


@pytest.fixture
def crew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads for each server, and no crew of another test."""
    monkeypatch.setattr(parallel, "_MOST", 2)
    monkeypatch.setattr(parallel, "_CREWS", {})


def _all_go() -> None:
    """A thread tells its result a moment before it ends."""
    until(lambda: not threads())


def _answers(line: Line, asked: Asked) -> None:
    kind = asked.target.split("/")[2]
    line.answer(bundle(asked.body) if kind == "Observation" else {"resourceType": kind})


def _hang(line: Line, asked: Asked) -> object:
    line.hang()
    return CLOSE


def test_all_are_asked_at_once() -> None:
    """No question waits for another: the server answers none before it has them all."""
    all_here = Barrier(len(QUERIES))

    def script(line: Line, asked: Asked) -> None:
        all_here.wait(20)
        _answers(line, asked)

    with Ehr(script) as ehr:
        found = fetch_all(Client(ehr.server, "t", Budget(20_000)), QUERIES)
    assert list(found) == list(QUERIES)
    assert all(fetched.complete for fetched in found.values())
    assert json.loads(found["key3"].pages[0])["entry"][0]["resource"]["id"] == "patient=p3"
    _all_go()


def test_each_kind_of_question() -> None:
    """A read, a search and the server's description are told apart by their text."""

    def script(line: Line, asked: Asked) -> None:
        line.answer(bundle("1") if "_search" in asked.target else {"resourceType": KINDS[asked.target]})

    with Ehr(script) as ehr:
        asked = {"a": "Patient/p1", "b": "Condition?patient=p1", "c": "metadata"}
        found = fetch_all(Client(ehr.server, "", Budget(20_000)), asked)
    assert [fetched.complete for fetched in found.values()] == [True] * 3


KINDS = {"/fhir/Patient/p1": "Patient", "/fhir/metadata": "CapabilityStatement"}


def test_nothing_to_ask() -> None:
    """No question is no wait."""
    with Ehr(_hang) as ehr:
        assert fetch_all(Client(ehr.server, "", Budget(20_000)), {}) == {}


def test_one_fault_is_one_key() -> None:
    """What goes wrong with one question is told for that one only."""

    def script(line: Line, asked: Asked) -> None:
        line.answer(status=500) if "p4" in asked.body else _answers(line, asked)

    with Ehr(script) as ehr:
        found = fetch_all(Client(ehr.server, "", Budget(20_000)), QUERIES)
    assert {key: fetched.why for key, fetched in found.items() if not fetched.complete} == {"key4": ERROR}


def test_a_hanging_server_holds_nobody() -> None:
    """When the budget ends every key has its answer, and neither a thread nor a socket stays."""
    before = sockets()
    with Ehr(_hang) as ehr:
        started = time.monotonic()
        found = fetch_all(Client(ehr.server, "", Budget(SHORT)), QUERIES)
        assert time.monotonic() - started < SHORT / 1000 + SLACK
        _all_go()
    assert {fetched.why for fetched in found.values()} == {NOT_IN_TIME}
    assert found["patient"].detail == "Patient read: 300 ms are over"
    assert found["key1"].detail == "Observation search: 300 ms are over"
    assert sockets() == before


def test_pages_that_came_are_kept() -> None:
    """A search whose second page hangs hands over its first."""

    def script(line: Line, asked: Asked) -> object:
        return _hang(line, asked) if asked.method == "GET" else line.answer(bundle("1", next="?_getpages=0e8c-4d2f"))

    with Ehr(script) as ehr:
        found = fetch_all(Client(ehr.server, "", Budget(SHORT)), {"key": "Observation?patient=p1"})
    assert len(found["key"].pages) == 1
    assert found["key"].why == NOT_IN_TIME


@pytest.mark.usefixtures("crew")
def test_waiting_for_a_thread_counts() -> None:
    """Where all threads wait for a server that hangs, those behind them are told in time, too, and not asked."""
    with Ehr(_hang) as ehr:
        started = time.monotonic()
        found = fetch_all(Client(ehr.server, "", Budget(SHORT)), QUERIES)
        assert time.monotonic() - started < SHORT / 1000 + SLACK
        _all_go()
        assert len(ehr.asked) == 2
    assert [fetched.why for fetched in found.values()] == [NOT_IN_TIME] * len(QUERIES)


@pytest.mark.usefixtures("crew")
def test_a_server_that_hangs_takes_the_threads_of_no_other() -> None:
    """While one server holds all its threads another one is asked as ever."""
    with Ehr(_hang) as hanging, Ehr(_answers) as ehr:
        other = Thread(target=fetch_all, args=(Client(hanging.server, "", Budget(5_000)), QUERIES))
        other.start()
        until(lambda: len(hanging.asked) == 2)
        found = fetch_all(Client(ehr.server, "", Budget(4_000)), QUERIES)
        assert other.is_alive()
        hanging.__exit__()
        other.join()
    assert all(fetched.complete for fetched in found.values())


def test_calls_are_shared() -> None:
    """The calls of all questions come from one budget."""
    with Ehr(_answers) as ehr:
        found = fetch_all(Client(ehr.server, "", Budget(20_000, calls=3)), QUERIES)
    assert sorted(fetched.why for fetched in found.values()) == ["", "", ""] + [TOO_MUCH] * (len(QUERIES) - 3)


def test_a_bug_is_not_hidden() -> None:
    """A question that is none is our own fault and raises where it was asked."""
    with Ehr(_answers) as ehr, pytest.raises(ValueError, match="Type/id"):
        fetch_all(Client(ehr.server, "", Budget(20_000)), {"key": "../secret"})


def test_a_call_that_outlasts_the_budget_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even where a thread does not come back the caller does."""
    release = Event()
    monkeypatch.setattr(Client, "read", lambda self, path: release.wait(20))
    with Ehr(_answers) as ehr:
        found = fetch_all(Client(ehr.server, "", Budget(50)), {"key": "Patient/p1"})
    assert found["key"].why == NOT_IN_TIME
    release.set()
    _all_go()


def test_a_question_that_nobody_waits_for_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was still waiting for a thread when the budget ended is dropped."""
    release, asked = Event(), list[str]()

    def read(client: Client, path: str) -> None:
        asked.append(path)
        release.wait(20)

    monkeypatch.setattr(parallel, "_MOST", 1)
    monkeypatch.setattr(parallel, "_CREWS", {})
    monkeypatch.setattr(Client, "read", read)
    with Ehr(_answers) as ehr:
        fetch_all(Client(ehr.server, "", Budget(50)), {"a": "Patient/1", "b": "Patient/2"})
    release.set()
    _all_go()
    assert asked == ["Patient/1"]


def test_a_crew_does_all_its_work() -> None:
    """Work that waits is done by the threads that are there, and they go when none is left."""
    crew, done, start = Crew(2), list[int](), Event()
    finished = Event()

    def work(number: int) -> None:
        start.wait(20)
        done.append(number)
        if len(done) == 20:
            finished.set()

    for number in range(20):
        crew.do(lambda number=number: work(number))  # type: ignore[misc]
    assert len(threads()) == 1
    start.set()
    assert finished.wait(20)
    assert sorted(done) == list(range(20))
    _all_go()
    assert crew._busy == 0


def test_every_question_is_witnessed_with_its_time() -> None:
    """Each once: answered, or why not, and how long it took, even where nobody waited for its end."""

    def script(line: Line, asked: Asked) -> object:
        return _hang(line, asked) if "p4" in asked.body else _answers(line, asked)

    with Ehr(script) as ehr, witnessing() as told:
        found = fetch_all(Client(ehr.server, "", Budget(SHORT)), QUERIES)
        _all_go()
    assert sorted(why for why, _ in told) == ["", *[""] * (len(QUERIES) - 2), NOT_IN_TIME]
    assert [seconds for _, seconds in told] == [fetched.seconds for fetched in found.values()]
    assert all(0 < seconds < SHORT / 1000 + SLACK for _, seconds in told)
    assert found["key4"].seconds > SHORT / 1000 / 2
