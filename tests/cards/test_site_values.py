"""What a site has changed is marked on the card, so that nobody takes its numbers for the guideline's."""

from __future__ import annotations

from typing import Any

from tests.fhir.resources import BACLOFEN, CYCLOBENZAPRINE, ICD_10_CM, concept, condition, draft, patient
from tests.hooks.calls import request
from tests.support.notes import client
from tests.support.switches import changed, staged
from tests.web.bodies import address

CALL = request("order-sign", draft(CYCLOBENZAPRINE), held=[patient(birthDate="1955-01-01")])


def _cards() -> list[dict[str, Any]]:
    cards: list[dict[str, Any]] = client(None).post(address("order-sign"), json=CALL).get_json()["cards"]
    return cards


def _explained(card: dict[str, Any]) -> dict[str, Any]:
    explained: dict[str, Any] = card["extension"]["io.cds-service.explanation"]
    return explained


def test_a_card_by_published_numbers_says_nothing_of_a_site() -> None:
    """No mark where nothing differs, also where a site states the published number itself."""
    for values in ({}, {"age.olderMin": 65}):
        with changed(**values):
            [card] = _cards()
        assert "siteValues" not in _explained(card)
        assert "Numbers of this site" not in card["detail"]


def test_a_changed_number_decides_and_is_marked() -> None:
    """The site's number decides; card and explanation name it beside the published one."""
    with changed(**{"age.olderMin": 70}):
        [card] = _cards()
    marked = {"key": "age.olderMin", "value": 70, "unit": "a", "published": 65}
    assert _explained(card)["siteValues"] == [marked]
    assert "Numbers of this site: age from which an adult counts as older: 70 a, published 65." in card["detail"]
    with changed(**{"age.olderMin": 75}):
        assert _cards() == []


def test_a_changed_switch_is_marked() -> None:
    """A switch is marked in the explanation; it is no number, and the detail stays as it is."""
    held = [patient(), condition(concept("Z99.2", system=ICD_10_CM))]
    with changed(**{"added.renalCritical": False}):
        sent = client(None).post(address("order-sign"), json=request("order-sign", draft(BACLOFEN), held=held))
    card = sent.get_json()["cards"][0]
    assert card["indicator"] == "warning"
    assert {"key": "added.renalCritical", "value": False, "published": True} in _explained(card)["siteValues"]
    assert "Numbers of this site" not in card["detail"]


def test_a_rule_in_shadow_shows_nothing() -> None:
    """A site that watches a rule first sees no card of it."""
    with staged("cyclobenzaprine-older-adult", "shadow"):
        assert _cards() == []
