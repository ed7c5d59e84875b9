"""Databases of both kinds are brought up to date from any state, by one of many that start."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, func, insert, select

from cds_service.store import database as module
from cds_service.store import schema
from cds_service.store.counts import Wanted, counts
from cds_service.store.database import Database, Outdated
from cds_service.store.record import write_tally
from tests.store.made import NOW, uuid

MIGRATIONS = Path(module.__file__).parent / "migrations"


def _revisions() -> list[str]:
    """The migrations, the oldest first."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    found = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    return found[::-1]


def test_the_newest_migration_is_known_without_looking_at_them() -> None:
    """The version that a start asks for is that of the last migration."""
    assert _revisions()[-1] == schema.HEAD


def test_an_empty_database_is_brought_up_to_date(address: str) -> None:
    """It has no version, is refused as it is, and is at the newest one afterwards, with exactly the tables that the
    program knows."""
    found = Database(address)
    if found.is_file:
        Path(address.removeprefix("sqlite:///")).touch()
    assert found.version() == ""
    with pytest.raises(Outdated, match=r"at nothing, .* cds db upgrade"):
        found.check()
    found.upgrade()
    found.check()
    with found.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, schema.metadata) == []
    found.close()


@pytest.mark.parametrize("before", _revisions()[:-1])
def test_an_older_database_is_brought_up_to_date(address: str, before: str) -> None:
    """From every earlier version, and what was in it stays."""
    found = Database(address)
    found.upgrade(before)
    with found.writing() as connection:
        _fill(connection)
    with pytest.raises(Outdated, match=before):
        found.check()
    found.upgrade()
    with found.writing() as connection:
        write_tally(connection, {(date(2026, 11, 22), "s", "", "call", "", ""): (1, 1.0)})
        kept = [connection.scalar(select(func.count()).select_from(table)) for table in (schema.card, schema.feedback)]
        assert kept == [1, 1]
        assert [row.kind for row in counts(connection, Wanted(NOW.date()))] == ["accepted", "call"]
    found.close()


def _fill(connection: Connection) -> None:
    """A call with a card, and feedback on it, in tables that every version has."""
    shared = {"at": NOW, "service": "s", "client": "", "patient": "p", "user": "u"}
    card = {"uuid": uuid("c1"), "call_id": 1, "day": NOW.date(), "rule": "r", "message": "m", "indicator": "info"}
    card |= {"thresholds": "", "key": "k", "order_hash": ""}
    told = {"digest": "d", "received": NOW, "card": uuid("c1"), "service": "s", "client": "", "outcome": "accepted"}
    told |= {"at": NOW, "reason_system": "", "reason_code": "", "given": False}
    connection.execute(insert(schema.call).values(shared | {"id": 1, "milliseconds": 1.0}))
    connection.execute(insert(schema.card).values(shared | card))
    connection.execute(insert(schema.feedback).values(told))


def test_of_many_that_start_at_once_one_brings_it_up_to_date(address: str) -> None:
    """The others wait for it, and none fails."""
    databases = [Database(address) for _ in range(6)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(Database.upgrade, databases))
    assert {found.version() for found in databases} == {schema.HEAD}
    for found in databases:
        found.close()


def test_a_folder_is_made_for_a_file(tmp_path: Path) -> None:
    """A SQLite file may lie in a folder that is not there yet; it is the service's alone and written to disk."""
    file = tmp_path / "new" / "folder" / "store.sqlite3"
    found = Database(f"sqlite:///{file}")
    found.upgrade()
    assert {stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()} == {0o600}
    with found.reading() as connection:
        pragmas = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "synchronous")]
    assert pragmas == ["wal", 2]
    found.close()


def test_a_database_that_is_up_to_date_needs_no_migrations(tmp_path: Path) -> None:
    """Alembic is not loaded by a start that has nothing to migrate, nor SQLAlchemy by the web application."""
    address = f"sqlite:///{tmp_path / 'store.sqlite3'}"
    Database(address).upgrade()
    program = (
        "import sys, cds_service.web.app\n"
        "assert 'sqlalchemy' not in sys.modules\n"
        "from cds_service.store.database import Database\n"
        f"database = Database({address!r}); database.upgrade(); database.check()\n"
        "assert 'alembic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
