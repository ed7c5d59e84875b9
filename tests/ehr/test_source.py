"""Which FHIR server a request may ask, and how the service learns the version that it speaks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from cds_service.ehr import server, sessions
from cds_service.ehr.address import parse
from cds_service.ehr.client import Fetched
from cds_service.ehr.source import NO_ACCESS, Access
from cds_service.fhir.version import Version
from tests.ehr.asked import SLOW, answered

BASE = "https://ehr.example.org/fhir"
ACCESS = Access((parse(BASE),))


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """No test knows what another one learned."""
    server._SPOKEN.clear()
    yield
    server._SPOKEN.clear()


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Answers by key that a test fills in, and under "queries" what was asked."""
    told: dict[str, Any] = {"queries": []}

    def fetch_all(_: object, queries: Mapping[str, str]) -> dict[str, Fetched]:
        told["queries"].append(dict(queries))
        return {key: told.get(key, SLOW) for key in queries}

    monkeypatch.setattr(server, "fetch_all", fetch_all)
    return told


@pytest.mark.parametrize(
    ("access", "server", "may"),
    [
        (ACCESS, BASE, True),
        (ACCESS, f"{BASE}/R4", True),
        (ACCESS, "https://ehr.example.org/other", False),
        (ACCESS, "", False),
        (NO_ACCESS, BASE, False),
    ],
)
def test_only_a_listed_server_is_asked(access: Access, server: str, may: bool) -> None:
    """A server that is not on the list, and any server without a list, is never called."""
    assert (access.source(server, "token") is not None) is may


@pytest.mark.parametrize(
    ("statement", "version"),
    [
        (answered({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}), Version.R4),
        (answered({"fhirVersion": "4.3.0"}), Version.R4),
        (answered({"fhirVersion": "5.0.0"}), Version.R5),
        (answered({"fhirVersion": "3.0.2"}), Version.STU3),
        (answered({"resourceType": "Conformance", "fhirVersion": "1.0.2"}), Version.DSTU2),
        (answered({"fhirVersion": "0.5.0"}), Version.DSTU2),
        (answered({"fhirVersion": "2.0"}), None),
        (answered({"fhirVersion": 4}), None),
        (answered({}), None),
        (Fetched((b"<html>",), False, "", ""), None),
        (SLOW, None),
    ],
)
def test_the_version_is_learned_beside_the_first_questions(
    statement: Fetched, version: Version | None, asked: dict[str, Any]
) -> None:
    """The CapabilityStatement is asked for at the same time as the data, and once only if it tells the version."""
    asked["metadata"] = statement
    found = ACCESS.source(BASE, "token")
    assert found is not None
    assert found.version is None
    with ACCESS.room.inside:
        assert found.fetch({"conditions": "Condition?patient=1"}) == {"conditions": SLOW}
        assert found.version is version
        found.fetch({"conditions": "Condition?patient=1"})
    assert [("metadata" in queries) for queries in asked["queries"]] == [True, version is None]


def test_the_token_stands_in_no_representation() -> None:
    """What a log or a traceback may show of a source does not hold the token."""
    assert "secret-token" not in repr(ACCESS.source(BASE, "secret-token"))


def test_what_talks_to_a_listed_server_is_ready_before_the_first_request(monkeypatch: pytest.MonkeyPatch) -> None:
    """The session of every listed server is made at the start; without a list nothing is."""
    monkeypatch.setattr(sessions, "_SESSIONS", {})
    NO_ACCESS.prepare()
    assert sessions._SESSIONS == {}
    ACCESS.prepare()
    assert set(sessions._SESSIONS) == {listed.origin for listed in ACCESS.servers}
