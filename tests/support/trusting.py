"""A service that lets in the clients of the tests, and nobody else."""

from __future__ import annotations

import time
from typing import Any

from flask.testing import FlaskClient

from cds_service.cards.dialect import PLAIN
from cds_service.cards.ration import USUAL
from cds_service.evidence import PUBLISHED
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from cds_service.web.site import Site
from cds_service.web.site.clients import Listed
from tests.support.tokens import Call, clients

ADDRESS = "https://cds.example.org"
SERVICE = "/cds-services/cramp-patient-view"
VIEW = {
    "hook": "patient-view",
    "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
    "context": {"userId": "Practitioner/doc-1", "patientId": "pat-1"},
    "prefetch": {"patient": {"resourceType": "Patient", "id": "pat-1", "birthDate": "1955-03-02"}},
}


def site(**changes: Any) -> Site:
    """A site with all clients of the tests, each answered in the usual way."""
    listed = tuple(Listed(one, (), PUBLISHED, USUAL, PLAIN) for one in clients())
    return Site(**({"clients": listed} | changes))


def service(memory: Any = None, **changes: Any) -> FlaskClient:
    """A client of the service."""
    return create_app(Settings(public_url=ADDRESS, site=site(**changes)), memory).test_client()


def now(path: str = SERVICE) -> Call:
    """A call of this address at this moment."""
    return Call(f"{ADDRESS}{path}", time.time())


def bearer(token: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {token}"}
