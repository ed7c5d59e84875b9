"""Spill: every patient whole in one file, and Medications found by any of their addresses."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from cds_service.batch import spill
from cds_service.batch.export import Held
from cds_service.batch.spill import MedicationReader, Spill


def _held(patient: str, number: int) -> Held:
    return Held("Condition", patient, f"urn:uuid:{number}", str(number), b'{"a":\t"%d"}' % number)


@pytest.mark.parametrize("waiting", [1, 10**9])
def test_patients_are_whole(waiting: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whenever it is written, each patient's lines are together, in the order in which they came."""
    monkeypatch.setattr(spill, "_WAITING", waiting)
    with Spill(tmp_path, 3) as kept:
        for number in range(40):
            kept.add(_held(f"p{number % 7}", number))
    found = {patient: lines for number in range(3) for patient, lines in spill.patients(spill.part(tmp_path, number))}
    assert sorted(found) == [f"p{number}" for number in range(7)]
    for number in range(7):
        held = range(number, 40, 7)
        assert found[f"p{number}"] == [(f"urn:uuid:{one}", b'{"a":\t"%d"}' % one) for one in held]


def test_medications(tmp_path: Path) -> None:
    """By id, or by the address of their Bundle; of two with one address the first counts."""
    with Spill(tmp_path, 1) as kept:
        kept.add(Held("Medication", "", "", "1", b"one"))
        kept.add(Held("Medication", "", "urn:uuid:2", "", b"two"))
        kept.add(Held("Medication", "", "https://e.example/Medication/3", "3", b"three"))
        kept.add(Held("Medication", "", "", "1", b"another"))
    with closing(MedicationReader(tmp_path)) as medications:
        assert medications("Medication/1") == ("", b"one")
        assert medications("urn:uuid:2") == ("urn:uuid:2", b"two")
        assert medications("Medication/3") == ("https://e.example/Medication/3", b"three")
        assert medications("Medication/2") is None


def test_a_failure_writes_no_more(tmp_path: Path) -> None:
    """What waits to be written is let go, and the database is closed."""

    def fail() -> None:
        with Spill(tmp_path, 1) as kept:
            kept.add(_held("p", 1))
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fail()
    assert spill.part(tmp_path, 0).read_bytes() == b""
