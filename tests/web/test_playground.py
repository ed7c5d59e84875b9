"""The start page, and the fixtures that it fires: rolled to the day of evaluation, and all answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cds_service.web import fixtures as shipped
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from tests.web.bodies import SERVICES

REQUEST = {
    "hook": "patient-view",
    "day": "2026-11-20",
    "moment": "2026-11-20T23:30:00+01:00",
    "list": ["2025-12-31", {"deep": "2024-02-29"}],
    "month": "2026-11",
    "sentence": "2026-11-20 was a Friday",
    "number": 20261120,
    "nothing": None,
}


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """One fixture of our own in the place of the shipped ones."""
    row = {"file": "hook_requests/a.json", "service": "cramp-patient-view", "fhir": "R4", "story": "A story"}
    index = {"as_of": "2026-11-22", "requests": [row | {"expect": []}]}
    (tmp_path / "hook_requests").mkdir()
    (tmp_path / "index.json").write_text(json.dumps(index), encoding="utf-8")
    (tmp_path / "hook_requests" / "a.json").write_text(json.dumps(REQUEST), encoding="utf-8")
    monkeypatch.setattr(shipped, "files", lambda package: tmp_path)
    shipped.fixtures.cache_clear()
    yield
    shipped.fixtures.cache_clear()


def test_the_start_page_offers_fixtures_and_services(client: FlaskClient, own: None) -> None:
    """The page is HTML with every fixture, its story and every service."""
    response = client.get("/")
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert 'value="hook_requests/a.json" data-service="cramp-patient-view"' in response.text
    assert "A story" in response.text
    for service, _ in SERVICES.values():
        assert f"/cds-services/{service}" in response.text


def test_the_start_page_has_all_its_files(client: FlaskClient) -> None:
    """Every script, style and picture that the page names is there, and comes from the service itself."""
    text = client.get("/").text
    assert "http" not in " ".join(re.findall(r'(?:src|href)="([^"]*)"', text))
    for path in re.findall(r'(?:src|href)="(/static/[^"]*)"', text):
        with client.get(path) as response:
            assert response.status_code == 200


def test_a_fixture_is_as_written_on_its_own_day(client: FlaskClient, own: None) -> None:
    """On the day for which it was written, a fixture is what its file says."""
    assert client.get("/fixtures/hook_requests/a.json").get_json() == REQUEST


def test_a_fixture_is_rolled_to_the_day_of_evaluation(own: None) -> None:
    """Every date moves by the same number of days, and nothing else does."""
    later = create_app(Settings(as_of=date(2027, 1, 1))).test_client()
    assert later.get("/fixtures/hook_requests/a.json").get_json() == REQUEST | {
        "day": "2026-12-30",
        "moment": "2026-12-30T23:30:00+01:00",
        "list": ["2026-02-09", {"deep": "2024-04-09"}],
    }


@pytest.mark.parametrize("file", ["none.json", "index.json", "../pyproject.toml", "hook_requests/../index.json"])
def test_only_fixtures_of_the_index_are_shown(client: FlaskClient, file: str) -> None:
    """Any other file is not found, whatever way its name is written."""
    assert client.get(f"/fixtures/{file}").status_code == 404


def test_every_shipped_fixture_is_answered(client: FlaskClient) -> None:
    """What the start page offers can be fired: each fixture is answered with cards."""
    for fixture in shipped.fixtures():
        body = client.get(f"/fixtures/{fixture.file}").get_json()
        response = client.post(f"/cds-services/{fixture.service}", json=body)
        assert response.status_code == 200, fixture.file
