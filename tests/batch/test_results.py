"""What a replay leaves in its folder, and on what it may be played."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from pyarrow import parquet

from cds_service.batch import results
from tests.batch.exports import csv_rows, small, summary_of
from tests.support.commands import run


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """A small export."""
    return small(tmp_path)


def test_other_terms_are_compared(export: Path, tmp_path: Path) -> None:
    """The same patients by another site's file: both in the report, the other summary beside the first; of a later run
    without it nothing of that stays."""
    out, other = tmp_path / "out", tmp_path / "other.toml"
    other.write_text("[rules.benzodiazepine-opioid-combination]\nstage = 'off'\n", encoding="utf-8")
    result = run("replay", export, "--out", out, "--to", "2026-11-22", "--compare", other)
    assert result.exit_code == 0, result.output
    compared = json.loads((out / "compared.json").read_text(encoding="utf-8"))
    rules = [{one["rule"] for one in told["rules"]} for told in (summary_of(out), compared)]
    assert rules[0] - rules[1] == {"benzodiazepine-opioid-combination"}
    assert (summary_of(out)["site"], compared["site"]) == ("", "other.toml")
    assert "other.toml" in (out / "report.html").read_text(encoding="utf-8")
    out.joinpath(".work1").mkdir()  # of a run with other terms, too, that was stopped
    assert run("replay", export, "--out", out).exit_code == 0
    assert not (out / "compared.json").exists()
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_a_table_is_packed(export: Path, tmp_path: Path) -> None:
    """As Parquet, with the rows of the CSV, text as text and numbers as numbers."""
    out = tmp_path / "out"
    assert run("replay", export, "--out", out, "--to", "2026-11-22").exit_code == 0
    for name in ("figures", "orders"):
        table = parquet.read_table(out / f"{name}.parquet").to_pylist()
        assert [{key: str(value) for key, value in row.items()} for row in table] == csv_rows(out / f"{name}.csv")
    assert parquet.read_schema(out / "figures.parquet").field("number").type == "int64"


def test_without_the_package_nothing_is_packed(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other results are there all the same."""
    monkeypatch.setattr(results, "find_spec", lambda name: None)
    assert run("replay", export, "--out", tmp_path / "out").exit_code == 0
    assert not list((tmp_path / "out").glob("*.parquet"))
    assert (tmp_path / "out" / "report.html").exists()


def test_spark_may_be_missing(export: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then it is said what to install."""
    monkeypatch.setitem(sys.modules, "cds_service.batch.spark", None)
    result = run("replay", export, "--out", tmp_path / "out", "--engine", "spark")
    assert result.exit_code == 2
    assert "requirements-spark.lock" in result.output
