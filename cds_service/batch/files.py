"""Files: what an export folder holds, cut into pieces of which each is read by itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from typing import IO

from msgspec import Struct

from cds_service.batch.known import TYPES

_LINES, _WHOLE, PACKED = (".ndjson", ".jsonl"), (".json",), ".gz"
MEDICATION = "Medication"
READ = frozenset((*TYPES, MEDICATION))
# Bytes of input that one task reads, or more of a large export, so that there are not too many tasks. A plain file of
# lines is cut so, a packed one cannot be.
PIECE = 16 * 1024 * 1024
MOST_TASKS = 1000
# So much is looked at together: it has to stay in the processor's own memory.
BLOCK = 256 * 1024
# A gzip of NDJSON holds about so many times its size.
_RATIO = 10


class BadExport(Exception):
    """Files that cannot be used: the text says which, where, and what to do."""


class Piece(Struct, frozen=True):
    """A part of a file: its name in the folder, its first byte, and the one behind its last; the lines that begin
    between them are its own."""

    name: str
    start: int
    end: int

    @property
    def size(self) -> int:
        """Its bytes as they lie on the disk."""
        return self.end - self.start

    @property
    def weight(self) -> int:
        """About how many bytes it holds."""
        return self.size * (_RATIO if self.name.lower().endswith(PACKED) else 1)


def files(folder: Path) -> list[Path]:
    """The files of an export, in the order of their names, hidden ones left out. Raises BadExport if there is none."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and _is_read(path.relative_to(folder)))
    if not found:
        raise BadExport(f"{folder}: there is no .ndjson, .jsonl or .json file in it, packed with gzip or not.")
    return found


def _is_read(path: Path) -> bool:
    return bool(kind(path.name)) and not any(part.startswith(".") for part in path.parts)


def kind(name: str) -> str:
    """`lines` or `whole`, "" for a file of another kind."""
    plain = name.lower().removesuffix(PACKED)
    return "lines" if plain.endswith(_LINES) else "whole" if plain.endswith(_WHOLE) else ""


def named_type(path: Path) -> str:
    """The type of resource that the name of a file tells, "" if none: one without a line says that there are none."""
    return next((part for part in path.name.split(".") if part in READ), "")


def tasks(folder: Path, paths: Sequence[Path]) -> list[list[Piece]]:
    """The pieces of these files, small ones together, in their order."""
    whole = [Piece(path.relative_to(folder).as_posix(), 0, path.stat().st_size) for path in paths]
    most = max(PIECE, sum(one.weight for one in whole) // MOST_TASKS)
    found: list[list[Piece]] = [[]]
    for one in whole:
        for piece in _pieces(one.name, one.size, most):
            if found[-1] and sum(held.weight for held in found[-1]) + piece.weight > most:
                found.append([])
            found[-1].append(piece)
    return found


def _pieces(name: str, size: int, most: int) -> Iterator[Piece]:
    step = most if kind(name) == "lines" and not name.lower().endswith(PACKED) else max(size, 1)
    for start in range(0, max(size, 1), step):
        yield Piece(name, start, min(start + step, size))


def blocks(file: IO[bytes] | BufferedReader, start: int, end: int | None) -> Iterator[bytes]:
    """The lines that begin from one byte on and before another one (None: all), some thousand at a time."""
    at = start
    if start:
        file.seek(start - 1)
        at += len(file.readline()) - 1  # the line before belongs to who reads that
    while end is None or at < end:
        block = file.read(BLOCK if end is None else min(BLOCK, end - at))
        if not block:
            break
        if not block.endswith(b"\n"):
            block += file.readline()
        at += len(block)
        yield block.removesuffix(b"\n")
