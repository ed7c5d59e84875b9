"""The client on plain paths: what it asks, what it takes for an answer, and where it does not follow."""

from __future__ import annotations

import json
from urllib.parse import parse_qsl

import pytest
import responses

from cds_service.ehr.budget import Budget
from cds_service.ehr.client import Client, Fetched
from cds_service.ehr.words import BUSY, ERROR, NOT_FOUND, NOT_IN_TIME, REFUSED, UNKNOWN_PATIENT, UNUSABLE
from tests.ehr.asking import bundle
from tests.ehr.example import GET, PATIENT, POST, SEARCH, SERVER, TOKEN, client, ids


@responses.activate
def test_a_search_is_posted() -> None:
    """A search names the patient in the body only, carries the token, and asks for FHIR of any version."""
    responses.post(POST, json=bundle("1", "2"))
    fetched = client().search(SEARCH)
    assert fetched == Fetched(fetched.pages, True, "", "")
    assert ids(fetched) == ["1", "2"]
    [call] = responses.calls
    assert call.request.url == POST
    assert parse_qsl(str(call.request.body)) == parse_qsl(SEARCH.partition("?")[2])
    assert call.request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert call.request.headers["Authorization"] == f"Bearer {TOKEN}"
    assert call.request.headers["Accept"].startswith("application/fhir+json, application/json+fhir;q=0.9")
    assert call.request.headers["Accept-Encoding"] == "gzip"


@responses.activate
def test_no_token_no_header() -> None:
    """An open server is asked without a token."""
    responses.get(PATIENT, json={"resourceType": "Patient"})
    assert client(token="").read("Patient/p1").complete
    assert "Authorization" not in responses.calls[0].request.headers


@responses.activate
@pytest.mark.parametrize("token", ["a b", "a\r\nHost: x", "\u00fc"])
def test_a_token_that_no_header_can_carry(token: str) -> None:
    """Such a token is no access, and nothing is asked."""
    fetched = client(token=token).read("Patient/p1")
    assert fetched == Fetched((), False, REFUSED, "Patient read: a token that no header can carry")
    assert len(responses.calls) == 0


@responses.activate
def test_a_read() -> None:
    """A read is one GET of one resource."""
    responses.get(PATIENT, json={"resourceType": "Patient", "id": "p1"})
    fetched = client().read("Patient/p1")
    assert fetched.complete
    assert [json.loads(page)["id"] for page in fetched.pages] == ["p1"]


@responses.activate
@pytest.mark.parametrize("kind", ["CapabilityStatement", "Conformance"])
def test_metadata(kind: str) -> None:
    """A server describes itself, in DSTU2 under another name."""
    responses.get("https://ehr.example.org/fhir/metadata", json={"resourceType": kind})
    assert client().metadata().complete


@responses.activate
@pytest.mark.parametrize("status", [404, 405, 501])
def test_a_server_without_post_is_asked_by_get(status: int) -> None:
    """Where POST is not known GET is tried, and from then on first."""
    responses.post(POST, status=status)
    responses.get(GET, json=bundle("1"))
    for _ in range(2):
        assert ids(client().search(SEARCH)) == ["1"]
    assert [call.request.method for call in responses.calls] == ["POST", "GET", "GET"]
    assert "code=http://loinc.org%7C2601-3,http://loinc.org%7C2823-3&" in str(responses.calls[1].request.url)


@responses.activate
def test_a_get_that_fails_is_not_remembered() -> None:
    """Only a GET that was answered shows that the server wants it."""
    responses.post(POST, status=404)
    responses.get(GET, status=404)
    for _ in range(2):
        fetched = client().search(SEARCH)
        assert fetched == Fetched((), False, ERROR, "Observation search: status 404")
    assert [call.request.method for call in responses.calls] == ["POST", "GET"] * 2


WORDS = {
    400: ERROR,
    401: REFUSED,
    403: REFUSED,
    429: BUSY,
    500: ERROR,
    502: ERROR,
    503: BUSY,
    504: NOT_IN_TIME,
    204: UNUSABLE,
    206: UNUSABLE,
    304: UNUSABLE,
}


@responses.activate
@pytest.mark.parametrize(("status", "why"), WORDS.items())
def test_a_status_has_its_words(status: int, why: str) -> None:
    """Each status is told in a clinician's words and, in the detail, as a number; none is asked twice."""
    responses.post(POST, json=bundle("1"), status=status, headers={"Retry-After": "0"} if status != 503 else {})
    assert client().search(SEARCH) == Fetched((), False, why, f"Observation search: status {status}")
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize("status", [404, 410])
@pytest.mark.parametrize(("path", "why"), [("Patient/p1", UNKNOWN_PATIENT), ("Encounter/p1", NOT_FOUND)])
def test_what_a_read_does_not_find(status: int, path: str, why: str) -> None:
    """A patient that the server does not know is told as such."""
    responses.get(f"https://ehr.example.org/fhir/{path}", status=status)
    kind = path.partition("/")[0]
    assert client().read(path) == Fetched((), False, why, f"{kind} read: status {status}")


