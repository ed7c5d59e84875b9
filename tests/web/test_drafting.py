"""A typed order: valid in the FHIR version of the request that it joins, and understood by the rules."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.fhir.check import problems
from cds_service.fhir.version import Version
from cds_service.web.fixtures import fixtures
from tests.web.bodies import Json

ADDRESS = "/playground/draft"
TABLET = "197391"
IN_VERSION = {one.fhir: one.file for one in fixtures() if one.service == "cramp-order-sign"}


def _request(client: FlaskClient, version: str = "R4") -> Json:
    found: Json = client.get(f"/fixtures/{IN_VERSION[version]}").get_json()
    return found


def _typed(client: FlaskClient, request: Json | None = None, **order: Any) -> Json:
    sent = {"request": request or _request(client), "code": TABLET, "amount": 2, "times": 3} | order
    response = client.post(ADDRESS, json=sent)
    assert response.status_code == 200, response.text
    found: Json = response.get_json()
    return found


@pytest.mark.parametrize("version", [version.value for version in Version])
def test_a_draft_is_valid_in_the_version_of_its_request(client: FlaskClient, version: str) -> None:
    """It has the type and shape of the version, the patient, the day, the dose and the reason."""
    request = _request(client, version)
    found = _typed(client, request, cramps=True)
    order = found["order"]
    assert found["fhir"] == version
    assert problems(order | {"id": "draft-new-1"}, Version(version)) == []
    patient = {"reference": f"Patient/{request['context']['patientId']}"}
    assert patient in (order.get("subject"), order.get("patient"))
    assert "2026-11-22" in (order.get("authoredOn"), order.get("dateWritten"))
    assert order["dosageInstruction"][0]["text"] == "2 tablets by mouth three times daily"
    assert "R25.2" in str(order)


@pytest.mark.parametrize("version", [version.value for version in Version])
def test_a_draft_is_judged_like_any_other(client: FlaskClient, version: str) -> None:
    """Baclofen, 60 mg a day for cramps, is above the most, in every version."""
    request = _request(client, version)
    order = _typed(client, request, cramps=True)["order"] | {"id": "draft-new-1"}
    request["context"]["draftOrders"]["entry"] = [{"resource": order}]
    cards = client.post("/cds-services/cramp-order-sign", json=request).get_json()["cards"]
    told = [card["extension"]["io.cds-service.explanation"] for card in cards]
    assert "baclofen-max-dose" in [rule for one in told for rule in (one["rule"], *one.get("also", ()))]


@pytest.mark.parametrize(
    ("order", "words"),
    [
        ({"amount": 1, "times": 1}, "1 tablet by mouth once daily"),
        ({"amount": 0.5, "times": 2}, "0.5 tablets by mouth twice daily"),
        ({"code": "1292", "amount": 10, "times": 4}, "10 mg by mouth four times daily"),
        ({"code": "250976", "amount": 1, "times": 1}, "1 mL by mouth once daily"),
        ({"code": "252430", "amount": 1, "times": 1}, "1 capsule by mouth once daily"),
        ({"code": "", "name": " Ibuprofen ", "amount": 400, "times": 1}, "400 mg by mouth once daily"),
    ],
)
def test_a_dose_in_words(client: FlaskClient, order: Json, words: str) -> None:
    """Pieces are counted, masses and volumes measured."""
    assert _typed(client, **order)["order"]["dosageInstruction"][0]["text"] == words


def test_a_drug_that_is_only_named(client: FlaskClient) -> None:
    """A name without a code is the order's text, as it was written, and nothing is made of it."""
    order = _typed(client, code="", name="<b>Baclofen</b> 5*3")["order"]
    assert order["medicationCodeableConcept"] == {"text": "<b>Baclofen</b> 5*3"}
    assert "reasonCode" not in order


def test_a_request_that_tells_no_version_is_taken_for_r4(client: FlaskClient) -> None:
    """Where no resource gives the version away the draft is of R4, with the day of evaluation."""
    context = {"userId": "Practitioner/1", "patientId": "1"}
    bare = {"hook": "order-sign", "hookInstance": "x", "context": context}
    found = _typed(client, bare)
    assert (found["fhir"], found["order"]["authoredOn"]) == ("R4", date(2026, 11, 22).isoformat())


@pytest.mark.parametrize(
    "order",
    [
        {"code": "0"},
        {"code": "", "name": " "},
        {"amount": 0},
        {"amount": 1e9},
        {"times": 5},
        {"times": "x"},
        {"name": "x" * 201},
        {"request": {}},
        {"request": {"hook": 1}},
        {"request": []},
        {"other": 1},
    ],
)
def test_what_is_no_order_is_refused(client: FlaskClient, order: Json) -> None:
    """Drug, dose and request must be usable; the refusal repeats nothing of them."""
    sent = {"request": _request(client), "code": TABLET, "amount": 1, "times": 1} | order
    response = client.post(ADDRESS, json=sent)
    assert response.status_code == 400
    assert response.get_json()["resourceType"] == "OperationOutcome"
