"""Database: SQLite in one file or PostgreSQL, opened, brought up to date and asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import SQLAlchemyError

from cds_service.store.schema import HEAD

# Seconds for which a writer waits for another one of the same SQLite file.
_PATIENCE = 5
# PostgreSQL: a server that does not answer ends a statement after so many milliseconds, a connection after as many.
_LONGEST = 5000
_ADVISORY = 0x6364735F  # any number, the same in every worker
# What is deleted is overwritten: a comment that was purged must not stay in a free page.
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",
)
_BUSY = f"PRAGMA busy_timeout = {_PATIENCE * 1000}"


class Outdated(SQLAlchemyError):
    """The database has another version than this program; the text says what to do."""


class Database:
    """One database, for the one thread that uses it."""

    def __init__(self, address: str, longest: int = _LONGEST) -> None:
        """Nothing is opened yet. PostgreSQL ends a statement after `longest` milliseconds, with 0 never."""
        url = make_url(address)
        self._longest = longest
        self.is_file = url.get_backend_name() == "sqlite"
        self._url = url if self.is_file else url.set(drivername="postgresql+psycopg")
        self._engine = self._make()

    def _make(self) -> Engine:
        if not self.is_file:
            wait = f"-c statement_timeout={self._longest} -c lock_timeout={_LONGEST} -c timezone=UTC"
            arguments: dict[str, Any] = {"connect_timeout": 2, "options": wait, "tcp_user_timeout": _LONGEST}
            return create_engine(self._url, pool_pre_ping=True, pool_size=1, max_overflow=0, connect_args=arguments)
        engine = create_engine(self._url, connect_args={"isolation_level": None, "check_same_thread": False})
        event.listen(engine, "connect", _connected)
        event.listen(engine, "begin", _begun)
        return engine

    @contextmanager
    def writing(self, lasting: bool = True) -> Iterator[Connection]:
        """A transaction that is on disk when it ends, or did not happen. One that is not `lasting` waits for no disk:
        a machine that fails may forget it, and nothing else."""
        with self._engine.connect().execution_options(lasting=lasting) as connection, connection.begin():
            if not self.is_file and not lasting:
                connection.exec_driver_sql("SET LOCAL synchronous_commit = off")
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A look at one moment, however much is asked; it waits for no writer."""
        level: dict[str, Any] = {} if self.is_file else {"isolation_level": "REPEATABLE READ"}
        with self._engine.connect().execution_options(reading=True, **level) as connection:
            yield connection

    def version(self) -> str:
        """The migration up to which the database was brought, "" for an empty one."""
        if not self._is_there():
            return ""
        with self.reading() as connection:
            return _version(connection)

    def _is_there(self) -> bool:
        """Opening a SQLite file makes it; who only looks must not, for the service may not be allowed to write it."""
        return not self.is_file or Path(self._url.database or "").exists()

    def check(self) -> None:
        """Raises Outdated."""
        version = self.version()
        if version != HEAD:
            raise Outdated(f"The database is at {version or 'nothing'}, this program at {HEAD}. Run: cds db upgrade")

    def upgrade(self, to: str = "head") -> None:
        """Bring it up to date; of several workers that start at once one does, and the others wait."""
        if self.is_file:
            file = Path(self._url.database or "")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)  # for the service alone; what SQLite writes beside it follows
        if self.version() == HEAD and to == "head":
            return
        with self.writing() as connection:
            if not self.is_file:
                connection.execute(text("SELECT pg_advisory_xact_lock(:one)"), {"one": _ADVISORY})
            _migrate(connection, to)

    def close(self) -> None:
        """Let the connection go."""
        self._engine.dispose()


def _migrate(connection: Connection, to: str) -> None:
    # Takes long to load, and a database that is up to date does not need it.
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    command.upgrade(config, to)


def _version(connection: Connection) -> str:
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or "")


def _connected(connection: Any, record: object) -> None:
    """SQLite as a server of several processes wants it: readers beside one writer, and on disk means on disk."""
    for pragma in (_BUSY, *_PRAGMAS):
        connection.execute(pragma)


def _begun(connection: Connection) -> None:
    """Python's own BEGIN comes too late: a writer that first reads would be refused instead of waiting."""
    options = connection.get_execution_options()
    if not options.get("reading", False):
        # NORMAL and not OFF: with OFF a checkpoint could lose what was on disk before.
        level = "FULL" if options.get("lasting", True) else "NORMAL"
        connection.exec_driver_sql(f"PRAGMA synchronous = {level}")
    connection.exec_driver_sql("BEGIN" if options.get("reading", False) else "BEGIN IMMEDIATE")
