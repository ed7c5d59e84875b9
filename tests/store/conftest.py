"""Databases of both kinds, empty and upgraded, and memories on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cds_service.store.database import Database
from cds_service.store.keys import Keys
from cds_service.store.memory import Memory, Site
from tests.store.made import NOW
from tests.support.postgres import Postgres, server

KEYS = Keys(["a secret of the tests, long enough"])
Remembering = Callable[..., Memory]


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server; without one the tests fail."""
    with server() as found:
        yield found


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty database of either kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite3'}"
    found: Postgres = request.getfixturevalue("postgres")
    return found.new()


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    """A database that is up to date."""
    found = Database(address)
    found.upgrade()
    yield found
    found.close()


@pytest.fixture
def remembering(address: str) -> Iterator[Remembering]:
    """Makes started memories on one database, and stops them."""
    made: list[Memory] = []

    def make(keys: Keys = KEYS, at: str = address, **site: object) -> Memory:
        settings: dict[str, object] = {"snooze_days": 90, "retention_days": 400} | site
        memory = Memory(Site(at, keys, **settings), lambda: NOW)  # type: ignore[arg-type]
        memory.start()
        made.append(memory)
        return memory

    yield make
    for memory in made:
        memory.close()
