"""`cds replay`: what it writes, what it refuses, and by which terms it plays."""

from __future__ import annotations

import errno
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cds_service import replay_commands
from cds_service.batch import local, results
from cds_service.batch.call import Terms
from cds_service.batch.files import BadExport
from cds_service.batch.pool import Killed
from tests.batch.exports import csv_rows, quietly, small, summary_of
from tests.support.commands import run

RESULTS = ["figures.csv", "figures.parquet", "orders.csv", "orders.parquet", "report.html", "summary.json"]


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A small export."""
    return small(tmp_path)


def test_a_replay(export: Path, tmp_path: Path) -> None:
    """It leaves a summary, a report, a table of figures and the orders behind them, both packed, and nothing of the
    patients' data."""
    out = tmp_path / "out"
    result = run("replay", export, "--out", out, "--to", "2026-11-22")
    assert result.exit_code == 0, result.output
    assert sorted(path.name for path in out.iterdir()) == RESULTS
    told = summary_of(out)
    assert (told["patients"], told["from"], told["to"]) == (3, None, "2026-11-22")
    assert told["input"]["resources"] == {"Condition": 3, "MedicationRequest": 12, "Patient": 3}
    figures = csv_rows(out / "figures.csv")
    cards = sum(int(row["number"]) for row in figures if row["what"] == "shown" and row["hook"] == "order-sign")
    assert cards == told["hooks"]["order-sign"]["cards"]
    rows = csv_rows(out / "orders.csv")
    assert len([row for row in rows if row["became"] == "shown" and row["hook"] == "order-sign"]) == cards


def test_without_the_orders(export: Path, tmp_path: Path) -> None:
    """The ids of orders are kept only if they are wanted; those of an earlier run are gone, too."""
    out = tmp_path / "out"
    for more, kept in (((), True), (("--no-orders",), False)):
        assert run("replay", export, "--out", out, *more).exit_code == 0
        assert (out / "orders.csv").exists() is kept


def test_some_hooks_and_days(export: Path, tmp_path: Path) -> None:
    """Only what is asked for is played."""
    more = ("--hooks", "order-select,order-sign", "--from", "2026-03-02", "--to", "2026-03-03")
    assert run("replay", export, "--out", tmp_path / "out", *more).exit_code == 0
    told = summary_of(tmp_path / "out")
    assert {hook: found["orders"] for hook, found in told["hooks"].items()} == {"order-sign": 6, "order-select": 6}


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--hooks", "order-sing"), "'order-sing' is no list of hooks. Name some of order-sign"),
        (("--from", "2026-03-02", "--to", "2026-03-01"), "it is after --to"),
        (("--override-rate", "2"), "2.0 is not in the range"),
    ],
)
def test_what_is_refused(more: tuple[str, ...], said: str, export: Path, tmp_path: Path) -> None:
    """What is wrong is told with what to write."""
    result = run("replay", export, "--out", tmp_path / "out", *more)
    assert result.exit_code == 2
    assert said in result.output


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site that only watches a rule, and has its own time for overrides."""
    path = tmp_path / "site.toml"
    text = '[rules.benzodiazepine-opioid-combination]\nstage = "shadow"\n[store]\nsnooze_days = 7\n'
    path.write_text(text, encoding="utf-8")
    return path


def _stages(out: Path) -> dict[str, int]:
    rules = {one["rule"]: one["hooks"] for one in summary_of(out)["rules"]}
    found = rules["benzodiazepine-opioid-combination"]["order-sign"]
    return {name: found[name] for name in ("shown", "shadow")}


def test_the_terms_of_a_site(export: Path, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the file that is named, else of CDS_SITE."""
    assert run("replay", export, "--out", tmp_path / "out").exit_code == 0
    assert _stages(tmp_path / "out") == {"shown": 3, "shadow": 0}
    assert run("replay", export, "--out", tmp_path / "out", "--site", site).exit_code == 0
    assert _stages(tmp_path / "out") == {"shown": 0, "shadow": 3}
    monkeypatch.setenv("CDS_SITE", str(site))
    assert run("replay", export, "--out", tmp_path / "out").exit_code == 0
    assert _stages(tmp_path / "out") == {"shown": 0, "shadow": 3}


