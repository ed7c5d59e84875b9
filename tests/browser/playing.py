"""What people do on the playground, and what they then see."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Page, expect

Json = dict[str, Any]
TOO_HIGH = "order-sign/baclofen-20-mg-at-once"


def begin(page: Page, example: str = TOO_HIGH) -> None:
    """Open an example, as a newcomer or from an address, and wait until it is there."""
    page.goto(f"/?example={example}")
    arrived(page)


def arrived(page: Page) -> None:
    """Wait until a request is in the chart."""
    expect(page.locator("#fire")).to_be_enabled()
    expect(page.locator("#who")).not_to_be_empty()


def fire(page: Page) -> None:
    """Press the button, and wait for what comes of it."""
    page.locator("#fire").click()
    answered(page)


def answered(page: Page) -> None:
    """Wait until an answer is shown."""
    expect(page.locator("#wire")).to_contain_text("POST /cds-services/")


def summaries(page: Page) -> list[str]:
    """The cards that are shown, by their first lines."""
    return page.locator("#cards article.card h3").all_inner_texts()


def drafts(page: Page) -> list[str]:
    """The orders that are being written."""
    return page.locator("#drafts li > div").all_inner_texts()


def rules(page: Page, answer: str) -> list[str]:
    """The rules that gave an answer of this kind."""
    found = page.locator(f"#rules li[data-answer='{answer}']")
    return [str(found.nth(place).get_attribute("data-rule")) for place in range(found.count())]


def pane(page: Page, name: str) -> Json:
    """The JSON of a pane: what was sent, or what came back."""
    found: Json = json.loads(page.locator(f"#{name}").text_content() or "null")
    return found


def paste(page: Page, request: object) -> None:
    """Paste a request, as text if it is one."""
    page.locator("#paste > summary").click()
    page.locator("#pasted").fill(request if isinstance(request, str) else json.dumps(request))
    page.locator("#take").click()


def write(page: Page, letters: str, product: str) -> None:
    """Type a few letters of a drug and take a product."""
    if not page.locator("#drug").is_visible():
        page.locator("#write > summary").click()
    page.locator("#drug").press_sequentially(letters)
    page.get_by_role("option", name=re.compile(f"^{re.escape(product)}$")).click()
