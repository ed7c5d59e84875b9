"""Kidneys that fail, or are changing, do not clear magnesium: it accumulates."""

from collections.abc import Iterator

from cds_service.facts import (
    CONDITIONS,
    FAILURE,
    KIDNEY_FUNCTION,
    MAGNESIUM_LEVEL,
    MEDICATIONS,
    PATIENT,
    SEVERE,
    STALE,
    TEST_ORDERS,
    Band,
    View,
)
from cds_service.rules import _magnesium as magnesium
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._magnesium import MAGNESIUM_DRUGS, NON_SUPPLEMENT, WITH_VITAMINS, Kind
from cds_service.rules._shared import FIRST_VERSION, UNREVIEWED, hold, kidney_fact, kidney_told, order_tests

_SUMMARY = "Magnesium with {band}: can accumulate to toxic levels - avoid unless closely monitored."
_DETAIL = (
    "Kidney function: {kidney}; serum magnesium {level}. Avoid magnesium in renal insufficiency unless it is carefully "
    "monitored.\n\nIf a documented deficiency must be replaced: the lowest dose, with magnesium and creatinine within "
    "one week."
)

RULE = Rule(
    id="magnesium-renal-severe",
    title="Magnesium in severe or changing renal insufficiency",
    group="MG",
    rank=2,
    fires_when=f"magnesium by mouth is ordered or taken and eGFR is below {SEVERE}, the patient is on dialysis, "
    "or kidney function is changing",
    why_it_matters="Magnesium leaves the body by the kidney only.",
    evidence_note="The guideline gives no number; the bands are KDIGO's. Antacids, laxatives and preparations of the "
    "bowel share the hazard, their labels say so, and the guideline speaks of supplements only.",
    when_not="A proven deficiency that is treated under close control; a specialist directs the treatment.",
    cites=("cramp:L20", "cramp:L32", "cramp:L34", "cramp:L45", "kdigo-ckd-2024", "kdigo-aki-2012", "ckd-epi-2021"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe", "patient-view"}),
    triggers=MAGNESIUM_DRUGS,
    needs=(KIDNEY_FUNCTION, MEDICATIONS, CONDITIONS, PATIENT),
    reads=(MAGNESIUM_LEVEL, TEST_ORDERS),
    thresholds=(SEVERE, FAILURE, STALE, WITH_VITAMINS),
    switches=(NON_SUPPLEMENT,),
    messages={
        "failure": Message("critical", _SUMMARY, f"Do not start. {_DETAIL}"),
        "severe": Message("warning", _SUMMARY, _DETAIL),
        "taken": Message("warning", _SUMMARY, f"Magnesium is on the medication list. {_DETAIL}"),
    },
    override_reasons=(
        "treated-deficiency",
        "already-monitoring",
        "specialist-advice",
        "data-outdated-or-wrong",
        "short-course-or-procedural",
    ),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Look at the kidney of everybody with magnesium by mouth; critical is a new load where it cannot leave."""
    kinds = () if NON_SUPPLEMENT.on else (Kind.SUPPLEMENT,)
    about = magnesium.by_mouth(view.in_question, *kinds)
    kidney = view.kidney() if about else None
    if kidney is None or not kidney.band.is_severe:
        return
    low = magnesium.documented_low(view) or magnesium.recorded_low(view)
    values = {"band": kidney.words, "kidney": kidney_told(kidney), "level": magnesium.level_told(view)}
    because = (kidney_fact(kidney), *magnesium.level_facts(view), *magnesium.drug_facts(view, about))
    again = order_tests(view, "magnesium", "creatinine")
    if not view.at_order:
        held = () if low or magnesium.treated_low(view) else hold(about, magnesium.salts(about))
        yield Finding("taken", about, values, because, (*held, *again))
        return
    supplement = any(magnesium.kind(order) is Kind.SUPPLEMENT for order in about)
    failing = kidney.band in (Band.G5, Band.DIALYSIS) and supplement and not low
    yield Finding("failure" if failing else "severe", about, values, because, (*magnesium.remove(view, about), *again))
