"""Numbers and questions that several rules share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeVar

from cds_service.evidence import Switch, Threshold
from cds_service.facts import (
    KIDNEY_FUNCTION,
    MAGNESIUM,
    POTASSIUM,
    SODIUM,
    Age,
    Analyte,
    Band,
    Kidney,
    Medication,
    Problem,
    ProposedOrder,
    Reading,
    Snapshot,
    View,
)
from cds_service.rules._kit import Fact, Reviewed, Revision
from cds_service.rules._proposals import Hold, OfferNaloxone, OrderTests, Stop, Withdraw
from cds_service.terminology import ValueSet, valueset

OLDER = Threshold(65, "a", "age from which an adult counts as older", "beers-2023", "age.olderMin", (60, 80))
PREGNANT = Threshold(
    300, "d", "days for which a recorded pregnancy counts", "house:pregnancy", "pregnancy.days", (280, 320)
)
NALOXONE_OFFER = Switch(
    "added.naloxoneSuggestion", True, "offer naloxone beside an opioid with a benzodiazepine", "cdc-2022-rec8"
)
COUNTED = Threshold(365, "d", "days for which recorded cramps count", "house:cramp", "cramp.countedDays", (90, 1825))
ACCEPT_R252 = Switch("cramp.acceptR252", True, "take R25.2, cramp and spasm, for cramp", "house:cramp")
BENZODIAZEPINES = valueset("benzodiazepines")
CYCLOBENZAPRINE = valueset("cyclobenzaprine")
OPIOIDS = valueset("opioids")
OUD_MEDICINES = valueset("opioid-use-disorder-medications")
METHOCARBAMOL = valueset("methocarbamol")
NALOXONE = valueset("naloxone")
OUD = valueset("opioid-use-disorder")
CIRRHOSIS = valueset("cirrhosis")
CRAMP = valueset("muscle-cramp")
CRAMP_OR_SPASM = valueset("cramp-and-spasm")
# One of them is there wherever somebody has cramps, or something is ordered for them.
FOR_CRAMP = (CRAMP, CRAMP_OR_SPASM)
PREGNANCY = valueset("pregnancy")
SPASTICITY = valueset("spasticity")
SEIZURE = valueset("seizure")
SEIZURE_RESCUE = valueset("seizure-rescue")
ALCOHOL_WITHDRAWAL = valueset("alcohol-withdrawal")

Drug = TypeVar("Drug", bound=Medication)

UNREVIEWED = Reviewed(on=date(2026, 11, 22), by="", next=date(2027, 11, 22))
FIRST_VERSION = (Revision(on=date(2026, 11, 22), change="First version."),)

_NOT_SYSTEMIC = ("intrathecal", "topical")
_RESCUE_ROUTES = ("rectal", "nasal", "buccal")


def reason_is_cramp(view: View, order: ProposedOrder) -> bool:
    """The coded reason is muscle cramp; R25.2 alone beside a spastic disorder is not (rules 1.10, 11.23)."""
    reason = view.reason(order)
    if CRAMP in reason:
        return True
    if CRAMP_OR_SPASM not in reason or SPASTICITY in reason:
        return False
    return ACCEPT_R252.on and not view.known_to_have(SPASTICITY)


def is_for_cramp(view: View, order: ProposedOrder) -> bool:
    """The coded reason is cramp, or no reason is given and the patient has cramps (rules 1.10)."""
    if order.reason.given:
        return reason_is_cramp(view, order)
    return bool(cramps(view))


def cramps(view: View, since: date | None = None) -> list[Problem]:
    """The muscle cramps on the problem list; if a day is given, those recorded on it or later or at an unknown time."""
    found = view.active(CRAMP, CRAMP_OR_SPASM) if ACCEPT_R252.on else view.active(CRAMP)
    return [one for one in found if since is None or one.recorded is None or one.recorded >= since]


def context(view: View, order: ProposedOrder) -> str:
    """What the order is for: "cramp", "other", or "unknown", by its reason, else by the problem list (rules 1.10).

    A reason that is given in words only, or out of reach, leaves it unknown.
    """
    if reason_is_cramp(view, order):
        return "cramp"
    if order.reason.coded or order.reason.concepts:
        return "other"
    return "cramp" if not order.reason.given and is_for_cramp(view, order) else "unknown"


def is_pregnant(view: View) -> bool:
    """Whether a pregnancy is on record, and not for longer than one lasts (rules 11.11)."""
    return view.recorded(PREGNANCY, view.days_ago(PREGNANT), undated=True)


def is_rescue(medication: Medication) -> bool:
    """A benzodiazepine kept for a seizure: by rectal, nasal or buccal route, or by its reason (rules 1.11)."""
    return SEIZURE_RESCUE in medication.reason or medication.by_route(*_RESCUE_ROUTES)


def treats_opioid_use_disorder(view: View, medication: Medication) -> bool:
    """A product or reason of opioid use disorder; methadone without a reason follows the problem list (11.24)."""
    if OUD_MEDICINES in medication or OUD in medication.reason:
        return True
    name = medication.drug.ingredient(OPIOIDS)
    if name == "buprenorphine":
        return medication.by_route("sublingual", "implant")
    return name == "methadone" and not medication.reason.coded and view.known_to_have(OUD)


def pain_opioids(view: View, medications: Iterable[Drug]) -> list[Drug]:
    """The opioids that count against a benzodiazepine: systemic, not for opioid use disorder, not procedural."""
    return [
        drug
        for drug in medications
        if OPIOIDS in drug
        and not drug.by_route(*_NOT_SYSTEMIC)
        and not view.procedural(drug)
        and not treats_opioid_use_disorder(view, drug)
    ]


def treatments(view: View, drugs_in: Callable[[ValueSet], Sequence[Drug]]) -> list[Drug]:
    """What treats opioid use disorder among the drugs that a question (view.taking, view.drafted) returns."""
    found = [drug for drugs in (OUD_MEDICINES, OPIOIDS) for drug in drugs_in(drugs)]
    return [drug for drug in found if treats_opioid_use_disorder(view, drug)]


def counted(view: View, medications: Iterable[Drug]) -> list[Drug]:
    """The benzodiazepines that count: systemic and not for a procedure."""
    return [drug for drug in medications if not drug.by_route(*_NOT_SYSTEMIC) and not view.procedural(drug)]


def naloxone(view: View) -> tuple[OfferNaloxone, ...]:
    """An offer of naloxone, unless one is on the list or drafted, or a site turned the offer off."""
    has_it = view.maybe_taking(NALOXONE) or view.drafted(NALOXONE)
    return () if has_it or not NALOXONE_OFFER.on else (OfferNaloxone(),)


def withdraw(
    view: View, orders: Iterable[Medication], *drugs: ValueSet, recommended: bool = False
) -> tuple[Withdraw, ...]:
    """An offer to remove each draft of a drug that is known not to be taken: else it may stop the drug (11.17)."""
    return tuple(
        Withdraw(order, order.drug.ingredient(*drugs), recommended)
        for order in orders
        if isinstance(order, ProposedOrder) and not view.may_still_have(order)
    )


def order_tests(view: View, *wanted: str, in_days: float = 0, recommended: bool = False) -> tuple[OrderTests, ...]:
    """An offer to order those tests that are not under way already (rules 1.13); none if all are."""
    due = tuple(test for test in wanted if not view.pending(test))
    return (OrderTests(due, in_days, recommended),) if due else ()


def creatinine_is_due(view: View) -> bool:
    """Whether it is known that there is no creatinine or eGFR, or that the last one is too old for this patient."""
    kidney = view.kidney()
    return kidney.stale or (kidney.band is Band.UNKNOWN and view.knows(KIDNEY_FUNCTION))


def order_missing(view: View, *tests: Analyte) -> tuple[OrderTests, ...]:
    """An offer to order creatinine and those tests, as far as they are missing and not under way."""
    wanted = ["creatinine"] if creatinine_is_due(view) else []
    return order_tests(view, *wanted, *(test.key for test in tests if view.lacks(test)))


def history(view: View, test: Analyte) -> str:
    """What there is of a test although nothing of it decides: recent results that do not count, and an old one."""
    told = [f" A result of {one.day or 'an unknown day'} could not be used: {one.why}." for one in view.unused(test)]
    old = view.outdated(test)
    if old is not None:
        told.append(f" The last result, {old} on {old.day.isoformat()}, is too old to decide.")
    return "".join(told)


def hold(medications: Iterable[Medication], drug: str) -> tuple[Hold, ...]:
    """An offer to put each order of the EHR on hold; what the patient only reports cannot be."""
    return tuple(Hold(taken, drug) for taken in medications if not taken.stated)


def problem_fact(problem: Problem, what: str) -> Fact:
    """A problem as a fact: what it is and how bad, since when, and its resource."""
    told = ", ".join(sorted(extent.value for extent in problem.extent))
    ended = f"resolved {problem.ended.isoformat()}" if problem.ended else "resolved"
    return Fact(what, told or ("active" if problem.active else ended), on=problem.recorded, reference=problem.reference)


def judged(reading: Reading) -> str:
    """Where a laboratory result lies, by what that was judged, and what a clinician must know of it."""
    notes = [f"{reading.level.value} by {reading.against}" if reading.level is not None else ""]
    notes += ["the laboratory's flag disagrees with its range"] if reading.flag_disagrees else []
    notes += ["two results differ"] if reading.conflicting else []
    notes += ["specimen haemolysed"] if reading.haemolysed else []
    return "; ".join(note for note in notes if note)


def reading_fact(reading: Reading) -> Fact:
    """A laboratory result as a fact, with what it was judged by."""
    return Fact(reading.analyte.words, reading.number, reading.unit, reading.day, reading.reference, judged(reading))


def kidney_fact(kidney: Kidney) -> Fact:
    """Kidney function as a fact, with how it was read."""
    reference = kidney.reading.reference if kidney.reading else ""
    against = "; ".join(part for part in (kidney.source, *kidney.notes) if part)
    return Fact("kidney function", kidney.words, on=kidney.day, reference=reference, against=against)


def laboratory(facts: Snapshot) -> list[Fact]:
    """What the laboratory says on a day, as a clinician reads it: what counts, and what was read and does not."""
    view = View(facts, at_order=True)
    tests_ = (MAGNESIUM, POTASSIUM, SODIUM)
    read = [reading_fact(found) for test in tests_ if (found := view.latest(test)) is not None]
    old = [
        replace(reading_fact(found), against="too old to decide")
        for test in tests_
        if view.latest(test) is None and (found := view.outdated(test)) is not None
    ]
    kidney = [kidney_fact(view.kidney())] if view.kidney().band is not Band.UNKNOWN else []
    unused = [
        Fact(one.analyte.words, "not used", on=one.day, reference=one.reference, against=one.why)
        for one in facts.results.unused
    ]
    return [*read, *old, *kidney, *unused]


def kidney_told(kidney: Kidney) -> str:
    """Kidney function as a clause of a sentence: `eGFR 22 on 2026-11-02 (stale - recheck)`."""
    if kidney.band is Band.UNKNOWN:
        return "kidney function unknown"
    day = f" on {kidney.day.isoformat()}" if kidney.day else ""
    notes = f" ({'; '.join(kidney.notes)})" if kidney.notes else ""
    return f"{kidney.words}{day}{notes}"


def stop(medications: Iterable[Medication], drugs: ValueSet) -> tuple[Stop, ...]:
    """An offer to stop each order of the EHR; what the patient only reports cannot be stopped here."""
    return tuple(Stop(drug, drug.drug.ingredient(drugs)) for drug in medications if not drug.stated)


def names(medications: Iterable[Medication], *drugs: ValueSet) -> str:
    """One ingredient of the class, with the number of the others: `oxycodone (+1)` (rules 11.27)."""
    ingredients = sorted({drug.drug.ingredient(*drugs) for drug in medications})
    more = len(ingredients) - 1
    return f"{ingredients[0]} (+{more})" if more else ingredients[0]


def age_fact(age: Age | None) -> Fact:
    """The age as a fact; a birth date without a day says so."""
    if age is None:
        return Fact("age", "unknown")
    return Fact("age, birth date incomplete" if age.incomplete else "age", str(age), "a")


def drug_fact(view: View, medication: Medication, *drugs: ValueSet) -> Fact:
    """A drug as a fact: drafted, active or possible, its day and its resource."""
    drafted = isinstance(medication, ProposedOrder) and not medication.stops
    value = "draft" if drafted else view.state(medication).value
    return Fact(medication.drug.ingredient(*drugs), value, on=medication.written, reference=medication.reference)
