"""The Spark engine reads and plays as the local one does, on a real Spark of two threads."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cds_service.batch import spark
from cds_service.batch.call import Terms
from cds_service.batch.figures import Figures
from cds_service.batch.files import BadExport
from cds_service.batch.local import Replay
from cds_service.batch.made.export import make
from cds_service.batch.spark import SparkReplay, connected
from tests.batch.exports import quietly, ward, write
from tests.fhir.resources import TODAY
from tests.support.commands import run

TERMS = Terms(TODAY, days=90.0, override_rate=0.3, seed="7")
pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """Spark on two threads of this machine; without Java the tests fail."""
    found = connected("local[2]")
    yield found
    found.stop()


def locally(folder: Path, work: Path, terms: Terms = TERMS) -> tuple[Any, Figures, list[str]]:
    """What the local engine makes of an export."""
    replay = Replay(folder, work, terms)
    replay.begin()
    found, figures = replay.run(quietly)
    return found, figures, list(replay.orders())


def test_both_engines_agree_row_by_row(session: Any, tmp_path: Path) -> None:
    """On made patients: the same input, the same figures, and the same rows of orders."""
    export = tmp_path / "export"
    export.mkdir()
    make(export, 60, "3", TODAY, quietly)
    there, figures, rows = locally(export, tmp_path / "work")
    replay = SparkReplay(session, str(export), TERMS)
    found, same = replay.run(quietly)
    assert (found.files, found.bytes, found.resources) == (there.files, there.bytes, there.resources)
    assert same.rows() == figures.rows()
    head, *told = replay.orders()
    assert [head, *sorted(told)] == [rows[0], *sorted(rows[1:])]
    assert len(told) > 5
    replay.remove()


def test_bundles_and_packed_files_are_read(session: Any, tmp_path: Path) -> None:
    """A Bundle, lines packed with gzip, and lines that are none: as the local engine reads them; a bad line is named by
    its file."""
    export = tmp_path / "export"
    export.mkdir()
    first, *others = ward(3)
    entries = [{"resource": one} for one in (first, *others)]
    export.joinpath("a.json").write_text(json.dumps({"resourceType": "Bundle", "entry": entries}), encoding="utf-8")
    lines = "\n".join(json.dumps(one) for one in ward(5)[-5:])
    export.joinpath("b.ndjson.gz").write_bytes(gzip.compress(f"{lines}\nno JSON\n".encode()))
    there, figures, _ = locally(export, tmp_path / "work")
    found, same = SparkReplay(session, str(export), TERMS).run(quietly)
    assert same.rows() == figures.rows()
    assert (found.bad, found.supplied) == (there.bad, there.supplied)
    assert [place.split(": ")[0] for place in found.places] == ["b.ndjson.gz"]


def test_a_folder_without_an_export_is_told(session: Any, tmp_path: Path) -> None:
    """And one that is not there."""
    with pytest.raises(BadExport, match=r"there is no \.ndjson"):
        SparkReplay(session, str(tmp_path), TERMS).run(quietly)
    with pytest.raises(BadExport, match="Spark gave up"):
        SparkReplay(session, str(tmp_path / "nowhere"), TERMS).run(quietly)


def test_a_truncated_file_is_told(session: Any, tmp_path: Path) -> None:
    """Nothing comes of it that looks whole."""
    write(tmp_path, ward(2))
    tmp_path.joinpath("z.json.gz").write_bytes(gzip.compress(b"{}" * 1000)[:-9])
    with pytest.raises(BadExport, match="Spark gave up"):
        SparkReplay(session, str(tmp_path), TERMS).run(quietly)


@pytest.mark.usefixtures("session")
def test_the_command_plays_on_spark(tmp_path: Path) -> None:
    """Its results are those of the local engine, byte for byte but for the order of rows."""
    export = tmp_path / "export"
    export.mkdir()
    write(export, ward(3))
    for engine in ("local", "spark"):
        more = ("--engine", engine, "--master", "local[2]", "--to", "2026-11-22")
        assert run("replay", export, "--out", tmp_path / engine, *more).exit_code == 0
    for name in ("summary.json", "figures.csv", "report.html"):
        assert tmp_path.joinpath("spark", name).read_bytes() == tmp_path.joinpath("local", name).read_bytes()


# What workers do, without them.


def test_lines_are_read_with_their_place() -> None:
    """By file and part of it, in their order; what is no resource is named by its file."""
    raw = [json.dumps(one) for one in ward(1)]
    told = [*(("f1", 0, one) for one in raw), ("f1", 9, "no JSON"), ("f2", 0, raw[0])]
    found = list(spark.read_lines(told))
    held = [one for one in found if one[0] == spark._HELD]
    assert [one[2][0][:2] for one in held] == [("f1", 0)] * len(raw) + [("f2", 0)]
    assert [one[2:] for one in found if one[0] == spark._BAD] == [("f1",)]
    assert len([one for one in found if one[0] == spark._PASSED]) == 3


def test_a_damaged_file_is_no_export() -> None:
    """Its name is told; a whole one is read."""
    assert [one[0] for one in spark.read_whole([("a.json", json.dumps(ward(1)[0]).encode())])] == [
        spark._HELD,
        spark._PASSED,
    ]
    with pytest.raises(BadExport, match=r"a\.json\.gz"):
        list(spark.read_whole([("a.json.gz", b"no gzip")]))


def test_patients_are_played() -> None:
    """What was said of their orders, and at the end their figures; a Medication is found by its address."""
    held = [
        one[1:] for one in spark.read_lines([("f", 0, json.dumps(one)) for one in ward(1)]) if one[0] == spark._HELD
    ]
    patients = [("p0", [kept for _, kept in held])]
    *rows, cells = spark.play_all(TERMS, frozenset({"Patient"}), {}, patients)
    assert [one[1] for one in rows] == [("p0", number) for number in range(len(rows))]
    assert all(one[2].endswith("\r\n") for one in rows)
    assert dict(cells[1])[("patients", "", "", "85+", "", "", "", "", "", "")] == 1


class Shared:
    """What every worker has."""

    def __init__(self, value: Any) -> None:
        self.value = value


def test_workers_share_terms_and_medications() -> None:
    """They are sent once to each, and not with every patient."""
    assert list(spark._play_all(Shared((TERMS, frozenset())), Shared({}), [])) == [(spark._CELLS, [])]
