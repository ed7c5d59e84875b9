"""The playground can be read by whoever, on whatever, under a strict policy; and leaves its pictures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.accessible import findings
from tests.browser.playing import arrived, begin, fire, write

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
EXAMPLES = [
    "order-sign/baclofen-20-mg-at-once",
    "order-sign/lorazepam-and-cyclobenzaprine",
    "order-sign/medication-list-missing",
    "patient-view/hospice",
]
# So that the README stays quick to load.
LARGEST = 200_000


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("example", EXAMPLES)
def test_it_is_accessible_before_and_after_firing(browser: Browser, address: str, example: str, scheme: str) -> None:
    """axe has no serious finding, with everything that can be opened open, in light and dark."""
    context = browser.new_context(base_url=address, color_scheme="dark" if scheme == "dark" else "light")
    page = context.new_page()
    begin(page, example)
    assert findings(page) == []
    fire(page)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert findings(page) == []
    page.locator("#drug").press_sequentially("bacl")
    page.locator("#drugs [role=option]").first.wait_for()
    assert findings(page) == []
    context.close()


@pytest.mark.parametrize("example", EXAMPLES)
def test_it_fits_a_small_screen(page: Page, example: str) -> None:
    """At 360 px nothing must be scrolled sideways, before and after firing, with everything open."""
    page.set_viewport_size({"width": 360, "height": 740})
    begin(page, example)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    fire(page)
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_it_works_under_a_strict_policy(page: Page) -> None:
    """With no inline code and nothing from elsewhere allowed, everything works and the console is silent."""

    def strict(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, headers=response.headers | {"content-security-policy": POLICY})

    page.route("**/?*", strict)
    begin(page)
    write(page, "bacl", "baclofen 10 MG Oral Tablet")
    page.get_by_role("button", name="Add the draft").click()
    fire(page)
    page.get_by_text("Override with a reason").first.click()
    assert page.locator("#cards article.card").count() > 0


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (360, "light"), (360, "dark")])
def test_pictures_before_and_after(browser: Browser, address: str, pictures: Path, width: int, scheme: str) -> None:
    """Each width and color leaves its pictures, for people to look at."""
    context = browser.new_context(
        base_url=address,
        viewport={"width": width, "height": 900},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    begin(page)
    page.screenshot(path=pictures / f"playground-{width}-{scheme}-before.png", full_page=True)
    fire(page)
    page.screenshot(path=pictures / f"playground-{width}-{scheme}-after.png", full_page=True)
    assert (pictures / f"playground-{width}-{scheme}-after.png").stat().st_size > 1000
    context.close()


def test_pictures_of_the_documents_are_small(page: Page, pictures: Path) -> None:
    """The README's pictures are drawn here, into docs only where PICTURES names it, and stay small."""
    folder = Path(os.environ["PICTURES"]) if os.environ.get("PICTURES") else pictures
    folder.mkdir(parents=True, exist_ok=True)
    page.goto("/")
    arrived(page)
    # Down to where the address of this very service would be told.
    page.screenshot(path=folder / "playground.png", clip={"x": 0, "y": 0, "width": 1280, "height": 764})
    fire(page)
    page.locator("#cards article.card").screenshot(path=folder / "card.png")
    for name in ("playground.png", "card.png"):
        assert 1000 < (folder / name).stat().st_size < LARGEST
