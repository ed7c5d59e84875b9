"""Medications: found by any of their addresses, of however many there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from cds_service.batch import medications
from cds_service.batch.medications import Medications, are_kept, keep

HELD = [
    ("Medication/1", "", b"one"),
    ("", "urn:uuid:2", b"two"),
    ("Medication/3", "https://e.example/Medication/3", b"three"),
    ("Medication/1", "", b"another"),
]


def test_by_their_addresses(tmp_path: Path) -> None:
    """By id, or by the address of their Bundle; of two with one address the first counts."""
    assert not are_kept(tmp_path)
    keep(tmp_path, HELD)
    assert are_kept(tmp_path)
    with closing(Medications(tmp_path)) as lookup:
        assert lookup("Medication/1") == ("", "", b"one")
        assert lookup("urn:uuid:2") == ("", "urn:uuid:2", b"two")
        assert lookup("Medication/3") == ("", "https://e.example/Medication/3", b"three")
        assert lookup("Medication/2") is None


def test_many(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that were looked up last are remembered; there is no difference but the time."""
    monkeypatch.setattr(medications, "_MOST", 2)
    keep(tmp_path, [(f"Medication/{number}", "", b"%d" % number) for number in range(5)])
    with closing(Medications(tmp_path)) as lookup:
        for number in (1, 2, 3, 3, 1):
            assert lookup(f"Medication/{number}") == ("", "", b"%d" % number)


def test_stopped_in_the_middle(tmp_path: Path) -> None:
    """What is not whole is not there, and is made anew."""

    def some() -> Iterator[tuple[str, str, bytes]]:
        yield HELD[0]
        raise RuntimeError("the power goes")

    with pytest.raises(RuntimeError):
        keep(tmp_path, some())
    assert not are_kept(tmp_path)
    keep(tmp_path, HELD)
    assert are_kept(tmp_path)


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told as any other full disk is."""

    def full(*what: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(sqlite3, "connect", full)
    with pytest.raises(OSError, match="database or disk is full"):
        keep(tmp_path, HELD)