def test_overrides(export: Path, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as the house, or the site, has it, a card that was overridden is not repeated."""
    seen: list[Terms] = []

    def note(folder: Path, work: Path, terms: Terms, processes: int) -> Any:
        seen.append(terms)
        raise BadExport("enough")

    monkeypatch.setattr(local, "Replay", note)
    for more in ((), ("--site", site)):
        result = run("replay", export, "--out", tmp_path / "out", "--override-rate", "0.5", "--seed", "x", *more)
        assert (result.exit_code, result.output.splitlines()[-1]) == (1, "Error: enough")
    assert [(terms.override_rate, terms.seed, terms.days) for terms in seen] == [(0.5, "x", 90), (0.5, "x", 7)]


def test_a_wrong_site(export: Path, tmp_path: Path) -> None:
    """It is told where in the file."""
    path = tmp_path / "site.toml"
    path.write_text("[rules.nothing]\n", encoding="utf-8")
    result = run("replay", export, "--site", path)
    assert result.exit_code == 2
    assert "line 1, rules.nothing" in result.output


def test_a_folder_without_an_export(tmp_path: Path) -> None:
    """It is told what was looked for, and no result is written."""
    (tmp_path / "empty").mkdir()
    result = run("replay", tmp_path / "empty", "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "there is no .ndjson, .jsonl or .json file in it" in result.output
    assert list((tmp_path / "out").iterdir()) == []


def _full(*parts: object) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, nothing is left that looks whole, and the next run goes on with what is finished."""
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        patch.setattr(results, "write", _full)
        result = run("replay", export, "--out", out, "--to", "2026-11-22")
    assert result.exit_code == 1
    assert "out: No space left on device. No result was written" in result.output
    assert [path.name for path in out.iterdir()] == [".work"]
    again = run("replay", export, "--out", out, "--to", "2026-11-22")
    assert "Going on where an earlier run was stopped." in again.output
    assert sorted(path.name for path in out.iterdir()) == RESULTS


def test_a_bad_export(export: Path, tmp_path: Path) -> None:
    """Nothing of it is kept, for it must become another one."""
    (export / "Observation.ndjson.gz").write_bytes(b"no gzip")
    result = run("replay", export, "--out", tmp_path / "out")
    assert result.exit_code == 1
    assert "Observation.ndjson.gz: it is no gzip, or it is damaged" in result.output
    assert list((tmp_path / "out").iterdir()) == []


def test_a_process_that_was_killed(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told what to do, and what is finished is kept."""

    def killed(*parts: object) -> Any:
        raise Killed("run again")

    monkeypatch.setattr(local.Replay, "run", killed)
    result = run("replay", export, "--out", tmp_path / "out")
    assert (result.exit_code, result.output) == (1, "Error: run again\n")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [".work"]


@pytest.mark.parametrize(("affinity", "found"), [({0, 3, 5}, 3), (None, 7)])
def test_how_many_processes(affinity: set[int] | None, found: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as there are processors for this one, where the system tells."""
    if affinity is None:
        monkeypatch.delattr(replay_commands.os, "sched_getaffinity")
    else:
        monkeypatch.setattr(replay_commands.os, "sched_getaffinity", lambda process: affinity)
    monkeypatch.setattr(replay_commands.os, "cpu_count", lambda: 7)
    assert replay_commands._processors() == found


def test_a_made_export(tmp_path: Path) -> None:
    """It is written into an empty folder, and can be played; the same seed makes the same one."""
    for name in ("one", "two"):
        assert run("replay", "--make", "20", tmp_path / name, "--to", "2026-11-22", "--seed", "s").exit_code == 0
    files = {path.name: path.read_bytes() for path in (tmp_path / "one").iterdir()}
    assert files == {path.name: path.read_bytes() for path in (tmp_path / "two").iterdir()}
    assert run("replay", tmp_path / "one", "--out", tmp_path / "out", "--to", "2026-11-22").exit_code == 0
    assert summary_of(tmp_path / "out")["patients"] == 20
    refused = run("replay", "--make", "20", tmp_path / "one")
    assert refused.exit_code == 2
    assert "one is not empty" in refused.output


def test_a_made_export_on_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told, and there is no half of a file."""
    monkeypatch.setattr("cds_service.batch.made.export.chart", _full)
    result = run("replay", "--make", "20", tmp_path / "made", "--to", "2026-11-22")
    assert result.exit_code == 1
    assert "made: No space left on device" in result.output
    assert list((tmp_path / "made").iterdir()) == []


def _started(export: Path, out: Path) -> subprocess.Popen[bytes]:
    cds = Path(sys.executable).with_name("cds")
    command = [str(cds), "replay", str(export), "--out", str(out), "--to", "2026-11-22"]
    return subprocess.Popen([*command, "--processes", "2"], stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def _finished(work: Path, pattern: str) -> dict[str, tuple[int, bytes]]:
    """What is there whole: what is still being written has a name of its own, and may be gone when it is looked at."""
    whole = (path for path in work.glob(pattern) if not path.name.startswith("."))
    return {path.name: (path.stat().st_mtime_ns, path.read_bytes()) for path in whole}


@pytest.mark.server
def test_kill_in_the_middle(tmp_path: Path) -> None:
    """Killed in the middle and run again it comes to the same, and does nothing twice that was finished."""
    made, whole, out = tmp_path / "made", tmp_path / "whole", tmp_path / "out"
    assert run("replay", "--make", "2500", made, "--to", "2026-11-22").exit_code == 0
    assert _started(made, whole).wait(60) == 0
    process = _started(made, out)
    work = out / ".work"
    while not [*work.glob("part-*.json")]:
        assert process.poll() is None, "it was finished before it could be killed"
        time.sleep(0.002)
    process.kill()
    process.wait(60)
    _until_nobody_writes(work)
    kept = _finished(work, "*.json")
    assert not (out / "summary.json").exists()
    assert 0 < len([name for name in kept if name.startswith("part")]) < 7
    replay = local.Replay(made, work, Terms(date(2026, 11, 22), seed="0", days=90))
    assert replay.begin() is True
    replay.run(quietly)
    assert {name: _finished(work, "*.json")[name] for name in kept} == kept
    assert run("replay", made, "--out", out, "--to", "2026-11-22").exit_code == 0
    for path in whole.iterdir():
        assert (out / path.name).read_bytes() == path.read_bytes()


def _until_nobody_writes(work: Path) -> None:
    """Processes whose first one was killed finish what they do, and end."""
    before: object = None
    while before != (before := (_finished(work, "*"), sorted(path.name for path in work.iterdir()))):
        time.sleep(0.5)
