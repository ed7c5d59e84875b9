"""A case as facts of one patient, and what the rules say of it: without FHIR and without HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

from cds_service.evidence import applied, in_force
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
    Need,
    Person,
    Problem,
    ProposedOrder,
    Reason,
    Snapshot,
)
from cds_service.fhir.dates import days
from cds_service.rules import Answer, evaluate
from cds_service.terminology import by_code, by_name, by_phrase
from cds_service.web.examples import laboratory
from cds_service.web.examples.cases import AS_OF, Case, day, product

_NEEDS: dict[str, tuple[Need, ...]] = {
    need.id: (need,) for need in (PATIENT, MEDICATIONS, CONDITIONS, STATEMENTS, ALLERGIES)
}
_NEEDS["labs"] = tuple(dict.fromkeys(analyte.need for analyte in ANALYTES))
_STATUSES = {"not-taken", "entered-in-error", "cancelled", "plan"}


def judged(case: Case) -> Answer:
    """The whole answer of the case's rule, by the numbers that are in force and the case's own switches."""
    with turned_on(case.switches):
        return next(said for said in evaluate(snapshot(case), case.hook) if said.rule.id == case.rule)


def turned_on(switches: Sequence[str]) -> AbstractContextManager[None]:
    """The edition in force with these switches on."""
    if not switches:
        return nullcontext()
    now = in_force()
    return applied(replace(now, values={**now.values, **dict.fromkeys(switches, True)}))


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
