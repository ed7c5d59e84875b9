"""Orders that are typed, requests that are pasted, and all of it by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.playing import answered, arrived, begin, drafts, fire, pane, paste, rules, summaries, write

TABLET = "baclofen 10 MG Oral Tablet"


def _tab_to(page: Page, selector: str) -> None:
    """Press the tabulator until the element has the focus."""
    for _ in range(60):
        if page.evaluate("selector => document.activeElement?.matches(selector) ?? false", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} cannot be reached by keyboard")


@pytest.mark.parametrize("version", ["R4", "STU3", "DSTU2"])
def test_an_order_is_written_by_typing(page: Page, version: str) -> None:
    """Letters find a product, dose and times make the draft, and the service judges it in the request's version."""
    examples = {
        "R4": "order-sign/lorazepam-renewed-at-76",
        "STU3": "order-sign/clonazepam-on-buprenorphine",
        "DSTU2": "order-sign/oxycodone-beside-diazepam",
    }
    begin(page, examples[version])
    write(page, "bacl", TABLET)
    expect(page.locator("#amount-label")).to_have_text("Tablets each time")
    page.locator("#amount").fill("2")
    page.get_by_label("Times a day").select_option("3")
    page.get_by_role("button", name="Add the draft").click()
    expect(page.locator("#typed")).to_contain_text(f"was added, in FHIR {version}")
    assert drafts(page)[-1].startswith(f"{TABLET} 2 tablets by mouth three times daily for Muscle cramps")
    fire(page)
    told = str(pane(page, "answer")["cards"])
    assert "baclofen-max-dose" in told
    kinds = [entry["resource"]["resourceType"] for entry in pane(page, "request")["context"]["draftOrders"]["entry"]]
    assert set(kinds) == {"MedicationOrder" if version == "DSTU2" else "MedicationRequest"}


def test_an_order_in_an_open_chart_is_being_chosen(page: Page) -> None:
    """Where no order was written yet the hook becomes order-select, with the new draft selected."""
    begin(page, "patient-view/cramps-recorded-lately")
    write(page, "baclofen 20", "baclofen 20 MG Oral Tablet")
    page.get_by_role("button", name="Add the draft").click()
    expect(page.locator("#fire")).to_have_text("Choose the order")
    fire(page)
    assert pane(page, "request")["context"]["selections"] == ["MedicationRequest/draft-new-1"]
    assert summaries(page)


def test_a_typed_order_stands_in_the_address(page: Page) -> None:
    """The address of an example with an order of one's own shows the same to whoever opens it."""
    begin(page, "patient-view/cramps-recorded-lately")
    write(page, "bacl", TABLET)
    page.get_by_role("button", name="Add the draft").click()
    expect(page.locator("#typed")).to_contain_text("was added")
    fire(page)
    before, address = summaries(page), page.url
    assert "drug=197391&dose=1&times=1&for=cramps" in address
    other = page.context.new_page()
    other.goto(address)
    answered(other)
    assert summaries(other) == before
    assert len(drafts(other)) == 1
    other.close()


def test_a_drug_of_which_the_guideline_says_nothing(page: Page) -> None:
    """It can be ordered by its name, and every rule is silent."""
    begin(page, "order-sign/cyclobenzaprine-cream")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#drafts")).to_have_text("No order is being written.")
    page.locator("#write > summary").click()
    page.locator("#drug").fill("amoxicillin")
    expect(page.locator("#typed")).to_contain_text("No drug of the guideline has this name")
    page.locator("#drug").press("Enter")
    expect(page.locator("#typed")).to_contain_text("amoxicillin was added")
    fire(page)
    assert "30 rules: checked and silent." in page.locator("#cards").inner_text()


