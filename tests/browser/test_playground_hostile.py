"""Hostile text from FHIR is shown as text, wherever the page shows it, and whatever fails is shown as what it is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.conftest import START
from tests.browser.playing import TOO_HIGH, arrived, begin, fire, paste, rules, summaries
from tests.support.served import Server, within

EVIL = (
    "<script>document.title='run'</script><iframe srcdoc='<script>parent.document.title=1</script>'></iframe>"
    "<style>body{display:none}</style><img src=x onerror=\"document.title='run'\">"
    "[link](javascript:document.title='run') 5*3*2 <drug> ![i](https://evil.example/i.png)"
)
SERVICE = "**/cds-services/cramp-order-sign"


def _hostile(page: Page) -> dict[str, Any]:
    """A request about baclofen whose every text is hostile, and whose drug is known by its code."""
    found: dict[str, Any] = page.request.get("/fixtures/hook_requests/order-sign/baclofen-20-mg-at-once.json").json()
    draft = found["context"]["draftOrders"]["entry"][0]["resource"]
    del draft["medicationCodeableConcept"]["coding"]
    draft["medicationCodeableConcept"]["text"] = f"baclofen {EVIL}"
    draft["dosageInstruction"][0]["text"] = EVIL
    draft["note"] = [{"text": EVIL}]
    for key in ("conditions", "observations"):
        for entry in found["prefetch"][key]["entry"]:
            entry["resource"]["code"]["text"] = EVIL
    found["prefetch"]["patient"]["name"] = [{"family": EVIL}]
    return found


def _harmless(page: Page) -> None:
    """Nothing of the text has become an element, was run or fetched."""
    assert page.title() == "Try it - muscle cramp decision support"
    assert page.locator("#main").is_visible()
    foreign = page.locator("main :is(iframe, style, img, object, form:not(#order)), main script:not([src])")
    assert foreign.count() == 0
    addresses = page.eval_on_selector_all("main a", "links => links.map(link => link.protocol)")
    assert set(addresses) <= {"http:", "https:"}


def test_hostile_text_is_text_everywhere(page: Page) -> None:
    """In chart, drafts, cards, facts and JSON every character stands as it came."""
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url))
    page.goto("/")
    arrived(page)
    paste(page, _hostile(page))
    expect(page.locator("#who")).to_contain_text(EVIL)
    fire(page)
    expect(page.locator("#cards article.card")).to_have_count(1)
    for place in ("#chart", "#drafts"):
        assert "<script>document.title='run'</script>" in page.locator(place).inner_text()
        assert "5*3*2 <drug>" in page.locator(place).inner_text()
    assert "<script>document.title='run'</script>" in page.locator("#cards").inner_text()
    assert "<iframe srcdoc=" in (page.locator("#request").text_content() or "")
    assert "&lt;img src=x" in (page.locator("#answer").text_content() or "")
    _harmless(page)
    assert [url for url in fetched if "evil.example" in url] == []


def test_a_hostile_card_is_text_too(page: Page) -> None:
    """Whatever a service could send is shown as text: summary, suggestion, reason, source, link and detail."""
    card = {
        "uuid": "0d1f4a2e-0000-4000-8000-000000000000",
        "summary": EVIL,
        "indicator": EVIL,
        "detail": EVIL,
        "source": {"label": EVIL},
        "suggestions": [{"label": EVIL, "uuid": "x", "actions": []}],
        "overrideReasons": [{"code": "x", "display": EVIL}],
        "links": [{"label": EVIL, "url": "javascript:document.title='run'", "type": "absolute"}],
    }
    fact = {"what": EVIL, "value": EVIL, "unit": EVIL, "date": EVIL, "against": EVIL, "reference": EVIL}
    line = {
        "rule": EVIL,
        "answer": "finding",
        "facts": [fact],
        "missing": [{"need": EVIL, "why": EVIL, "detail": EVIL}],
    }
    trace = {"rules": [line, {"rule": "x", "answer": "merged", "by": EVIL}], "unread": 0, "laboratory": [fact]}
    answer = {"cards": [card], "extension": {"io.cds-service.trace": trace}}
    page.route(SERVICE, lambda route: route.fulfill(json=answer))
    begin(page)
    fire(page)
    page.get_by_text("Override with a reason").click()
    card_text = page.locator("#cards article.card").inner_text()
    assert card_text.count("<script>document.title='run'</script>") == 7
    assert card_text.count("5*3*2 <drug>") == 6  # in the detail the stars mean something
    page.get_by_text("The laboratory, as it was read").click()
    assert page.locator("#rules").inner_text().count("5*3*2 <drug>") == 17
    _harmless(page)


def test_a_hostile_comment_is_sent_as_it_is(page: Page) -> None:
    """A clinician's comment goes into the feedback whole, and is shown nowhere as anything but text."""
    sent: list[Any] = []

    def take(route: Route) -> None:
        sent.append(route.request.post_data_json)
        route.continue_()

    page.route(f"{SERVICE}/feedback", take)
    begin(page, "order-sign/baclofen-10-to-30-mg")  # a card that no other test wants to see
    fire(page)
    page.get_by_text("Override with a reason").click()
    page.locator(".override input[type=radio]").first.check()
    page.get_by_label("Comment (optional)").fill(EVIL)
    page.get_by_role("button", name="Override", exact=True).click()
    expect(page.locator(".told")).to_contain_text("Feedback sent, and kept.")
    assert sent[0]["feedback"][0]["overrideReason"]["userComment"] == EVIL
    _harmless(page)


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, '{"issue":[{"details":{"text":"Not let in."}}]}', "401: Not let in."),
        (500, "<h1>Bad <script>document.title='run'</script></h1>", "500: <h1>Bad <script>"),
        (502, "", "502: nothing more."),
        (200, "{}", "The answer is no list of cards"),
        (200, "cut of", "The answer is no list of cards"),
    ],
)
def test_an_answer_that_is_none_is_shown_as_what_it_is(
    page: Page, complaints: list[str], status: int, body: str, told: str
) -> None:
    """Status and words of a refusal, or whatever came instead of cards, stand where the cards would."""
    page.route(SERVICE, lambda route: route.fulfill(status=status, body=body))
    begin(page)
    fire(page)
    expect(page.locator("#cards")).to_contain_text(told)
    _harmless(page)
    assert len(complaints) == (0 if status == 200 else 1)
    complaints.clear()


