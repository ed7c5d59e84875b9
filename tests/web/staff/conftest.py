"""The service with pages for its staff, on a database that tests fill."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cds_service.store.database import Database
from cds_service.store.memory import Memory
from cds_service.web import remember
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from cds_service.web.site import Site
from tests.support.stored import NOON
from tests.web.staff.made import STAFF, kept, logged_in


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """An up-to-date database, at noon of the tests' day."""
    monkeypatch.setattr(remember, "now", lambda: NOON)
    with closing(Database(f"sqlite:///{tmp_path / 'cds.sqlite3'}")) as found:
        found.upgrade()
        yield found


@pytest.fixture
def app(database: Database, tmp_path: Path) -> Iterator[Flask]:
    """The whole service; its staff is let in by a password."""
    memory = Memory(kept(tmp_path), lambda: NOON)
    yield create_app(Settings(site=Site(staff=STAFF)), memory)
    memory.close()


@pytest.fixture
def staff(app: Flask) -> FlaskClient:
    """Somebody who is let in."""
    return logged_in(app)
