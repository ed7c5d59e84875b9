"""The start page, and the fixtures that it fires: rolled to the day of evaluation, and all answered."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.rules import RULES
from cds_service.web import fixtures as shipped
from cds_service.web import playground
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from tests.support.trusting import ADDRESS, site
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
    assert 'href="/?example=a" data-example="a"' in response.text
    assert "A story" in response.text
    for hook, (service, _) in SERVICES.items():
        assert hook in response.text
        assert service in response.text


def test_the_start_page_has_all_its_files(client: FlaskClient) -> None:
    """Every script, style and picture that the page names is there, and comes from the service itself."""
    text = client.get("/").text
    assert "http" not in " ".join(re.findall(r'src="([^"]*)"', text))
    assert "http" not in " ".join(re.findall(r'<link [^>]*href="([^"]*)"', text))
    for path in re.findall(r'(?:src|href)="(/static/[^"]*)"', text):
        with client.get(path) as response:
            assert response.status_code == 200


def test_the_start_page_keeps_a_strict_policy(client: FlaskClient) -> None:
    """Nothing is written into the page that a policy without inline code would refuse."""
    text = client.get("/").text
    assert re.findall(r"<script(?![^>]* src=)", text) == []
    assert re.findall(r"<style|style=|\son\w+=", text) == []


def test_scripts_show_text_as_text() -> None:
    """No script of the page writes HTML but what the service has rendered, or runs text."""
    folder = Path(playground.__file__).parent / "static" / "playground"
    scripts = "\n".join(file.read_text(encoding="utf-8") for file in sorted(folder.glob("*.js")))
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", scripts)
    assert scripts.count("DOMParser") == 1


def test_markdown_comes_back_as_safe_html(client: FlaskClient) -> None:
    """A list of texts becomes a list of HTML, in the same order."""
    response = client.post("/playground/markdown", json=["**a**", "<script>b</script>"])
    assert response.get_json() == ["<p><strong>a</strong></p>\n", "<p>&lt;script&gt;b&lt;/script&gt;</p>\n"]


_LONG = b'["%s"]' % (b"x" * 50_001)
_MANY = b"[%s]" % b",".join([b'""'] * 101)


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b'"x"', b"[1]", b"\xff", b"[" * 100_000, _LONG, _MANY])
def test_what_is_no_list_of_texts_is_refused(client: FlaskClient, body: bytes) -> None:
    """Whatever is sent is answered with what to do, never with an error of our own."""
    response = client.post("/playground/markdown", data=body, content_type="application/json")
    assert response.status_code == 400
    assert response.get_json()["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("path", ["/playground/markdown", "/playground/draft"])
def test_the_playground_takes_no_larger_bodies(path: str) -> None:
    """The limit of bodies holds here, too, whether they say their length or not; and so does their kind."""
    small = create_app(Settings(max_body=100)).test_client()
    assert small.post(path, data=b"x" * 101, content_type="application/json").status_code == 413
    assert small.post(path, data=b"[]", content_type="text/plain").status_code == 415


def test_words_for_rules_and_data(client: FlaskClient) -> None:
    """Every rule has its title, every kind of data its words."""
    words = client.get("/playground/words").get_json()
    assert words["rules"].keys() == {rule.id for rule in RULES}
    assert words["rules"]["baclofen-max-dose"]["title"]
    assert words["needs"]["medications"] == "the medication list"


def test_drugs_are_found_by_a_few_letters(client: FlaskClient) -> None:
    """The endpoint tells code, name and how the drug is dosed; without letters there is nothing."""
    assert client.get("/playground/drugs?q=bac").get_json()[0] == {"code": "1292", "name": "Baclofen", "piece": "mg"}
    assert client.get("/playground/drugs").get_json() == []


def test_the_playground_logs_nothing(client: FlaskClient, logs: list[Any]) -> None:
    """What is rendered, drafted or searched may be a patient's, and reaches no log."""
    client.post("/playground/markdown", json=["a secret"])
    client.get("/playground/drugs?q=secret")
    client.post("/playground/draft", json={"request": {"secret": 1}})
    assert "secret" not in json.dumps(logs)


OWN = ["/fixtures/hook_requests/order-select/amoxicillin.json", "/playground/words", "/playground/drugs?q=bac"]


@pytest.mark.parametrize("off", [Settings(playground=False), Settings(public_url=ADDRESS, site=site())])
def test_where_it_is_off_a_plain_page_leads_on(off: Settings) -> None:
    """Switched off, or where clients are listed, the playground is not there, and everything else is."""
    client = create_app(off).test_client()
    page = client.get("/")
    assert page.status_code == 200
    for path in ("/evidence", "/cds-services", "/openapi.json"):
        assert f'href="{path}"' in page.text
    assert "<script" not in page.text
    assert [client.get(path).status_code for path in OWN] == [404, 404, 404]
    assert client.post("/playground/markdown", json=[]).status_code == 404
    assert client.post("/playground/draft", json={}).status_code == 404
    assert [client.get(path).status_code for path in ("/evidence", "/cds-services")] == [200, 200]


def test_beside_listed_clients_the_page_says_that_it_is_none(client: FlaskClient) -> None:
    """Where the site wants the playground all the same, the page says that hooks answer 401."""
    wanted = create_app(Settings(public_url=ADDRESS, site=site(), playground=True)).test_client()
    assert "answered with 401" in wanted.get("/").text
    assert "answered with 401" not in client.get("/").text


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
