"""The commands of the store: the version of the database, what is forgotten, and what they refuse."""

from __future__ import annotations

import socket
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from cds_service.store import database as opened
from cds_service.store import report
from cds_service.store.schema import HEAD
from cds_service.web import settings
from tests.support.commands import run
from tests.support.stored import NOON, call_entry, feedback_entry, filled, shown_card, site

DAY = timedelta(days=1)
NEEDING = [("purge",), ("feedback", "export"), ("stats",)]
EVERY = [("db", "upgrade"), ("db", "check"), *NEEDING]
every_command = pytest.mark.parametrize("command", EVERY, ids=" ".join)


def file_of(folder: Path) -> Path:
    """The database that `site` names."""
    return folder / "cds.sqlite3"


# db


def test_upgrade_says_from_which_to_which(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is not there yet is made, with its folder, and the versions are told."""
    site(tmp_path / "new" / "folder", monkeypatch)
    result = run("db", "upgrade")
    assert (result.exit_code, result.output) == (0, f"The database was brought from nothing to {HEAD}.\n")
    assert file_of(tmp_path / "new" / "folder").is_file()


def test_upgrade_goes_on_from_where_the_database_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database of an older program is brought on from its version."""
    site(tmp_path, monkeypatch)
    database = opened.Database(f"sqlite:///{file_of(tmp_path)}")
    database.upgrade("0001")
    database.close()
    assert run("db", "upgrade").output == f"The database was brought from 0001 to {HEAD}.\n"


def test_upgrade_leaves_alone_what_is_up_to_date(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second time there is nothing to do, what is in the database stays, and the command succeeds."""
    filled(tmp_path, monkeypatch, call_entry(shown_card()))
    result = run("db", "upgrade")
    assert (result.exit_code, result.output) == (0, f"The database is at {HEAD}, which is up to date.\n")
    assert "quinine-cramps" in run("stats").output


def test_upgrade_says_that_a_newer_program_was_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that this program does not know is named, with what to do."""
    filled(tmp_path, monkeypatch)
    _set_version(tmp_path, "9999")
    result = run("db", "upgrade")
    assert result.exit_code == 1
    assert result.output == (
        "Error: The database is at 9999, which this program does not know. Install the newer program.\n"
    )


def test_upgrade_says_where_no_folder_can_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file in the place of the folder is told by its name."""
    (tmp_path / "taken").touch()
    site(tmp_path / "taken", monkeypatch)
    result = run("db", "upgrade")
    assert result.exit_code == 1
    assert result.output.startswith(f"Error: {tmp_path / 'taken'}: ")
    assert "CDS_DATABASE_URL" in result.output


def test_check_succeeds_where_all_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The version is printed, and the exit code tells a script."""
    filled(tmp_path, monkeypatch)
    result = run("db", "check")
    assert (result.exit_code, result.output) == (0, f"The database is at {HEAD}, which is up to date.\n")


@pytest.mark.parametrize("command", [("db", "check"), *NEEDING], ids=" ".join)
def test_an_outdated_database_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """Both versions and what to run are told, and the exit code tells a script."""
    filled(tmp_path, monkeypatch)
    _set_version(tmp_path, "0001")
    result = run(*command)
    assert result.exit_code == 1
    assert result.output == f"Error: The database is at 0001, this program at {HEAD}. Run: cds db upgrade\n"


@pytest.mark.parametrize("command", [("db", "check"), *NEEDING], ids=" ".join)
def test_looking_makes_no_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    """A file that is not there is told as nothing and is not made: its owner would be whoever looked."""
    site(tmp_path, monkeypatch)
    result = run(*command)
    assert result.exit_code == 1
    assert result.output == f"Error: The database is at nothing, this program at {HEAD}. Run: cds db upgrade\n"
    assert list(tmp_path.iterdir()) == []


def _set_version(folder: Path, version: str) -> None:
    database = opened.Database(f"sqlite:///{file_of(folder)}")
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    database.close()


# What every command refuses


@every_command
def test_without_a_database_nothing_is_done(monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    """Where nothing is kept, the setting that says so is named."""
    monkeypatch.setenv("CDS_DATABASE_URL", "none")
    result = run(*command)
    assert result.exit_code == 1
    assert result.output == ("Error: CDS_DATABASE_URL is none: nothing is kept. Set it to the address of a database.\n")


@every_command
@pytest.mark.parametrize(("name", "wrong"), [("CDS_DATABASE_URL", "mysql://x"), ("CDS_HMAC_KEY", "short")])
def test_a_wrong_setting_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], name: str, wrong: str
) -> None:
    """A setting that cannot be used is named, and the command ends as one that was called wrongly."""
    site(tmp_path, monkeypatch)
    monkeypatch.setenv(name, wrong)
    result = run(*command)
    assert result.exit_code == 2
    assert name in result.output


@every_command
def test_a_server_that_is_not_there_is_told_by_its_driver(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """What the driver says is shown, without the password, in one line that says what to look at."""
    site(tmp_path, monkeypatch, f"postgresql://cds:hidden-word@/cds?host={tmp_path}")
    result = run(*command)
    assert result.exit_code == 1
    assert result.output.startswith("Error: The database cannot be used: ")
    assert str(tmp_path) in result.output
    assert "CDS_DATABASE_URL" in result.output
    assert "hidden-word" not in result.output
    assert result.output.count("\n") == 1


# Else what is put back after the test would be the guard against the network, and stay.
@pytest.mark.allow_hosts(["127.0.0.1"])
@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://cds:top@hidden@db.example/cds", "OperationalError"),  # taken for a part of the host
        ("postgresql://cds:top@x:hidden@db.example/cds", "ValueError"),  # and for a port
        ("postgresql://cds:top%40hidden@hidden.example/cds", "OperationalError"),
        ("postgresql://hidden.example/cds?password=hidden", "OperationalError"),
    ],
)
def test_no_part_of_a_password_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, address: str, told: str
) -> None:
    """A password that was not percent-encoded is read as something else; what would repeat it is not shown."""
    monkeypatch.setattr(socket, "getaddrinfo", _unknown)
    site(tmp_path, monkeypatch, address)
    result = run("db", "check")
    assert result.exit_code == 1
    assert f"cannot be used: {told}. " in result.output
    assert "percent-encoded" in result.output
    assert "hidden" not in result.output


