"""Every kind of page in a real browser: it can be read, by whoever, on whatever."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.accessible import findings

PAGES = ["/", "/evidence", "/evidence/coverage", "/evidence/codes", "/evidence/baclofen-renal"]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible(page: Page, path: str) -> None:
    """axe has no serious finding, and the console no complaint."""
    page.goto(path)
    assert findings(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_a_small_screen(page: Page, path: str) -> None:
    """At 360 px nothing must be scrolled sideways."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_accessible_in_the_dark(browser: Browser, address: str, path: str) -> None:
    """With dark colors the contrast is still enough."""
    context = browser.new_context(base_url=address, color_scheme="dark")
    page = context.new_page()
    page.goto(path)
    assert findings(page) == []
    context.close()


def test_pictures_are_there_for_people_to_look_at(page: Page, pictures: Path) -> None:
    """Each kind of page leaves a picture."""
    for path in PAGES:
        page.goto(path)
        name = path.strip("/").replace("/", "-") or "start"
        page.screenshot(path=pictures / f"{name}.png", full_page=True)
        assert (pictures / f"{name}.png").stat().st_size > 1000
