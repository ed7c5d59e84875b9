"""A day of marked patients leaves no mark in the database file, nor in the log."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from cds_service.store.keys import Keys
from cds_service.store.memory import Memory, Site
from cds_service.web.app import create_app
from cds_service.web.remember import now
from cds_service.web.settings import Settings
from tests.fhir.resources import LORAZEPAM, OXYCODONE, Json, draft, order, patient
from tests.hooks.calls import request, sent

# One for each place in which something of a patient, a user or a place may stand.
MARKS = {
    "patient": "mark-patient-7",
    "user": "mark-user-7",
    "encounter": "mark-encounter-7",
    "instance": "mark-instance-7",
    "server": "mark-server-7",
    "draft": "mark-draft-7",
    "order": "mark-order-7",
    "name": "mark-name-7",
    "birth": "1931-07-07",
    "drug": "mark-drug-7",
    "dose": "mark-dose-7",
    "comment": "mark-comment-7",
    "reason": "mark reason 7",
    "card": "mark-card-7",
    "token": "mark-token-7",
}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[tuple[FlaskClient, Memory]]:
    """A service with a memory in a file, which keeps no comments."""
    site = Site(f"sqlite:///{tmp_path / 'store.sqlite3'}", Keys(["a secret of the tests, long enough"]), 90, 400)
    memory = Memory(site, now)
    yield create_app(Settings(as_of=date(2026, 11, 22)), memory).test_client(), memory
    memory.close()


def _marked(hook: str) -> Json:
    """A call in which everything that can be marked is."""
    person = patient() | {"id": MARKS["patient"], "birthDate": MARKS["birth"], "name": [{"family": MARKS["name"]}]}
    drug: dict[str, Any] = draft(LORAZEPAM) | {"id": MARKS["draft"], "subject": {"reference": "Patient/mark-patient-7"}}
    drug["dosageInstruction"] = [{"text": MARKS["dose"]}]
    drug["medicationCodeableConcept"] = drug["medicationCodeableConcept"] | {"text": MARKS["drug"]}
    held = order(OXYCODONE) | {"id": MARKS["order"], "subject": {"reference": "Patient/mark-patient-7"}}
    call = request(hook, drug, held=[held])
    call["prefetch"]["patient"] = person
    call["hookInstance"] = MARKS["instance"]
    call["fhirServer"] = f"https://{MARKS['server']}.example/r4"
    call["fhirAuthorization"] = {"access_token": MARKS["token"], "token_type": "Bearer"}
    call["context"] |= {"patientId": MARKS["patient"], "encounterId": MARKS["encounter"]}
    call["context"]["userId"] = f"Practitioner/{MARKS['user']}"
    return call


def test_no_mark_is_kept(kept: tuple[FlaskClient, Memory], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Calls, cards, suppressions and feedback of every form leave nothing of whom they were about."""
    client, memory = kept
    shown = 0
    for hook in ("order-select", "order-sign", "order-sign"):
        path = f"/cds-services/cramp-{hook}"
        answer: Any = client.post(path, data=sent(_marked(hook)), content_type="application/json").json
        for card in answer["cards"]:
            shown += 1
            reason = {"reason": {"code": MARKS["reason"], "system": MARKS["reason"]}, "userComment": MARKS["comment"]}
            said = {"card": card["uuid"], "outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z"}
            strange = said | {"card": MARKS["card"]}
            told = {"feedback": [said | {"overrideReason": reason}, strange, MARKS["comment"]]}
            assert client.post(f"{path}/feedback", json=told).status_code == 400
    memory.close()
    assert shown >= 3
    logged = capsys.readouterr().out
    assert '"event": "feedback"' in logged
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"benzodiazepine-opioid-combination" in files
    for mark in MARKS.values():
        assert mark.encode() not in files, mark
        assert mark not in logged, mark
