"""The committee's pages and files, as they are sent."""

from __future__ import annotations

import csv
import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from cds_service.rules import RULES
from cds_service.store.database import Database
from cds_service.store.entries import Subject
from cds_service.web.staff import exports, pages
from tests.support.stored import NOON, RULE, call_entry, counted, feedback_entry, fill, shown_card

HOSTILE = "<script>alert(1)</script>"
WEEK = timedelta(weeks=1)


@pytest.fixture
def filled(database: Database) -> Database:
    """A little of everything, of two clients."""
    fill(
        database,
        call_entry(*(shown_card(number) for number in range(1, 4))),
        call_entry(shown_card(4), at=NOON - 4 * WEEK, subject=Subject("p2", "u2", "north")),
        feedback_entry(1, reason_code="data-outdated-or-wrong", comment="secret words", given=True),
        feedback_entry(2, "accepted"),
        feedback_entry(4, reason_code="x-site-reason", client="north"),
        counted("not-evaluated", 4, RULE, "conditions"),
        counted("call", 12),
        {(NOON.date() - 4 * WEEK, "cramp-order-sign", "north", "call", "", ""): (5, 5.0)},
    )
    return database


def table(answer: str) -> list[dict[str, str]]:
    """The rows of CSV."""
    return list(csv.DictReader(StringIO(answer, newline="")))


@pytest.mark.usefixtures("filled")
def test_the_overview_answers_the_three_questions(staff: FlaskClient) -> None:
    """In words, with numbers and with links to the rules."""
    page = staff.get("/dashboard").text
    assert "17 calls from 2026-08-24 to 2026-11-18, 4 cards (23.5 of 100 calls): 1 accepted, 2 overridden" in page
    assert "2 of 4 cards (50 %)" in page
    assert "1 of 2 overrides: The data shown are outdated or wrong (1)" in page
    assert "4 times a rule had no answer, for want of the problem list" in page
    assert 'href="/dashboard/rules/quinine-cramps?from=2026-08-24' in page


@pytest.mark.usefixtures("filled")
def test_every_chart_has_its_numbers_beside_it(staff: FlaskClient) -> None:
    """As a table, for those who read, week by week."""
    for page in ("/dashboard", f"/dashboard/rules/{RULE}"):
        shown = staff.get(page).text
        assert shown.count("<svg") >= 3
        assert shown.count('<th scope="row">2026-W') == 13


@pytest.mark.usefixtures("filled")
def test_a_filter_counts_less(staff: FlaskClient) -> None:
    """Of one client, of one hook, and of a period."""
    assert "5 calls from" in staff.get("/dashboard?client=north").text
    assert "12 calls from" in staff.get("/dashboard?client=").text
    assert "0 calls from" in staff.get("/dashboard?hook=patient-view").text
    assert "12 calls from 2026-11-01" in staff.get("/dashboard?from=2026-11-01&to=2026-11-18").text
    assert '<option value="north" selected>' in staff.get("/dashboard?client=north").text


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/dashboard?from=x", "`from` is a day"),
        ("/dashboard/rules/quinine-cramps?hook=x", "no such hook"),
        ("/dashboard/report.html?month=x", "2026-10"),
    ],
)
def test_what_cannot_be_asked_is_told(staff: FlaskClient, address: str, words: str) -> None:
    """As a page that leads back."""
    answer = staff.get(address)
    assert answer.status_code == 400
    assert words in answer.text
    assert 'href="/dashboard"' in answer.text


def test_an_unknown_page_is_told(staff: FlaskClient) -> None:
    """And a rule of which nothing is known."""
    for address in ("/dashboard/nothing", "/dashboard/rules/nothing"):
        assert staff.get(address).status_code == 404
    assert staff.post("/dashboard/signoff").status_code in (400, 405)


def test_a_rule_that_was_is_still_told(staff: FlaskClient, database: Database) -> None:
    """What an earlier version counted is not lost."""
    fill(database, call_entry(shown_card(1, "a-rule-that-was")))
    page = staff.get("/dashboard/rules/a-rule-that-was").text
    assert "<h1>a-rule-that-was</h1>" in page
    assert "/evidence/a-rule-that-was" not in page


def test_every_rule_has_its_page(staff: FlaskClient) -> None:
    """Also one that was never shown."""
    for rule in RULES:
        page = staff.get(f"/dashboard/rules/{rule.id}")
        assert page.status_code == 200
        assert "signed off by nobody" in page.text


