"""The local engine: an export comes to the same figures however it is cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.batch import local
from cds_service.batch.call import Terms
from tests.batch.exports import quietly, replayed, said, ward, write
from tests.fhir.resources import TODAY, order, patient


def test_an_export(tmp_path: Path) -> None:
    """Everything that is in it is read, and every order played."""
    figures, found = replayed(tmp_path, ward(5))
    assert found.resources == {"Condition": 5, "MedicationRequest": 20, "Patient": 5}
    assert (found.files, found.supplied, found.bad) == (3, ["Condition", "MedicationRequest", "Patient"], {})
    assert figures.by("hook", "orders") == {"order-sign": 20}
    assert figures.by("hook", "patients") == {"": 5}
    assert figures.by("drug", "orders") == {"another drug": 5, "cyclobenzaprine": 5, "lorazepam": 5, "oxycodone": 5}
    pairs = [row for row in said(tmp_path) if row["rule"] == "benzodiazepine-opioid-combination"]
    at_order = [row["orders"] for row in pairs if row["hook"] == "order-sign"]
    assert sorted(at_order) == [f"MedicationRequest/m{number}.2" for number in range(5)]
    assert len(pairs) == 10


@pytest.mark.parametrize("size", [500, 5_000])
def test_partitions_change_nothing(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One partition or many: the same figures, and the same orders behind them."""
    (tmp_path / "one").mkdir()
    (tmp_path / "many").mkdir()
    whole, _ = replayed(tmp_path / "one", ward(20))
    monkeypatch.setattr(local, "PARTITION", size)
    parts, _ = replayed(tmp_path / "many", ward(20))
    assert len(list((tmp_path / "many" / "work").glob("*.lines"))) > 2
    assert parts.rows() == whole.rows()
    assert sorted(map(str, said(tmp_path / "many"))) == sorted(map(str, said(tmp_path / "one")))


def test_how_many_partitions(tmp_path: Path) -> None:
    """As many as keep each small, packed files taken for their content; at least one, and not more than files can be
    open."""
    plain, packed, large = tmp_path / "a.ndjson", tmp_path / "a.ndjson.gz", tmp_path / "b.ndjson"
    plain.write_bytes(b"x" * 10)
    with packed.open("wb") as file:
        file.truncate(local.PARTITION)
    with large.open("wb") as file:
        file.truncate(local.PARTITION * 1000)
    assert local.partitions([plain]) == 1
    assert local.partitions([plain, packed]) == 11
    assert local.partitions([large]) == 512


def test_what_is_missing_and_what_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty file of a type says that there is nothing of it; bad lines are counted, and the first ones named."""
    monkeypatch.setattr(local, "NAMED", 2)
    (tmp_path / "export").mkdir()
    write(tmp_path / "export", (), ["Observation"])
    (tmp_path / "export" / "a.ndjson").write_text("{\n[]\n5\n", encoding="utf-8")
    figures, found = replayed(tmp_path, [patient(), order({"text": "lorazepam"}, authoredOn="2026-03-01")])
    assert found.supplied == ["MedicationRequest", "Observation", "Patient"]
    assert found.bad == {"it is no JSON object of a resource": 3}
    assert found.places == [f"a.ndjson:{n}: it is no JSON object of a resource" for n in (1, 2)]
    why = figures.by("why", "not-evaluated")
    assert "the export holds no Condition" in why
    assert "the export holds no Observation" not in why


def test_the_progress(tmp_path: Path) -> None:
    """How much of the input was read, and how many partitions were played."""
    (tmp_path / "export").mkdir()
    (tmp_path / "work").mkdir()
    write(tmp_path / "export", ward(1))
    told: list[tuple[str, int, int]] = []

    def tell(*what: object) -> None:
        told.append(what)  # type: ignore[arg-type]

    found = local.read(tmp_path / "export", tmp_path / "work", tell)
    local.work_off(tmp_path / "work", found, Terms(TODAY), tell)
    assert [stage for stage, _, _ in told] == ["read"] * 3 + ["play"]
    assert told[2] == ("read", found.bytes, found.bytes)
    assert told[3] == ("play", 1, 1)
    assert quietly() is None
