"""Reading: the pieces of an export -> what is kept of them by patient, task by task."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from pathlib import Path

import msgspec

from cds_service.batch import export, pool
from cds_service.batch.export import Bad, Found
from cds_service.batch.files import Piece
from cds_service.batch.spill import Spill, Spilled
from cds_service.batch.work import Reading, Work

# So many bad lines are named; the others are only counted.
NAMED = 100
# Told what is done of what: the stage, so much, of so much.
Tell = Callable[[str, int, int], None]
_TYPE = attrgetter("type")


class Input(msgspec.Struct):
    """What reading an export found: files, bytes, resources by type, types that are there, and bad lines."""

    files: int = 0
    bytes: int = 0
    resources: dict[str, int] = {}
    supplied: list[str] = []
    bad: dict[str, int] = {}
    places: list[str] = []


@dataclass(frozen=True)
class Job:
    """What is to be read: the tasks of an export folder, into so many partitions; whether what does not matter is left
    out, and whether only some partitions are kept."""

    folder: Path
    work: Path
    tasks: tuple[tuple[Piece, ...], ...]
    parts: int
    sifted: bool = True
    only: frozenset[int] | None = None

    def spilled(self) -> Spilled:
        """What was kept by all tasks."""
        names = [name for reading in readings(self) for name, _ in reading.spilled]
        return Spilled(self.work, names, self.parts)


def read_all(job: Job, stage: str, processes: int, tell: Tell) -> None:
    """Read what is not read yet. Raises BadExport, and OSError where the disk is full."""
    work = Work(job.work)
    left = [number for number in range(len(job.tasks)) if work.reading(number) is None]
    left.sort(key=lambda number: -sum(piece.weight for piece in job.tasks[number]))
    total, rest = (sum(_size(job.tasks[number]) for number in some) for some in (range(len(job.tasks)), left))
    done = total - rest
    tell(stage, done, total)
    for size in pool.done(partial(read_task, job), left, processes):
        done += size
        tell(stage, done, total)


def _size(task: Iterable[Piece]) -> int:
    return sum(piece.size for piece in task)


def read_task(job: Job, number: int) -> int:
    """Read one task; its bytes."""
    work = Work(job.work)
    spill = Spill(work.stem(number), job.parts, job.only)
    counts = _Counts()
    for piece in job.tasks[number]:
        counts.lines.append(0)
        for found in export.read(job.folder, piece, job.sifted):
            counts.add(found)
            spill.add(found.held)
    work.keep_reading(number, counts.told(spill.close()))
    return _size(job.tasks[number])


class _Counts:
    """What a task comes across."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self._resources: Counter[str] = Counter()
        self._bad: Counter[str] = Counter()
        self._places: list[tuple[int, Bad]] = []

    def add(self, found: Found) -> None:
        """What stands in some lines."""
        self.lines[-1] += found.lines
        self._resources.update(map(_TYPE, found.held))
        self._resources.update(found.passed)
        self._bad.update(bad.why for bad in found.bad)
        room = NAMED - len(self._places)
        self._places += [(len(self.lines) - 1, bad) for bad in found.bad[:room]]

    def told(self, spilled: list[tuple[str, int]]) -> Reading:
        """The same, to be kept."""
        return Reading(dict(+self._resources), dict(self._bad), self._places, self.lines, spilled)


def readings(job: Job) -> list[Reading]:
    """What was read, task by task."""
    work = Work(job.work)
    return [found for number in range(len(job.tasks)) if (found := work.reading(number)) is not None]


def told(job: Job, named: Iterable[str], sizes: Sequence[int]) -> Input:
    """What all tasks found. `named` are the types that the names of files tell, `sizes` those of the files."""
    found = readings(job)
    resources: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    for reading in found:
        resources.update(reading.resources)
        bad.update(reading.bad)
    supplied = sorted({*named, *resources})
    return Input(len(sizes), sum(sizes), _ordered(resources), supplied, _ordered(bad), _places(job, found))


def _ordered(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items()))


def _places(job: Job, found: Sequence[Reading]) -> list[str]:
    """The bad lines by file and line; those of a piece count from the lines of the pieces before it."""
    before: Counter[str] = Counter()
    places: list[str] = []
    for pieces, reading in zip(job.tasks, found, strict=True):
        first = []
        for piece, lines in zip(pieces, reading.lines, strict=True):
            first.append(before[piece.name])
            before[piece.name] += lines
        for place, bad in reading.places:
            where = f"entry {bad.number}" if bad.is_entry else first[place] + bad.number
            places.append(f"{pieces[place].name}:{where}: {bad.why}")
    return places[:NAMED]
