"""The memory of a site: where its settings put it, with what secrets, and by which clock."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from flask import Flask

from cds_service.store import keys
from cds_service.store.figures import Figures
from cds_service.store.memory import Memory, Site
from cds_service.store.snooze import SNOOZE
from cds_service.web.settings import NOWHERE, BadSetting, Store

_SQLITE = "sqlite:///"
_FILE = "cds.sqlite3"
_SECRET = "hmac.key"  # noqa: S105 - the name of a file


def instance() -> Path:
    """The folder for what a running service writes, where Flask puts it."""
    return Path(Flask("cds_service").instance_path)


def now() -> datetime:
    """The present moment in UTC, without naming it: so it stands in the database."""
    return datetime.now(UTC).replace(tzinfo=None)


def site(store: Store) -> Site | None:
    """What the settings say of the store, None if nothing is kept. Raises BadSetting."""
    if store.address == NOWHERE:
        return None
    try:
        found = _keys(store)
    except keys.BadKey as error:
        name = "CDS_HMAC_KEY_FILE" if store.secret_file else "CDS_HMAC_KEY"
        raise BadSetting(f"{name}: {error}") from None
    return Site(
        address=_address(store),
        keys=found,
        snooze_days=SNOOZE.value if store.snooze_days is None else store.snooze_days,
        retention_days=store.retention_days,
        comments=store.comments,
        upgrade=_file(store) is not None,
    )


def _address(store: Store) -> str:
    return store.address or f"{_SQLITE}{instance() / _FILE}"


def _file(store: Store) -> Path | None:
    """The file in which a SQLite database lies."""
    address = _address(store)
    return Path(address.removeprefix(_SQLITE)) if address.startswith(_SQLITE) else None


def _keys(store: Store) -> keys.Keys:
    if store.secrets:
        return keys.Keys(store.secrets)
    if store.secret_file:
        return keys.from_file(Path(store.secret_file))
    return keys.own((_file(store) or instance() / _FILE).with_name(_SECRET))


def memory(store: Store) -> Memory | None:
    """The memory of the site, not yet started. Raises BadSetting."""
    found = site(store)
    return None if found is None else Memory(found, now)


def figures(store: Store) -> Figures | None:
    """The figures of the site without a memory: whoever only reads needs no secret and makes no file."""
    return None if store.address == NOWHERE else Figures(_address(store), lambda: now().date())
