"""The newcomer's way: from the start page to a card, what can be done with it, and what every rule said."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.browser.playing import TOO_HIGH, answered, arrived, begin, drafts, fire, pane, rules, summaries
from tests.support.served import within

RULE = "baclofen-start-dose"
FIVE = "Change to baclofen 5 mg twice daily"


def _kept(database: Path, question: str, *values: str) -> Sequence[Any]:
    with sqlite3.connect(database) as connection:
        return connection.execute(question, values).fetchall()


def test_a_newcomer_presses_one_button_and_sees_a_card(page: Page) -> None:
    """The start page has a patient and an order in it; the blue button brings the card, and every rule's answer."""
    page.goto("/")
    arrived(page)
    assert page.locator("#fire").inner_text() == "Sign the orders"
    assert "Nothing fired yet" in page.locator("#cards").inner_text()
    fire(page)
    (summary,) = summaries(page)
    assert summary.startswith("warning Baclofen start 20 mg/day")
    assert rules(page, "finding") == [RULE]
    assert "age 50 years" in page.locator(f"#rules li[data-rule='{RULE}']").inner_text()
    assert page.locator("#rules summary").first.inner_text() == "29 rules: checked and silent"


def test_what_is_shown_was_really_sent_and_answered(page: Page) -> None:
    """The panes hold the request with its wish for an explanation, and the answer, as they went over the wire."""
    begin(page)
    fire(page)
    sent, answer = pane(page, "request"), pane(page, "answer")
    assert sent["extension"] == {"io.cds-service.explain": True}
    assert answer["cards"][0]["source"]["topic"]["code"] == RULE
    assert len(answer["extension"]["io.cds-service.trace"]["rules"]) == 32
    first = sent["hookInstance"]
    fire(page)
    expect(page.locator("#request")).not_to_contain_text(first)


def test_another_patient_is_chosen_by_a_tile(page: Page) -> None:
    """A tile brings its patient, and the button says what its clinician does."""
    page.goto("/")
    arrived(page)
    page.get_by_role("link", name="Something that nobody looked at").click()
    expect(page.locator("#fire")).to_have_text("Open the chart")
    expect(page.locator("#chart-title")).to_be_focused()
    assert page.locator(".tile[aria-current]").inner_text().startswith("Something")


def test_the_other_patients_are_found_by_words(page: Page) -> None:
    """The search keeps the stories that hold every word, and one of them is chosen like a tile."""
    page.goto("/")
    arrived(page)
    page.locator("#all > summary").click()
    page.get_by_label("Search the stories").fill("dialysis baclofen")
    expect(page.locator("#sifted")).to_have_text("1 patient found.")
    page.get_by_role("link", name="Baclofen for leg cramps is signed for a woman of 59 on dialysis.").click()
    expect(page.locator("#who")).to_contain_text("59 years")
    fire(page)
    assert summaries(page)[0].startswith("critical ")


def test_an_accepted_suggestion_changes_the_draft_and_fires_again(page: Page, database: Path) -> None:
    """The draft gets the dose of the suggestion, the hook is fired again and silent, and the feedback is on disk."""
    begin(page)
    assert "Take 1 tablet by mouth twice daily" in drafts(page)[0]
    fire(page)
    card = pane(page, "answer")["cards"][0]
    page.get_by_role("button", name=FIVE).click()
    note = page.locator("#cards > .note").first
    expect(note).to_contain_text(
        "The draft was replaced. Feedback sent, and kept. The hook order-sign was fired again."
    )
    assert "5 mg twice daily" in drafts(page)[0]
    assert "changed" in drafts(page)[0]
    assert "30 rules: checked and silent." in page.locator("#cards").inner_text()
    assert pane(page, "request")["context"]["draftOrders"]["entry"][0]["resource"]["id"] == "draft-baclofen"
    [row] = _kept(
        database,
        "select f.outcome, a.suggestion from feedback f join accepted a on a.feedback_id = f.id where f.card = ?",
        card["uuid"],
    )
    assert row == ("accepted", card["suggestions"][0]["uuid"])


def test_an_overridden_card_is_not_shown_again_and_the_page_says_why(page: Page, database: Path) -> None:
    """The reason is stored; firing again shows no card but who silenced it; another clinician sees it again."""
    begin(page, "patient-view/quinine-on-the-list")
    fire(page)
    card = pane(page, "answer")["cards"][0]
    page.get_by_text("Override with a reason").click()
    page.get_by_label("Informed patient preference").or_(
        page.locator(".override input[type=radio]").nth(1)
    ).first.check()
    page.get_by_label("Comment (optional)").fill("seen last week")
    page.get_by_role("button", name="Override", exact=True).click()
    expect(page.locator(".told")).to_contain_text("Feedback sent, and kept.")
    expect(page.locator(".told")).to_be_focused()
    [row] = _kept(database, "select outcome, given, reason_code from feedback where card = ?", card["uuid"])
    assert row[:2] == ("overridden", 1)
    assert row[2] in [reason["code"] for reason in card["overrideReasons"]]
    # What was shown is written within about half a second.
    assert within(10, lambda: bool(_kept(database, "select 1 from card where uuid = ?", card["uuid"])))
    page.locator("#fire").click()
    expect(page.locator("#cards")).to_contain_text("1 rule: found something that need not be said again.")
    assert rules(page, "suppressed") == ["quinine-cramps"]
    assert "overridden lately by this user for this patient" in page.locator("#rules").inner_text()
    page.get_by_role("button", name="Fire as another clinician").click()
    expect(page.locator("#cards article.card")).to_have_count(1)


