"""Baclofen leaves the body by the kidney: a usual dose can accumulate."""

from collections.abc import Iterator

from cds_service.evidence import Words
from cds_service.facts import (
    CONDITIONS,
    FAILURE,
    KIDNEY_FUNCTION,
    MEDICATIONS,
    PATIENT,
    REDUCED,
    SEVERE,
    STALE,
    TEST_ORDERS,
    View,
)
from cds_service.rules import _baclofen as baclofen
from cds_service.rules import _renal as renal
from cds_service.rules._baclofen import BACLOFEN, STEP
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._renal import CRITICAL, LARGE, LARGE_OLDER, MOST, START
from cds_service.rules._shared import FIRST_VERSION, OLDER, UNREVIEWED, kidney_fact, kidney_told
from cds_service.rules._taper import OFFERED

_REDUCED_RANGE = Words("renal.reducedRange", lambda: f"{SEVERE.value}-{REDUCED.value - 1}")
_REDUCE = f"Baclofen is renally excreted: {{band}} - start {START} mg/day, max about {MOST}."
_TAKEN = f"Baclofen is renally excreted: {{band}} - max about {MOST} mg/day; lower it slowly."
_AVOID = "Baclofen is renally excreted: {band} - avoid{below}."
_DETAIL = (
    "Kidney function: {kidney}. Baclofen is primarily renally excreted: the guideline asks for an adjusted dose, "
    f"without numbers. Added: reduce it by about half at eGFR {_REDUCED_RANGE}; avoid it below "
    f"{SEVERE} or on dialysis.\n\nEncephalopathy is the picture of too much. If it is already taken: taper, do "
    "not stop it at once unless it is toxic."
)

RULE = Rule(
    id="baclofen-renal",
    title="Baclofen in renal insufficiency",
    group="BAC",
    rank=1,
    fires_when=f"baclofen by mouth is ordered or taken and eGFR is below {REDUCED}, the patient is on dialysis, "
    "or kidney function is changing",
    why_it_matters="It accumulates and clouds the mind, up to coma.",
    evidence_note="The guideline gives no number. In adults from 66 on with kidney disease, hospital stays with "
    "encephalopathy within 30 days were 1.11 % from 20 mg/day on and 0.42 % below; Beers 2023: avoid below eGFR 60.",
    when_not="A specialist directs the treatment; a dose that was adjusted and is tolerated.",
    cites=(
        *("cramp:L22", "cramp:L32", "cramp:L33", "muanda-2019", "baclofen-ckd-2018", "vlavonou-2014", "beers-2023"),
        *("kdigo-ckd-2024", "kdigo-aki-2012", "ckd-epi-2021"),
    ),
    notes=("renal-dose",),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe", "patient-view"}),
    triggers=(BACLOFEN,),
    needs=(KIDNEY_FUNCTION, MEDICATIONS, CONDITIONS, PATIENT),
    reads=(TEST_ORDERS,),
    thresholds=(REDUCED, SEVERE, FAILURE, STALE, START, MOST, LARGE, LARGE_OLDER, OLDER, STEP, *OFFERED),
    switches=(CRITICAL,),
    messages={
        "reduce": Message("warning", _REDUCE, _DETAIL),
        "adjusted": Message("info", _REDUCE, _DETAIL),
        "taken": Message("info", _TAKEN, _DETAIL),
        "avoid": Message("warning", _AVOID, _DETAIL),
        "lower": Message("info", _AVOID, f"This order lowers the dose. {_DETAIL}"),
        "failure": Message("critical", _AVOID, f"Do not start or raise it. {_DETAIL}"),
    },
    override_reasons=("specialist-advice", "tolerated-long-term", "data-outdated-or-wrong", "benefit-outweighs-risk"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Look at the kidney of everybody with baclofen by mouth, and at whether the dose begins, rises or falls."""
    if not (baclofen.drafts(view) if view.at_order else baclofen.taken(view)):
        return
    kidney = view.kidney()
    values = {"band": kidney.words, "kidney": kidney_told(kidney), "below": renal.below(kidney)}
    for one in renal.judged(view, kidney.band):
        because = (kidney_fact(kidney), *baclofen.facts(view, *one.about))
        yield Finding(one.message, one.about, values, because, tuple(one.offers))
