"""Work: what a replay has finished, kept in a folder so that one which was killed goes on where it was."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec

from cds_service.batch.call import Terms
from cds_service.batch.export import Bad
from cds_service.batch.figures import Cell
from cds_service.batch.files import Piece
from cds_service.batch.whole import written

T = TypeVar("T")
_MANIFEST = "manifest.json"


class Manifest(msgspec.Struct, frozen=True):
    """To what finished work belongs: the program, the terms, and the files with their sizes and times of change; how
    the files are cut, into how many partitions, and whether what does not matter is left out."""

    program: str
    terms: str
    files: tuple[tuple[str, int, int], ...]
    tasks: tuple[tuple[Piece, ...], ...]
    parts: int
    sifted: bool = True


class Reading(msgspec.Struct):
    """What one task read: resources by type, bad lines by reason, the first of them with their pieces (by number) and
    lines, how many lines each piece has, and the files with their sizes in which it kept what matters."""

    resources: dict[str, int] = {}
    bad: dict[str, int] = {}
    places: list[tuple[int, Bad]] = []
    lines: list[int] = []
    spilled: list[tuple[str, int]] = []


class Part(msgspec.Struct):
    """What came of one partition: figures, nothing where it is unclear; and the size of the file of its orders."""

    cells: list[tuple[Cell, int]] = []
    unclear: bool = False
    size: int = 0


def terms_told(terms: Terms) -> str:
    """What tells terms apart, as a digest."""
    edition = terms.edition
    numbers = sorted(edition.values.items()), sorted(edition.stages.items())
    rest = terms.first, terms.last, terms.hooks, terms.caps, terms.override_rate, terms.seed, terms.days
    return sha256(repr((numbers, rest)).encode()).hexdigest()


def described(folder: Path, paths: Sequence[Path]) -> tuple[tuple[str, int, int], ...]:
    """Files by name, size and time of change."""
    states = [(path.relative_to(folder).as_posix(), path.stat()) for path in paths]
    return tuple((name, state.st_size, state.st_mtime_ns) for name, state in states)


class Work:
    """The folder of what is finished; it holds patients' data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def begin(self, manifest: Manifest) -> bool:
        """Go on with what is finished of the same work, else begin anew; whether there was any."""
        if self._manifest() == manifest:
            return True
        self.remove()
        self.folder.mkdir(mode=0o700, parents=True)
        self._write(_MANIFEST, manifest)
        return False

    def _manifest(self) -> Manifest | None:
        return self._read(_MANIFEST, Manifest)

    def remove(self) -> None:
        """Leave nothing."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def reading(self, task: int) -> Reading | None:
        """What a task read, None if it is not finished."""
        found = self._read(f"{_task(task)}.json", Reading)
        return found if found and all(self._has(name, size) for name, size in found.spilled) else None

    def keep_reading(self, task: int, reading: Reading) -> None:
        """A task is finished."""
        self._write(f"{_task(task)}.json", reading)

    def stem(self, task: int) -> Path:
        """With what the names of a task's own files begin."""
        return self.folder / _task(task)

    def part(self, number: int) -> Part | None:
        """What came of a partition, None if it is not finished."""
        found = self._read(f"{_part(number)}.json", Part)
        return found if found and (found.unclear or self._has(self.orders(number).name, found.size)) else None

    def keep_part(self, number: int, part: Part) -> None:
        """A partition is finished; what was said of its orders has been written before."""
        self._write(f"{_part(number)}.json", part)

    def orders(self, number: int) -> Path:
        """Where it is written what was said of the orders of a partition."""
        return self.folder / f"{_part(number)}.csv"

    def _has(self, name: str, size: int) -> bool:
        path = self.folder / name
        return path.exists() and path.stat().st_size == size

    def _read(self, name: str, kind: type[T]) -> T | None:
        try:
            return msgspec.json.decode((self.folder / name).read_bytes(), type=kind)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _write(self, name: str, what: msgspec.Struct) -> None:
        with written(self.folder / name, "wb", lasting=False) as file:
            file.write(msgspec.json.encode(what))


def _task(number: int) -> str:
    return f"task-{number:05}"


def _part(number: int) -> str:
    return f"part-{number:05}"
