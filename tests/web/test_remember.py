"""The memory of a site: its address, its secrets and its clock, as the settings say."""

from __future__ import annotations

import stat
import time
from datetime import UTC
from pathlib import Path

import pytest
from flask import Flask

from cds_service.store.keys import Keys
from cds_service.web import remember
from cds_service.web.settings import NOWHERE, BadSetting, Store

SECRET, OLD = "a" * 32, "b" * 32


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The folder of the instance, which is not there yet."""
    made = tmp_path / "instance"
    monkeypatch.setattr(remember, "instance", lambda: made)
    return made


def _same(one: Keys, *secrets: str) -> bool:
    return one.all("patient", "p1") == Keys(secrets).all("patient", "p1")


def test_nothing_is_kept_nowhere(folder: Path) -> None:
    """With the address none there is neither a site nor a memory, and nothing is written."""
    assert remember.site(Store(NOWHERE)) is None
    assert remember.memory(Store(NOWHERE)) is None
    assert not folder.exists()


def test_a_site_that_sets_nothing(folder: Path) -> None:
    """A SQLite file and a secret in the folder of the instance, the secret readable by the service alone and the same
    at the next start."""
    site, again = remember.site(Store()), remember.site(Store())
    assert site is not None
    assert again is not None
    assert site.address == f"sqlite:///{folder / 'cds.sqlite3'}"
    assert (site.snooze_days, site.retention_days, site.comments, site.upgrade) == (90, 400, False, True)
    [file] = folder.iterdir()
    assert file.name == "hmac.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert _same(site.keys, file.read_text().strip())
    assert _same(again.keys, file.read_text().strip())


def test_a_site_that_sets_everything(folder: Path) -> None:
    """What the settings say is handed on, and nothing is written in the folder of the instance."""
    site = remember.site(Store("sqlite:////srv/cds.db", (SECRET, OLD), "", 30, 7, True))
    assert site is not None
    assert (site.address, site.snooze_days, site.retention_days, site.comments) == (
        "sqlite:////srv/cds.db",
        7,
        30,
        True,
    )
    assert _same(site.keys, SECRET, OLD)
    assert not folder.exists()


def test_secrets_of_a_file(folder: Path, tmp_path: Path) -> None:
    """A file holds secrets, the newest first."""
    (tmp_path / "keys").write_text(f"{SECRET}\n{OLD}\n")
    site = remember.site(Store(secret_file=str(tmp_path / "keys")))
    assert site is not None
    assert _same(site.keys, SECRET, OLD)
    assert not folder.exists()


@pytest.mark.parametrize(
    ("address", "upgrade"),
    [("", True), ("sqlite:////srv/cds.db", True), ("postgresql://db/cds", False), ("postgresql+psycopg://db/c", False)],
)
def test_only_a_file_is_brought_up_to_date_by_itself(folder: Path, address: str, upgrade: bool) -> None:
    """A server of databases is somebody's: it is upgraded when asked."""
    site = remember.site(Store(address, (SECRET,)))
    assert site is not None
    assert site.upgrade is upgrade


def test_a_site_does_not_print_its_secrets(folder: Path) -> None:
    """What is printed by accident holds neither a secret nor the password of the database."""
    assert SECRET not in repr(remember.site(Store(f"postgresql://user:{SECRET}@db/cds", (SECRET,))))


@pytest.mark.parametrize(
    ("store", "name"),
    [(Store(secrets=("short",)), "CDS_HMAC_KEY"), (Store(secret_file="/nowhere/at/all"), "CDS_HMAC_KEY_FILE")],
)
def test_wrong_secrets_stop_the_start(folder: Path, store: Store, name: str) -> None:
    """The error names the setting."""
    with pytest.raises(BadSetting, match=f"^{name}: "):
        remember.memory(store)


def test_a_folder_that_cannot_be_made_stops_the_start(folder: Path) -> None:
    """Without a secret of the site nothing may be written under one; the error says how to give one."""
    folder.write_text("a file")
    with pytest.raises(BadSetting, match=r"^CDS_HMAC_KEY: .*CDS_HMAC_KEY_FILE"):
        remember.site(Store())


def test_the_clock_tells_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    """The moment is that of UTC, wherever the machine stands, and names no zone."""
    with monkeypatch.context() as abroad:
        abroad.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        told = remember.now()
    time.tzset()
    assert told.tzinfo is None
    assert abs(told.replace(tzinfo=UTC).timestamp() - time.time()) < 60


def test_the_memory_is_not_started(folder: Path) -> None:
    """The memory has the site and the clock, and has opened nothing."""
    memory = remember.memory(Store(secrets=(SECRET,)))
    assert memory is not None
    assert memory.site.address == f"sqlite:///{folder / 'cds.sqlite3'}"
    assert memory.clock is remember.now
    assert memory.state == "opening"
    assert not folder.exists()


def test_the_folder_is_where_flask_puts_it() -> None:
    """The folder of the instance is Flask's own for this package."""
    assert remember.instance() == Path(Flask("cds_service").instance_path)
