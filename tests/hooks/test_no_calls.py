"""Until the service fetches data itself, it calls nobody, whatever a request offers."""

from __future__ import annotations

from typing import Any

import pytest
import responses
from flask.testing import FlaskClient

from tests.web.bodies import address, request

OFFERED = {
    "fhirServer": "https://ehr.example.org/fhir",
    "fhirAuthorization": {
        "access_token": "opaque",
        "token_type": "Bearer",
        "expires_in": 300,
        "scope": "patient/*.read",
        "subject": "cds-service",
    },
}


@pytest.mark.parametrize("server", ["https://ehr.example.org/fhir", "http://169.254.169.254/latest", "http://[::1]:9/"])
def test_no_server_is_called(server: str, client: FlaskClient) -> None:
    """A FHIR server and a token in a request lead to no call; what is missing is told as not checked."""
    body: dict[str, Any] = request() | OFFERED | {"fhirServer": server}
    body.pop("prefetch")
    with responses.RequestsMock() as http:
        answer = client.post(address("order-sign"), json=body)
        assert len(http.calls) == 0
    assert answer.status_code == 200
    assert "opaque" not in answer.text
    codes = [card["source"]["topic"]["code"] for card in answer.get_json()["cards"]]
    assert codes[-1] == "not-evaluated"
