"""Health: what a supervisor and a balancer ask."""

from __future__ import annotations

from flask.testing import FlaskClient

from cds_service import __version__
from cds_service.rules import RULES
from tests.web.bodies import SERVICES


def test_a_living_process_says_so(client: FlaskClient) -> None:
    """/healthz is 200 and JSON."""
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.get_json() == {"status": "ok"}


def test_a_ready_service_counts_what_it_loaded(client: FlaskClient) -> None:
    """/readyz is 200 with the services, the rules and the version that are running."""
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.get_json() == {
        "status": "ready",
        "services": len(SERVICES),
        "rules": len(RULES),
        "version": __version__,
    }
