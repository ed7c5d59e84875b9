"""The requests that ship with the service: valid FHIR, and each gets the cards that its story promises."""

from __future__ import annotations

import json
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from cds_service.fhir.check import findings
from cds_service.hooks.catalogue import SERVICES
from cds_service.rules import RULES
from cds_service.web.app import create_app
from cds_service.web.fixtures import Fixture, fixtures, rolled
from cds_service.web.settings import Settings

Json = dict[str, Any]

FOLDER = Path(str(files("fhir_fixtures")))
VALUE_SETS = Path(str(files("cds_service.terminology"))) / "valuesets"
AS_OF = date(2026, 11, 22)
# Years with and without a leap day between them and the day of the stories.
OTHER_DAYS = (date(2024, 2, 29), date(2026, 3, 8), date(2027, 12, 31))
SHIPPED_FHIR = [
    *sorted(FOLDER.glob("hook_requests/*/*.json")),
    *sorted(FOLDER.glob("patients/*.json")),
    *sorted(VALUE_SETS.glob("*.json")),
]
EXPLANATION = "io.cds-service.explanation"

each = pytest.mark.parametrize("fixture", fixtures(), ids=lambda fixture: fixture.file)
COMBINATION = "benzodiazepine-opioid-combination"
ORAL = '"code": "26643006"}], "text": "Oral"'
NASAL = '"code": "46713006"}], "text": "Nasal"'
TOPICAL = '"code": "6064005"}], "text": "Topical"'
INTRATHECAL = '"code": "72607000"}], "text": "Intrathecal"'
SELECTED = "/draft-amoxicillin"
A_WEEK = '"value": 7, "unit": "days"'
THREE_DAYS = '"value": 3, "unit": "days"'
# What keeps a story silent: its request, the text that does it, another text, and the card that then comes.
SILENCED_BY = [
    ("patient-view/hospice", "385763009", "306206005", f"{COMBINATION}:warning"),
    ("patient-view/rescue-spray-on-the-list", NASAL, ORAL, f"{COMBINATION}:warning"),
    ("order-select/lorazepam-not-selected", SELECTED, "/draft-lorazepam", f"{COMBINATION}:critical"),
    ("order-sign/cyclobenzaprine-cream", TOPICAL, ORAL, "cyclobenzaprine-older-adult:warning"),
    (
        "order-sign/cyclobenzaprine-for-back-spasm-at-64",
        '"birthDate": "1962',
        '"birthDate": "1961',
        "cyclobenzaprine-older-adult:warning",
    ),
    ("order-sign/cyclobenzaprine-for-back-spasm-at-64", "M62.830", "G47.62", "cyclobenzaprine-cramps:info"),
    ("order-sign/opioid-entered-in-error", "entered-in-error", "active", f"{COMBINATION}:critical"),
    ("order-sign/child-of-ten", '"birthDate": "2016', '"birthDate": "2006', f"{COMBINATION}:critical"),
    ("order-sign/opioid-ended-eight-days-ago", "2026-11-14", "2026-11-15", f"{COMBINATION}:warning"),
    ("order-sign/sedation-in-hospital", '"code": "IMP"', '"code": "AMB"', f"{COMBINATION}:critical"),
    ("order-sign/baclofen-taper-with-the-stop", A_WEEK, THREE_DAYS, "baclofen-abrupt-stop:warning"),
    ("order-sign/baclofen-titrated-in-one-order", A_WEEK, THREE_DAYS, "baclofen-titration:warning"),
    ("order-sign/baclofen-renewed", '"status": "active"', '"status": "stopped"', "baclofen-start-dose:warning"),
    ("order-sign/baclofen-60-mg-for-spasticity", "G35", "G47.62", "baclofen-max-dose:warning"),
    ("order-sign/baclofen-by-pump", INTRATHECAL, ORAL, "baclofen-renal:warning"),
]


def cards(client: FlaskClient, service: str, request: Json) -> list[Json]:
    """The cards that a service answers to a request."""
    response = client.post(f"/cds-services/{service}", json=request)
    assert response.status_code == 200, response.text
    answered: list[Json] = response.get_json()["cards"]
    return answered


def told(shown: list[Json]) -> list[str]:
    """Rule and indicator of cards, as the index words them."""
    return [f"{card['source']['topic']['code']}:{card['indicator']}" for card in shown]


