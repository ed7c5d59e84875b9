"""The committee's pages in a real browser: somebody logs in, chooses, reads the three answers, and takes the figures
along; they are those of a plain count."""

from __future__ import annotations

import csv
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.security import generate_password_hash

from cds_service.store.database import Database
from cds_service.store.entries import Subject
from cds_service.web import remember
from tests.browser.accessible import findings
from tests.browser.conftest import START
from tests.support.served import Server, within
from tests.support.stored import SECRET, SERVICE, call_entry, counted, feedback_entry, fill, shown_card

PASSWORD = "correct horse battery"
RULES = ("quinine-cramps", "magnesium-normal-level", "baclofen-renal")
REASONS = ("data-outdated-or-wrong", "specialist-advice", "")
PAGES = ("/dashboard", "/dashboard/rules/quinine-cramps", "/dashboard/signoff")
WEEKS = 6
WEEK = timedelta(weeks=1)
SIGNED = """
[rules.quinine-cramps.signed]
by = "the committee of the tests"
on = 2020-01-01
next = 2021-01-01
version = "000000-000000-000000-000000"
"""


def _told(now: datetime) -> Iterator[Any]:
    """Cards of some weeks, with feedback on two of three, and calls that showed none."""
    for number in range(1, 121):
        at = now - WEEK * (number % WEEKS)
        rule = RULES[number % 7 % 3]
        subject = Subject("p", "u", "north" if number % 4 else "south")
        yield call_entry(shown_card(number, rule), at=at, subject=subject)
        if number % 3:
            outcome = "overridden" if number % 5 else "accepted"
            reason = REASONS[number % 11 % 3] if outcome == "overridden" else ""
            yield feedback_entry(number, outcome, at=at, reason_code=reason, client=subject.client)
    for back in range(WEEKS):
        day = (now - WEEK * back).date()
        yield {(day, SERVICE, client, "call", "", ""): (50, 75.0) for client in ("north", "south")}
        yield counted("not-evaluated", 9, "baclofen-renal", "kidney-function", at=now - WEEK * back)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with some weeks of calls."""
    path = tmp_path_factory.mktemp("committee") / "cds.db"
    with closing(Database(f"sqlite:///{path}")) as found:
        found.upgrade()
        fill(found, *_told(remember.now()))
    return path


@pytest.fixture(scope="module")
def served(database: Path) -> Iterator[Server]:
    """The service of a site that lets staff in by a password."""
    site = database.with_name("site.toml")
    site.write_text(f"[staff]\npassword_hash = '{generate_password_hash(PASSWORD)}'\n{SIGNED}", encoding="utf-8")
    variables = {"CDS_DATABASE_URL": f"sqlite:///{database}", "CDS_HMAC_KEY": SECRET, "CDS_SITE": str(site)}
    started = Server(database.with_name("log.txt"), **variables)
    try:
        assert within(START, started.answers), started.log.read_text(encoding="utf-8")
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="module")
def session(browser: Browser, served: Server) -> list[Any]:
    """The cookie of somebody who logged in by the form, once for all: a password may be tried only a few times."""
    context = browser.new_context(base_url=f"http://127.0.0.1:{served.port}")
    logged_in(context.new_page())
    found = context.cookies()
    context.close()
    return list(found)


@pytest.fixture
def inside(page: Page, session: list[Any]) -> Page:
    """The overview, as somebody sees it who is let in."""
    page.context.add_cookies(session)
    page.goto("/dashboard")
    return page


def logged_in(page: Page) -> Page:
    """The overview, after the password was typed."""
    page.goto("/dashboard")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What the rules did")
    return page


def counted_plainly(database: Path, query: str, *values: object) -> Any:
    """What plain SQL counts."""
    with closing(sqlite3.connect(database)) as connection:
        return connection.execute(query, values).fetchone()[0]


OVERRIDDEN = """
    SELECT count(*) FROM card WHERE rule = ? AND client LIKE ? AND (
        SELECT outcome FROM feedback
        WHERE feedback.card = card.uuid AND feedback.client = card.client ORDER BY at DESC, id DESC LIMIT 1
    ) = 'overridden'
