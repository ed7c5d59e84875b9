"""The local engine: an export comes to the same figures however it is cut, by however many processes, and whenever it
was stopped."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cds_service.batch import files, local, reading, spill
from cds_service.batch.call import Terms
from cds_service.batch.files import BadExport, Piece
from cds_service.batch.local import Replay
from tests.batch.exports import played, quietly, replayed, said, ward, write
from tests.fhir.resources import (
    AMOXICILLIN,
    CRAMP,
    CYCLOBENZAPRINE,
    LORAZEPAM,
    OXYCODONE,
    TODAY,
    Json,
    condition,
    order,
    patient,
)


def _told(replay: Replay) -> list[str]:
    return sorted(map(str, said(replay)))


def test_an_export(tmp_path: Path) -> None:
    """Everything that is in it is read, and every order played."""
    replay, found, figures = replayed(tmp_path, ward(5))
    assert found.resources == {"Condition": 5, "MedicationRequest": 20, "Patient": 5}
    assert (found.files, found.supplied, found.bad) == (3, ["Condition", "MedicationRequest", "Patient"], {})
    assert figures.by("hook", "orders") == {"order-sign": 20}
    assert figures.by("hook", "patients") == {"": 5}
    assert figures.by("drug", "orders") == {"another drug": 5, "cyclobenzaprine": 5, "lorazepam": 5, "oxycodone": 5}
    pairs = [row for row in said(replay) if row["rule"] == "benzodiazepine-opioid-combination"]
    at_order = [row["orders"] for row in pairs if row["hook"] == "order-sign"]
    assert sorted(at_order) == [f"MedicationRequest/m{number}.2" for number in range(5)]
    assert len(pairs) == 10


@pytest.mark.parametrize(
    ("where", "name", "size"),
    [
        (local, "PARTITION", 500),
        (local, "PARTITION", 5_000),
        (files, "PIECE", 300),
        (local, "TURN", 700),
        (spill, "WAITING", 400),
        (files, "BLOCK", 50),
    ],
)
def test_how_it_is_cut_changes_nothing(
    where: Any, name: str, size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pieces, partitions, turns and files of whatever size: the same figures, and the same orders behind them."""
    write(tmp_path, ward(20))
    whole, found, figures = played(tmp_path, tmp_path / ".whole")
    monkeypatch.setattr(where, name, size)
    parts, found_in_parts, figures_in_parts = played(tmp_path, tmp_path / ".parts")
    assert figures_in_parts.rows() == figures.rows()
    assert found_in_parts == found
    assert _told(parts) == _told(whole)


def test_several_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as are wanted come to the same."""
    write(tmp_path, ward(20))
    one, found, figures = played(tmp_path, tmp_path / ".one")
    monkeypatch.setattr(local, "PARTITION", 3_000)
    monkeypatch.setattr(files, "PIECE", 3_000)
    two, found_by_two, figures_by_two = played(tmp_path, tmp_path / ".two", processes=2)
    assert (found_by_two, figures_by_two.rows(), _told(two)) == (found, figures.rows(), _told(one))


def test_how_many_partitions() -> None:
    """As many as keep each small, packed files taken for their content; at least one, and not more than are useful."""
    plain, packed = Piece("a.ndjson", 0, 10), Piece("a.ndjson.gz", 0, local.PARTITION)
    assert local.partitions([[plain]]) == 1
    assert local.partitions([[plain], [packed]]) == 11
    assert local.partitions([[Piece("b.ndjson", 0, local.PARTITION * 10_000)]]) == 1024


def test_what_is_missing_and_what_is_bad(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty file of a type says that there is nothing of it; bad lines are counted, and the first ones named."""
    monkeypatch.setattr(reading, "NAMED", 2)
    (tmp_path / "export").mkdir()
    write(tmp_path / "export", (), ["Observation"])
    (tmp_path / "export" / "a.ndjson").write_text("{\n[]\n5\n", encoding="utf-8")
    _, found, figures = replayed(tmp_path, [patient(), order({"text": "lorazepam"}, authoredOn="2026-03-01")])
    assert found.supplied == ["MedicationRequest", "Observation", "Patient"]
    assert found.bad == {"it is no JSON object of a resource": 3}
    assert found.places == [f"a.ndjson:{n}: it is no JSON object of a resource" for n in (1, 2)]
    why = figures.by("why", "not-evaluated")
    assert "the export holds no Condition" in why
    assert "the export holds no Observation" not in why


def test_the_progress(tmp_path: Path) -> None:
    """How much of the input was read, and how many patients were played; first what was done before."""
    write(tmp_path, ward(3))
    told: list[tuple[str, int, int]] = []

    def tell(*what: object) -> None:
        told.append(what)  # type: ignore[arg-type]

    replay = Replay(tmp_path, tmp_path / ".work", Terms(TODAY))
    assert replay.begin() is False
    found, _ = replay.run(tell)
    size = found.bytes
    assert told == [("read", 0, size), ("read", size, size), ("play", 0, 3), ("play", 3, 3)]
    assert Replay(tmp_path, tmp_path / ".work", Terms(TODAY)).begin() is True
    replay.run(tell)
    assert told[4:] == [("read", size, size), ("play", 3, 3)]
    assert quietly() is None


