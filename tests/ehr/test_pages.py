"""Next links and redirects: where the client follows, with its token, and where it does not."""

from __future__ import annotations

from typing import Any

import pytest
import responses

from cds_service.ehr.client import Fetched
from cds_service.ehr.words import PART, TOO_MUCH, UNUSABLE
from tests.ehr.asking import bundle
from tests.ehr.example import GET, PATIENT, POST, SEARCH, TOKEN, client, ids

FOLLOWED = [
    f"{GET}?patient=p1&_offset=10",
    f"{GET}?code=x&patient=Patient/p1&page=2",
    f"{GET}?subject:Patient=https://ehr.example.org/fhir/Patient/p1&page=2",
    "https://ehr.example.org/fhir?_getpages=0e8c-4d2f&_getpagesoffset=20&_count=1000&_pretty=true",
    f"{GET}?sessionID=16-ABCDEFGH",
    "Observation?patient=p1&page=2",
    "/fhir/Observation?patient=p1&page=2",
    "?_getpages=0e8c-4d2f",
]


@responses.activate
@pytest.mark.parametrize("url", FOLLOWED)
def test_a_next_page_is_read(url: str) -> None:
    """A link on this server that keeps the patient, or has an opaque name for the search, is followed by GET."""
    responses.post(POST, json=bundle("1", next=url))
    responses.get("https://ehr.example.org/fhir/Observation", json=bundle("2"))
    responses.get("https://ehr.example.org/fhir", json=bundle("2"))
    responses.get("https://ehr.example.org/fhir/", json=bundle("2"))
    fetched = client().search(SEARCH)
    assert fetched.complete
    assert ids(fetched) == ["1", "2"]
    assert responses.calls[1].request.headers["Authorization"] == f"Bearer {TOKEN}"


NOT_FOLLOWED = {
    f"{GET}?patient=p2&page=2": "next link without the patient",
    f"{GET}?patient=p1,p2&page=2": "next link without the patient",
    f"{GET}?patient=p1&subject=p2": "next link without the patient",
    f"{GET}?code=http://loinc.org|2601-3&page=22222222": "next link without the patient",
    f"{GET}?_count=10&_offset=10": "next link without the patient",
    f"{GET}?_format=application/json&page=2": "next link without the patient",
    GET: "next link without the patient",
    "https://evil.example/fhir/Observation?patient=p1": "next link to another place",
    "https://ehr.example.org:8443/fhir/Observation?patient=p1": "next link to another place",
    "http://ehr.example.org/fhir/Observation?patient=p1": "next link to another place",
    "//evil.example/fhir/Observation?patient=p1": "next link to another place",
    "https://ehr.example.org/other/Observation?patient=p1": "next link to another place",
    "https://ehr.example.org@evil.example/fhir/Observation?patient=p1": "next link to another place",
    "file:///etc/passwd": "next link to another place",
    "http://[x?patient=p1": "next link that is no address",
    f"{GET}?patient=p1&x={'x' * 8000}": "next link that is no address",
    "": "next link without the patient",
}


@responses.activate
@pytest.mark.parametrize(("url", "detail"), NOT_FOLLOWED.items())
def test_a_next_page_is_left(url: str, detail: str) -> None:
    """Any other link is left: the page that came is kept, and only a part is known. No token goes anywhere."""
    page = bundle("1") | {"link": [{"relation": "next", "url": url}]}
    responses.post(POST, json=page)
    fetched = client().search(SEARCH)
    assert fetched == Fetched(fetched.pages, False, PART, f"Observation search: {detail}")
    assert ids(fetched) == ["1"]
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize("link", [{"relation": "next"}, {"relation": "next", "url": 5}])
def test_a_next_link_without_an_address(link: dict[str, Any]) -> None:
    """There is more, and no way to it."""
    responses.post(POST, json=bundle("1") | {"link": [None, "x", link]})
    fetched = client().search(SEARCH)
    assert fetched.detail == "Observation search: next link that is no address"
    assert (fetched.why, ids(fetched)) == (PART, ["1"])


@responses.activate
@pytest.mark.parametrize("links", [None, "x", [], [None, {"relation": "self"}], {"relation": "next"}])
def test_no_next_link(links: Any) -> None:
    """Without a link to more, what came is all."""
    responses.post(POST, json=bundle("1") | {"link": links})
    assert client().search(SEARCH).complete


@responses.activate
def test_a_search_without_a_patient_goes_on_without_one() -> None:
    """A search by ids has no patient to keep; one that names a patient on the way is left."""
    responses.post("https://ehr.example.org/fhir/Medication/_search", json=bundle("1", next="Medication?_id=1&page=2"))
    responses.get("https://ehr.example.org/fhir/Medication", json=bundle("2", next="Medication?patient=p2"))
    fetched = client().search("Medication?_id=1,2")
    assert ids(fetched) == ["1", "2"]
    assert fetched.why == PART


@responses.activate
def test_a_loop_is_left() -> None:
    """A link to a page that was read ends the search."""
    responses.post(POST, json=bundle("1", next=f"{GET}?patient=p1&page=2"))
    responses.get(GET, json=bundle("2", next=f"{GET}?patient=p1&page=2"))
    fetched = client().search(SEARCH)
    assert fetched == Fetched(fetched.pages, False, PART, "Observation search: next link to a page that was read")
    assert ids(fetched) == ["1", "2"]
    assert len(responses.calls) == 2


@responses.activate
@pytest.mark.parametrize(
    ("budget", "detail"), [({"pages": 1}, "more than 1 pages"), ({"calls": 2}, "more than 2 calls")]
)
def test_pages_end_with_the_budget(budget: dict[str, int], detail: str) -> None:
    """However many pages there are, the budget ends them; those that came are kept."""
    responses.post(POST, json=bundle("1", next=f"{GET}?patient=p1&page=2"))
    responses.get(GET, json=bundle("2", next=f"{GET}?patient=p1&page=3"))
    fetched = client(**budget).search(SEARCH)
    assert fetched == Fetched(fetched.pages, False, TOO_MUCH, f"Observation search: {detail}")
    assert ids(fetched) == ["1", "2"]


@responses.activate
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_on_the_same_server_is_followed(status: int) -> None:
    """A read may be redirected twice, and not a third time."""
    responses.get(PATIENT, status=status, headers={"Location": "a"})
    responses.get("https://ehr.example.org/fhir/Patient/a", status=status, headers={"Location": "/fhir/b"})
    responses.get("https://ehr.example.org/fhir/b", json={"resourceType": "Patient"})
    assert client().read("Patient/p1").complete
    responses.replace("GET", "https://ehr.example.org/fhir/b", status=status, headers={"Location": PATIENT})
    assert client().read("Patient/p1").detail == "Patient read: more than 2 redirects"
    assert len(responses.calls) == 6


@responses.activate
@pytest.mark.parametrize(
    "location", ["https://evil.example/fhir/Patient/p1", "/other", "http://[x", "//evil.example", ""]
)
def test_a_redirect_elsewhere_is_not_followed(location: str) -> None:
    """Neither the token nor the question leaves the server; a redirect that leads nowhere is none either."""
    responses.get(PATIENT, status=302, headers={"Location": location} if location else {})
    assert client().read("Patient/p1").why == UNUSABLE
    assert {str(call.request.url) for call in responses.calls} == {PATIENT}


@responses.activate
def test_a_redirected_post_is_not_followed() -> None:
    """A body with a patient in it is sent to one address only."""
    responses.post(POST, status=307, headers={"Location": f"{GET}/_search2"})
    assert client().search(SEARCH) == Fetched((), False, UNUSABLE, "Observation search: status 307")
