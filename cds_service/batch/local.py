"""The local engine: an export is read once, spilled by patient, and its partitions are played, in several processes if
there are."""

from __future__ import annotations

import csv
import gc
import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path

from cds_service import __version__
from cds_service.batch import files, medications, pool
from cds_service.batch.call import COLUMNS, Terms, rows
from cds_service.batch.figures import PATIENTS, Figures
from cds_service.batch.files import Piece
from cds_service.batch.lines import Line, Lookup
from cds_service.batch.medications import Medications
from cds_service.batch.play import play
from cds_service.batch.reading import Input, Job, Tell, read_all, told
from cds_service.batch.spill import Spilled
from cds_service.batch.whole import written
from cds_service.batch.work import Manifest, Part, Work, described, terms_told

# Bytes of input in one partition, and of kept lines that a process takes on at a time.
PARTITION = 16 * 1024 * 1024
TURN = 32 * 1024 * 1024
_MOST_PARTITIONS = 1024
# Where partitions are kept that are read a second time.
_AGAIN = "again"


def partitions(tasks: Sequence[Sequence[Piece]]) -> int:
    """How many partitions these pieces make."""
    size = sum(piece.weight for task in tasks for piece in task)
    return min(max(math.ceil(size / PARTITION), 1), _MOST_PARTITIONS)


class Replay:
    """One export, played by some terms, with what is finished of it in a folder."""

    def __init__(self, folder: Path, work: Path, terms: Terms, processes: int = 1, sifted: bool = True) -> None:
        """Raises BadExport for a folder without an export."""
        paths = files.files(folder)
        tasks = tuple(map(tuple, files.tasks(folder, paths)))
        self._job = Job(folder, work, tasks, partitions(tasks), sifted)
        self._again = replace(self._job, work=work / _AGAIN, sifted=False)
        self._sizes = [path.stat().st_size for path in paths]
        self._named = {kind for path in paths if (kind := files.named_type(path))}
        self._terms, self._processes = terms, processes
        told_files = described(folder, paths)
        self._manifest = Manifest(__version__, terms_told(terms), told_files, tasks, self._job.parts, sifted)

    def begin(self) -> bool:
        """Go on with what an earlier run of the same finished, else begin anew; whether there was any."""
        return Work(self._job.work).begin(self._manifest)

    def run(self, tell: Tell) -> tuple[Input, Figures]:
        """Read what is not read, and play what is not played. Raises BadExport, and OSError where the disk is full."""
        read_all(self._job, "read", self._processes, tell)
        found = told(self._job, self._named, self._sizes)
        if not medications.are_kept(self._job.work):
            medications.keep(self._job.work, self._job.spilled().medications())
        terms = replace(self._terms, supplied=frozenset(found.supplied))
        patients = found.resources.get("Patient", 0)
        self._play(self._job, range(self._job.parts), terms, "play", patients, tell)
        unclear = self._unclear
        if unclear:
            again = replace(self._again, only=unclear)
            again.work.mkdir(exist_ok=True)
            read_all(again, "read again", self._processes, tell)
            self._play(again, sorted(unclear), terms, "play again", patients, tell)
        return found, self._figures()

    def _play(self, job: Job, parts: Iterable[int], terms: Terms, stage: str, patients: int, tell: Tell) -> None:
        """Play some partitions of which so many patients are told."""
        work = Work(job.work)
        finished = {number: work.part(number) for number in parts}
        left = [number for number, part in finished.items() if part is None]
        done = sum(_patients(part) for part in finished.values() if part is not None)
        spilled = job.spilled()
        sizes = spilled.sizes()
        play_one = partial(play_part, spilled, job.work, self._job.work, terms)
        tell(stage, min(done, patients), patients)
        turns = [(number, math.ceil(sizes[number] / TURN)) for number in left]
        for number in pool.done(play_one, turns, self._processes):
            done += number
            tell(stage, min(done, patients), patients)

    @cached_property
    def _unclear(self) -> frozenset[int]:
        """The partitions that were played and have to be read again."""
        work = Work(self._job.work)
        return frozenset(number for number in range(self._job.parts) if (part := work.part(number)) and part.unclear)

    def _figures(self) -> Figures:
        figures = Figures()
        for work, number in self._finished():
            part = work.part(number) or Part()
            figures.merge(Figures(part.cells))
        return figures

    def _finished(self) -> Iterator[tuple[Work, int]]:
        """Every partition, and where it was finished."""
        for number in range(self._job.parts):
            yield Work((self._again if number in self._unclear else self._job).work), number

    def remove(self) -> None:
        """Leave nothing of what was finished."""
        Work(self._job.work).remove()

    def orders(self) -> Iterator[str]:
        """The lines of all partitions: what was said of which orders, with a head."""
        yield ",".join(COLUMNS) + "\r\n"
        for work, number in self._finished():
            with work.orders(number).open(encoding="utf-8", newline="") as file:
                yield from file


class _Unclear(Exception):
    """Something is there in several versions, and not all of them were kept."""


def play_part(spilled: Spilled, folder: Path, main: Path, terms: Terms, part: tuple[int, int]) -> int:
    """Play a partition in so many turns, and keep its figures and what was said of its orders; how many patients there
    were. `main` is the folder of the Medications."""
    number, turns = part
    work, figures = Work(folder), Figures()
    path = work.orders(number)
    try:
        with closing(Medications(main)) as lookup, written(path, lasting=False) as file, _uncollected():
            writer = csv.writer(file)
            for row in _rows(_patients_of(spilled, number, turns), lookup, terms, figures):
                writer.writerow(row)
    except _Unclear:
        work.keep_part(number, Part(unclear=True))
        return 0
    found = Part(list(figures.cells.items()), size=path.stat().st_size)
    work.keep_part(number, found)
    return _patients(found)


def _patients(part: Part) -> int:
    return sum(number for cell, number in part.cells if cell.what == PATIENTS)


def _patients_of(spilled: Spilled, number: int, turns: int) -> Iterator[tuple[str, list[Line]]]:
    """The patients of a partition; a large one is taken on in several turns."""
    for turn in range(turns):
        patients = spilled.patients(number, turn, turns)
        if patients.unclear:
            raise _Unclear
        yield from patients


def _rows(
    patients: Iterable[tuple[str, list[Line]]], lookup: Lookup, terms: Terms, figures: Figures
) -> Iterator[tuple[str, ...]]:
    for patient, lines in patients:
        played = play(patient, lines, lookup, terms)
        figures.add(played)
        for call in played.calls:
            if call.said:
                yield from rows(call)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Nothing that is made of a patient holds a cycle: looking for one would cost an eighth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
