"""A resource as it was then: no later fate of it is seen before its day."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

import pytest

from cds_service.batch import then
from cds_service.batch.dated import Dated
from cds_service.batch.moments import FIRST, UNDATED, Instant
from cds_service.fhir.elements import code, text
from cds_service.fhir.later import clinical, dosages
from tests.batch.lines import dated
from tests.fhir.resources import (
    CRAMP,
    HOSPICE,
    LORAZEPAM,
    Json,
    care_order,
    concept,
    condition,
    encounter,
    order,
    patient,
    statement,
    timed,
)

WRITTEN = "2026-03-05T09:00:00"
moment = datetime.fromisoformat
BEGUN = (moment(WRITTEN), 1)
UNTIL = {"boundsPeriod": {"start": "2026-03-05", "end": "2026-03-20"}}
UPDATED = {"meta": {"lastUpdated": "2026-04-01T00:00:00"}}
RESOLVED = concept("resolved", system="condition-clinical")


def _evening(month: int, day: int) -> Instant:
    return datetime.combine(date(2026, month, day), time.max), 0


def _ended(status: str = "stopped", **more: Any) -> tuple[then.Phase, ...]:
    return then.phases(dated(order(LORAZEPAM, **{"authoredOn": WRITTEN, "status": status} | more)))


def _told(forms: tuple[then.Phase, ...]) -> list[tuple[Instant, str]]:
    return [(phase.since, text(phase.resource.status)) for phase in forms]


@pytest.mark.parametrize("status", ["active", "cancelled", "entered-in-error", "unknown"])
def test_an_order_that_never_changed(status: str) -> None:
    """It is on the list after it was signed, as it is."""
    assert _told(_ended(status)) == [(BEGUN, status)]


@pytest.mark.parametrize("status", ["stopped", "completed"])
@pytest.mark.parametrize(
    ("more", "until"),
    [
        ({"dosageInstruction": [timed(**UNTIL)]}, _evening(3, 20)),
        ({"dateEnded": "2026-03-15"}, _evening(3, 15)),
        ({"statusChanged": "2026-03-15T12:00:00"}, _evening(3, 15)),
        ({"dispenseRequest": {"expectedSupplyDuration": {"value": 10, "code": "d"}}}, UNDATED),
        (UPDATED, (moment("2026-04-01"), 0)),
        (UPDATED | {"dateEnded": "2026-03-15"}, _evening(3, 15)),
        ({}, UNDATED),
    ],
)
def test_an_order_that_ended(status: str, more: Json, until: Instant) -> None:
    """It was active until its end, and at the latest until its last change; that its supply was used up ends it not."""
    forms = _ended(status, **more)
    assert _told(forms) == [(BEGUN, "active"), (until, status)]
    assert then.is_endless(forms) == (until == UNDATED)
    early = forms[0].resource
    assert (early.date_ended, early.status_changed) == (None, None)


def test_an_order_that_had_ended_when_it_was_written() -> None:
    """Then it never was on the list as an active one."""
    forms = _ended(meta={"lastUpdated": WRITTEN})
    assert _told(forms) == [(BEGUN, "stopped")]
    assert not then.is_endless(forms)


def test_an_order_on_hold() -> None:
    """Only a day of its own tells since when; the end of its dosage does not."""
    assert _told(_ended("on-hold", dosageInstruction=[timed(**UNTIL)])) == [(BEGUN, "active"), (UNDATED, "on-hold")]
    changed = _ended("on-hold", statusChanged="2026-03-15T12:00:00")
    assert _told(changed) == [(BEGUN, "active"), ((moment("2026-03-15T12:00:00"), 0), "on-hold")]


def test_an_order_without_a_day() -> None:
    """It is known from its last change on, or only at the end."""
    assert _told(_ended(authoredOn=None, **UPDATED)) == [((moment("2026-04-01"), 0), "stopped")]
    assert _told(_ended(authoredOn=None)) == [(UNDATED, "stopped")]


@pytest.mark.parametrize(
    ("status", "repeat", "kept"),
    [
        ("stopped", UNTIL, {"boundsPeriod": {"start": "2026-03-05"}}),
        ("completed", UNTIL, UNTIL),
        ("stopped", {"boundsPeriod": {"end": "2026-03-05"}}, {"boundsPeriod": {"end": "2026-03-05"}}),
        ("stopped", {"boundsDuration": {"value": 7, "code": "d"}}, {"boundsDuration": {"value": 7, "code": "d"}}),
        ("stopped", {"boundsPeriod": None}, {"boundsPeriod": None}),
    ],
)
def test_the_end_in_a_dosage(status: str, repeat: Json, kept: Json) -> None:
    """The end of a stopped order may be the day on which it was stopped: whoever signs it does not see it. What was
    planned stays."""
    lines = [timed(**repeat), None]
    found = then.draft(dated(order(LORAZEPAM, status=status, dosageInstruction=lines)), date(2026, 3, 5))
    assert found.status == "draft"
    assert dosages(found) == dosages(dated(order(LORAZEPAM, dosageInstruction=[timed(**kept)])))


def _condition(**more: Any) -> list[tuple[Instant, str]]:
    found = condition(CRAMP) | {"recordedDate": WRITTEN} | more
    forms = then.phases(dated(found))
    assert all(_is_open(phase.resource) for phase in forms[:-1])
    return [(phase.since, code(clinical(phase.resource))) for phase in forms]


def _is_open(resource: Dated) -> bool:
    return resource.abatement_date_time is None and resource.abatement_period is None


NOTED = (BEGUN[0], 0)


@pytest.mark.parametrize(
    ("more", "forms"),
    [
        ({}, [(NOTED, "active")]),
        ({"recordedDate": None}, [(UNDATED, "active")]),
        (
            {"clinicalStatus": RESOLVED, "abatementDateTime": "2026-05-01"},
            [(NOTED, "active"), ((moment("2026-05-01"), 0), "resolved")],
        ),
        (
            {"clinicalStatus": "resolved", "abatementPeriod": {"start": "2026-04-01", "end": "2026-05-01"}},
            [(NOTED, "active"), ((moment("2026-05-01"), 0), "resolved")],
        ),
        (
            {"clinicalStatus": "resolved", "abatementPeriod": {"start": "2026-04-01"}},
            [(NOTED, "active"), ((moment("2026-04-01"), 0), "resolved")],
        ),
        ({"clinicalStatus": None, "abatementDateTime": "2020"}, [(NOTED, "")]),
        ({"clinicalStatus": "resolved"}, [(NOTED, "active"), (UNDATED, "resolved")]),
        ({"clinicalStatus": "resolved"} | UPDATED, [(NOTED, "active"), ((moment("2026-04-01"), 0), "resolved")]),
    ],
)
def test_a_condition_that_ended(more: Json, forms: list[tuple[Instant, str]]) -> None:
    """It was active until it abated; one that was over when it was recorded was never active."""
    assert _condition(**more) == forms


PERIOD = {"start": WRITTEN, "end": "2026-05-01"}
TAKEN_UNTIL = _evening(5, 1)


@pytest.mark.parametrize(
    ("more", "forms"),
    [
        ({"status": "completed", "effectivePeriod": PERIOD}, [(NOTED, "active"), (TAKEN_UNTIL, "completed")]),
        ({"status": "active", "effectivePeriod": PERIOD}, [(NOTED, "active")]),
        ({"status": "completed", "effectivePeriod": {"start": WRITTEN}}, [(NOTED, "completed")]),
        ({"status": "completed"}, [(UNDATED, "completed")]),
        ({"status": "completed", "effectivePeriod": {"end": "2026-05-01"}}, [(UNDATED, "completed")]),
        (
            {"status": "completed", "effectivePeriod": PERIOD, "dateAsserted": "2026-06-01T00:00:00"},
            [((moment("2026-06-01"), 0), "completed")],
        ),
        ({"status": "recorded", "effectivePeriod": PERIOD}, [(NOTED, "recorded")]),
        (
            {"status": "recorded", "effectivePeriod": PERIOD, "adherence": {"code": concept("stopped")}},
            [(NOTED, "recorded"), (TAKEN_UNTIL, "recorded")],
        ),
        (
            {"status": "recorded", "effectivePeriod": PERIOD, "adherence": {"code": concept("not-taking")}},
            [(NOTED, "recorded")],
        ),
    ],
)
def test_a_statement(more: Json, forms: list[tuple[Instant, str]]) -> None:
    """It speaks of the day on which it was made; an end after that came later."""
    found = then.phases(dated(statement(LORAZEPAM, **more)))
    assert _told(found) == forms
    if len(forms) > 1:
        assert found[0].resource.adherence is None
        assert found[0].resource.effective_period is not None
        assert found[0].resource.effective_period.end is None


def test_an_order_of_a_test() -> None:
    """It is awaited for a week, whenever it was completed; one without a day is known at the end."""
    done = care_order(HOSPICE, status="completed", authoredOn=WRITTEN)
    assert _told(then.phases(dated(done))) == [(NOTED, "active"), ((moment("2026-03-12T09:00:00"), 0), "completed")]
    last = care_order(HOSPICE, status="completed", authoredOn="9999-12-31")
    assert [since for since, _ in _told(then.phases(dated(last)))] == [(moment("9999-12-31"), 0), UNDATED]
    assert _told(then.phases(dated(care_order(HOSPICE, authoredOn=WRITTEN)))) == [(NOTED, "active")]
    assert _told(then.phases(dated(care_order(HOSPICE, authoredOn=None)))) == [(UNDATED, "active")]


def test_an_encounter() -> None:
    """It was in progress until the evening of its last day, and nobody knew how the patient would leave it."""
    stay = {"status": "finished", "hospitalization": {"dischargeDisposition": concept("hosp")}}
    forms = then.phases(dated(encounter(**stay, period={"start": WRITTEN, "end": "2026-03-07T10:00:00"})))
    assert _told(forms) == [(NOTED, "in-progress"), (_evening(3, 7), "finished")]
    assert forms[0].resource.hospitalization is None
    assert forms[1].resource.hospitalization is not None
    endless = then.phases(dated(encounter(status="finished", period={"start": WRITTEN})))
    assert _told(endless) == [(NOTED, "in-progress"), (UNDATED, "finished")]
    assert _told(then.phases(dated(encounter(period={"start": WRITTEN})))) == [(NOTED, "in-progress")]
    assert _told(then.phases(dated(encounter()))) == [(UNDATED, "in-progress")]


@pytest.mark.parametrize(
    ("more", "died"),
    [
        ({}, []),
        ({"deceasedBoolean": False}, []),
        ({"deceasedBoolean": True}, [UNDATED]),
        ({"deceasedDateTime": "2026-05-01T10:00:00"}, [(moment("2026-05-01T10:00:00"), 0)]),
    ],
)
def test_a_patient_who_died(more: Json, died: list[Instant]) -> None:
    """Who has an order written was alive then."""
    forms = then.phases(dated(patient(**more)))
    assert [phase.since for phase in forms[1:]] == died
    assert forms[0].resource.deceased_boolean in (None, False)
    assert forms[0].resource.deceased_date_time is None


def test_at_a_moment() -> None:
    """The form that a resource had; what has no date is seen only at the end."""
    forms = _ended(dateEnded="2026-03-15")
    before, while_, after = (moment("2026-03-05T08:00:00"), 0), (moment("2026-03-06"), 0), (moment("2026-04-01"), 0)
    assert then.at(forms, before) is None
    assert then.at(forms, (BEGUN[0], 0)) is None
    assert [text(found.status) for one in (while_, after) if (found := then.at(forms, one))] == [
        "active",
        "stopped",
    ]
    undated = _ended(authoredOn=None)
    assert then.at(undated, after) is None
    assert then.at(undated, after, end=True) is not None


def test_what_has_one_form() -> None:
    """A result is what it is, from its day on; a Medication always was."""
    result = {"resourceType": "Observation", "id": "o", "issued": WRITTEN}
    assert [phase.since for phase in then.phases(dated(result))] == [NOTED]
    assert then.at(then.phases(dated({"resourceType": "Medication", "id": "x"})), FIRST) is not None


@pytest.mark.parametrize(
    ("more", "over"),
    [
        ({"status": "stopped"}, True),
        ({"status": "cancelled"}, True),
        ({"status": "completed"}, True),
        ({"status": "completed", "dosageInstruction": [timed(boundsPeriod={"end": "2026-04-28"})]}, False),
        ({"status": "active"}, False),
        ({"status": "on-hold"}, False),
        ({"status": None}, False),
        ({"status": "stopped", "meta": {"lastUpdated": "2026-05-02"}}, False),
        ({"status": "stopped", "meta": None}, False),
    ],
)
def test_an_order_that_is_certainly_over(more: Json, over: bool) -> None:
    """It says so, and said so by that day; what ended just now may be taken still."""
    told = dated(order(LORAZEPAM, **{**UPDATED, **more}))
    assert then.is_over(told, date(2026, 5, 1)) is over