def _unknown(host: str, *more: object, **options: object) -> None:
    raise socket.gaierror(f"{host} is not known")


def test_a_file_that_is_no_database_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Something else in the place of the database is left as it is, and told."""
    site(tmp_path, monkeypatch)
    file_of(tmp_path).write_bytes(b"notes " * 100)
    result = run("stats")
    assert result.exit_code == 1
    assert "cannot be used: file is not a database. " in result.output
    assert file_of(tmp_path).read_bytes() == b"notes " * 100


def test_a_folder_in_which_no_secret_can_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the site gives no secret and none can be written, the command says how to give one."""
    file_of(tmp_path).touch()
    site(tmp_path, monkeypatch, f"sqlite:///{file_of(tmp_path) / 'inside'}")
    monkeypatch.delenv("CDS_HMAC_KEY")
    result = run("db", "check")
    assert result.exit_code == 2
    assert "Give a secret by CDS_HMAC_KEY_FILE." in " ".join(result.output.split())


def test_a_driver_that_is_not_installed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the driver of PostgreSQL the command says what to install."""
    site(tmp_path, monkeypatch, "postgresql://cds@127.0.0.1:1/cds")
    monkeypatch.setattr(settings, "find_spec", lambda name: None)
    result = run("db", "check")
    assert result.exit_code == 2
    assert "Install requirements-postgres.lock." in result.output


def test_commands_wait_as_long_as_it_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The service gives a statement seconds, a command does not: PostgreSQL is told so."""
    site(tmp_path, monkeypatch, f"postgresql://cds@/cds?host={tmp_path}")
    arguments: list[Any] = []

    def create(*parts: Any, **more: Any) -> Engine:
        arguments.append(more["connect_args"])
        return create_engine(*parts, **more)

    monkeypatch.setattr(opened, "create_engine", create)
    run("stats")
    [found] = arguments
    assert "-c statement_timeout=0 " in found["options"]


@every_command
def test_every_command_lets_its_connection_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """What a command opened it closes, once."""
    filled(tmp_path, monkeypatch)
    closed: list[opened.Database] = []
    close = opened.Database.close
    monkeypatch.setattr(opened.Database, "close", lambda self: closed.append(self) or close(self))  # type: ignore[func-returns-value]
    assert run(*command).exit_code == 0
    assert len(closed) == 1


# purge


def test_purge_forgets_what_is_older_than_the_retention(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --days the settings decide, what is younger stays, and it is told how much went."""
    old, young = NOON - 31 * DAY, NOON - 29 * DAY
    filled(
        tmp_path,
        monkeypatch,
        call_entry(shown_card(1), at=old),
        feedback_entry(1, at=old),
        call_entry(shown_card(2, "kept"), at=young),
    )
    monkeypatch.setenv("CDS_RETENTION_DAYS", "30")
    result = run("purge")
    assert result.exit_code == 0
    assert result.output == "Calls and words of feedback forgotten, older than 30 days: 2\n"
    told = run("stats", "--weeks", 10).output
    assert "kept" in told
    assert "quinine-cramps" not in told


def test_purge_forgets_what_is_older_than_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--days stands above the settings, and counts the calls that had no feedback, too."""
    filled(tmp_path, monkeypatch, call_entry(shown_card(1), at=NOON - 2 * DAY), call_entry(shown_card(2)))
    assert run("purge", "--days", 1).output == "Calls and words of feedback forgotten, older than 1 days: 1\n"


def test_purge_goes_on_until_all_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each piece is a transaction of its own, and the sum of all is told."""
    monkeypatch.setattr(report, "_AT_A_TIME", 2)
    connections: list[object] = []
    purge = report.purge

    def seen(connection: Any, now: datetime, days: float) -> int:
        connections.append(connection)
        return purge(connection, now, days)

    monkeypatch.setattr(report, "purge", seen)
    filled(tmp_path, monkeypatch, *(call_entry(shown_card(n), at=NOON - 9 * DAY) for n in range(1, 6)))
    assert run("purge", "--days", 7).output.endswith(": 5\n")
    assert len(set(map(id, connections))) == len(connections) == 4


@pytest.mark.parametrize("days", ["0", "-1", "x", "36501"])
def test_purge_refuses_what_is_no_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    """Nobody forgets everything by a slip: less than a day is refused, and nothing goes."""
    filled(tmp_path, monkeypatch, call_entry(shown_card(), at=NOON - DAY))
    assert run("purge", "--days", days).exit_code == 2
    assert "quinine-cramps" in run("stats").output


def test_the_commands_are_listed_without_the_database_being_loaded() -> None:
    """`cds --help` names the commands of the store and loads no SQLAlchemy, which takes long."""
    told = run("--help").output
    assert all(f"  {name} " in told for name in ("db", "feedback", "purge", "stats"))
    look = "import sys, cds_service.commands as c; sys.exit('sqlalchemy' in sys.modules or not c.COMMANDS)"
    assert subprocess.run([sys.executable, "-c", look], check=False).returncode == 0