class _Stopped(Exception):
    """The power goes."""


def test_what_is_finished_is_not_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stopped at any moment and begun again, nothing that was finished is done twice, and all comes to the same."""
    write(tmp_path, ward(20))
    monkeypatch.setattr(local, "PARTITION", 3_000)
    monkeypatch.setattr(files, "PIECE", 3_000)
    whole, _, figures = played(tmp_path, tmp_path / ".whole")
    done: Counter[str] = Counter()
    calls = 0

    def counting(what: str, work: Any, number_at: int) -> Any:
        def stopped(*arguments: Any) -> Any:
            nonlocal calls
            calls += 1
            if calls % 3 == 0:
                raise _Stopped
            done[f"{what} {arguments[number_at]}"] += 1
            return work(*arguments)

        return stopped

    monkeypatch.setattr(reading, "read_task", counting("task", reading.read_task, 1))
    monkeypatch.setattr(local, "play_part", counting("part", local.play_part, 4))
    runs = 0
    while True:
        replay = Replay(tmp_path, tmp_path / ".work", Terms(TODAY))
        assert replay.begin() is (runs > 0)
        runs += 1
        try:
            _, again = replay.run(quietly)
            break
        except _Stopped:
            continue
    assert runs > 3
    assert set(done.values()) == {1}
    assert again.rows() == figures.rows()
    assert _told(replay) == _told(whole)


@pytest.mark.parametrize("name", ["task-00000.json", "task-00000.0000.spill", "part-00000.json", "part-00000.csv"])
def test_a_file_that_is_not_whole(name: str, tmp_path: Path) -> None:
    """What a loss of power left of a file is not trusted: its part is done again."""
    write(tmp_path, ward(5))
    whole, _, figures = played(tmp_path, tmp_path / ".work")
    told = _told(whole)
    path = tmp_path / ".work" / name
    path.write_bytes(path.read_bytes()[:-3])
    again, _, figures_again = played(tmp_path, tmp_path / ".work")
    assert (figures_again.rows(), _told(again)) == (figures.rows(), told)


def test_another_export_or_other_terms(tmp_path: Path) -> None:
    """What was finished of another export, or by other terms, is thrown away."""
    write(tmp_path, ward(1))
    played(tmp_path, tmp_path / ".work")
    assert Replay(tmp_path, tmp_path / ".work", Terms(TODAY, override_rate=0.5)).begin() is False
    played(tmp_path, tmp_path / ".work")
    write(tmp_path, ward(2))
    assert Replay(tmp_path, tmp_path / ".work", Terms(TODAY)).begin() is False


def test_no_export(tmp_path: Path) -> None:
    """It is told, and nothing is begun."""
    with pytest.raises(BadExport):
        Replay(tmp_path, tmp_path / ".work", Terms(TODAY))
    assert not (tmp_path / ".work").exists()


WHO = {"subject": {"reference": "Patient/p1"}}
OPIOID = order(OXYCODONE, "m1", authoredOn="2026-03-01") | WHO


@pytest.mark.parametrize(
    "versions",
    [
        (order(LORAZEPAM, "m2", authoredOn="2026-03-02"), order(AMOXICILLIN, "m2", authoredOn="2026-03-02")),
        (order(AMOXICILLIN, "m2", authoredOn="2026-03-02"), order(AMOXICILLIN, "m2", authoredOn="2026-03-05")),
        (condition(CRAMP), condition({"text": "nothing"})),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_several_versions_of_a_resource(versions: tuple[Json, Json], turned: bool, tmp_path: Path) -> None:
    """The latest counts, whatever was left out of which: their partition is read again with nothing left out."""
    numbered = [one | WHO | {"meta": {"versionId": str(number)}} for number, one in enumerate(versions, start=1)]
    sign = order(CYCLOBENZAPRINE, "m3", authoredOn="2026-04-01") | WHO
    held = [patient(birthDate="1950-01-01"), OPIOID, sign, *(reversed(numbered) if turned else numbered)]
    write(tmp_path, held)
    stages: list[str] = []
    replay = Replay(tmp_path, tmp_path / ".work", Terms(TODAY))
    replay.begin()
    _, figures = replay.run(lambda stage, done, total: stages.append(stage))
    assert stages[-1] == "play again"
    latest = [patient(birthDate="1950-01-01"), OPIOID, sign, numbered[1]]
    (tmp_path / "alone").mkdir()
    alone, _, expected = replayed(tmp_path / "alone", latest)
    assert (figures.rows(), _told(replay)) == (expected.rows(), _told(alone))
    assert json.loads((tmp_path / ".work" / "part-00000.json").read_text(encoding="utf-8"))["unclear"] is True
