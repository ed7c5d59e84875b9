"""A memory without a database: it notes what it is asked and told, and answers what a test wants."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient

from cds_service.hooks.terms import Terms
from cds_service.store.entries import CallEntry, FeedbackEntry, Identity, Subject
from cds_service.store.memory import Unavailable
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from tests.fhir.resources import TODAY

NOW = datetime.fromisoformat("2026-11-22T12:00:00")  # UTC, without naming it


def says(by: str) -> Callable[[Sequence[Identity]], list[str]]:
    """Of every card that it need not be said again, and by what."""
    return lambda cards: [by] * len(cards)


NOTHING = says("")


def unavailable(cards: Sequence[object]) -> Any:
    """A database that does not answer."""
    raise Unavailable("a patient's name")


class Notes:
    """Has what the service uses of a Memory."""

    def __init__(
        self,
        repeats: Callable[[Sequence[Identity]], list[str]] = NOTHING,
        learns: Callable[[Sequence[FeedbackEntry]], int] = len,
    ) -> None:
        self.state = "ready"
        self.figures = None
        self.started = 0
        self.kept: list[CallEntry] = []
        self.learned: list[FeedbackEntry] = []
        self.asked: list[tuple[Subject, Sequence[Identity], str]] = []
        self._repeats, self._learns = repeats, learns

    def start(self) -> None:
        """Counted."""
        self.started += 1

    def clock(self) -> datetime:
        """Always noon."""
        return NOW

    def keep(self, call: CallEntry) -> None:
        """Noted."""
        self.kept.append(call)

    def repeated(self, subject: Subject, cards: Sequence[Identity], chosen_by: str = "") -> list[str]:
        """Noted, and answered as the test wants."""
        self.asked.append((subject, cards, chosen_by))
        return self._repeats(cards)

    def learn(self, entries: Sequence[FeedbackEntry]) -> int:
        """Noted, and answered as the test wants."""
        new = self._learns(entries)
        self.learned += entries
        return new


class Everybody:
    """Has what the service uses of its Callers: whoever calls has these terms."""

    def __init__(self, found: Terms) -> None:
        self._terms = found

    def terms(self, authorization: str | None, addresses: Collection[str]) -> Terms:
        """Those."""
        return self._terms


def client(memory: Any, **settings: Any) -> FlaskClient:
    """A client of a service with this memory."""
    return create_app(Settings(as_of=TODAY, **settings), memory).test_client()
