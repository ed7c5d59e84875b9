"""A resource as it was then: what an export tells of its later fate is taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

import msgspec
from msgspec.structs import replace

from cds_service.batch.dated import Dated, stay
from cds_service.batch.known import known, updated, written
from cds_service.batch.moments import FIRST, UNDATED, Instant, evening, fact
from cds_service.facts import PENDING, Drug, Medication, State
from cds_service.fhir import dosing
from cds_service.fhir.dates import last_day
from cds_service.fhir.elements import code, only, text
from cds_service.fhir.later import clinical, dosages
from cds_service.fhir.medications import ORDER_TYPES
from cds_service.fhir.models import Dosage, Leaf, Period, Repeat, Timing

# Statuses of what was in force once, and is no more.
_ENDED = frozenset({"stopped", "completed", "on-hold"})
_TAKEN = frozenset({"completed", "stopped"})
_PAST = frozenset({"inactive", "remission", "resolved"})
_DONE = frozenset({"completed", "revoked", "stopped"})
_STAYED = frozenset({"finished", "completed", "discharged"})


class Phase(msgspec.Struct, frozen=True):
    """A resource as it was from a moment on."""

    since: Instant
    resource: Dated


def phases(resource: Dated) -> tuple[Phase, ...]:
    """The one or two forms that a resource had, the earlier one first. What it is now it was at the latest when its
    server says that it was changed last; what never ends as far as anybody knows is as it is now only for who looks at
    the very end."""
    return _PHASES.get(resource.resource_type, _once)(resource)


def at(forms: Sequence[Phase], moment: Instant, end: bool = False) -> Dated | None:
    """The form that a resource had at a moment, None if it was not known yet; at the end also what has no date."""
    found = None
    for phase in forms:
        if phase.since <= moment or (end and phase.since == UNDATED):
            found = phase.resource
    return found


def is_endless(forms: Sequence[Phase]) -> bool:
    """Whether it ended, and nothing tells when."""
    return len(forms) > 1 and forms[-1].since == UNDATED


def is_over(order: Dated, day: date) -> bool:
    """Whether an order is certainly none of a drug that is or may be taken on a day: it says so, and did by then."""
    changed = updated(order)
    if order.status == "active" or changed is None or changed > evening(day):
        return False
    written = last_day(order.authored_on) or last_day(order.date_written)
    ended = dosing.end(order, dosages(order), written)
    told = Medication(Drug(), status=text(order.status) or "unknown", written=written, end=ended)
    return told.state(day) is State.PAST


def draft(order: Dated, day: date) -> Dated:
    """An order as it was while it was signed."""
    return replace(_open(order, day), status="draft")


def _since(moment: datetime | None) -> Instant:
    return UNDATED if moment is None else (moment, 0)


def _once(resource: Dated) -> tuple[Phase, ...]:
    return (Phase(_since(known(resource)), resource),)


def _always(resource: Dated) -> tuple[Phase, ...]:
    return (Phase(FIRST, resource),)


def _twice(since: Instant, before: Dated, until: datetime | None, now: Dated) -> tuple[Phase, ...]:
    """In force from one moment on, and from another one as it is now."""
    changed = updated(now)
    ends = [(moment, 0) for moment in (until, changed) if moment is not None]
    last = min(ends, default=UNDATED)
    return (Phase(since, before), Phase(last, now)) if last > since else (Phase(since, now),)


def _patient(patient: Dated) -> tuple[Phase, ...]:
    """Alive until the death; that of a patient who only is dead lies before the very end."""
    died = fact(patient.deceased_date_time)
    if patient.deceased_boolean is not True and died is None:
        return _always(patient)
    alive = replace(patient, deceased_boolean=None, deceased_date_time=None)
    return Phase(FIRST, alive), Phase(_since(died), patient)


def _order(order: Dated) -> tuple[Phase, ...]:
    """In force from its signature on; who signs something else at that moment does not see it yet."""
    moment = written(order)
    if moment is None or order.status not in _ENDED:
        return (Phase(_since(updated(order)) if moment is None else (moment, 1), order),)
    return _twice((moment, 1), replace(_open(order, moment.date()), status="active"), _left(order, moment), order)


def _left(order: Dated, moment: datetime) -> datetime | None:
    """When an order ended, as far as it says so; one on hold when that is told. That its supply was used up ends none
    (rules 11.3): a list of that day would have held it."""
    if order.status == "on-hold":
        return fact(order.status_changed)
    ended = dosing.end(order, dosages(order), moment.date())
    return None if ended is None else evening(ended)


def _later(moment: datetime, days: float) -> datetime | None:
    try:
        return moment + timedelta(days=days)
    except OverflowError:
        return None


def _open(order: Dated, day: date) -> Dated:
    """Without the end that it only got later: of a stopped order also the one in its dosage, which may be the day on
    which it was stopped."""
    lines = order.dosage_instruction
    if order.status == "stopped":
        lines = [_unbounded(line, day) for line in dosages(order)]
    return replace(order, date_ended=None, status_changed=None, dosage_instruction=lines)


def _unbounded(line: Dosage, day: date) -> Dosage:
    timing = line.timing or Timing()
    repeat = timing.repeat or Repeat()
    period = repeat.bounds_period or Period()
    ends = last_day(period.end)
    if ends is None or ends <= day:
        return line
    return replace(line, timing=replace(timing, repeat=replace(repeat, bounds_period=Period(period.start))))


def _condition(condition: Dated) -> tuple[Phase, ...]:
    """Active until its end, if it is one of the past."""
    ended = _abated(condition)
    begun = _since(known(condition))
    if begun == UNDATED or (ended is None and code(clinical(condition)) not in _PAST):
        return (Phase(begun, condition),)
    active = replace(condition, clinical_status="active", abatement_date_time=None, abatement_period=None)
    return _twice(begun, active, ended, condition)


def _abated(condition: Dated) -> datetime | None:
    periods = only(Period, condition.abatement_period)
    told: list[Leaf] = [condition.abatement_date_time]
    told += [part for period in periods for part in (period.end, period.start)]
    return next((found for part in told if (found := fact(part)) is not None), None)


def _statement(statement: Dated) -> tuple[Phase, ...]:
    """A statement speaks of the day on which it was made; an end after that came to it later."""
    period, begun = statement.effective_period, _since(known(statement))
    ends = last_day(period.end) if period is not None else None
    if period is None or ends is None or begun == UNDATED or not _was_taken(statement):
        return (Phase(begun, statement),)
    status = "recorded" if statement.status == "recorded" else "active"
    taken = replace(statement, status=status, adherence=None, effective_period=Period(period.start))
    return _twice(begun, taken, evening(ends), statement)


def _was_taken(statement: Dated) -> bool:
    """Whether it says that a drug is taken no more; R5 says so beside the status."""
    if statement.status == "recorded":
        return statement.adherence is not None and code(statement.adherence.code).startswith("stopped")
    return statement.status in _TAKEN


def _test(order: Dated) -> tuple[Phase, ...]:
    """A test that was ordered is awaited for as long as an order of a test counts."""
    begun = known(order)
    if begun is None or order.status not in _DONE:
        return (Phase(_since(begun), order),)
    return _twice((begun, 0), replace(order, status="active"), _later(begun, PENDING.value), order)


def _encounter(encounter: Dated) -> tuple[Phase, ...]:
    """In progress until the evening of its last day; how the patient left it is known then."""
    begun, ends = known(encounter), last_day(stay(encounter).end)
    if begun is None or text(encounter.status) not in _STAYED:
        return (Phase(_since(begun), encounter),)
    present = replace(encounter, status="in-progress", hospitalization=None, admission=None)
    return _twice((begun, 0), present, None if ends is None else evening(ends), encounter)


_PHASES: dict[str, Callable[[Dated], tuple[Phase, ...]]] = {
    "Patient": _patient,
    "Medication": _always,
    **dict.fromkeys(ORDER_TYPES, _order),
    "Condition": _condition,
    "MedicationStatement": _statement,
    **dict.fromkeys(("ServiceRequest", "ProcedureRequest", "DiagnosticOrder"), _test),
    "Encounter": _encounter,
}
