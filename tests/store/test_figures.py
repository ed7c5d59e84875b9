"""Figures for pages: what was counted lately, and that nobody waits for a database that does not answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from threading import Event, Thread
from time import monotonic
from typing import Any

import pytest

from cds_service.store import figures
from cds_service.store.database import Database
from cds_service.store.figures import Counted, Figure, Figures
from tests.support.stored import NOON, RULE, call_entry, counted, feedback_entry, fill, shown_card

TODAY = NOON.date()
LONG = 30.0


def _figures(address: str = "sqlite:////nowhere/at/all") -> Figures:
    return Figures(address, lambda: TODAY)


def test_what_happened_to_a_rule_is_counted(database: Database, address: str) -> None:
    """Shown, accepted, overridden and why, and what was only counted, of the last weeks; of other rules nothing."""
    cards = [shown_card(number) for number in range(1, 5)]
    long_ago = NOON - timedelta(weeks=figures.WEEKS)
    fill(
        database,
        call_entry(*cards),
        call_entry(shown_card(9), at=long_ago),
        feedback_entry(1, "accepted"),
        feedback_entry(2, reason_code="patient-preference", given=True),
        feedback_entry(3, reason_code="patient-preference", given=True),
        feedback_entry(4),
        counted("not-evaluated", 7, RULE, "labs"),
        counted("call", 99),
    )
    found = _figures(address).latest(LONG)
    assert found is not None
    assert (found.since, found.since.weekday()) == (date(2026, 8, 24), 0)
    mine = found.of(RULE)
    assert [mine[kind] for kind in ("shown", "accepted", "overridden", "not-evaluated")] == [4, 1, 3, 7]
    assert mine.reasons == (("patient-preference", 2), ("no reason", 1))
    assert found.of("another")["shown"] == 0
    assert set(found.rules) == {RULE}


def test_a_database_that_cannot_be_read_is_no_failure(tmp_path: Any) -> None:
    """Without a database nothing is known, nothing is raised, and no file is made."""
    file = tmp_path / "none.sqlite3"
    found = _figures(f"sqlite:///{file}")
    assert found.latest(LONG) is None
    assert not file.exists()


def _counting(monkeypatch: pytest.MonkeyPatch, answer: Callable[[], Counted]) -> list[int]:
    asked: list[int] = []

    def count(address: str, today: date) -> Counted:
        asked.append(1)
        return answer()

    monkeypatch.setattr(figures, "_counted", count)
    return asked


def test_the_database_is_asked_once_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often a page is opened, one question is enough; after a minute there is another."""
    asked = _counting(monkeypatch, lambda: Counted(TODAY, {RULE: Figure({"shown": len(asked)})}))
    found = _figures()
    for _ in range(3):
        known = found.latest(LONG)
        assert known is not None
        assert known.of(RULE)["shown"] == 1
    monkeypatch.setattr(figures, "_FRESH", 0.0)
    again = found.latest(LONG)
    assert again is not None
    assert again.of(RULE)["shown"] == 2
    assert len(asked) == 2


def test_nobody_waits_for_a_database_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page waits for a moment and says that it does not know; those after it do not wait, and what came is shown."""
    go = Event()

    def hang() -> Counted:
        assert go.wait(LONG)
        return Counted(TODAY, {})

    asked = _counting(monkeypatch, hang)
    found = _figures()
    assert found.latest(0.01) is None
    begun = monotonic()
    assert found.latest(LONG) is None
    assert monotonic() - begun < LONG / 2
    thread = found._asking
    assert isinstance(thread, Thread)
    go.set()
    thread.join(LONG)
    assert found.latest() == Counted(TODAY, {})
    assert len(asked) == 1


def test_a_failure_is_tried_again_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What failed is forgotten, and asked again before a minute has gone by, but not at once."""

    def fail() -> Counted:
        raise OSError("a secret")

    asked = _counting(monkeypatch, fail)
    found = _figures()
    assert found.latest(LONG) is None
    assert found.latest(LONG) is None
    assert len(asked) == 1
    monkeypatch.setattr(figures, "_FRESH", figures._FRESH - figures._AGAIN)
    assert found.latest(LONG) is None
    assert len(asked) == 2
