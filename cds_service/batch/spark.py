"""The Spark engine: the same reading and the same play over the partitions of a cluster, for an export that lies where
Spark reads. Workers need this package installed."""

from __future__ import annotations

import csv
import gzip
import os
import sys
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from io import StringIO
from itertools import count, groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

from pyspark import StorageLevel
from pyspark.errors import PySparkException
from pyspark.sql import SparkSession
from pyspark.sql.functions import input_file_block_start, input_file_name

from cds_service.batch import medications
from cds_service.batch.call import COLUMNS, Terms, rows
from cds_service.batch.export import Found, Reader
from cds_service.batch.figures import Cell, Figures
from cds_service.batch.files import PACKED, BadExport, named_type
from cds_service.batch.known import RESULT
from cds_service.batch.lines import LATER, Line
from cds_service.batch.play import play
from cds_service.batch.reading import NAMED, Input, Tell

# Bytes of input in one partition of patients.
PARTITION = 8 * 1024 * 1024
# So many lines are read together.
_TOGETHER = 1000
_LINES, _WHOLE = "*.{ndjson,jsonl,ndjson.gz,jsonl.gz}", "*.{json,json.gz}"
# What comes of reading and of playing, by the first member of a tuple.
_HELD, _BAD, _PASSED, _ROW, _CELLS = range(5)
# What is kept of a resource: its place in the export, its type, id, address in a Bundle, and itself.
Kept = tuple[tuple[str, int, int], str, str, str, bytes]


def connected(master: str) -> SparkSession:
    """A session on a cluster, or on so many threads of this machine (`local[2]`)."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    quiet: dict[str, Any] = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    builder = SparkSession.builder.appName("cds-replay").master(master).config(map=quiet)
    session: SparkSession = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session


class SparkReplay:
    """One export, played by some terms on a cluster."""

    def __init__(self, session: SparkSession, folder: str, terms: Terms) -> None:
        """`folder` is any path that Spark reads."""
        self._session, self._folder, self._terms = session, folder, terms
        self._kept: list[Any] = []

    def run(self, tell: Tell) -> tuple[Input, Figures]:
        """Read and play. Raises BadExport."""
        try:
            return self._run(tell)
        except PySparkException as error:
            raise BadExport(f"{self._folder}: Spark gave up. {_told(error)}") from None

    def _run(self, tell: Tell) -> tuple[Input, Figures]:
        files = self._files()
        read = self._keep(self._read())
        found = _input(files, read)
        tell("read", found.bytes, found.bytes)
        held = read.filter(lambda one: one[0] == _HELD).map(itemgetter(1, 2))
        known = self._session.sparkContext.broadcast(_medications(held))
        terms = self._session.sparkContext.broadcast((self._terms, frozenset(found.supplied)))
        patients = held.filter(itemgetter(0)).groupByKey(_partitions(found.bytes))
        played = self._keep(patients.mapPartitions(partial(_play_all, terms, known)))
        figures = Figures()
        for cells in played.filter(lambda one: one[0] == _CELLS).map(itemgetter(1)).toLocalIterator():
            figures.merge(Figures((Cell(*cell), number) for cell, number in cells))
        number = found.resources.get("Patient", 0)
        tell("play", number, number)
        return found, figures

    def _keep(self, found: Any) -> Any:
        """Worked out once, however often it is asked."""
        self._kept.append(found.persist(StorageLevel.DISK_ONLY))
        return self._kept[-1]

    def _files(self) -> list[tuple[str, int]]:
        """The files with their sizes; none is opened for that."""
        reader = self._session.read.format("binaryFile").option("recursiveFileLookup", "true")
        found: list[tuple[str, int]] = []
        for pattern in (_LINES, _WHOLE):
            frame = reader.option("pathGlobFilter", pattern).load(self._folder)
            found += [(row.path, row.length) for row in frame.select("path", "length").collect()]
        if not found:
            raise BadExport(
                f"{self._folder}: there is no .ndjson, .jsonl or .json file in it, packed with gzip or not."
            )
        return sorted(found)

    def _read(self) -> Any:
        """Everything that the files hold."""
        reader = self._session.read.option("recursiveFileLookup", "true")
        lines = reader.option("pathGlobFilter", _LINES).text(self._folder)
        told = lines.select(input_file_name(), input_file_block_start(), "value").rdd.mapPartitions(read_lines)
        bundles = reader.format("binaryFile").option("pathGlobFilter", _WHOLE).load(self._folder)
        return told.union(bundles.select("path", "content").rdd.mapPartitions(read_whole))

    def orders(self) -> Iterator[str]:
        """What was said of which orders, by patient, with a head."""
        yield ",".join(COLUMNS) + "\r\n"
        found = self._kept[-1].filter(lambda one: one[0] == _ROW).map(itemgetter(1, 2)).sortByKey()
        yield from map(itemgetter(1), found.toLocalIterator())

    def remove(self) -> None:
        """Leave nothing of what was kept in the cluster."""
        for kept in self._kept:
            kept.unpersist()


def read_lines(found: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Lines, each with its file and where the part of it begins that is read by itself -> what they hold."""
    for (name, start), part in groupby(found, key=lambda one: (one[0], one[1])):
        raw = (one[2].encode() for one in part)
        reader = Reader(sifted=False)
        yield from _marked(name, start, map(reader.block, _blocks(raw)))


