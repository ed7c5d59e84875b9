"""Medications of an export by their addresses, on disk: there may be more of them than memory holds."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

from cds_service.batch.lines import Line
from cds_service.fhir.references import target

_FILE = "medications.sqlite"
# So many are remembered of those that were looked up last.
_MOST = 2_000


def keep(folder: Path, medications: Iterable[tuple[str, str, bytes]]) -> None:
    """Keep Medications, each with its name and the address under which a Bundle holds it; of several with one address
    the first. Raises OSError where the disk is full."""
    beside = folder / f".{_FILE}"
    beside.unlink(missing_ok=True)
    try:
        with closing(sqlite3.connect(beside)) as database:
            database.execute("CREATE TABLE medication (address TEXT PRIMARY KEY, full_url TEXT, raw BLOB)")
            rows = ((address, url, raw) for name, url, raw in medications for address in addresses(name, url))
            database.executemany("INSERT OR IGNORE INTO medication VALUES (?, ?, ?)", rows)
            database.commit()
    except sqlite3.OperationalError as error:
        raise OSError(0, str(error), str(folder / _FILE)) from error
    os.replace(beside, folder / _FILE)


def are_kept(folder: Path) -> bool:
    """Whether that was done."""
    return (folder / _FILE).exists()


def addresses(name: str, full_url: str) -> Iterator[str]:
    """By what an order may call it."""
    if name:
        yield name
    address = target(full_url)
    if address is not None:
        yield "/".join(address).lstrip("/")


class Medications:
    """Looks Medications up."""

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(f"file:{folder / _FILE}?mode=ro", uri=True)
        self._known: dict[str, Line | None] = {}

    def __call__(self, address: str) -> Line | None:
        """The Medication of that address."""
        if address not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[address] = self._found(address)
        return self._known[address]

    def _found(self, address: str) -> Line | None:
        row = self._database.execute("SELECT full_url, raw FROM medication WHERE address = ?", (address,)).fetchone()
        return None if row is None else ("", row[0], row[1])

    def close(self) -> None:
        """Let the file go."""
        self._database.close()
