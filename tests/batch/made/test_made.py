"""Made exports: the same for the same seed, valid FHIR, and with something for the rules to say."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds_service.batch.made import population
from cds_service.batch.made.chart import chart, medications
from cds_service.batch.made.export import TYPES, make
from cds_service.fhir.check import problems
from cds_service.fhir.version import Version
from tests.batch.exports import played, quietly
from tests.fhir.resources import TODAY, Json


def _made(folder: Path, patients: int, seed: str = "0") -> dict[str, bytes]:
    folder.mkdir()
    return {path.name: path.read_bytes() for path in make(folder, patients, seed, TODAY, quietly)}


def test_the_seed(tmp_path: Path) -> None:
    """The same patients for the same seed, whoever comes after them; others for another one."""
    some, more = _made(tmp_path / "some", 5), _made(tmp_path / "more", 9)
    others = _made(tmp_path / "others", 5, seed="1")
    assert set(some) == {f"{kind}.ndjson" for kind in TYPES}
    assert all(more[name].startswith(body) for name, body in some.items())
    assert some["Patient.ndjson"] != others["Patient.ndjson"]
    assert len(some["Patient.ndjson"].splitlines()) == 5


def _every(patients: int) -> list[Json]:
    return [*medications(), *(one for number in range(patients) for one in chart(number, "0", TODAY))]


def test_every_resource_is_valid() -> None:
    """Against the models of FHIR; each type is there."""
    every = _every(25)
    assert {one["resourceType"] for one in every} == set(TYPES)
    assert [found for one in every for found in problems(one, Version.R4)] == []


def test_whose_and_when() -> None:
    """Each resource is its patient's, has an id of its own, and nothing is later than the last day but ends."""
    every = _every(60)
    assert max(Counter((one["resourceType"], one["id"]) for one in every).values()) == 1
    for one in every:
        whose: Any = one.get("subject") or one.get("patient")
        assert whose is None or one["id"].startswith(whose["reference"].removeprefix("Patient/"))
        told = [one[name] for name in ("authoredOn", "issued", "recordedDate", "deceasedDateTime") if name in one]
        assert all(date.fromisoformat(moment[:10]) <= TODAY for moment in told)


def test_the_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told from time to time, and at the end."""
    monkeypatch.setattr("cds_service.batch.made.export.OFTEN", 2)
    told: list[object] = []
    make(tmp_path, 5, "0", TODAY, lambda *what: told.append(what))
    assert told == [("make", 2, 5), ("make", 4, 5), ("make", 5, 5)]


def test_rules_have_something_to_say(tmp_path: Path) -> None:
    """On some orders and charts, as in a hospital: not on most."""
    make(tmp_path, 400, "0", TODAY, quietly)
    _, found, figures = played(tmp_path, tmp_path / ".work")
    assert found.bad == {}
    orders, cards = figures.number("orders"), figures.number("shown", hook="order-sign")
    assert 0.01 < cards / orders < 0.1
    assert len(figures.by("rule", "shown")) > 8
    assert sum(share for _, _, share in population.AGES) == pytest.approx(1)
    assert json.loads((tmp_path / "Patient.ndjson").read_text(encoding="utf-8").splitlines()[0])["id"].endswith("-0")