@responses.activate
@pytest.mark.parametrize(
    ("headers", "statuses", "calls"),
    [
        ({"Retry-After": "0"}, (503, 200), 2),
        ({"Retry-After": "0"}, (503, 503), 2),
        ({"Retry-After": "5"}, (503, 200), 1),
        ({"Retry-After": "0.1"}, (503, 200), 1),
        ({"Retry-After": "Sun, 22 Nov 2026 10:00:00 GMT"}, (503, 200), 1),
        ({}, (503, 200), 1),
        ({"Retry-After": "0"}, (429, 200), 1),
        ({"Retry-After": "0"}, (500, 200), 1),
    ],
)
def test_a_busy_server_is_asked_once_more(headers: dict[str, str], statuses: tuple[int, ...], calls: int) -> None:
    """Only 503, only where the server names a time that is left, and only once."""
    for status in statuses:
        responses.post(POST, json=bundle("1"), status=status, headers=headers)
    fetched = client().search(SEARCH)
    assert len(responses.calls) == calls
    assert fetched.complete is (statuses[calls - 1] == 200)


@responses.activate
def test_a_server_that_names_a_time_is_given_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pause is the one that the server asked for."""
    pauses: list[float] = []
    monkeypatch.setattr("time.sleep", pauses.append)
    responses.post(POST, status=503, headers={"Retry-After": "2"})
    responses.post(POST, json=bundle())
    assert client().search(SEARCH).complete
    assert pauses == [2]


OUTCOME = {"resourceType": "OperationOutcome", "issue": [{"severity": "fatal"}]}
WARNING = {"resourceType": "OperationOutcome", "issue": [None, {"severity": "warning"}]}
CONTENTS = [
    (json.dumps(OUTCOME), ERROR, "an OperationOutcome"),
    (json.dumps(WARNING), UNUSABLE, "no Bundle"),
    ('{"resourceType": "OperationOutcome", "issue": "x"}', UNUSABLE, "no Bundle"),
    ('{"resourceType": "Patient"}', UNUSABLE, "no Bundle"),
    ('{"resourceType": ["Bundle"]}', UNUSABLE, "no Bundle"),
    ("{}", UNUSABLE, "no Bundle"),
    ("null", UNUSABLE, "not a JSON object"),
    ("[]", UNUSABLE, "not a JSON object"),
    ('"text"', UNUSABLE, "not a JSON object"),
    ("", UNUSABLE, "not a JSON object"),
    ("<html><body>Sign in</body></html>", UNUSABLE, "not a JSON object"),
    ('{"resourceType": "Bundle", "entry": [{"resource":', UNUSABLE, "not a JSON object"),
    ('{"resourceType": "Bundle", "entry": [{"resource" {}}]}', UNUSABLE, "not a JSON object"),
    ('{"resourceType": "Bundle", "entry": ' + "[" * 100_000, UNUSABLE, "not a JSON object"),
    (b'{"resourceType": "Bundle", "entry": "\xff"}', UNUSABLE, "not UTF-8"),
]


@responses.activate
@pytest.mark.parametrize(("body", "why", "detail"), CONTENTS)
def test_what_is_not_a_bundle(body: str | bytes, why: str, detail: str) -> None:
    """An error, another type, HTML and broken JSON with status 200 are not taken for an answer."""
    responses.post(POST, body=body)
    assert client().search(SEARCH) == Fetched((), False, why, f"Observation search: {detail}")


@responses.activate
def test_another_type_than_was_read() -> None:
    """A read is answered by the type that was asked for."""
    responses.get(PATIENT, json=bundle("1"))
    assert client().read("Patient/p1") == Fetched((), False, UNUSABLE, "Patient read: no Patient")


@responses.activate
def test_a_byte_order_mark_is_no_harm() -> None:
    """Some servers begin with one; the page is handed on without it."""
    responses.get(PATIENT, body=b'\xef\xbb\xbf{"resourceType": "Patient"}')
    assert client().read("Patient/p1").pages == (b'{"resourceType": "Patient"}',)


@responses.activate
@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip"])
def test_an_encoding_that_was_not_asked_for(encoding: str) -> None:
    """Only what can be unpacked within bounds is read."""
    responses.post(POST, body=b"x", headers={"Content-Encoding": encoding})
    detail = "Observation search: an encoding that was not asked for"
    assert client().search(SEARCH) == Fetched((), False, UNUSABLE, detail)


@responses.activate
def test_no_time_no_call() -> None:
    """When the budget is over nothing is asked any more."""
    fetched = Client(SERVER, TOKEN, Budget(0)).search(SEARCH)
    assert fetched == Fetched((), False, NOT_IN_TIME, "Observation search: 0 ms are over")
    assert len(responses.calls) == 0


@pytest.mark.parametrize(
    "path", ["Patient", "Patient/", "Patient/..", "Patient/.", "Patient/a/b", "Patient/a?b", "P1/a", "Patient/ü"]
)
def test_a_path_that_is_no_read(path: str) -> None:
    """What is not one type and one plain id never becomes an address."""
    with pytest.raises(ValueError, match="Type/id"):
        client().read(path)


@pytest.mark.parametrize("query", ["?patient=1", "../Patient?x=1", "Patient/1?x=1"])
def test_a_query_that_is_no_search(query: str) -> None:
    """What does not begin with one type never becomes an address."""
    with pytest.raises(ValueError, match="resource type"):
        client().search(query)


def test_nothing_is_asked_elsewhere() -> None:
    """Whoever would send a question to another server is stopped, whatever went wrong before."""
    with pytest.raises(ValueError, match="no other server"):
        client()._exchange("GET", "https://evil.example/fhir/Patient/p1", None)


@responses.activate
def test_details_name_nobody() -> None:
    """Neither words nor detail hold the token, the patient, the query or what the server said."""
    responses.post(POST, status=500, body="p1 secret")
    fetched = client().search(SEARCH)
    assert not any(word in fetched.why + fetched.detail for word in ("p1", "secret", "loinc", "patient="))
