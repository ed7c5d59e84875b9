"""Looks into a database beside the memory that uses it, and waits for what a thread will do."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep
from typing import Any

from sqlalchemy import func, select

from cds_service.store.database import Database

PATIENCE = 10.0


def until(true: Callable[[], object]) -> None:
    """Wait until something is true; a test that waits in vain fails."""
    end = monotonic() + PATIENCE
    while not true():
        assert monotonic() < end, "it never came true"
        sleep(0.01)


def count(address: str, table: Any) -> int:
    database = Database(address)
    with database.reading() as connection:
        found = connection.execute(select(func.count()).select_from(table)).scalar_one()
    database.close()
    return found


def prepared(address: str) -> None:
    database = Database(address)
    database.upgrade()
    database.close()
