"""Medication orders and statements of every FHIR version -> Medication and ProposedOrder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any

from cds_service.facts import Drug, Listed, Medication, ProposedOrder, Reason
from cds_service.fhir import dosing
from cds_service.fhir.coded import entries
from cds_service.fhir.dates import last_day
from cds_service.fhir.doses import lines
from cds_service.fhir.drugs import drug, only_refers, routes
from cds_service.fhir.elements import code, codings, many, text, words
from cds_service.fhir.later import dosages
from cds_service.fhir.models import Adherence, Concept, Dosage, Reference, Resource
from cds_service.fhir.references import Record, target
from cds_service.terminology import by_phrase

ORDER_TYPES = ("MedicationRequest", "MedicationOrder")
STATEMENT_TYPES = ("MedicationStatement",)
# Intents that are no order (rules 1.4); DSTU2 and careless senders leave the intent out.
NO_ORDER = frozenset({"proposal", "plan", "option"})
_NEVER_LISTED = frozenset({"draft", "cancelled", "entered-in-error", "intended", "not-taken"})
_STOPPING = frozenset({"stopped", "cancelled", "completed", "on-hold"})
NO_REASON = Reason()
_Reader = Callable[[Resource, Drug, Record], Medication]
_ADHERENCE = {"taking": "active", "not-taking": "not-taken", "on-hold": "on-hold", "stopped": "stopped"}


def listed(record: Record) -> list[Listed]:
    """The orders and statements of the patient's record whose drug matters, or is not known; by reference, so that the
    order in which an EHR sends them changes nothing."""
    found = [(resource, read, drug(resource, record)) for resource, read in _taken(record)]
    kept = sorted((entry for entry in found if _matters(entry[2])), key=lambda entry: _address(entry[0]))
    return [(what, partial(read, resource, what, record)) for resource, read, what in kept]


def unknown(record: Record) -> list[Medication]:
    """Those of which it is not known what drug they are."""
    if not record.has_any(only_refers, *ORDER_TYPES, *STATEMENT_TYPES):
        return []  # nearly every list is like this
    found = ((resource, read, drug(resource, record)) for resource, read in _taken(record))
    return [read(resource, what, record) for resource, read, what in found if not what.known]


def _taken(record: Record) -> list[tuple[Resource, _Reader]]:
    """The orders that were given and the statements of what was taken, each with what reads it."""
    found: list[tuple[Resource, _Reader]] = [(one, _given) for one in record.of(*ORDER_TYPES) if _counts(one)]
    stated = record.of(*STATEMENT_TYPES)
    return found + [(one, _statement) for one in stated if _statement_status(one) not in _NEVER_LISTED]


def _address(resource: Resource) -> str:
    return f"{resource.resource_type}/{text(resource.id)}"


def _matters(drug: Drug) -> bool:
    return bool(drug.entries) or not drug.known


def _counts(resource: Resource) -> bool:
    """Whether a listed resource is an order that was given."""
    if resource.do_not_perform is True or resource.intent in NO_ORDER:
        return False
    return resource.status not in _NEVER_LISTED


def _given(resource: Resource, found: Drug, record: Record) -> Medication:
    return Medication(**_order(resource, dosages(resource), found, record))


def _order(resource: Resource, taken: list[Dosage], found: Drug, record: Record) -> dict[str, Any]:
    """What an order and a draft have in common."""
    written = last_day(resource.authored_on) or last_day(resource.date_written)
    return {
        "drug": found,
        "status": text(resource.status) or "unknown",
        "reference": _address(resource),
        "written": written,
        "start": dosing.start(taken, written),
        "end": dosing.end(resource, taken, written),
        "routes": routes(taken),
        "reason": reason(resource, record),
        "single": dosing.is_single(resource, taken),
        "infusion": dosing.is_infusion(taken),
        "dosage": partial(lines, resource, found.content),
    }


def _statement(resource: Resource, found: Drug, record: Record) -> Medication:
    period = resource.effective_period
    begun = last_day(period.start) if period is not None else last_day(resource.effective_date_time)
    return Medication(
        drug=found,
        status=_statement_status(resource),
        reference=_address(resource),
        stated=True,
        written=begun,
        start=begun,
        end=last_day(period.end) if period is not None else None,
        routes=routes(dosages(resource)),
        reason=reason(resource, record),
        dosage=partial(lines, resource, found.content),
    )


def _statement_status(resource: Resource) -> str:
    """The status as R4 words it: STU3 adds `taken`, DSTU2 `wasNotTaken`, R5 `adherence`."""
    status = text(resource.status)
    if resource.was_not_taken is True or resource.taken == "n":
        return "not-taken"
    if status == "recorded":
        return _adherence(resource.adherence)
    return "unknown" if not status or (status == "active" and resource.taken == "unk") else status


def _adherence(adherence: Adherence | None) -> str:
    """R5 adds `-as-directed` and `-not-as-directed` to its words; a statement without any is of a drug taken."""
    word = code(adherence.code) if adherence is not None else "taking"
    return next((status for start, status in _ADHERENCE.items() if word.startswith(start)), "unknown")


def proposed(resource: Resource, record: Record, selected: bool, today: date) -> ProposedOrder:
    """A draft order. One that ends an existing order is marked as a stop of that one (rules 5.1)."""
    taken = dosages(resource)
    parts = _order(resource, taken, drug(resource, record), record)
    prior = target(resource.prior_prescription)
    ends_prior = prior is not None and parts["end"] is not None and parts["end"] <= today
    stops = text(resource.status) in _STOPPING or resource.do_not_perform is True or ends_prior
    if prior is not None and stops:
        parts["reference"] = "/".join(prior)
    if stops and text(resource.status) not in _STOPPING:
        parts["start"] = None  # it tells when the drug ends, not since when it is taken
    days, several = dosing.length(resource, taken), len(taken) > 1
    return ProposedOrder(**parts, days=days, selected=selected, stops=stops, several=several)


def reason(resource: Resource, record: Record) -> Reason:
    """The coded reasons of an order, those of a referenced condition included; a phrase counts for a few sets."""
    concepts: list[Concept] = [
        *many(resource.reason_code),
        *many(resource.reason_codeable_concept),
        *many(resource.reason_for_use_codeable_concept),
        *many(resource.reason),
    ]
    if not concepts and resource.reason_reference is None:
        return NO_REASON
    references: list[Reference | str] = [*many(resource.reason_reference)]
    references += [concept.reference for concept in concepts if concept.reference is not None]
    unresolved = False
    for reference in references:
        condition = record.resolve(reference, resource)
        unresolved = unresolved or (condition is None and (target(reference) or ("", ""))[0] == "Condition")
        if condition is not None and condition.resource_type == "Condition":
            concepts += many(condition.code)
    names = frozenset(entry.valueset for entry in entries(concepts))
    names = names.union(*(by_phrase(word) for word in words(concepts)))
    coded = any(text(coding.code) for coding in codings(concepts))
    return Reason(names, coded, given=bool(coded or references or words(concepts)), unresolved=unresolved)
