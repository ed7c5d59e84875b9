"""Health: what a supervisor and a balancer ask."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from cds_service import __version__
from cds_service.rules import RULES
from cds_service.store.memory import STATES
from tests.support.notes import Notes
from tests.support.notes import client as made
from tests.web.bodies import SERVICES


def test_a_living_process_says_so(client: FlaskClient) -> None:
    """/healthz is 200 and JSON."""
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.get_json() == {"status": "ok"}


@pytest.mark.parametrize("state", STATES)
def test_a_service_is_ready_whatever_its_database_is(state: str) -> None:
    """/readyz tells the state of the database and is 200 in each: hooks are answered without one, too."""
    memory = Notes()
    memory.state = state
    response = made(memory).get("/readyz")
    assert response.status_code == 200
    assert (response.get_json()["status"], response.get_json()["database"]) == ("ready", state)


def test_a_ready_service_counts_what_it_loaded(client: FlaskClient) -> None:
    """/readyz is 200 with the services, the rules and the version that are running."""
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.get_json() == {
        "status": "ready",
        "database": "none",
        "services": len(SERVICES),
        "rules": len(RULES),
        "version": __version__,
    }
