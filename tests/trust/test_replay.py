"""A token is good for one use, in one process and in several; without the database the site decides what is right."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import pytest
from structlog.testing import capture_logs

from cds_service.store import memory as memories
from cds_service.store.memory import Memory, Unavailable
from cds_service.trust.replay import Recent, Replay, Unknown
from tests.store.conftest import Remembering
from tests.store.looking import PATIENCE, until
from tests.support.tokens import EHR, NOW, OTHER
from tests.trust.publishing import Clock

ENDS = NOW + 360


@pytest.fixture
def two(remembering: Remembering, monkeypatch: pytest.MonkeyPatch) -> tuple[Replay, Replay]:
    """What two processes know that share a database, which is open."""
    monkeypatch.setattr(memories, "ASKED", PATIENCE)  # a machine that is busy with other tests answers late
    both = remembering(), remembering()
    until(lambda: all(memory.state == "ready" for memory in both))
    one, other = (Replay(memory, clock=lambda: NOW) for memory in both)
    return one, other


class Away(Memory):
    """A store that answers as a test tells it to; None: it cannot be asked."""

    def __init__(self, answers: Sequence[bool | None]) -> None:
        self._answers = iter(answers)

    def first_use(self, issuer: str, jti: str, expires: float) -> bool:
        """The next answer."""
        answer = next(self._answers)
        if answer is None:
            raise Unavailable("the database does not answer")
        return answer


# one process


def test_a_token_is_new_once() -> None:
    """By its issuer and its id together; nothing else makes it another."""
    recent = Recent(Clock())
    assert recent.first_use(EHR, "a", 2000)
    assert not recent.first_use(EHR, "a", 3000)
    assert recent.first_use(EHR, "b", 2000)
    assert recent.first_use(OTHER, "a", 2000)
    assert recent.first_use(f"{EHR}a", "", 2000)


def test_a_token_that_has_ended_is_forgotten() -> None:
    """Until the very moment of its end it is known."""
    clock = Clock()
    recent = Recent(clock)
    assert recent.first_use(EHR, "a", 1010)
    clock.now = 1010
    assert not recent.first_use(EHR, "a", 1010)
    clock.now = 1011
    assert recent.first_use(EHR, "a", 1010)
    assert len(recent._seen) == len(recent._ends) == 1


def test_what_is_kept_in_mind_is_bounded() -> None:
    """Beyond the bound those go that end first."""
    recent = Recent(Clock(), most=3)
    for number in range(5):
        assert recent.first_use(EHR, str(number), 3000 - number)
    assert len(recent._seen) == len(recent._ends) == 3
    assert not recent.first_use(EHR, "0", 3000)
    assert recent.first_use(EHR, "3", 2997)


def test_of_calls_at_once_one_is_first() -> None:
    """However many threads ask for the same token."""
    replay = Replay(None, clock=lambda: NOW)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(replay.first_use, repeat(EHR, 100), repeat("a"), repeat(ENDS)))
    assert found.count(True) == 1


# several processes


def test_a_token_that_another_process_has_seen_is_used(two: tuple[Replay, Replay]) -> None:
    """A thief who sends it to another worker has no more luck."""
    one, other = two
    assert one.first_use(EHR, "a", ENDS)
    assert not one.first_use(EHR, "a", ENDS)
    assert not other.first_use(EHR, "a", ENDS)
    assert other.first_use(EHR, "b", ENDS)
    assert not one.first_use(EHR, "b", ENDS)


def test_of_processes_at_once_one_is_first(two: tuple[Replay, Replay]) -> None:
    """The database decides, once for each token."""
    with ThreadPoolExecutor(8) as pool:
        for jti in map(str, range(10)):
            found = list(pool.map(lambda replay, jti=jti: replay.first_use(EHR, jti, ENDS), two * 4))
            assert found.count(True) == 1


# without the database


def test_without_the_database_the_process_decides() -> None:
    """A call is let in, the same token is not let in twice, and the log says it once for each outage."""
    replay = Replay(Away([None, None, True, True, None]), clock=lambda: NOW)
    with capture_logs() as logs:
        assert [replay.first_use(EHR, jti, ENDS) for jti in ("a", "a", "b", "c", "d", "e")] == [
            True, False, True, True, True, True
        ]  # fmt: skip
    assert [(line["event"], line.get("accepted")) for line in logs] == [
        ("used tokens are known to this process alone", True),
        ("used tokens are known to all processes again", None),
        ("used tokens are known to this process alone", True),
    ]


def test_where_nothing_is_kept_the_process_decides() -> None:
    """A site without a database is told once."""
    replay = Replay(None, clock=lambda: NOW)
    with capture_logs() as logs:
        assert [replay.first_use(EHR, jti, ENDS) for jti in ("a", "b", "a")] == [True, True, False]
    assert len(logs) == 1


@pytest.mark.parametrize("memory", [None, Away(repeat(None))])  # type: ignore[arg-type]
def test_a_strict_site_lets_nobody_in_without_the_database(memory: Memory | None) -> None:
    """Nothing is said of the token, and the log says that calls are refused."""
    replay = Replay(memory, strict=True, clock=lambda: NOW)
    with capture_logs() as logs:
        for jti in ("a", "b"):
            with pytest.raises(Unknown):
                replay.first_use(EHR, jti, ENDS)
    assert [line["accepted"] for line in logs] == [False]


def test_a_strict_site_believes_its_database() -> None:
    """Both its yes and its no."""
    replay = Replay(Away([True, False]), strict=True, clock=lambda: NOW)
    assert [replay.first_use(EHR, jti, ENDS) for jti in ("a", "b", "a")] == [True, False, False]


def test_the_log_names_no_token() -> None:
    """Neither an issuer nor an id."""
    with capture_logs() as logs:
        Replay(None, clock=lambda: NOW).first_use(EHR, "a-very-own-id", ENDS)
    assert EHR not in str(logs)
    assert "a-very-own-id" not in str(logs)
