"""`cds feedback export` and `cds stats`: what is read of the store, for a file and for a terminal."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from cds_service.store import report
from tests.support.commands import run
from tests.support.stored import NOON, SERVICE, Told, call_entry, counted, feedback_entry, filled, shown_card, uuid

DAY = timedelta(days=1)
WEEK = timedelta(weeks=1)
COLUMNS = [*report.EXPORTED, "site"]
WORD = feedback_entry(
    at=NOON + timedelta(microseconds=123456),
    received=NOON,
    reason_system="urn:reasons",
    reason_code="will-monitor",
    comment='Zoë said "no", twice',
)
TOLD = {
    "outcome_at": "2026-11-18T12:00:00.123Z",
    "received": "2026-11-18T12:00:00.000Z",
    "service": SERVICE,
    "client": "",
    "card": uuid(1),
    "rule": "quinine-cramps",
    "message": "shown",
    "indicator": "warning",
    "thresholds": "0a1b2c",
    "outcome": "overridden",
    "counts": True,
    "reason_system": "urn:reasons",
    "reason_code": "will-monitor",
    "comment": 'Zoë said "no", twice',
    "site": "https://cds.example",
}


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One card and one word on it, at a site that has an address."""
    monkeypatch.setenv("CDS_PUBLIC_URL", "https://cds.example")
    filled(tmp_path, monkeypatch, call_entry(shown_card()), WORD)


def rows(text: str) -> list[dict[str, str]]:
    """The rows of CSV by their columns."""
    return list(csv.DictReader(StringIO(text, newline="")))


# feedback export


@pytest.mark.usefixtures("told")
def test_csv_is_the_default() -> None:
    """The first line names the columns, times are UTC and say so, and yes and no are those of JSON."""
    result = run("feedback", "export")
    assert result.exit_code == 0
    [header, row] = csv.reader(StringIO(result.stdout, newline=""))
    assert header == COLUMNS
    assert dict(zip(header, row, strict=True)) == TOLD | {"counts": "true"}


@pytest.mark.usefixtures("told")
def test_ndjson_has_an_object_in_every_line() -> None:
    """Columns, order and values are those of the CSV, and no letter is escaped."""
    result = run("feedback", "export", "--format", "ndjson")
    assert result.exit_code == 0
    [line, rest] = result.stdout.split("\n")
    assert rest == ""
    assert json.loads(line) == TOLD
    assert list(json.loads(line)) == COLUMNS
    assert "Zoë" in line


@pytest.mark.parametrize(("form", "text"), [("csv", ",".join(COLUMNS) + "\r\n"), ("ndjson", "")])
def test_an_empty_database_exports_no_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str, text: str
) -> None:
    """CSV still names its columns; the site is empty where the settings name no address."""
    filled(tmp_path, monkeypatch)
    assert run("feedback", "export", "--format", form).stdout_bytes.decode() == text


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_is_run_by_a_spreadsheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    """Text of a client that a spreadsheet would run gets an apostrophe in CSV; JSON needs none."""
    filled(tmp_path, monkeypatch, feedback_entry(comment=f"{first}1+1"))
    [row] = rows(run("feedback", "export").stdout_bytes.decode())
    assert row["comment"] == f"'{first}1+1"
    assert json.loads(run("feedback", "export", "--format", "ndjson").stdout)["comment"] == f"{first}1+1"


def test_other_text_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign within a text, a comma, quotes and lines do no harm and are not changed."""
    comment = "a=b, 'c' \"d\"\n-e"
    filled(tmp_path, monkeypatch, feedback_entry(comment=comment))
    [row] = rows(run("feedback", "export").stdout_bytes.decode())
    assert row["comment"] == comment
    assert row["site"] == ""


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("form", ["csv", "ndjson"])
def test_a_file_has_what_would_be_printed(tmp_path: Path, form: str) -> None:
    """--out writes the same bytes, readable by its owner alone, over what was there, and leaves nothing beside."""
    out = tmp_path / "out" / "feedback.txt"
    out.parent.mkdir()
    out.write_text("older", encoding="utf-8")
    result = run("feedback", "export", "--format", form, "--out", out)
    assert (result.exit_code, result.output) == (0, "")
    assert out.read_bytes() == run("feedback", "export", "--format", form).stdout_bytes
    assert out.stat().st_mode & 0o077 == 0
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.usefixtures("told")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Where the name is a link, the file to which it leads is written."""
    file, link = tmp_path / "feedback.csv", tmp_path / "link.csv"
    link.symlink_to(file)
    assert run("feedback", "export", "--out", link).exit_code == 0
    assert link.is_symlink()
    assert len(rows(file.read_text(encoding="utf-8"))) == 1


