"""A FHIR server by name: where its answers are put, a client that asks it, and the ids that a search found."""

from __future__ import annotations

import json
from typing import Any

from cds_service.ehr.address import parse
from cds_service.ehr.budget import Budget
from cds_service.ehr.client import Client, Fetched

SERVER = parse("https://ehr.example.org/fhir")
TOKEN = "secret-token"
SEARCH = "Observation?patient=p1&code=http://loinc.org|2601-3,http://loinc.org|2823-3&_sort=-date&_count=1000"
POST = "https://ehr.example.org/fhir/Observation/_search"
GET = "https://ehr.example.org/fhir/Observation"
PATIENT = "https://ehr.example.org/fhir/Patient/p1"


def client(token: str = TOKEN, **budget: Any) -> Client:
    """A client with, unless told, a token and time enough."""
    return Client(SERVER, token, Budget(5000, **budget))


def ids(fetched: Fetched) -> list[str]:
    """The ids of all pages, in order."""
    return [entry["resource"]["id"] for page in fetched.pages for entry in json.loads(page)["entry"]]