@pytest.mark.usefixtures("filled")
def test_the_table_is_exported_as_it_is_shown(staff: FlaskClient) -> None:
    """With the figures of the page and a name for the file."""
    answer = staff.get("/dashboard/figures.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="rules.csv"'
    [row] = table(answer.text)
    assert tuple(row) == exports.BY_RULE
    assert row["rule"] == RULE
    assert (row["calls"], row["shown"], row["accepted"], row["overridden"]) == ("17", "4", "1", "2")
    assert row["reasons"] == "data-outdated-or-wrong 1; x-site-reason 1"
    assert row["missing"] == "the problem list 4"


@pytest.mark.usefixtures("filled")
def test_the_weeks_of_a_rule_are_exported(staff: FlaskClient) -> None:
    """A row a week, nothing where nothing is known; a rule that is not ours names no file."""
    answer = staff.get(f"/dashboard/figures.csv?rule={RULE}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="weeks-{RULE}.csv"'
    rows = table(answer.text)
    assert [row["shown"] for row in rows if row["shown"] != "0"] == ["1", "3"]
    assert (rows[0]["week"], rows[0]["shown_per_100_calls"]) == ("2026-08-24", "")
    odd = staff.get('/dashboard/figures.csv?rule=a"b')
    assert odd.headers["Content-Disposition"] == 'attachment; filename="weeks-rule.csv"'


@pytest.mark.usefixtures("filled")
def test_the_sign_offs_are_exported(staff: FlaskClient) -> None:
    """All rules, of which nobody has signed any."""
    rows = table(staff.get("/dashboard/signoff.csv").text)
    assert {row["rule"] for row in rows} == {rule.id for rule in RULES}
    assert {(row["signed_by"], row["overdue"], row["changed_since"]) for row in rows} == {("", "false", "")}


@pytest.mark.usefixtures("filled")
def test_everything_is_exported(staff: FlaskClient) -> None:
    """A line for each card and each count."""
    lines = [json.loads(line) for line in staff.get("/dashboard/everything.ndjson").text.splitlines()]
    assert [line["kind"] for line in lines].count("card") == 4
    assert {line["kind"] for line in lines} == {"card", "call", "not-evaluated"}
    assert lines[0]["at"] == "2026-10-21T12:00:00.000Z"
    assert lines[0]["client"] == "north"


@pytest.mark.usefixtures("filled")
def test_the_report_is_one_file(staff: FlaskClient) -> None:
    """Of a month, with the same figures, sign-offs and charts; it needs nothing beside it."""
    answer = staff.get("/dashboard/report.html?month=2026-11")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="report-2026-11.html"'
    page = answer.text
    assert "12 calls from 2026-11-01 to 2026-11-30, 3 cards" in page
    assert "<strong>before the month was over</strong>" in page
    assert "before the month was over" not in staff.get("/dashboard/report.html").text
    assert "by nobody" in page
    assert page.count("<svg") == 3
    for part in ("href=", "src=", "url(", "@import", "<script", "<form"):
        assert part not in page


@pytest.mark.usefixtures("filled")
def test_nothing_of_a_patient_or_a_user_is_shown(staff: FlaskClient, filled: Database) -> None:
    """No key of either, and no comment, on any page or in any file."""
    with filled.reading() as connection:
        keys = {key for row in connection.execute(text('SELECT patient, "user" FROM card')) for key in row}
    assert len(keys) == 4
    for page in ("", f"/rules/{RULE}", "/signoff", "/figures.csv", "/everything.ndjson", "/report.html?month=2026-11"):
        shown = staff.get(f"/dashboard{page}").text
        assert not [key for key in (*keys, "secret words", "p2", "u2") if key in shown]


def test_what_others_named_is_text(staff: FlaskClient, database: Database) -> None:
    """A client, a rule, a reason or a need with marks of HTML is shown as it is, and runs nothing in a spreadsheet."""
    fill(
        database,
        call_entry(shown_card(1, HOSTILE), subject=Subject("p", "u", HOSTILE)),
        feedback_entry(1, reason_code=HOSTILE, client=HOSTILE),
        call_entry(shown_card(2, "=1+1")),
        {(NOON.date(), "cramp-order-sign", HOSTILE, "not-evaluated", HOSTILE, HOSTILE): (1, 0.0)},
    )
    for page in ("", f"/rules/{HOSTILE.replace('/', '%2F')}", "/report.html?month=2026-11"):
        answer = staff.get(f"/dashboard{page}")
        assert HOSTILE not in answer.text
    assert "'=1+1" in {row["rule"] for row in table(staff.get("/dashboard/figures.csv").text)}


def test_a_database_that_cannot_be_read_is_told(staff: FlaskClient, tmp_path: Path) -> None:
    """As a page, and not as figures, or a file, of nothing."""
    tmp_path.joinpath("cds.sqlite3").rename(tmp_path / "away")
    for page in ("", f"/rules/{RULE}", "/figures.csv", "/everything.ndjson", "/report.html"):
        answer = staff.get(f"/dashboard{page}")
        assert answer.status_code == 503
        assert "The database cannot be read now." in answer.text


def test_a_failure_of_ours_tells_nothing(
    staff: FlaskClient, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither the page nor the log repeats what went wrong, but for its kind."""

    def fail(*parts: object) -> None:
        raise ValueError("a secret value")

    monkeypatch.setattr(pages, "board", fail)
    answer = staff.get("/dashboard")
    told = capsys.readouterr()
    assert answer.status_code == 500
    assert "a page of the staff failed" in told.out
    assert "a secret value" not in answer.text + told.out + told.err
