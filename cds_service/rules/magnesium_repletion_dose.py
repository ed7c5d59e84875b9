"""For a documented low level the guideline names a dose of magnesium oxide, and the night."""

from collections.abc import Iterator

from cds_service.evidence import Threshold
from cds_service.facts import (
    CONDITIONS,
    KIDNEY_FUNCTION,
    MAGNESIUM,
    MAGNESIUM_LEVEL,
    TEST_ORDERS,
    Band,
    ProposedOrder,
    View,
)
from cds_service.rules import _magnesium as magnesium
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._magnesium import AS_OXIDE, LEAST, MAGNESIUM_DRUGS, MOST, WITH_VITAMINS, Kind
from cds_service.rules._shared import ACCEPT_R252, FIRST_VERSION, UNREVIEWED, context, order_tests

TOLERANCE = Threshold(
    0.03, "1", "share by which a dose may miss them", "house:magnesium", "mgRepletion.tolerance", (0, 0.2)
)
_RANGE = f"{LEAST}-{MOST} mmol"
_SUMMARY = f"{{salt}} {{dose}}/day: guideline range for low Mg is {_RANGE} ({AS_OXIDE} oxide) at night."
_DETAIL = (
    "The milligrams are of magnesium oxide, not of elemental magnesium: 12 mmol is 484 mg of oxide, which holds 292 mg "
    "of magnesium.\n\nGive it at night; recheck magnesium in one to two weeks."
)

RULE = Rule(
    id="magnesium-repletion-dose",
    title="Dose of magnesium for a documented low level",
    group="MG",
    rank=5,
    fires_when=f"a magnesium supplement is ordered for a documented low magnesium and its dose a day is outside of "
    f"{_RANGE}, or it is given once a day and not at night",
    why_it_matters="Too little does not replace; too much brings diarrhoea, and loses magnesium again.",
    evidence_note="The dose comes from guidance on the short bowel, not from trials in cramps.",
    notes=("magnesium-dose", "magnesium-limits"),
    when_not="A specialist directs the dose; another reason than cramps; the dose cannot be computed.",
    cites=("cramp:L17", "nightingale-2006"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=MAGNESIUM_DRUGS,
    needs=(MAGNESIUM_LEVEL,),
    reads=(CONDITIONS, KIDNEY_FUNCTION, TEST_ORDERS),
    thresholds=(*MAGNESIUM.lows, LEAST, MOST, TOLERANCE, WITH_VITAMINS),
    switches=(ACCEPT_R252,),
    messages={
        "dose-high": Message("warning", _SUMMARY, f"Above the range. {_DETAIL}"),
        "dose-low": Message("info", _SUMMARY, f"Below the range. {_DETAIL}"),
        "timing": Message("info", _SUMMARY, f"The dose is in the range, its time is not the night. {_DETAIL}"),
    },
    override_reasons=("specialist-advice", "will-adjust-elsewhere", "other-indication"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Compare the day's dose of each supplement with the range, unless the kidney forbids it."""
    drafts = magnesium.by_mouth(view.ordering, Kind.SUPPLEMENT)
    if not drafts or not magnesium.documented_low(view) or view.kidney().band.is_severe:
        return
    for order in drafts:
        message = _wrong(view, order) if context(view, order) != "other" else ""
        if message:
            values = {"salt": magnesium.salt(order).capitalize(), "dose": magnesium.dose_told(order)}
            because = (*magnesium.level_facts(view), *magnesium.drug_facts(view, (order,)))
            offers = magnesium.at_night(order, *_bounds(), keep=message == "timing")
            recheck = order_tests(view, "creatinine") if view.kidney().stale else ()
            yield Finding(message, (order,), values, because, (*offers, *recheck))


def _bounds() -> tuple[float, float]:
    return LEAST.value * (1 - TOLERANCE.value), MOST.value * (1 + TOLERANCE.value)


def _wrong(view: View, order: ProposedOrder) -> str:
    """What is wrong with a dose: the message's id, "" if nothing is or it is not known."""
    dose, (least, most) = magnesium.mmol_a_day(order), _bounds()
    if dose is None:
        return ""
    if dose > most:
        return "dose-high"
    if dose < least:
        return "" if view.kidney().band is Band.G3 else "dose-low"
    return "timing" if magnesium.once_by_day(order) else ""
