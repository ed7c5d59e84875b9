"""Engine `direct`: a case as facts, without FHIR and without HTTP."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, timedelta
from functools import partial
from typing import Any

from cds_service.evidence import Threshold
from cds_service.facts import (
    ALLERGIES,
    ANALYTES,
    CONDITIONS,
    DRUG,
    MEDICATIONS,
    PATIENT,
    STATEMENTS,
    Drug,
    Extent,
    Line,
    Listing,
    Medication,
    Person,
    Problem,
    ProposedOrder,
    Reason,
    Snapshot,
)
from cds_service.fhir.dates import days
from cds_service.rules import Answer, Proposal, evaluate
from cds_service.terminology import by_code, by_name, by_phrase
from tests.support import laboratory
from tests.support.cases import AS_OF, Case, day, product
from tests.support.switches import turned_on

_NEEDS = {need.id: (need,) for need in (PATIENT, MEDICATIONS, CONDITIONS, STATEMENTS, ALLERGIES)}
_NEEDS["labs"] = tuple(dict.fromkeys(analyte.need for analyte in ANALYTES))
_STATUSES = {"not-taken", "entered-in-error", "cancelled", "plan"}


def said(case: Case) -> dict[str, Any]:
    """What the case's rule says, as far as the case states it: the kind of its answer, the messages it found, the
    values of its wording and what it offers."""
    answer = judged(case)
    messages = list(dict.fromkeys(finding.message for finding in answer.findings))
    told = {name: value for finding in reversed(answer.findings) for name, value in finding.values.items()}
    offers = [offer_told(offer) for finding in answer.findings for offer in finding.propose]
    return {
        "answer": answer.kind,
        "messages": messages,
        "values": {name: told.get(name) for name in case.values},
        **({} if case.offers is None else {"offers": offers}),
    }


def offer_told(offer: Proposal) -> str:
    """A proposal in words: its name, then what it is of and its numbers: `OfferBaclofen 5 mg, times 2`."""
    parts = [_part(one.name, getattr(offer, one.name), one.default) for one in fields(offer)]
    return f"{type(offer).__name__} {', '.join(part for part in parts if part)}".strip()


def _part(name: str, value: object, default: object) -> str:
    """One part of a proposal; what is as usual, and which order or medication it is about, needs no word."""
    if value == default or isinstance(value, Medication):
        return ""
    if isinstance(value, Threshold):
        return f"{value.value:g} {value.unit}"
    if isinstance(value, tuple):
        return " + ".join(part if isinstance(part, str) else "{:g} mg x {}".format(*part) for part in value)
    if isinstance(value, str):
        return value
    return name if value is True else f"{name} {value:g}"


def judged(case: Case) -> Answer:
    """The whole answer of the case's rule."""
    with turned_on(*case.switches):
        return next(said for said in evaluate(snapshot(case), case.hook) if said.rule.id == case.rule)


def snapshot(case: Case) -> Snapshot:
    """What is known of the case's patient."""
    unmet = {need: "not supplied by the EHR" for name in case.unknown for need in _NEEDS[name]}
    unmet |= {need: "only a part of it was supplied" for name in case.partial for need in _NEEDS[name]}
    if any(row.get("unresolved") for row in case.orders):
        unmet[DRUG] = "the order only refers to a medication that was not supplied"
    if any(row.get("unresolved") for row in case.taking):
        unmet.setdefault(MEDICATIONS, "an entry only refers to a medication that was not supplied")
    known = {name: name not in case.unknown for name in _NEEDS}
    taking = [_listed(row, n) for n, row in enumerate(case.taking) if row.get("status") not in _STATUSES]
    return Snapshot(
        as_of=AS_OF,
        age_on=AS_OF,
        person=Person(days(case.born), case.dead, case.sex) if known["patient"] else None,
        problems=tuple(_problem(row) for row in case.problems) if known["conditions"] else (),
        medications=Listing.of_known(taking if known["medications"] else ()),
        orders=tuple(_order(row, n, case) for n, row in enumerate(case.orders)),
        intolerances=tuple(Problem(frozenset({row["is"]})) for row in case.intolerances),
        encounter_class=case.encounter,
        laboratory=partial(laboratory.results, case, known["labs"]),
        unmet=unmet,
    )


