"""Spill: what is kept of an export by patient: files in which each partition of the patients has its place."""

from __future__ import annotations

import os
from array import array
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO
from zlib import crc32

from cds_service.batch.export import Held
from cds_service.batch.known import RESULT
from cds_service.batch.lines import LATER, Line
from cds_service.batch.sieve import Mark
from cds_service.batch.whole import written
from cds_service.fhir.problems import CARE_TYPES

# Bytes of lines that wait to be written, in all partitions together.
WAITING = 32 * 1024 * 1024
# So many patients are remembered with their partition.
_MOST = 20_000
# A place in a file is a number of so many bytes.
_NUMBER = 8
_TAB, _END = b"\t", b"\n"
_WHOLE, _REFERRED, _COUNTED = (mark.encode() for mark in (Mark.WHOLE, Mark.REFERRED, Mark.COUNTED))
_LEFT = Mark.LEFT
# How a line is called that no other one refers to.
_CALLED = {_WHOLE: "", _COUNTED: "", Mark.LATER.encode(): LATER}
SUFFIX = ".spill"
# Of these all is kept that is asked for.
_CLEAR = frozenset({"Patient", RESULT, *CARE_TYPES, "DiagnosticOrder"})


class Spill:
    """What one task keeps: lines by a hash of their patient, the Medications behind the last partition. Every file
    holds the lines of each partition, then the names of what each left out, and where they all begin."""

    def __init__(self, stem: Path, parts: int, only: frozenset[int] | None = None) -> None:
        """The files begin with `stem`; of a second reading only some partitions are kept."""
        self._stem, self._parts, self._only = stem, parts, only
        self._buffers = [bytearray() for _ in range(2 * parts + 1)]
        self._waiting = self._files = 0
        self._keys: dict[str, int] = {}

    def add(self, found: Iterable[Held]) -> None:
        """Keep resources. Raises OSError where the disk is full."""
        keys, buffers = self._keys, self._buffers
        for held in found:
            patient, kind, id = held.patient, held.type, held.id
            part = keys[patient] if patient in keys else self._key(patient)
            if self._only is not None and part not in self._only:
                continue
            name = "" if kind in _CLEAR or not id else f"{kind}/{id}"
            if held.mark is _LEFT:
                part += self._parts + 1
                head = f"{patient}\t{name}".encode()
            else:
                head = "\t".join((patient, name, held.mark, held.full_url, "")).encode()
            buffer = buffers[part]
            buffer += head
            buffer += held.raw
            buffer += _END
            self._waiting += len(head) + len(held.raw) + len(_END)
        if self._waiting > WAITING:
            self._write()

    def _key(self, patient: str) -> int:
        """The partition of a patient; Medications, which are nobody's, lie behind the last one."""
        if len(self._keys) >= _MOST:
            self._keys.clear()
        found = crc32(patient.encode()) % self._parts if patient else self._parts
        self._keys[patient] = found
        return found

    def close(self) -> list[tuple[str, int]]:
        """Write what waits; the names of the files, and their sizes."""
        if self._waiting:
            self._write()
        paths = map(self._path, range(self._files))
        return [(path.name, path.stat().st_size) for path in paths]

    def _path(self, number: int) -> Path:
        return self._stem.with_name(f"{self._stem.name}.{number:04}{SUFFIX}")

    def _write(self) -> None:
        begins = array("Q", [0])
        with written(self._path(self._files), "wb", lasting=False) as file:
            for buffer in self._buffers:
                file.write(buffer)
                begins.append(begins[-1] + len(buffer))
                buffer.clear()
            file.write(begins.tobytes())
        self._waiting, self._files = 0, self._files + 1


class Spilled:
    """The files of all tasks, in the order of the tasks."""

    def __init__(self, folder: Path, names: Sequence[str], parts: int) -> None:
        self._paths, self._parts = [folder / name for name in names], parts

    def sizes(self) -> list[int]:
        """The bytes of each partition."""
        found = [0] * self._parts
        for path in self._paths:
            with path.open("rb") as file:
                begins = self._begins(file, 0, self._parts + 1)
            for part in range(self._parts):
                found[part] += begins[part + 1] - begins[part]
        return found

    def medications(self) -> Iterator[tuple[str, str, bytes]]:
        """Name, address and line of every Medication, in the order of the export."""
        for (block,) in self._blocks(self._parts):
            for line in block.split(b"\n")[:-1]:
                _, name, _, full_url, raw = line.split(_TAB, 4)
                yield name.decode(), full_url.decode(), raw

    def patients(self, part: int, turn: int = 0, turns: int = 1) -> Patients:
        """The patients of a partition, or of some turns each a part of them, with their lines."""
        found = Patients(turn * self._parts + part, turns * self._parts if turns > 1 else 0)
        for lines, names in self._blocks(part, part + self._parts + 1):
            found.add(lines)
            found.leave(names)
        return found

    def _blocks(self, *places: int) -> Iterator[list[bytes]]:
        """What each file holds at these places."""
        for path in self._paths:
            with open(path, "rb") as file:
                yield [self._block(file, place) for place in places]

    def _block(self, file: BinaryIO, place: int) -> bytes:
        begin, end = self._begins(file, place, 2)
        file.seek(begin)
        return file.read(end - begin)

    def _begins(self, file: BinaryIO, place: int, number: int) -> array[int]:
        """Where so many places begin; behind the last one is the end."""
        file.seek((place - 2 * self._parts - 2) * _NUMBER, os.SEEK_END)
        return array("Q", file.read(number * _NUMBER))


class Patients:
    """Patients with the lines that are kept of them. A resource that is there in several versions, of which not all
    are whole, makes them `unclear`: which version counts is not told by what was left of the others."""

    def __init__(self, remainder: int, modulus: int) -> None:
        """Those whose hash leaves this remainder, of lines that may be of others, too."""
        self._remainder, self._modulus = remainder, modulus
        self._lines: dict[bytes, list[Line]] = {}
        self._names: set[bytes] = set()
        self._whole: set[bytes] = set()
        self._twice = False

    def add(self, block: bytes) -> None:
        """Lines of a partition."""
        for line in self._own(block):
            patient, name, mark, full_url, raw = line.split(_TAB, 4)
            found = self._lines.get(patient)
            if found is None:
                found = self._lines[patient] = []
            found.append((name.decode() if mark == _REFERRED else _CALLED[mark], full_url.decode(), raw))
            if not name:
                continue
            called = line[: len(patient) + len(_TAB) + len(name)]
            if mark == _WHOLE:
                self._whole.add(called)
            else:
                self._twice = self._twice or (mark == _COUNTED and called in self._names)
                self._names.add(called)

    def _own(self, block: bytes) -> Iterable[bytes]:
        lines = block.split(b"\n")[:-1]
        if not self._modulus:
            return lines
        return [line for line in lines if crc32(line[: line.index(_TAB)]) % self._modulus == self._remainder]

    def leave(self, block: bytes) -> None:
        """Names of what was left out."""
        self._names.update(self._own(block))

    @property
    def unclear(self) -> bool:
        """Whether something is there twice, and not both are whole."""
        return self._twice or not self._whole.isdisjoint(self._names)

    def __iter__(self) -> Iterator[tuple[str, list[Line]]]:
        """By id; each is let go when it was told."""
        for patient in sorted(self._lines):
            yield patient.decode(), self._lines.pop(patient)
