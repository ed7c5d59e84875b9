"""The local engine: an export is read once, spilled by patient, and its partitions are played one by one."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import msgspec

from cds_service.batch import export, spill
from cds_service.batch.call import COLUMNS, Terms, rows
from cds_service.batch.export import Bad
from cds_service.batch.figures import Cell, Figures
from cds_service.batch.play import Medications, play
from cds_service.batch.whole import written

# Bytes of input in one partition: a worker holds one, and what is made of it is some times as large.
PARTITION = 16 * 1024 * 1024
_MOST_PARTITIONS = 512
# A gzip of NDJSON holds about so many times its size.
_PACKED = 10
# So many bad lines are named; the others are only counted.
NAMED = 100
# Told what is done of what: the stage, so much, of so much.
Tell = Callable[[str, int, int], None]


class Input(msgspec.Struct):
    """What reading an export found: files, bytes, resources by type, types that are there, and bad lines."""

    files: int = 0
    bytes: int = 0
    resources: dict[str, int] = {}
    supplied: list[str] = []
    bad: dict[str, int] = {}
    places: list[str] = []


class _Part(msgspec.Struct):
    """The figures of a partition, as they are kept."""

    cells: list[tuple[Cell, int]]


def read(folder: Path, work: Path, tell: Tell) -> Input:
    """Spill an export into partitions. Raises BadExport, and OSError where the disk is full."""
    paths = export.files(folder)
    sizes = [path.stat().st_size for path in paths]
    found = Input(files=len(paths), bytes=sum(sizes))
    resources: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    named = {kind for path in paths if (kind := export.named_type(path))}
    done = 0
    with spill.Spill(work, partitions(paths)) as kept:
        for path, size in zip(paths, sizes, strict=True):
            for held in export.read(path, path.relative_to(folder).as_posix()):
                if isinstance(held, Bad):
                    bad[held.why] += 1
                    found.places += [f"{held.place}: {held.why}"] if len(found.places) < NAMED else []
                else:
                    resources[held.type] += 1
                    kept.add(held)
            done += size
            tell("read", done, found.bytes)
    found.resources, found.bad = dict(sorted(resources.items())), dict(sorted(bad.items()))
    found.supplied = sorted(named | resources.keys())
    return found


def partitions(paths: list[Path]) -> int:
    """How many partitions these files make."""
    size = sum(path.stat().st_size * (_PACKED if path.suffix == ".gz" else 1) for path in paths)
    return min(max(math.ceil(size / PARTITION), 1), _MOST_PARTITIONS)


def work_off(work: Path, found: Input, terms: Terms, tell: Tell) -> Figures:
    """Play every partition."""
    parts = sorted(work.glob("*.lines"))
    own = replace(terms, supplied=frozenset(found.supplied))
    figures = Figures()
    for number, path in enumerate(parts, start=1):
        figures.merge(_played(path, work, own))
        tell("play", number, len(parts))
    return figures


def _played(path: Path, work: Path, terms: Terms) -> Figures:
    """The figures of one partition; kept beside it, and what the rules said with the ids of the orders."""
    figures = Figures()
    with closing(spill.MedicationReader(work)) as medications, written(path.with_suffix(".csv")) as file:
        writer = csv.writer(file)
        for line in _rows(path, medications, terms, figures):
            writer.writerow(line)
    with written(path.with_suffix(".json")) as file:
        file.write(msgspec.json.encode(_Part(list(figures.cells.items()))).decode())
    return figures


def _rows(path: Path, medications: Medications, terms: Terms, figures: Figures) -> Iterator[tuple[str, ...]]:
    for patient, lines in spill.patients(path):
        played = play(patient, lines, medications, terms)
        figures.add(played)
        for call in played.calls:
            if call.said:
                yield from rows(call)


def orders(work: Path) -> Iterator[str]:
    """The lines of all partitions: what was said of which orders, with a head."""
    yield ",".join(COLUMNS) + "\r\n"
    for path in sorted(work.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            yield from file
