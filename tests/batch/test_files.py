"""Files: what a folder holds, and pieces of it of which each line is in one."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from cds_service.batch import files
from cds_service.batch.files import BadExport, Piece


def test_the_files_of_a_folder(tmp_path: Path) -> None:
    """NDJSON and JSON, packed or not, in folders too, by name; hidden and other files are none."""
    for name in ("b.ndjson", "a.JSON", "x/c.jsonl", "d.ndjson.gz", "e.json.gz", ".hidden.json", "f.txt", "g.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in files.files(tmp_path)]
    assert found == ["a.JSON", "b.ndjson", "d.ndjson.gz", "e.json.gz", "x/c.jsonl"]


def test_a_folder_without_an_export(tmp_path: Path) -> None:
    """It is told what was looked for."""
    with pytest.raises(BadExport, match=r"no \.ndjson, \.jsonl or \.json file"):
        files.files(tmp_path)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Observation.ndjson", "Observation"), ("1.Observation.000.ndjson.gz", "Observation"), ("mine.ndjson", "")],
)
def test_a_type_in_the_name_of_a_file(name: str, kind: str) -> None:
    """Bulk Data servers name files by type; one that is empty says that there is nothing of it."""
    assert files.named_type(Path(name)) == kind


def test_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Plain lines are cut, packed ones and Bundles are not; small ones go together, and none is forgotten."""
    monkeypatch.setattr(files, "PIECE", 100)
    sizes = {"a.ndjson": 250, "b.json": 120, "c.ndjson": 30, "d.ndjson": 40, "e.jsonl.gz": 9, "f.ndjson": 0}
    for name, size in sizes.items():
        (tmp_path / name).write_bytes(b"x" * size)
    tasks = files.tasks(tmp_path, files.files(tmp_path))
    assert [[(one.name, one.start, one.end) for one in task] for task in tasks] == [
        [("a.ndjson", 0, 100)],
        [("a.ndjson", 100, 200)],
        [("a.ndjson", 200, 250)],
        [("b.json", 0, 120)],
        [("c.ndjson", 0, 30), ("d.ndjson", 0, 40)],
        [("e.jsonl.gz", 0, 9), ("f.ndjson", 0, 0)],
    ]
    monkeypatch.setattr(files, "MOST_TASKS", 2)
    assert [one.size for task in files.tasks(tmp_path, [tmp_path / "a.ndjson"]) for one in task] == [125, 125]
    assert (Piece("a.ndjson", 100, 200).size, Piece("e.jsonl.gz", 0, 9).weight) == (100, 90)


LINES = b"".join(b"%d%s\n" % (number, b"x" * (number % 7)) for number in range(60))


@pytest.mark.parametrize("body", [LINES, LINES.rstrip(), b"\n\n", b"alone"])
@pytest.mark.parametrize("step", [1, 3, 10, 57, 1000])
@pytest.mark.parametrize("block", [2, 1000])
def test_blocks(body: bytes, step: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """However a file is cut, each line is in one piece, whole."""
    monkeypatch.setattr(files, "BLOCK", block)
    found: list[bytes] = []
    for start in range(0, len(body), step):
        for lines in files.blocks(BytesIO(body), start, min(start + step, len(body))):
            found += lines.split(b"\n")
    assert found == body.removesuffix(b"\n").split(b"\n")
    whole = files.blocks(BytesIO(body), 0, None)
    assert [line for lines in whole for line in lines.split(b"\n")] == found
