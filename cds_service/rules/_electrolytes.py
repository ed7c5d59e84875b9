"""Electrolytes that are low or high in somebody with cramps, what replaces them, and what is offered (rules 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from cds_service.evidence import Threshold
from cds_service.facts import (
    CONDITIONS,
    MAGNESIUM,
    MEDICATIONS,
    POTASSIUM,
    REDUCED,
    Analyte,
    Band,
    Level,
    Medication,
    ProposedOrder,
    Reading,
    View,
)
from cds_service.rules._baclofen import BACLOFEN
from cds_service.rules._kit import Message
from cds_service.rules._magnesium import AS_OXIDE, LEAST, MAGNESIUM_DRUGS, MOST, NOT_ORAL, Kind, by_mouth
from cds_service.rules._proposals import OfferMagnesiumOxide, OrderTests
from cds_service.rules._shared import (
    CYCLOBENZAPRINE,
    METHOCARBAMOL,
    creatinine_is_due,
    is_for_cramp,
    order_tests,
)
from cds_service.terminology import ValueSet, valueset

POTASSIUM_SUPPLEMENTS = valueset("potassium-supplements")
# What is ordered by mouth against cramps.
CRAMP_DRUGS = (BACLOFEN, METHOCARBAMOL, CYCLOBENZAPRINE, valueset("quinine"))
OXIDE = Threshold(
    500, "mg", "magnesium oxide in the tablet that is offered", "house:electrolytes", "mgRepletion.tablet"
)
_SYMBOLS = {"magnesium": "Mg", "potassium": "K", "sodium": "Na"}
Taken = TypeVar("Taken", bound=Medication)

_SUMMARY = "Cramps with {results}: correct electrolytes before attributing cramps to other causes."
_URGENT = "Cramps with {results}, severe: review today; correct electrolytes first."
_ADVICE = {
    "mg-low": f"Correct it with magnesium oxide, {LEAST}-{MOST} mmol/day ({AS_OXIDE} of the oxide, not of "
    "the element) at night; correct depletion of water and sodium first. Extreme caution if eGFR is below "
    f"{REDUCED}; {{kidney}}.",
    "mg-high": "Look for magnesium in supplements, laxatives and antacids, and at the kidneys; {kidney}.",
    "k-low": "Correct it appropriately. A low magnesium makes it refractory: that is added to the guideline.",
    "k-high": "Look for drugs that raise potassium, and at the kidneys; {kidney}.",
    "na-low": "Assess volume; if water or sodium is depleted, correct that. In cirrhosis a low sodium is usually "
    "dilutional: this does not mean giving saline.",
    "na-high": "Assess volume and the intake of water.",
}
_SEVERE = {
    "mg-low": "Severe: review on the same day.",
    "k-low": "Severe: review on the same day, with an electrocardiogram.",
    "k-high": "Severe: review on the same day, with an electrocardiogram.",
    "na-low": "Severe: review on the same day; do not correct sodium rapidly.",
}
# One wording for each reason, and a more urgent one where there is a severe limit.
MESSAGES = {
    reason: Message("info", _SUMMARY, f"{{result}} ({{against}}). {advice}") for reason, advice in _ADVICE.items()
} | {
    f"{reason}-severe": Message("warning", _URGENT, f"{{result}} ({{against}}). {urgent} {_ADVICE[reason]}", reason)
    for reason, urgent in _SEVERE.items()
}


def ordered_for_cramps(view: View) -> tuple[ProposedOrder, ...]:
    """The selected drafts of drugs by mouth that are meant for cramps."""
    drafts = view.ordering(*CRAMP_DRUGS)
    return tuple(draft for draft in drafts if draft.by_route("oral") and is_for_cramp(view, draft))


def abnormal(view: View, tests: Iterable[Analyte]) -> list[Reading]:
    """The newest results of these tests, as far as they are low or high."""
    newest = (view.latest(test) for test in tests)
    return [found for found in newest if found is not None and found.level is not Level.NORMAL]


def told(reading: Reading) -> str:
    """A result in short: `K 3.1 mmol/L`."""
    return f"{_SYMBOLS[reading.analyte.key]} {reading}"


def message(reading: Reading) -> str:
    """The message that tells an abnormal result: `k-low`, `k-low-severe`."""
    level = "low" if reading.level is Level.LOW else "high"
    return f"{_SYMBOLS[reading.analyte.key].lower()}-{level}{'-severe' if reading.severe else ''}"


def result(reading: Reading) -> str:
    """A result as the start of a sentence, with its day."""
    return f"{reading.analyte.words.capitalize()} {reading} on {reading.day.isoformat()}"


def replacing(test: Analyte, drugs_in: Callable[[ValueSet], list[Taken]]) -> tuple[Taken, ...]:
    """What replaces magnesium or potassium, among the drugs that a question of the view returns; nothing else is."""
    if test is MAGNESIUM:
        return by_mouth(drugs_in, Kind.SUPPLEMENT)
    return tuple(drugs_in(POTASSIUM_SUPPLEMENTS)) if test is POTASSIUM else ()


def replaced_since(view: View, reading: Reading) -> tuple[Medication, ...]:
    """What replaces a low value and was started on the day of the result or later (rules 11.20)."""
    taken = replacing(reading.analyte, view.taking) if reading.level is Level.LOW else ()
    return tuple(drug for drug in taken if drug.written is not None and drug.written >= reading.day)


def replaced(view: View, reading: Reading) -> bool:
    """Whether a low value is dealt with: its replacement is drafted or was started since, and it is not severe."""
    if reading.severe or reading.level is not Level.LOW:
        return False
    return bool(replacing(reading.analyte, view.drafted) or replaced_since(view, reading))


def offers(view: View, wrong: Sequence[Reading]) -> tuple[OfferMagnesiumOxide | OrderTests, ...]:
    """Magnesium oxide for a low magnesium; the tests to repeat or still missing, as far as none is under way.

    Never potassium: it is not ordered without a look at the kidneys and at magnesium.
    """
    low = next((one for one in wrong if one.analyte is MAGNESIUM and one.level is Level.LOW and not one.severe), None)
    repeat = [one.analyte.key for one in wrong if one is not low]
    missing = [*(["magnesium"] if view.lacks(MAGNESIUM) else []), *(["creatinine"] if creatinine_is_due(view) else [])]
    oxide = (OfferMagnesiumOxide(OXIDE),) if low is not None and _may_have_oxide(view) else ()
    return (*oxide, *order_tests(view, *repeat, *missing))


def _may_have_oxide(view: View) -> bool:
    """Whether kidney function is known, recent and normal, and no magnesium is taken or drafted (rules 11.19)."""
    kidney = view.kidney()
    if kidney.band is not Band.NORMAL or kidney.stale or not (view.knows(MEDICATIONS) and view.knows(CONDITIONS)):
        return False
    return not any(view.maybe_taking(drugs) or view.drafted(drugs) for drugs in (*MAGNESIUM_DRUGS, NOT_ORAL))