def named(story: str) -> Fixture:
    """The request of a story: `order-sign/child-of-ten`."""
    return next(fixture for fixture in fixtures() if fixture.file == f"hook_requests/{story}.json")


@each
def test_every_request_gets_the_cards_of_its_story(fixture: Fixture, client: FlaskClient) -> None:
    """On the day for which it was written, a request gets exactly the cards that the index promises."""
    assert told(cards(client, fixture.service, rolled(fixture, AS_OF))) == list(fixture.expect)


@pytest.mark.parametrize("day", OTHER_DAYS, ids=str)
@each
def test_every_story_is_the_same_on_another_day(fixture: Fixture, day: date) -> None:
    """A request whose dates were rolled to another day gets the same cards on that day."""
    client = create_app(Settings(as_of=day)).test_client()

    assert told(cards(client, fixture.service, rolled(fixture, day))) == list(fixture.expect)


@pytest.mark.parametrize(("story", "silencer", "other", "card"), SILENCED_BY)
def test_a_silent_story_is_silent_for_its_reason(
    story: str, silencer: str, other: str, card: str, client: FlaskClient
) -> None:
    """With the one thing changed that keeps it silent, the same request gets a card."""
    fixture = named(story)
    text = json.dumps(rolled(fixture, AS_OF))
    assert silencer in text
    assert fixture.expect == ()

    assert told(cards(client, fixture.service, json.loads(text.replace(silencer, other)))) == [card]


def test_every_message_of_every_rule_is_shown() -> None:
    """Each wording that a live hook can show is shown by some request."""
    client = create_app(Settings(as_of=AS_OF)).test_client()
    shown = [
        card["extension"][EXPLANATION]
        for fixture in fixtures()
        for card in cards(client, fixture.service, rolled(fixture, AS_OF))
    ]
    # A site must switch these on: the first at patient-view.
    switched_off = {
        ("benzodiazepine-older-adult", "taken"),
        ("muscle-relaxant-older-adult", "ordered"),
        ("baclofen-cns-depressant", "both"),
    }
    every = {(rule.id, message) for rule in RULES for message in rule.messages}
    told = {(card["rule"], message) for card in shown for message in (card["message"], *card["reasons"])}

    assert every - told == switched_off


def test_all_hooks_and_fhir_versions_are_covered() -> None:
    """There are requests for every service, in every FHIR version that the service reads."""
    assert {fixture.service for fixture in fixtures()} == set(SERVICES)
    assert {fixture.fhir for fixture in fixtures()} == {"DSTU2", "STU3", "R4", "R5"}


def test_the_index_lists_every_file_and_the_readme_every_story() -> None:
    """No request lies about unlisted, and none is missing from the table in the README, which counts them."""
    listed = {fixture.file for fixture in fixtures()}
    silent = [fixture for fixture in fixtures() if not fixture.expect]
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")

    assert {str(path.relative_to(FOLDER)) for path in FOLDER.glob("hook_requests/*/*.json")} == listed
    assert f"{len(listed)} complete" in readme
    assert f"; {len(silent)} of them" in readme
    for fixture in fixtures():
        assert f"({fixture.file}) | {fixture.fhir} | {fixture.story} |" in readme


def test_every_request_is_a_whole_call_of_its_own() -> None:
    """A request names its hook and an instance of its own, and fills only keys that its service asks for."""
    requests = {fixture: rolled(fixture, AS_OF) for fixture in fixtures()}

    assert len({UUID(request["hookInstance"]) for request in requests.values()}) == len(requests)
    for fixture, request in requests.items():
        service = SERVICES[fixture.service]
        assert request["hook"] == service.hook
        assert request["fhirServer"] == f"https://ehr.example.org/fhir/{fixture.fhir.lower()}"
        assert set(request["prefetch"]) <= set(service.prefetch)
        assert ("encounter" in request["prefetch"]) == ("encounterId" in request["context"])


@pytest.mark.parametrize("path", SHIPPED_FHIR, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_resource_is_valid(path: Path) -> None:
    """Requests, patients and value sets hold resources, and none that its version's model refuses."""
    found = findings(path.read_bytes())

    assert found
    assert [(place, problems) for place, problems in found if problems] == []