def _problem(row: dict[str, Any]) -> Problem:
    recorded = day(row["days_ago"]) if "days_ago" in row else None
    extent = frozenset({Extent(row["extent"])} if "extent" in row else set())
    return Problem(frozenset({row["is"]}), row.get("status", "active") == "active", recorded, extent=extent)


def _drug(row: dict[str, Any]) -> Drug:
    if row.get("unresolved"):
        return Drug(known=False)
    if row.get("by_name"):
        entries = by_name(row["drug"])
        return Drug(entries, row["drug"], by_name=bool(entries))
    coding = product(row)
    entries = by_code(coding.system, coding.code)
    content = next((entry.content for entry in entries if entry.content is not None), None)
    return Drug(entries, coding.display, content=content)


def _lines(row: dict[str, Any]) -> tuple[Line, ...]:
    """One dosage line for a dose in mg, or in pieces of the product's strength; `evening` tells a time of day."""
    if "steps" in row:
        return tuple(Line(mg=mg / 2, times=2, sequence=n, days=days or None) for n, (mg, days) in _steps(row))
    times = row["a_week"] / 7 if "a_week" in row else row.get("times")
    if times is None:
        return ()
    mg = row["mg"] if "mg" in row else row["pieces"] * row["strength"]
    return (Line(mg=mg, times=times, evening=row.get("evening"), days=row.get("lasts_days")),)


def _steps(row: dict[str, Any]) -> list[tuple[int, list[float]]]:
    """The steps of a schedule as (number, [mg a day, days]), 0 days for one without an end."""
    return list(enumerate(row["steps"], start=1))


def _end(row: dict[str, Any], start: date | None) -> date | None:
    """The explicit end: a day, or the start and a length."""
    if "ended_days_ago" in row:
        return day(row["ended_days_ago"])
    lengths = [days for _, (_, days) in _steps(row)] if "steps" in row else [row.get("lasts_days", 0)]
    return start + timedelta(days=sum(lengths)) if start is not None and all(lengths) else None


def _parts(row: dict[str, Any], start: date | None) -> dict[str, Any]:
    reasons = row.get("reason", [])
    names = frozenset([reasons] if isinstance(reasons, str) else reasons)
    refills = row.get("refills", 0)
    return {
        "drug": _drug(row),
        "routes": frozenset({row["route"]} if "route" in row else set()),
        "reason": _reason(row, names),
        "start": start,
        "end": _end(row, start),
        "days": row.get("lasts_days") or (row["supply_days"] * (1 + refills) if "supply_days" in row else None),
        "single": row.get("single", False),
        "infusion": row.get("infusion", False),
        "dosage": partial(_lines, row),
    }


def _reason(row: dict[str, Any], names: frozenset[str]) -> Reason:
    unresolved = row.get("reason_unresolved", False)
    given = bool(names or unresolved or row.get("reason_text"))
    concepts = names | by_phrase(row.get("reason_text", ""))
    return Reason(concepts, coded=bool(names), given=given, unresolved=unresolved)


def _listed(row: dict[str, Any], number: int) -> Medication:
    written = day(row["days_ago"]) if "days_ago" in row else None
    return Medication(
        status=row.get("status", "active"),
        reference=f"MedicationRequest/listed-{number}",
        stated=row.get("stated", False),
        written=written,
        **_parts(row, written),
    )


def _begun(row: dict[str, Any], case: Case, held: int | None) -> date | None:
    """A draft begins today; an order that is stopped began when it was written."""
    if held is None:
        return AS_OF
    written = case.taking[held].get("days_ago")
    return None if written is None else day(written)


def _order(row: dict[str, Any], number: int, case: Case) -> ProposedOrder:
    names = [listed["drug"] for listed in case.taking]
    stops = row.get("stop", False)
    held = names.index(row["drug"]) if stops and row["drug"] in names else None
    reference = f"MedicationRequest/draft-{number}" if held is None else f"MedicationRequest/listed-{held}"
    return ProposedOrder(
        status=row.get("status", "stopped" if stops else "draft"),
        reference=reference,
        written=AS_OF,
        selected=row.get("selected", True),
        stops=stops,
        several=row.get("lines", 1) > 1,
        **_parts(row, _begun(row, case, held)),
    )
