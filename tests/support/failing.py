"""One call of a hook, without prefetch, of a FHIR server that does one thing wrong, and all that came of it."""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any
from unittest.mock import patch

from structlog import get_logger
from structlog.testing import capture_logs

from cds_service.ehr import client, server, sessions
from cds_service.ehr.address import parse
from cds_service.ehr.source import Access
from cds_service.web import cds, errors
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from tests.fhir.observed import observation
from tests.fhir.resources import (
    BACLOFEN,
    CRAMP,
    CYCLOBENZAPRINE,
    LORAZEPAM,
    OXYCODONE,
    PATIENT,
    SPASTICITY,
    TODAY,
    Json,
    bundle,
    care_order,
    concept,
    condition,
    draft,
    encounter,
    order,
    patient,
    statement,
    timed,
    who,
)
from tests.support.faults import FAULTS, LONG
from tests.support.record import Chart, Nobody, Question

TOKEN = "synthetic-token-4711"
RECORD = [
    patient(birthDate="1955-03-02", gender="female"),
    encounter({"code": "AMB"}),
    condition(CRAMP),
    observation("creatinine"),
    observation("magnesium", "o2"),
    observation("potassium", "o3"),
    observation("sodium", "o4"),
    order(OXYCODONE),
    order(CYCLOBENZAPRINE, "m2"),
    statement(LORAZEPAM),
    {"resourceType": "AllergyIntolerance", "id": "a1", "patient": who(), "code": concept("723")},
    care_order(concept("1", system="urn:other")),
]
TABLETS = timed(frequency=1, period=1, periodUnit="d") | {
    "doseAndRate": [{"doseQuantity": {"value": 1, "unit": "tablet"}}]
}
DRAFTS = [
    draft(CYCLOBENZAPRINE, reasonCode=[SPASTICITY]),
    draft(BACLOFEN, "d2", reasonCode=[CRAMP], dosageInstruction=[TABLETS]),
]
# What orders only refer to while the look-up of it is what fails.
MEDICATIONS = {"oxycodone": OXYCODONE, "baclofen": BACLOFEN}


@dataclass(frozen=True)
class Seen:
    """What came of one call: the answer, how long it took, all that was logged, and who was asked what."""

    status: int
    headers: str
    text: str
    seconds: float
    logged: str
    asked: tuple[Question, ...]
    elsewhere: tuple[Question, ...]

    @property
    def cards(self) -> list[Any]:
        """The cards of the answer; a refusal has none."""
        found: list[Any] = json.loads(self.text).get("cards", [])
        return found

    @property
    def told(self) -> set[tuple[str, str]]:
        """Rule and message of every card of a rule."""
        all_cards = [card["extension"]["io.cds-service.explanation"] for card in self.cards]
        return {(one["rule"], one["message"]) for one in all_cards} - {("not-evaluated", "not-evaluated")}

    @property
    def not_known(self) -> dict[str, str]:
        """Datum and reason, as the card tells them that says what could not be checked."""
        details = [card["detail"] for card in self.cards if card["source"]["topic"]["code"] == "not-evaluated"]
        lines = [line[2:].split(": ", 1) for detail in details for line in detail.splitlines() if line[:2] == "- "]
        return dict(lines)


@cache
def seen(fault: str, kind: str, hook: str) -> Seen:
    """One call of a hook without prefetch, of a server with this fault in its answers of this type ("": none).

    For the type Medication, the record and the drafts have orders that only refer to one.
    """
    _forget()
    wrong = FAULTS.get(fault)
    with Chart() as canary:
        spoil = wrong.make(canary.base) if wrong and wrong.make else None
        server = Nobody() if wrong and not wrong.make else Chart(record(kind), kind, spoil)
        with server as ehr:
            app = create_app(_settings(ehr.base, wrong.milliseconds if wrong else LONG))
            with _logged() as lines:
                started = time.monotonic()
                response = app.test_client().post(f"/cds-services/cramp-{hook}", json=_call(hook, kind, ehr.base))
                seconds = time.monotonic() - started
            _forget()
        asked = tuple(ehr.questions), tuple(canary.questions)
    return Seen(response.status_code, str(response.headers), response.text, seconds, "\n".join(lines), *asked)


def _settings(base: str, milliseconds: int) -> Settings:
    return Settings(as_of=TODAY, access=Access((parse(base),), milliseconds), log_calls="all")


def record(kind: str) -> list[Json]:
    """What the server holds while its answers of this type are spoilt."""
    if kind != "Medication":
        return RECORD
    held = [{"resourceType": "Medication", "id": id, "code": code} for id, code in MEDICATIONS.items()]
    return [_referring(one) for one in RECORD] + held


def _referring(one: Json) -> Json:
    """The resource, only referring to its drug if that is one of the Medications."""
    for id, code in MEDICATIONS.items():
        if one.get("medicationCodeableConcept") == code:
            left = {name: part for name, part in one.items() if name != "medicationCodeableConcept"}
            return left | {"medicationReference": {"reference": f"Medication/{id}"}}
    return one


def _call(hook: str, kind: str, base: str) -> Json:
    drafted = [_referring(one) for one in DRAFTS] if kind == "Medication" else DRAFTS
    drafts = {"draftOrders": bundle(*drafted)} if hook == "order-sign" else {}
    return {
        "hook": hook,
        "hookInstance": "5c1a1e9a-0000-4000-8000-000000000001",
        "context": {"userId": "Practitioner/1", "patientId": PATIENT, "encounterId": "e1"} | drafts,
        "fhirServer": base,
        "fhirAuthorization": {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 300},
        "extension": {"io.cds-service.explain": True},
    }


def _forget() -> None:
    """Close all connections, and forget what was learnt of servers: a port may be another server's next."""
    sessions.close()
    client._WANTS_GET.clear()
    server._SPOKEN.clear()


@contextmanager
def _logged() -> Iterator[list[str]]:
    """Everything that is logged at any level, by the service or a library."""
    lines: list[str] = []
    handler, root = logging.Handler(), logging.getLogger()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        # A logger keeps where it wrote first, and the call before this one may have been made in the same test.
        ours = patch.object(cds, "_LOG", get_logger()), patch.object(errors, "_LOG", get_logger())
        with ours[0], ours[1], capture_logs() as entries:
            yield lines
        lines.extend(str(entry) for entry in entries)
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