def test_a_dismissal_silences_nothing(page: Page, database: Path) -> None:
    """Without a chosen reason nothing is overridden; a dismissal is kept as one, and the card comes again."""
    begin(page, "patient-view/cyclobenzaprine-taken")
    fire(page)
    card = pane(page, "answer")["cards"][0]
    page.get_by_text("Override with a reason").click()
    page.get_by_role("button", name="Override", exact=True).click()
    expect(page.locator(".told")).to_have_text("Choose a reason first, or dismiss the card without one.")
    page.get_by_role("button", name="Dismiss without a reason").click()
    expect(page.locator(".told")).to_contain_text("Dismissed. Feedback sent, and kept.")
    assert _kept(database, "select outcome, given from feedback where card = ?", card["uuid"]) == [("overridden", 0)]
    assert within(10, lambda: bool(_kept(database, "select 1 from card where uuid = ?", card["uuid"])))
    page.locator("#fire").click()
    expect(page.locator("#cards article.card:not(.answered)")).to_have_count(1)


def test_a_chart_orders_what_nobody_looked_at(page: Page) -> None:
    """In an open chart an accepted test is ordered at once, so that firing again finds it."""
    begin(page, "patient-view/cramps-without-a-check")
    fire(page)
    page.get_by_role("button", name="Order serum creatinine").click()
    expect(page.locator("#cards > .note").first).to_contain_text("It was ordered.")
    assert "Serum magnesium active" in page.locator("#chart").inner_text()
    assert "electrolyte-check-missing" not in rules(page, "finding")


def test_a_chart_puts_a_new_drug_among_the_drafts(page: Page) -> None:
    """An accepted drug becomes a draft that is being chosen: the hook that fires is order-select."""
    begin(page, "patient-view/baclofen-with-egfr-22")
    fire(page)
    page.get_by_role("button", name="Taper baclofen").click()
    expect(page.locator("#cards > .note").first).to_contain_text("The hook order-select was fired again.")
    assert pane(page, "request")["context"]["selections"] == ["MedicationRequest/draft-new-1"]
    assert len(drafts(page)) == 1


def test_a_removed_draft_and_an_added_one(page: Page) -> None:
    """A deletion takes the draft away; a creation puts another one beside it."""
    begin(page, "order-select/lorazepam-beside-oxycodone")
    fire(page)
    page.get_by_role("button", name="Add naloxone").click()
    expect(page.locator("#cards > .note").first).to_contain_text("A draft was added.")
    assert len(drafts(page)) == 2
    page.get_by_role("button", name="Remove lorazepam (recommended)").click()
    expect(page.locator("#cards > .note").first).to_contain_text("The draft was removed.")
    assert [text.startswith("Naloxone") for text in drafts(page)] == [True]


def test_an_address_shows_the_same_to_everybody(page: Page) -> None:
    """Example, hook and firing stand in the address; opened anew and loaded again it shows the same card."""
    page.goto(f"/?example={TOO_HIGH}&hook=order-sign&fired=yes")
    answered(page)
    before = summaries(page)
    assert len(before) == 1
    page.reload()
    answered(page)
    assert summaries(page) == before


def test_back_and_forward_lead_through_what_was_done(page: Page) -> None:
    """Back from an accepted suggestion come the old draft with its card, the unfired page, and the patient before."""
    page.goto("/")
    arrived(page)
    page.get_by_role("link", name="Data that did not arrive").click()
    expect(page.locator("#who")).to_contain_text("48 years")
    page.get_by_role("link", name="A first dose that is too high").click()
    expect(page.locator("#who")).to_contain_text("50 years")
    fire(page)
    page.get_by_role("button", name=FIVE).click()
    expect(page.locator("#cards")).to_contain_text("No card")
    page.reload()
    expect(page.locator("#cards")).to_contain_text("No card")
    assert "5 mg twice daily" in drafts(page)[0]
    page.go_back()
    expect(page.locator("#cards article.card")).to_have_count(1)
    assert "1 tablet" in drafts(page)[0]
    page.go_back()
    expect(page.locator("#cards")).to_contain_text("Nothing fired yet")
    page.go_back()
    expect(page.locator("#who")).to_contain_text("48 years")
    page.go_forward()
    expect(page.locator("#who")).to_contain_text("50 years")