def test_the_combobox_keeps_its_pattern(page: Page) -> None:
    """Arrows move, Escape closes, and a screen reader is told what is open, pointed at and found."""
    begin(page)
    page.locator("#write > summary").click()
    box = page.get_by_role("combobox", name="Drug")
    box.press_sequentially("bacl")
    expect(page.locator("#typed")).to_contain_text("drugs found")
    expect(box).to_have_attribute("aria-expanded", "true")
    box.press("ArrowUp")
    last = page.locator("#drugs [role=option]").last
    expect(last).to_have_attribute("aria-selected", "true")
    box.press("ArrowDown")
    expect(box).to_have_attribute("aria-activedescendant", "drug-0")
    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("listbox")).to_have_count(0)


def test_everything_can_be_done_by_keyboard(page: Page) -> None:
    """From the tile to the card, an accepted suggestion, an order that is typed, and an override, without a mouse."""
    page.goto("/")
    arrived(page)
    _tab_to(page, ".tile")
    page.keyboard.press("Enter")
    expect(page.locator("#chart-title")).to_be_focused()
    _tab_to(page, "#fire")
    page.keyboard.press("Enter")
    expect(page.locator("#cards-title")).to_be_focused()
    _tab_to(page, "#cards .offers button")
    page.keyboard.press("Enter")
    expect(page.locator("#cards > .note").first).to_contain_text("Accepted")
    page.keyboard.press("Shift+Tab")
    page.locator("#chart-title").focus()
    _tab_to(page, "#write > summary")
    page.keyboard.press("Enter")
    _tab_to(page, "#drug")
    page.keyboard.type("loraz")
    expect(page.locator("#drugs [role=option]").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#drug")).to_have_value("lorazepam 0.5 MG Oral Tablet")
    page.keyboard.press("Enter")
    expect(page.locator("#drafts li")).to_have_count(2)
    _tab_to(page, "#fire")
    page.keyboard.press("Space")
    expect(page.locator("#cards article.card")).not_to_have_count(0)
    _tab_to(page, ".override summary")
    page.keyboard.press("Enter")
    _tab_to(page, ".override input[type=radio]")
    page.keyboard.press("ArrowDown")
    _tab_to(page, ".override button")
    page.keyboard.press("Enter")
    expect(page.locator(".told").first).to_contain_text("Overridden:")


def test_a_pasted_request_is_judged(page: Page) -> None:
    """What was pasted is what is sent, to the service of its hook."""
    request: dict[str, Any] = page.request.get("/fixtures/hook_requests/order-sign/quinine-for-cramps.json").json()
    page.goto("/")
    arrived(page)
    paste(page, request)
    expect(page.locator("#who")).to_contain_text("60 years")
    fire(page)
    assert rules(page, "finding") == ["quinine-cramps"]
    sent = pane(page, "request")
    assert {**sent, "hookInstance": request["hookInstance"]} == request | {
        "extension": {"io.cds-service.explain": True}
    }


def test_a_pasted_request_is_kept_nowhere(page: Page) -> None:
    """It is neither in the address nor in the browser's history; loaded again, the page says that it is gone."""
    page.goto("/")
    arrived(page)
    paste(page, page.request.get("/fixtures/hook_requests/order-sign/quinine-for-cramps.json").text())
    expect(page.locator("#who")).to_contain_text("60 years")
    assert page.url.endswith("/?pasted=yes")
    assert page.evaluate("Object.keys(history.state)") == ["key", "marked"]
    page.reload()
    arrived(page)
    expect(page.locator("#gone")).to_be_visible()


@pytest.mark.parametrize(
    ("text", "told"), [("{", "This is no JSON"), ("[]", "This is no request"), ("1", "This is no request")]
)
def test_what_is_no_request_is_not_taken(page: Page, text: str, told: str) -> None:
    """The page says what is wrong with the text, and the chart stays."""
    page.goto("/")
    arrived(page)
    paste(page, text)
    expect(page.locator("#paste-told")).to_contain_text(told)
    expect(page.locator("#who")).to_contain_text("50 years")
