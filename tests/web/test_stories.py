"""The stories of the start page: every request is told once, under what it is about."""

from __future__ import annotations

from cds_service.web.fixtures import fixtures
from cds_service.web.stories import FIRST, by_topic, name


def test_the_first_stories_are_requests_that_are_there() -> None:
    """A newcomer begins with a few, and each of them shows a card."""
    known = {name(fixture): fixture for fixture in fixtures()}
    assert 3 <= len(FIRST) <= 4
    assert all(known[one.name].expect for one in FIRST)


def test_the_first_stories_promise_what_comes() -> None:
    """The indicators that the words promise are those of the cards."""
    known = {name(fixture): fixture.expect[0].rpartition(":")[2] for fixture in fixtures() if fixture.expect}
    assert [known[one.name] for one in FIRST] == ["warning", "critical", "info", "info"]


def test_every_request_is_told_once() -> None:
    """No request is left out of the topics, and none stands under two."""
    told = [fixture.file for topic in by_topic() for fixture, _ in topic.told]
    assert sorted(told) == sorted(fixture.file for fixture in fixtures())


def test_what_one_will_see() -> None:
    """Beside each story stand its cards in words, and silence is told as that."""
    seen = {name(fixture): words for topic in by_topic() for fixture, words in topic.told}
    assert seen["order-sign/baclofen-on-dialysis"].startswith("critical: ")
    assert seen["order-sign/medication-list-missing"] == "info: what was not checked"
    assert seen["order-select/amoxicillin"] == "no card"
    assert seen["order-sign/lorazepam-and-cyclobenzaprine"].count(";") == 1
