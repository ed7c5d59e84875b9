"""From when on a fact was known: the table stands in this folder's README."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from cds_service.batch import dated
from cds_service.batch.dated import Counted, Dated, Order
from cds_service.batch.moments import earliest, evening, fact, signed
from cds_service.fhir import dosing
from cds_service.fhir.elements import many
from cds_service.fhir.later import dosages
from cds_service.fhir.medications import ORDER_TYPES
from cds_service.fhir.models import Leaf, Period
from cds_service.fhir.references import last_updated

# When it was written down, and when it happened.
_Dates = tuple[Leaf, Leaf]
_NEVER = Period()
RESULT = "Observation"


def known(resource: Dated) -> datetime | None:
    """The moment from which a resource was known, None if nothing tells it: when it was written down and, if that is
    certainly later, when it happened; what its server says of the last change only where nothing else does."""
    dates = _DATES.get(resource.resource_type)
    written, happened = dates(resource) if dates is not None else (None, None)
    recorded = fact(written)
    if recorded is None:
        return fact(happened) or updated(resource)
    return max(recorded, earliest(happened) or recorded)


def updated(resource: Dated) -> datetime | None:
    """When a resource got the content that it has, as its server tells."""
    return fact(last_updated(resource))


def written(order: Order) -> datetime | None:
    """When an order was signed; one that does not tell was, on the first day of its dosage."""
    told = signed(order.authored_on) or signed(order.date_written)
    if told is not None or isinstance(order, Counted):
        return told
    begins = dosing.start(dosages(order), None)
    return None if begins is None else evening(begins)


def _condition(condition: Dated) -> _Dates:
    period = condition.onset_period or _NEVER
    told = condition.recorded_date or condition.date_recorded or condition.asserted_date
    return told, condition.onset_date_time or period.start


def _observation(observation: Dated) -> _Dates:
    period = observation.effective_period or _NEVER
    taken = observation.effective_date_time or observation.effective_instant or period.end or period.start
    return observation.issued, taken


def _statement(statement: Dated) -> _Dates:
    period = statement.effective_period or _NEVER
    return dated.asserted(statement), period.start or statement.effective_date_time


def _allergy(allergy: Dated) -> _Dates:
    return allergy.recorded_date or allergy.asserted_date, allergy.onset_date_time


def _procedure(procedure: Dated) -> _Dates:
    lasted, done = procedure.performed_period or _NEVER, dated.occurred(procedure)
    day = procedure.performed_date_time or procedure.occurrence_date_time
    return dated.recorded(procedure), day or lasted.end or lasted.start or done.end or done.start


def _encounter(encounter: Dated) -> _Dates:
    return None, dated.stay(encounter).start


def _test(order: Dated) -> _Dates:
    """An order of a test or of care, of DSTU2 its first event; the day for which it was planned tells nothing more."""
    events = sorted(event.date_time for event in many(order.event) if isinstance(event.date_time, str))
    ordered = order.authored_on or order.ordered_on or next(iter(events), None)
    return ordered, None if ordered else order.occurrence_date_time


_DATES: dict[str, Callable[[Dated], _Dates]] = {
    "Condition": _condition,
    RESULT: _observation,
    "MedicationStatement": _statement,
    "AllergyIntolerance": _allergy,
    "Procedure": _procedure,
    "Encounter": _encounter,
    **dict.fromkeys(("ServiceRequest", "ProcedureRequest", "DiagnosticOrder"), _test),
}
# Every type that is read; of a Medication it does not matter since when it is known.
TYPES = ("Patient", *ORDER_TYPES, *_DATES)
