"""Conditions, allergies, encounters and orders for care of every FHIR version -> Problem."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from cds_service.facts import DIALYSED, Extent, Problem
from cds_service.fhir import later
from cds_service.fhir.coded import entries
from cds_service.fhir.dates import last_day
from cds_service.fhir.elements import code, codings, many, only, text, words
from cds_service.fhir.models import Concept, Many, Period, Resource
from cds_service.fhir.references import Record
from cds_service.terminology import Entry, coded_with

CARE_TYPES = ("ServiceRequest", "ProcedureRequest", "Procedure")
_ACTIVE = frozenset({"active", "recurrence", "relapse"})
_NEVER = frozenset({"refuted", "entered-in-error"})
_CARE_ORDERED = frozenset({"active", "in-progress", "requested", "accepted", "on-hold"})
# DSTU2 words both clinical and verification status of an allergy in one element.
_NO_ALLERGY = _NEVER | {"resolved", "inactive"}
_NO_ENCOUNTER = frozenset({"entered-in-error", "cancelled"})
_CRAMPS = frozenset({"muscle-cramp", "cramp-and-spasm"})
# SNOMED CT: severe.
_SEVERE = "24484000"
_WORDS = {
    "incapacitating": Extent.INCAPACITATING,
    "generalised": Extent.WIDESPREAD,
    "generalized": Extent.WIDESPREAD,
    "widespread": Extent.WIDESPREAD,
}
_DIALYSIS = frozenset({"dialysis"})
_HOSPICE, _PALLIATIVE = frozenset({"hospice"}), frozenset({"palliative-care"})
# HL7's discharge disposition for a transfer to a hospice.
_TO_HOSPICE = "hosp"
# DSTU2's words for the encounter classes that later versions code.
_DSTU2_CLASSES = {"inpatient": "IMP", "emergency": "EMER", "ambulatory": "AMB", "outpatient": "AMB"}


def _concepts(*concepts: Many[Concept]) -> frozenset[str]:
    return frozenset([entry.valueset for concept in concepts for entry in entries(concept)])


def conditions(record: Record, today: date) -> tuple[Problem, ...]:
    """The conditions whose codes matter, and dialysis that was given lately; what is refuted or an error never counts
    (rules 11.2)."""
    found = [_condition(resource) for resource in record.of("Condition")]
    found += [_dialysis(resource, today) for resource in record.of("Procedure")]
    return tuple(problem for problem in found if problem is not None)


def _dialysis(procedure: Resource, today: date) -> Problem | None:
    """A dialysis under way, or one of the last weeks; older ones may have been for a kidney that recovered."""
    concepts, given = _concepts(procedure.code) & _DIALYSIS, _given(procedure)
    lately = given is not None and given >= today - timedelta(days=DIALYSED.value)
    under_way = text(procedure.status) == "in-progress"
    if not concepts or not (under_way or (lately and text(procedure.status) == "completed")):
        return None
    return Problem(concepts, recorded=given, reference=f"Procedure/{text(procedure.id)}")


def _condition(resource: Resource) -> Problem | None:
    found = entries(resource.code)
    concepts = _worded(resource.code, found) if found else frozenset()
    if not concepts or code(later.verification(resource)) in _NEVER:
        return None
    status = code(later.clinical(resource))
    over = resource.abatement_date_time is not None or resource.abatement_period is not None
    active = status in _ACTIVE if status else not over
    ended = last_day(resource.abatement_date_time) or next(
        (last_day(period.end) for period in only(Period, resource.abatement_period)), None
    )
    reference = f"Condition/{text(resource.id)}"
    return Problem(concepts, active, recorded(resource), reference, ended, _extent(resource, concepts))


def _extent(resource: Resource, concepts: frozenset[str]) -> frozenset[Extent]:
    """How bad cramps are: by severity, by two body sites, or by a word; of other conditions nobody asks."""
    if concepts.isdisjoint(_CRAMPS):
        return frozenset()
    severity, sites = only(Concept, resource.severity), only(Concept, resource.body_site)
    said = " ".join((*words(resource.code), *words(severity))).lower()
    found = {extent for word, extent in _WORDS.items() if word in said}
    severe = any(text(coding.code) == _SEVERE for coding in codings(severity))
    found |= {Extent.SEVERE} if severe else set()
    return frozenset(found | ({Extent.WIDESPREAD} if len(sites) > 1 else set()))


def _worded(code: Many[Concept], coded: Iterable[Entry]) -> frozenset[str]:
    """The concepts of a condition; some codes count only together with a word: no code says "high output"."""
    found = frozenset(entry.valueset for entry in coded)
    asking = {name: wanted for name in found if (wanted := coded_with(name))}
    if not asking:
        return found
    said = " ".join(words(code)).lower()
    return found - {name for name, wanted in asking.items() if not any(word in said for word in wanted)}


def recorded(resource: Resource) -> date | None:
    """The day on which a condition was recorded, else that on which it began."""
    period = resource.onset_period
    return (
        last_day(resource.recorded_date)
        or last_day(resource.date_recorded)
        or last_day(resource.asserted_date)
        or last_day(resource.onset_date_time)
        or (last_day(period.start) if period is not None else None)
    )


def intolerances(record: Record) -> tuple[Problem, ...]:
    """Allergies and intolerances that are neither resolved nor refuted nor erroneous."""
    return tuple(
        Problem(concepts, reference=f"AllergyIntolerance/{text(resource.id)}")
        for resource in record.of("AllergyIntolerance")
        if (concepts := _concepts(resource.code, resource.substance))
        and (code(later.clinical(resource)) or "active") in _ACTIVE
        and code(later.verification(resource)) not in _NEVER
        and text(resource.status) not in _NO_ALLERGY
    )


def care(record: Record, encounter: Resource | None) -> tuple[Problem, ...]:
    """Hospice and palliative services beside the problem list: orders, procedures, the present encounter."""
    found = [_service(resource) for resource in record.of(*CARE_TYPES)]
    if encounter is not None and text(encounter.status) not in _NO_ENCOUNTER:
        found.append(Problem(_HOSPICE if _encounter_concepts(encounter) & (_HOSPICE | _PALLIATIVE) else frozenset()))
    return tuple(problem for problem in found if problem.concepts)


def _service(resource: Resource) -> Problem:
    """An order in force stands for itself; care that was completed counts as palliative care does, for a time."""
    concepts, status = _concepts(resource.code), text(resource.status)
    if status == "completed" and concepts & _HOSPICE:
        concepts = _PALLIATIVE
    return Problem(concepts, status in _CARE_ORDERED or status == "completed", _given(resource))


def _given(resource: Resource) -> date | None:
    period = resource.performed_period
    return (
        last_day(resource.authored_on)
        or last_day(resource.performed_date_time)
        or last_day(resource.occurrence_date_time)
        or (last_day(period.end) or last_day(period.start) if period is not None else None)
    )


def _encounter_concepts(encounter: Resource) -> frozenset[str]:
    stay = encounter.hospitalization or encounter.admission
    disposition = stay.discharge_disposition if stay is not None else None
    kinds = encounter.type if not isinstance(encounter.type, str) else None
    to_hospice = any(text(coding.code) == _TO_HOSPICE for coding in codings(disposition))
    return _concepts(kinds, disposition) | ({"hospice"} if to_hospice else set())


def encounter_class(encounter: Resource | None) -> str:
    """The class of an encounter in progress (IMP, EMER, AMB ...), "" if there is none."""
    if encounter is None or text(encounter.status) != "in-progress":
        return ""
    for kind in many(encounter.class_) if not isinstance(encounter.class_, str) else [encounter.class_]:
        name = code(kind)
        return _DSTU2_CLASSES.get(name, name)
    return ""