@pytest.mark.usefixtures("told")
def test_half_an_export_looks_like_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the database fails on the way, the older file stays, nothing is left beside it, and the failure is told."""
    out = tmp_path / "out" / "feedback.csv"
    out.parent.mkdir()
    out.write_text("older", encoding="utf-8")
    export = report.export

    def broken(connection: Any) -> Iterator[dict[str, Any]]:
        yield from export(connection)
        raise OperationalError("SELECT", {}, Exception("the disk is gone"))

    monkeypatch.setattr(report, "export", broken)
    result = run("feedback", "export", "--out", out)
    assert result.exit_code == 1
    assert "cannot be used: the disk is gone. " in result.output
    assert out.read_text(encoding="utf-8") == "older"
    assert list(out.parent.iterdir()) == [out]


@pytest.mark.usefixtures("told")
def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    """A file that cannot be made is named, with what to do."""
    out = tmp_path / "none" / "feedback.csv"
    result = run("feedback", "export", "--out", out)
    assert result.exit_code == 1
    assert result.output == (
        f"Error: {out}: No such file or directory. Name a file in a folder that exists and may be written.\n"
    )


@pytest.mark.usefixtures("told")
def test_a_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    """What is there and is no file is refused and stays."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    result = run("feedback", "export", "--out", pipe)
    assert result.exit_code == 2
    assert f"{pipe} is no file" in result.output.replace("\n", "")
    assert pipe.is_fifo()


@pytest.mark.usefixtures("told")
def test_another_format_is_refused() -> None:
    """The formats that there are, are named."""
    result = run("feedback", "export", "--format", "xlsx")
    assert result.exit_code == 2
    assert "csv" in result.output
    assert "ndjson" in result.output


# stats


def test_an_empty_database_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing was recorded, that is said, with the first day that was looked at: a Monday."""
    filled(tmp_path, monkeypatch)
    assert run("stats").output == "Nothing was recorded since 2026-09-28.\n"
    assert run("stats", "--weeks", 1).output == "Nothing was recorded since 2026-11-16.\n"


_CODES = {1: "will-monitor", 2: "other", 3: "will-monitor", 4: ""}
THREE_WEEKS: list[Told] = [
    call_entry(*(shown_card(number) for number in range(1, 9))),
    *(feedback_entry(number, reason_code=code) for number, code in _CODES.items()),
    feedback_entry(5, "accepted"),
    call_entry(shown_card(9), shown_card(10, "baclofen-dose"), at=NOON - WEEK),
    feedback_entry(9, "accepted"),
    counted("call", 1200, at=NOON),
    counted("call", 30, at=NOON - 2 * DAY),
    counted("call", 7, at=NOON - 3 * DAY),
    counted("failed", 2),
    counted("not-evaluated", 3, "quinine-cramps", "sodium"),
    counted("not-evaluated", 3, "quinine-cramps", "patient"),
    counted("not-evaluated", 4, "quinine-cramps", "magnesium", NOON - DAY),
    counted("suppressed", 5, "quinine-cramps", "override"),
    counted("shadow", 6, "albumin-cramps"),
]


def test_stats_are_told_by_rule_and_week(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls stand on top; then each rule by name, its newest week first, with shares and the reasons most frequent
    first."""
    filled(tmp_path, monkeypatch, *THREE_WEEKS)
    result = run("stats", "--weeks", 3)
    assert result.exit_code == 0
    header = "week        shown        accepted      overridden  not evaluated  suppressed   shadow"
    assert result.output.splitlines() == [
        "calls",
        "  2026-W47     1230  2 of them failed",
        "  2026-W46        7",
        "  2026-W45        0",
        "",
        "albumin-cramps",
        f"  {header}",
        "  2026-W47        0               0               0              0           0        6",
        "",
        "baclofen-dose",
        f"  {header}",
        "  2026-W46        1          0 (0%)          0 (0%)              0           0        0",
        "",
        "quinine-cramps",
        f"  {header}",
        "  2026-W47        8         1 (12%)         4 (50%)             10           5        0",
        "    overridden: will-monitor 2, no reason 1, other 1",
        "    not evaluated: magnesium 4, patient 3, sodium 3",
        "    suppressed: override 5",
        "  2026-W46        1        1 (100%)          0 (0%)              0           0        0",
    ]


@pytest.mark.parametrize(("weeks", "seen"), [(2, True), (1, False)])
def test_the_first_week_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weeks: int, seen: bool) -> None:
    """The weeks that are asked for begin on a Monday, and what was before is left out."""
    monday = NOON - timedelta(days=NOON.weekday()) - WEEK
    filled(
        tmp_path, monkeypatch, call_entry(shown_card(1), at=monday), call_entry(shown_card(2, "older"), at=monday - DAY)
    )
    output = run("stats", "--weeks", weeks).output
    assert ("quinine-cramps" in output) is seen
    assert "older" not in output


def test_a_week_belongs_to_the_year_of_its_thursday(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The turn of a year cuts no week in two: 1 January 2027 is a day of week 53 of 2026, and the next
    week is the first."""
    filled(tmp_path, monkeypatch, *(call_entry(shown_card(n), at=NOON + n * DAY) for n in (43, 44, 50)))
    output = run("stats").output
    assert output.count("2026-W53        2 ") == 1
    assert output.count("2027-W01        1 ") == 1


@pytest.mark.parametrize("weeks", ["0", "x", "521"])
def test_stats_refuse_what_is_no_number_of_weeks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, weeks: str) -> None:
    """At least the present week is shown, and at most ten years."""
    filled(tmp_path, monkeypatch)
    assert run("stats", "--weeks", weeks).exit_code == 2