"""


def cell(page: Page, rule: str, column: str) -> str:
    """What the table of rules says, without its share."""
    table = page.get_by_role("region", name="Every rule")
    head = [one.strip() for one in table.locator("thead th").all_inner_texts()]
    row = table.locator("tbody tr").filter(has=page.locator(f'a[href^="/dashboard/rules/{rule}?"]'))
    return row.locator("th, td").nth(head.index(column)).inner_text().split()[0]


def test_figures_are_those_of_a_plain_count(inside: Page, database: Path) -> None:
    """Logged in, of each rule the page shows as many cards and overrides as SQL counts; and so it does for one client,
    chosen by the form."""
    for client, like in (("all", "%"), ("north", "north")):
        inside.get_by_label("Client").select_option(label=client)
        inside.get_by_role("button", name="Show").click()
        expect(inside.get_by_label("Client")).to_have_value("*" if client == "all" else client)
        for rule in RULES:
            shown = "SELECT count(*) FROM card WHERE rule = ? AND client LIKE ?"
            assert int(cell(inside, rule, "Shown")) == counted_plainly(database, shown, rule, like)
            assert int(cell(inside, rule, "Overridden")) == counted_plainly(database, OVERRIDDEN, rule, like)


def test_the_three_answers_can_be_read(inside: Page, database: Path) -> None:
    """Each under its question; the first rule named is the one with the most overrides."""
    by_rule = {rule: counted_plainly(database, OVERRIDDEN, rule, "%") for rule in RULES}
    most = inside.get_by_role("region", name="Which rule is overridden most?")
    assert f"{max(by_rule.values())} of" in most.get_by_role("listitem").first.inner_text()
    wrong = inside.get_by_role("region", name="Who says that the data are wrong?")
    expect(wrong).to_contain_text("The data shown are outdated or wrong")
    unchecked = inside.get_by_role("region", name="What could not be checked?")
    expect(unchecked).to_contain_text(f"{9 * WEEKS} times a rule had no answer, for want of kidney function")
    most.get_by_role("link").first.click()
    expect(inside.get_by_role("heading", name="Why it was overridden")).to_be_visible()


def test_a_period_is_chosen(inside: Page, database: Path) -> None:
    """Only what was shown in it counts."""
    today = remember.now().date()
    inside.get_by_label("From").fill(str(today - WEEK))
    inside.get_by_label("to", exact=True).fill(str(today))
    inside.get_by_role("button", name="Show").click()
    expected = counted_plainly(database, "SELECT count(*) FROM card WHERE day >= ?", str(today - WEEK))
    expect(inside.locator(".lead").first).to_contain_text(f"{expected} cards")


def test_the_figures_are_taken_along(inside: Page, database: Path, tmp_path: Path) -> None:
    """The table as CSV, everything as NDJSON, and a month as one page that is shown without the service."""
    with inside.expect_download() as download:
        inside.get_by_role("region", name="Every rule").get_by_role("link", name="This table as CSV").click()
    download.value.save_as(tmp_path / "rules.csv")
    rows = list(csv.DictReader(tmp_path.joinpath("rules.csv").read_text(encoding="utf-8").splitlines()))
    assert {row["rule"]: int(row["overridden"]) for row in rows} == {
        rule: counted_plainly(database, OVERRIDDEN, rule, "%") for rule in RULES
    }
    with inside.expect_download() as download:
        inside.get_by_role("link", name="Everything that is kept").click()
    download.value.save_as(tmp_path / "everything.ndjson")
    lines = [json.loads(line) for line in tmp_path.joinpath("everything.ndjson").read_text("utf-8").splitlines()]
    assert [line["kind"] for line in lines].count("card") == 120
    with inside.expect_download() as download:
        inside.get_by_role("button", name="Get the file").click()
    download.value.save_as(tmp_path / "report.html")
    inside.goto(tmp_path.joinpath("report.html").as_uri())
    expect(inside.get_by_role("heading", level=1)).to_contain_text("Muscle cramp decision support, ")
    expect(inside.locator("svg")).to_have_count(3)
    assert findings(inside) == []


def test_a_changed_rule_is_told(inside: Page) -> None:
    """Overdue and changed since its sign-off, it stands first."""
    inside.get_by_role("link", name="Sign-off").click()
    first = inside.locator("tbody tr").first
    expect(first).to_contain_text("Quinine for cramps")
    expect(first).to_contain_text("overdue since 2021-01-01")
    expect(first).to_contain_text("changed: text, numbers, logic, codes")


def test_a_wrong_password_is_told(page: Page, complaints: list[str]) -> None:
    """And the field has the focus again."""
    page.goto("/dashboard")
    page.get_by_label("Password").fill("another one")
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("alert")).to_have_text("That is not the password.")
    expect(page.get_by_label("Password")).to_be_focused()
    complaints[:] = [one for one in complaints if "403" not in one]


def test_it_is_done_by_keyboard(page: Page) -> None:
    """Logging in, choosing, opening the numbers and logging out."""
    page.goto("/dashboard")
    page.get_by_label("Password").focus()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What the rules did")
    page.get_by_label("Hook").focus()
    page.keyboard.type("order-sign")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Hook")).to_have_value("order-sign")
    page.get_by_text("The same in numbers").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("region", name="All rules together, by week")).to_be_visible()
    page.get_by_role("button", name="Log out").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password")).to_be_visible()
    page.goto("/dashboard/signoff")
    expect(page.get_by_label("Password")).to_be_visible()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_read_by_all(inside: Page, path: str, pictures: Path) -> None:
    """axe has no serious finding; at 360 px nothing but a table is scrolled sideways; and a picture is left."""
    inside.goto(path)
    assert findings(inside) == []
    inside.screenshot(path=pictures / f"{path.strip('/').replace('/', '-')}.png", full_page=True)
    inside.set_viewport_size({"width": 360, "height": 740})
    assert inside.evaluate("document.documentElement.scrollWidth") <= 360


def test_pages_can_be_read_in_the_dark(browser: Browser, address: str, session: list[Any]) -> None:
    """With dark colors the contrast is still enough, at the door, too."""
    context = browser.new_context(base_url=address, color_scheme="dark")
    page = context.new_page()
    page.goto("/dashboard/login")
    assert findings(page) == []
    context.add_cookies(session)
    for path in PAGES:
        page.goto(path)
        assert findings(page) == []
    context.close()
