"""The report of a replay in a real browser, as a file that somebody was sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.batch.exports import ward, write
from tests.browser.accessible import findings
from tests.support.commands import run

OFF = "[rules.benzodiazepine-opioid-combination]\nstage = 'off'\n"


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The address of a report that compares two sites' terms."""
    folder = tmp_path_factory.mktemp("replay")
    export, other = folder / "export", folder / "other.toml"
    export.mkdir()
    write(export, ward(12))
    other.write_text(OFF, encoding="utf-8")
    result = run("replay", export, "--out", folder / "out", "--to", "2026-11-22", "--compare", other)
    assert result.exit_code == 0, result.output
    return folder.joinpath("out", "report.html").as_uri()


def test_the_report_can_be_read(page: Page, report: str, pictures: Path) -> None:
    """Its figures and charts are there, axe has no serious finding, and nothing is complained of."""
    page.goto(report)
    expect(page.get_by_role("heading", level=1)).to_have_text("What the rules would have shown")
    row = page.get_by_role("region", name="Cards by rule, order-sign").get_by_role("row", name="Benzodiazepine with an")
    expect(row.get_by_role("cell")).to_have_text(["12", "25.00", "0", "0.00"])
    expect(page.get_by_role("img", name="Cards of 100 orders, by rule, order-sign")).to_be_visible()
    assert findings(page) == []
    page.screenshot(path=pictures / "replay-report.png", full_page=True)


def test_the_report_fits_a_small_screen(page: Page, report: str) -> None:
    """At 360 px nothing but a table is scrolled sideways."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(report)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_report_can_be_read_in_the_dark(browser: Browser, report: str) -> None:
    """With dark colors the contrast is still enough."""
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(report)
    assert findings(page) == []
    context.close()


def test_the_report_can_be_printed(page: Page, report: str, tmp_path: Path) -> None:
    """As pages of paper, each hook from a page of its own on."""
    page.goto(report)
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert tmp_path.joinpath("report.pdf").read_bytes().count(b"/Type /Page\n") >= 3