def test_a_service_that_is_gone_is_told(page: Page, complaints: list[str]) -> None:
    """Without an answer the page says that there is none, and never that nothing was found."""
    page.route(SERVICE, lambda route: route.abort())
    begin(page)
    page.locator("#fire").click()
    expect(page.locator("#cards")).to_contain_text("The service could not be reached")
    assert "silent" not in page.locator("#cards").inner_text()
    assert len(complaints) == 1
    complaints.clear()


def test_a_request_that_is_refused_says_what_to_mend(page: Page, complaints: list[str]) -> None:
    """The service's own words on a pasted request are shown, and so is a hook that nobody serves."""
    page.goto("/")
    arrived(page)
    paste(page, {"hook": "order-sign", "context": {"userId": "Practitioner/1"}})
    fire(page)
    expect(page.locator("#cards")).to_contain_text("400: `context.patientId` must be")
    page.locator("#pasted").fill('{"hook": "appointment-book"}')
    page.locator("#take").click()
    page.locator("#fire").click()
    expect(page.locator("#cards")).to_contain_text('no service for the hook "appointment-book"')
    assert len(complaints) == 1
    complaints.clear()


def test_what_was_not_checked_is_told_apart_from_silence(page: Page) -> None:
    """Rules whose data were missing are counted and listed with what they missed."""
    begin(page, "order-sign/medication-list-missing")
    fire(page)
    assert summaries(page)[0].startswith("info Checked only in part")
    assert "benzodiazepine-opioid-combination" in rules(page, "not-evaluated")
    assert "Missing: the medication list: not supplied by the EHR" in page.locator("#rules").inner_text()


def test_a_session_without_orders_was_not_checked(page: Page) -> None:
    """An order hook without its orders brings no card, and the page does not call that silence."""
    page.goto("/")
    arrived(page)
    paste(page, {"hook": "order-sign", "context": {"userId": "Practitioner/1", "patientId": "1"}})
    fire(page)
    expect(page.locator("#cards")).to_contain_text("nothing was checked")


def test_an_example_that_is_not_there(page: Page, complaints: list[str]) -> None:
    """A wrong address says so, and another patient can be chosen."""
    page.goto("/?example=order-sign/none")
    expect(page.locator("#cards")).to_contain_text("There is no example order-sign/none.")
    page.get_by_role("link", name="Two drugs that do not go together").click()
    arrived(page)
    assert len(complaints) == 1
    complaints.clear()


@pytest.fixture
def forgetful(tmp_path: Path) -> Iterator[str]:
    """The address of a service that keeps nothing."""
    started = Server(tmp_path / "log.txt", "--as-of", "2026-11-22")
    try:
        assert within(START, started.answers), started.log.read_text(encoding="utf-8")
        yield f"http://127.0.0.1:{started.port}"
    finally:
        started.stop()


def test_a_service_that_keeps_no_feedback_says_so(browser: Browser, forgetful: str) -> None:
    """The suggestion is carried out all the same, and the page tells that its feedback was not kept."""
    page = browser.new_page()
    page.goto(f"{forgetful}/?example={TOO_HIGH}&fired=yes")
    page.get_by_role("button", name="Change to baclofen 5 mg twice daily").click()
    expect(page.locator("#cards > .note").first).to_contain_text("this service keeps no feedback")
    page.close()
