"""Electrolytes that are low or high may be the cause of cramps: they are corrected first."""

from collections.abc import Iterator

from cds_service.facts import (
    CONDITIONS,
    KIDNEY_FUNCTION,
    LABS,
    MAGNESIUM,
    MEDICATIONS,
    POTASSIUM,
    REDUCED,
    SODIUM,
    TEST_ORDERS,
    View,
)
from cds_service.rules import _electrolytes as electrolytes
from cds_service.rules._electrolytes import CRAMP_DRUGS, MESSAGES, OXIDE
from cds_service.rules._kit import Finding, Rule
from cds_service.rules._magnesium import LEAST, MOST, WITH_VITAMINS
from cds_service.rules._shared import (
    ACCEPT_R252,
    BENZODIAZEPINES,
    FIRST_VERSION,
    FOR_CRAMP,
    UNREVIEWED,
    cramps,
    drug_fact,
    judged,
    kidney_fact,
    kidney_told,
    problem_fact,
    reading_fact,
    reason_is_cramp,
)

ANALYTES = (MAGNESIUM, POTASSIUM, SODIUM)
DRUGS = (*CRAMP_DRUGS, BENZODIAZEPINES)

RULE = Rule(
    id="electrolyte-correct-first",
    title="Cramps with abnormal electrolytes",
    group="EL",
    rank=1,
    fires_when=f"magnesium, potassium or sodium of the last {LABS} days is low or high in a patient with muscle "
    "cramps, or a drug for cramps is ordered; not if its replacement is drafted or was started since, unless severe",
    why_it_matters="A cause that can be corrected goes before drugs that only treat the symptom.",
    evidence_note="The guideline corrects electrolytes both before and together with baclofen: nothing here holds a "
    "drug back. Its dose of magnesium comes from guidance on the short bowel.",
    when_not="Correction is under way; the result is known to be wrong.",
    cites=(*(f"cramp:L{line}" for line in (2, 15, 16, 17, 18, 21)), "nightingale-2006"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe", "patient-view"}),
    triggers=DRUGS,
    concerns=FOR_CRAMP,
    together=(FOR_CRAMP,),
    results_within=LABS,
    needs=(CONDITIONS, *(test.need for test in ANALYTES)),
    reads=(MEDICATIONS, KIDNEY_FUNCTION, TEST_ORDERS),
    thresholds=(
        *(number for test in ANALYTES for number in (*test.lows, *test.highs, *test.severes)),
        *(LABS, LEAST, MOST, OXIDE, REDUCED, WITH_VITAMINS),
    ),
    switches=(ACCEPT_R252,),
    messages=MESSAGES,
    override_reasons=("already-monitoring", "will-adjust-elsewhere", "data-outdated-or-wrong"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Which electrolytes are wrong in somebody with cramps, and not being replaced already?"""
    drafts = electrolytes.ordered_for_cramps(view)
    about = (*drafts, *(draft for draft in view.ordering(BENZODIAZEPINES) if reason_is_cramp(view, draft)))
    found = [] if view.at_order else cramps(view)
    if not about and not found:
        return
    wrong = [reading for reading in electrolytes.abnormal(view, ANALYTES) if not electrolytes.replaced(view, reading)]
    because = [problem_fact(one, "muscle cramps") for one in found]
    because += [*(drug_fact(view, draft, *DRUGS) for draft in about), kidney_fact(view.kidney())]
    everything = ", ".join(electrolytes.told(reading) for reading in wrong)
    for reading in wrong:
        values = {
            "results": everything,
            "result": electrolytes.result(reading),
            "against": judged(reading),
            "kidney": kidney_told(view.kidney()),
        }
        because_of_it = (reading_fact(reading), *because)
        yield Finding(electrolytes.message(reading), about, values, because_of_it, electrolytes.offers(view, wrong))
