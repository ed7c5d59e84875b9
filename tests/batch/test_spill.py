"""Spill: every patient whole in one partition, and what was left out known by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.batch import spill
from cds_service.batch.export import Held
from cds_service.batch.lines import LATER
from cds_service.batch.sieve import Mark
from cds_service.batch.spill import Spill, Spilled


def _held(patient: str, number: int, mark: Mark = Mark.WHOLE) -> Held:
    raw = b"" if mark is Mark.LEFT else b'{"a":\t"%d"}' % number
    return Held("Condition", patient, mark, str(number), f"urn:uuid:{number}", raw)


def _kept(folder: Path, *held: Held, parts: int = 3, only: frozenset[int] | None = None) -> Spilled:
    kept = Spill(folder / "task-1", parts, only)
    for one in held:
        kept.add([one])
    return Spilled(folder, [name for name, _ in kept.close()], parts)


@pytest.mark.parametrize(("waiting", "files"), [(1, 40), (10**9, 1)])
def test_patients_are_whole(waiting: int, files: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it is written, each patient's lines are together, in the order in which they came."""
    monkeypatch.setattr(spill, "WAITING", waiting)
    monkeypatch.setattr(spill, "_MOST", 3)
    kept = _kept(tmp_path, *(_held(f"p{number % 7}", number) for number in range(40)))
    assert len(list(tmp_path.iterdir())) == files
    found = {patient: lines for number in range(3) for patient, lines in kept.patients(number)}
    assert sorted(found) == [f"p{number}" for number in range(7)]
    for number in range(7):
        held = range(number, 40, 7)
        assert found[f"p{number}"] == [("", f"urn:uuid:{one}", b'{"a":\t"%d"}' % one) for one in held]


def test_a_partition_in_turns(tmp_path: Path) -> None:
    """Each turn has some of its patients whole; together they have all."""
    held = [_held(f"p{number % 70}", number, Mark.WHOLE if number % 3 else Mark.LEFT) for number in range(200)]
    kept = _kept(tmp_path, *held)
    whole = dict(kept.patients(1))
    turns = [dict(kept.patients(1, turn, 4)) for turn in range(4)]
    assert sum(map(len, turns)) == len(whole)
    assert {patient: lines for turn in turns for patient, lines in turn.items()} == whole


def test_some_partitions(tmp_path: Path) -> None:
    """Of a second reading only those are kept that are read again."""
    held = [_held(f"p{number}", number) for number in range(20)]
    kept = _kept(tmp_path, *held, only=frozenset({1}))
    assert [size > 0 for size in kept.sizes()] == [False, True, False]


def test_nothing_to_keep(tmp_path: Path) -> None:
    """Nothing is written, and nobody is found."""
    kept = _kept(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert list(kept.patients(0)) == []
    assert kept.sizes() == [0, 0, 0]


def test_medications(tmp_path: Path) -> None:
    """They are nobody's, and lie in the order of the export."""
    held = [Held("Medication", "", Mark.WHOLE, id, url, b"{}") for id, url in (("1", ""), ("", "urn:uuid:2"))]
    kept = _kept(tmp_path, *held, _held("p", 1))
    assert list(kept.medications()) == [("Medication/1", "", b"{}"), ("", "urn:uuid:2", b"{}")]


def test_what_others_refer_to(tmp_path: Path) -> None:
    """It is kept under its name."""
    ((_, lines),) = _kept(tmp_path, _held("p", 1, Mark.REFERRED), parts=1).patients(0)
    assert lines == [("Condition/1", "urn:uuid:1", b'{"a":\t"1"}')]


def test_what_is_read_later(tmp_path: Path) -> None:
    """It is told from what is read at once."""
    ((_, lines),) = _kept(tmp_path, Held("Observation", "p", Mark.LATER, "1", "", b"{}"), parts=1).patients(0)
    assert lines == [(LATER, "", b"{}")]


@pytest.mark.parametrize(
    ("marks", "unclear"),
    [
        ((Mark.WHOLE, Mark.WHOLE), False),
        ((Mark.REFERRED, Mark.REFERRED), False),
        ((Mark.LEFT, Mark.LEFT), False),
        ((Mark.WHOLE, Mark.REFERRED), True),
        ((Mark.WHOLE, Mark.COUNTED), True),
        ((Mark.LEFT, Mark.WHOLE), True),
        ((Mark.COUNTED, Mark.COUNTED), True),
    ],
)
def test_several_versions(marks: tuple[Mark, Mark], unclear: bool, tmp_path: Path) -> None:
    """Where not all of them are whole it is not clear which one counts; of other patients it is."""
    kept = _kept(tmp_path, *(_held("p", 1, mark) for mark in marks), _held("p", 2), parts=1)
    assert kept.patients(0).unclear is unclear
    apart = _kept(tmp_path, *(_held(f"p{mark}{at}", 1, mark) for at, mark in enumerate(marks)), parts=1)
    assert not apart.patients(0).unclear


def test_a_result_has_no_other_version(tmp_path: Path) -> None:
    """Of what is asked for by code, and of what has no id, nothing is compared."""
    results = [Held("Observation", "p", Mark.WHOLE, "1", "", b"{}")] * 2
    orders = [Held("MedicationRequest", "p", Mark.COUNTED, "", "urn:uuid:1", b"{}")] * 2
    assert not _kept(tmp_path, *results, *orders, parts=1).patients(0).unclear
