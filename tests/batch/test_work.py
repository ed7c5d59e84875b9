"""Work: what is finished is found again by whom it belongs to, and by nobody else."""

from __future__ import annotations

import stat
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest

from cds_service.batch.call import Terms
from cds_service.batch.export import Bad
from cds_service.batch.figures import Cell
from cds_service.batch.files import Piece
from cds_service.batch.work import Manifest, Part, Reading, Work, terms_told
from cds_service.cards.ration import Caps
from cds_service.evidence import Edition

MANIFEST = Manifest("1", "terms", (("a.ndjson", 10, 5),), ((Piece("a.ndjson", 0, 10),),), 1)
TERMS = Terms(date(2026, 11, 22))


def test_who_may_read_it(tmp_path: Path) -> None:
    """Nobody but who began it: it holds patients' data."""
    work = Work(tmp_path / "out" / "work")
    assert work.begin(MANIFEST) is False
    assert stat.S_IMODE(work.folder.stat().st_mode) == 0o700
    work.remove()
    assert not work.folder.exists()


@pytest.mark.parametrize(
    "more",
    [
        {"program": "2"},
        {"terms": "others"},
        {"files": (("a.ndjson", 10, 6),)},
        {"tasks": ((Piece("a.ndjson", 0, 5),),)},
        {"parts": 2},
        {"sifted": False},
    ],
)
def test_to_what_it_belongs(more: dict[str, Any], tmp_path: Path) -> None:
    """The same work goes on; other work begins anew, and nothing of the former is left."""
    work = Work(tmp_path / "work")
    work.begin(MANIFEST)
    work.keep_reading(0, Reading())
    assert work.begin(MANIFEST) is True
    assert work.reading(0) == Reading()
    assert work.begin(msgspec.structs.replace(MANIFEST, **more)) is False
    assert work.reading(0) is None


def test_what_is_kept(tmp_path: Path) -> None:
    """A task and a partition come back as they were; where a file of theirs is gone or cut they are not finished."""
    work = Work(tmp_path / "work")
    work.begin(MANIFEST)
    spilled = tmp_path / "work" / f"{work.stem(0).name}.spill"
    spilled.write_bytes(b"12345")
    reading = Reading({"Patient": 2}, {"bad": 1}, [(0, Bad(3, "bad"))], [9], [(spilled.name, 5)])
    work.keep_reading(0, reading)
    assert (work.reading(0), work.reading(1)) == (reading, None)
    spilled.write_bytes(b"1234")
    assert work.reading(0) is None
    part = Part([(Cell("calls"), 3)], size=2)
    work.keep_part(0, part)
    assert work.part(0) is None
    work.orders(0).write_bytes(b"ab")
    assert work.part(0) == part
    work.keep_part(1, Part(unclear=True))
    assert work.part(1) == Part(unclear=True)


@pytest.mark.parametrize(
    "more",
    [
        {"last": date(2026, 11, 21)},
        {"first": date(2026, 1, 1)},
        {"hooks": ("order-sign",)},
        {"edition": Edition({"egfr.reduced": 50})},
        {"edition": Edition(stages={"baclofen-renal": "off"})},
        {"caps": Caps(at_order=2)},
        {"override_rate": 0.5},
        {"seed": "1"},
        {"days": 7},
    ],
)
def test_what_tells_terms_apart(more: dict[str, Any]) -> None:
    """Everything by which another card may come; not which object holds it."""
    assert terms_told(replace(TERMS, **more)) != terms_told(TERMS)
    assert terms_told(replace(TERMS, edition=Edition())) == terms_told(TERMS)
