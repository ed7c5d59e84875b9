"""Spill: the lines of an export by patient, in files of which each holds some of the patients whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from zlib import crc32

from cds_service.batch.export import Held
from cds_service.batch.play import Line
from cds_service.fhir.references import target

# Bytes of lines that wait to be written, in all files together.
_WAITING = 32 * 1024 * 1024


class Spill:
    """Files into which lines are written by a hash of their patient, and the Medications beside them."""

    def __init__(self, folder: Path, parts: int) -> None:
        self._files: list[BinaryIO] = []
        self._buffers = [bytearray() for _ in range(parts)]
        self._waiting = 0
        self._medications = _MedicationWriter(folder)
        self._paths = [part(folder, number) for number in range(parts)]

    def __enter__(self) -> Self:
        for path in self._paths:
            path.write_bytes(b"")
        return self

    def add(self, held: Held) -> None:
        """Keep a resource. Raises OSError where the disk is full."""
        if not held.patient:
            return self._medications.add(held)
        key = held.patient.encode()
        line = b"%b\t%b\t%b\n" % (key, held.full_url.encode(), held.raw)
        self._buffers[crc32(key) % len(self._buffers)] += line
        self._waiting += len(line)
        if self._waiting > _WAITING:
            self._write()

    def _write(self) -> None:
        for path, buffer in zip(self._paths, self._buffers, strict=True):
            if buffer:
                with path.open("ab") as file:
                    file.write(buffer)
                buffer.clear()
        self._waiting = 0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        with closing(self._medications):
            if error is None:
                self._write()


def part(folder: Path, number: int) -> Path:
    """The file of that number."""
    return folder / f"{number:05}.lines"


def patients(path: Path) -> Iterator[tuple[str, list[Line]]]:
    """The patients of a file with their lines, by id; a file is small enough to be held."""
    found: dict[bytes, list[Line]] = {}
    with path.open("rb") as file:
        for line in file:
            patient, full_url, raw = line.removesuffix(b"\n").split(b"\t", 2)
            found.setdefault(patient, []).append((full_url.decode(), raw))
    for patient in sorted(found):
        yield patient.decode(), found.pop(patient)


class _MedicationWriter:
    """Medications by address, on disk: there may be more of them than memory holds."""

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(_medications(folder))
        self._database.execute("CREATE TABLE medication (address TEXT PRIMARY KEY, full_url TEXT, raw BLOB)")

    def add(self, held: Held) -> None:
        """Keep a Medication; of several with one address the first."""
        rows = [(address, held.full_url, held.raw) for address in _addresses(held)]
        self._database.executemany("INSERT OR IGNORE INTO medication VALUES (?, ?, ?)", rows)

    def close(self) -> None:
        """Write what was added."""
        with closing(self._database):
            self._database.commit()


def _addresses(held: Held) -> Iterable[str]:
    """By what an order may call it."""
    if held.id:
        yield f"Medication/{held.id}"
    address = target(held.full_url)
    if address is not None:
        yield "/".join(address).lstrip("/")


def _medications(folder: Path) -> Path:
    return folder / "medications.sqlite"


class MedicationReader:
    """Looks Medications up."""

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(f"file:{_medications(folder)}?mode=ro", uri=True)

    def __call__(self, address: str) -> Line | None:
        row = self._database.execute("SELECT full_url, raw FROM medication WHERE address = ?", (address,)).fetchone()
        return None if row is None else (row[0], row[1])

    def close(self) -> None:
        """Let the file go."""
        self._database.close()
