"""A store of one week as tests of its reports make it: cards and feedback by number, in a file of the test's folder."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from cds_service.store.database import Database
from cds_service.store.entries import CallEntry, FeedbackEntry, Identity, ShownCard
from cds_service.store.keys import Keys
from cds_service.store.memory import Tally
from cds_service.store.record import write_calls, write_feedback, write_tally
from cds_service.web import remember
from tests.store.made import call, card, feedback

NOON = datetime(2026, 11, 18, 12)  # noqa: DTZ001 - UTC, without naming it; a Wednesday, in week 47
SECRET = "0123456789abcdef" * 2
SERVICE = "cramp-order-sign"
RULE = "quinine-cramps"
Told = CallEntry | FeedbackEntry | Tally


def uuid(number: int) -> str:
    """The uuid of the card of that number."""
    return str(UUID(int=number))


def shown_card(number: int = 1, rule: str = RULE, **more: Any) -> ShownCard:
    """The card of that number, of a rule."""
    parts: dict[str, Any] = {"message": "shown", "indicator": "warning", "thresholds": "0a1b2c"}
    return card(**parts | {"uuid": uuid(number), "rule": rule, "identity": Identity((rule,), ())} | more)


def call_entry(*cards: ShownCard, at: datetime = NOON, **more: Any) -> CallEntry:
    """A call that was answered with these cards."""
    return call(*cards, at=at, **{"service": SERVICE} | more)


def feedback_entry(number: int = 1, outcome: str = "overridden", at: datetime = NOON, **more: Any) -> FeedbackEntry:
    """Feedback on the card of that number, without a reason, received when it was given."""
    parts = {"received": at, "service": SERVICE, "reason_code": "", "given": False} | more
    return feedback(card=uuid(number), outcome=outcome, at=at, **parts)


def counted(kind: str, number: int, rule: str = "", why: str = "", at: datetime = NOON) -> Tally:
    """Something that was counted so often on a day."""
    return {(at.date(), SERVICE, "", kind, rule, why): (number, 0.0)}


def fill(database: Database, *told: Told) -> None:
    """Write what was told."""
    with database.writing() as connection:
        for one in told:
            if isinstance(one, CallEntry):
                write_calls(connection, [one], Keys([SECRET]))
            elif isinstance(one, FeedbackEntry):
                write_feedback(connection, [one])
            else:
                write_tally(connection, one)


def site(folder: Path, monkeypatch: pytest.MonkeyPatch, address: str = "") -> str:
    """From now on the settings name this database, or one of the folder -> its address."""
    address = address or f"sqlite:///{folder / 'cds.sqlite3'}"
    monkeypatch.setenv("CDS_DATABASE_URL", address)
    monkeypatch.setenv("CDS_HMAC_KEY", SECRET)
    monkeypatch.setattr(remember, "now", lambda: NOON)
    return address


def filled(folder: Path, monkeypatch: pytest.MonkeyPatch, *told: Told) -> None:
    """A site with an up-to-date database that was told all this."""
    with closing(Database(site(folder, monkeypatch))) as database:
        database.upgrade()
        fill(database, *told)
