"""From when on a fact was known: the table of the folder's README, type by type and version by version."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest

from cds_service.batch.known import known, written
from tests.batch.lines import dated
from tests.fhir.resources import (
    CRAMP,
    HOSPICE,
    LORAZEPAM,
    Json,
    care_order,
    condition,
    dstu2_order,
    encounter,
    order,
    statement,
)

EARLY, LATE = "2026-03-05T09:00:00", "2026-06-01T10:00:00"
UPDATED = {"meta": {"lastUpdated": "2026-08-01T00:00:00"}}


def _bare(kind: str, **more: Any) -> Json:
    return {"resourceType": kind, "id": "x", "status": "final"} | more


def _problem(**more: Any) -> Json:
    return condition(CRAMP) | {"recordedDate": None} | more


KNOWN: list[tuple[Json, str | None]] = [
    (_problem(recordedDate=EARLY), EARLY),
    (_problem(dateRecorded=EARLY, onsetDateTime="2020"), EARLY),
    (_problem(assertedDate=EARLY, onsetDateTime="2026"), EARLY),
    (_problem(assertedDate=EARLY, onsetDateTime=LATE), LATE),
    (_problem(onsetPeriod={"start": LATE}), LATE),
    (_problem(onsetDateTime="2026"), "2026-12-31"),
    (_problem(**UPDATED), "2026-08-01"),
    (_problem(), None),
    (_bare("Observation", issued=LATE, effectiveDateTime=EARLY), LATE),
    (_bare("Observation", issued=EARLY, effectivePeriod={"start": EARLY, "end": LATE}), LATE),
    (_bare("Observation", effectivePeriod={"start": EARLY}), EARLY),
    (_bare("Observation", effectiveInstant=EARLY), EARLY),
    (statement(LORAZEPAM, dateAsserted=LATE, effectivePeriod={"start": EARLY}), LATE),
    (statement(LORAZEPAM, effectivePeriod={"start": EARLY}), EARLY),
    (statement(LORAZEPAM, effectiveDateTime=EARLY), EARLY),
    (_bare("AllergyIntolerance", recordedDate=LATE, onsetDateTime=EARLY), LATE),
    (_bare("AllergyIntolerance", assertedDate=EARLY), EARLY),
    (_bare("Procedure", performedDateTime=EARLY), EARLY),
    (_bare("Procedure", performedPeriod={"start": EARLY, "end": LATE}), LATE),
    (_bare("Procedure", performedPeriod={"start": EARLY}), EARLY),
    (_bare("Procedure", occurrenceDateTime=EARLY, recorded=LATE), LATE),
    (_bare("Procedure", occurrencePeriod={"start": EARLY, "end": LATE}), LATE),
    (_bare("Procedure", occurrencePeriod={"start": EARLY}), EARLY),
    (encounter(period={"start": EARLY, "end": LATE}), EARLY),
    (care_order(HOSPICE, authoredOn=EARLY, occurrenceDateTime=LATE), EARLY),
    (_bare("ProcedureRequest", orderedOn=EARLY), EARLY),
    (_bare("ProcedureRequest", occurrenceDateTime=EARLY), EARLY),
    (_bare("DiagnosticOrder", event=[{"dateTime": LATE}, {"dateTime": EARLY}, {}]), EARLY),
    (_bare("Specimen", issued=EARLY), None),
]


@pytest.mark.parametrize(("resource", "moment"), KNOWN)
def test_from_when_on_it_was_known(resource: Json, moment: str | None) -> None:
    """When it was written down and, if that is certainly later, when it happened; the server's word comes last."""
    assert known(dated(resource)) == (None if moment is None else datetime.fromisoformat(moment))


@pytest.mark.parametrize(
    ("resource", "moment"),
    [
        (order(LORAZEPAM, authoredOn=EARLY), datetime.fromisoformat(EARLY)),
        (dstu2_order(LORAZEPAM, dateWritten="2026-03-05"), datetime.combine(date(2026, 3, 5), time.max)),
        (
            order(
                LORAZEPAM,
                authoredOn=None,
                dosageInstruction=[{"timing": {"repeat": {"boundsPeriod": {"start": "2026-03-05"}}}}],
            ),
            datetime.combine(date(2026, 3, 5), time.max),
        ),
        (order(LORAZEPAM, authoredOn=None), None),
    ],
)
def test_when_an_order_was_written(resource: Json, moment: datetime | None) -> None:
    """As it says, else on the first day of its dosage."""
    assert written(dated(resource)) == moment