def read_whole(found: Iterable[Sequence[Any]]) -> Iterator[tuple[Any, ...]]:
    """Whole files, each with its name -> what they hold. Raises BadExport."""
    for name, body in found:
        yield from _marked(name, 0, [Reader(sifted=False).whole(_unpacked(name, bytes(body)))])


def _unpacked(name: str, body: bytes) -> bytes:
    try:
        return gzip.decompress(body) if name.lower().endswith(PACKED) else body
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise BadExport(f"{name}: it is no gzip, or it is damaged ({error}). Copy it again.") from None


def _blocks(lines: Iterable[bytes]) -> Iterator[bytes]:
    found = iter(lines)
    while block := list(islice(found, _TOGETHER)):
        yield b"\n".join(block)


def _marked(name: str, start: int, found: Iterable[Found]) -> Iterator[tuple[Any, ...]]:
    number = count()
    for part in found:
        for one in part.held:
            yield _HELD, one.patient, ((name, start, next(number)), one.type, one.id, one.full_url, one.raw)
        yield from ((_BAD, bad.why, name) for bad in part.bad)
        yield _PASSED, dict(part.passed)


def _input(files: Sequence[tuple[str, int]], read: Any) -> Input:
    """What reading found; of a bad line the file is told, and not the place in it: a line does not know its number."""
    resources: Counter[str] = Counter(
        read.filter(lambda one: one[0] == _HELD).map(lambda one: one[2][1]).countByValue()
    )
    for passed in read.filter(lambda one: one[0] == _PASSED).map(itemgetter(1)).toLocalIterator():
        resources.update(passed)
    bad: Counter[str] = Counter()
    places: list[str] = []
    for why, name in read.filter(lambda one: one[0] == _BAD).map(itemgetter(1, 2)).toLocalIterator():
        bad[why] += 1
        places += [f"{Path(name).name}: {why}"] if len(places) < NAMED else []
    named = {kind for name, _ in files if (kind := named_type(Path(name)))}
    size = sum(length for _, length in files)
    return Input(
        len(files),
        size,
        dict(sorted(resources.items())),
        sorted(named.union(resources)),
        dict(sorted(bad.items())),
        places,
    )


def _partitions(size: int) -> int:
    return max(size // PARTITION, 2)


def _medications(held: Any) -> dict[str, Line]:
    """Every Medication by its addresses; of several with one address the first."""
    found: list[Kept] = sorted(held.filter(lambda one: not one[0]).map(itemgetter(1)).toLocalIterator())
    known: dict[str, Line] = {}
    for _, kind, id, full_url, raw in found:
        for address in medications.addresses(f"{kind}/{id}" if id else "", full_url):
            known.setdefault(address, ("", full_url, raw))
    return known


def _play_all(shared: Any, known: Any, patients: Iterable[tuple[str, Iterable[Kept]]]) -> Iterator[tuple[Any, ...]]:
    terms, supplied = shared.value
    return play_all(terms, supplied, known.value, patients)


def play_all(
    terms: Terms, supplied: frozenset[str], known: dict[str, Line], patients: Iterable[tuple[str, Iterable[Kept]]]
) -> Iterator[tuple[Any, ...]]:
    """Play the patients of a partition: what was said of their orders, line by line, and at the end their figures."""
    own, figures = replace(terms, supplied=supplied), Figures()
    for patient, found in patients:
        kept = sorted(found, key=itemgetter(0))
        lines = [(LATER if kind == RESULT else "", full_url, raw) for _, kind, _, full_url, raw in kept]
        played = play(patient, lines, known.get, own)
        figures.add(played)
        told = [row for call in played.calls if call.said for row in rows(call)]
        for number, row in enumerate(told):
            yield _ROW, (patient, number), _csv(row)
    yield _CELLS, [(tuple(cell), number) for cell, number in figures.cells.items()]


def _csv(row: Sequence[str]) -> str:
    line = StringIO(newline="")
    csv.writer(line).writerow(row)
    return line.getvalue()


def _told(error: PySparkException) -> str:
    """The last line of what Spark says: the cause, without the way there."""
    return next((line.strip() for line in reversed(str(error).splitlines()) if line.strip()), type(error).__name__)
