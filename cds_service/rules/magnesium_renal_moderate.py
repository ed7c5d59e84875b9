"""With moderately reduced kidney function magnesium needs a low dose and a check."""

from collections.abc import Iterator

from cds_service.evidence import Threshold
from cds_service.facts import CONDITIONS, KIDNEY_FUNCTION, PATIENT, REDUCED, SEVERE, STALE, TEST_ORDERS, Band, View
from cds_service.rules import _magnesium as magnesium
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._magnesium import MAGNESIUM_DRUGS, WITH_VITAMINS, Kind
from cds_service.rules._shared import FIRST_VERSION, UNREVIEWED, kidney_fact, kidney_told, order_tests

RECHECK = Threshold(
    14, "d", "time after which magnesium and creatinine are checked", "house:magnesium", "mg.recheckDays", (7, 28)
)
LATEST = Threshold(
    28, "d", "time by which they are checked at the latest", "house:magnesium", "mg.recheckLatestDays", (28, 90)
)

RULE = Rule(
    id="magnesium-renal-moderate",
    title="Magnesium in moderate renal insufficiency",
    group="MG",
    rank=7,
    fires_when=f"a magnesium supplement is ordered, for whatever reason, and eGFR is {SEVERE} or above and below "
    f"{REDUCED}, or chronic kidney disease is recorded without a stage",
    why_it_matters="Clearance is reduced: an ordinary dose can add up over weeks.",
    evidence_note="The guideline asks for extreme caution without a number; serious accumulation is mainly below 30.",
    when_not="A specialist directs the treatment.",
    cites=("cramp:L20", "cramp:L34", "kdigo-ckd-2024", "ckd-epi-2021"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=MAGNESIUM_DRUGS,
    needs=(KIDNEY_FUNCTION, CONDITIONS, PATIENT),
    reads=(TEST_ORDERS,),
    thresholds=(REDUCED, SEVERE, STALE, RECHECK, LATEST, WITH_VITAMINS),
    messages={
        "reduced": Message(
            "info",
            "{band}: magnesium is renally excreted - if used, keep the dose low and monitor Mg and creatinine.",
            "Kidney function: {kidney}. Use extreme caution with magnesium in renal insufficiency.\n\nSuggested check: "
            f"magnesium and creatinine in {RECHECK} to {LATEST} days.",
        ),
    },
    override_reasons=("already-monitoring", "specialist-advice"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Speak of every supplement at this kidney function."""
    about = magnesium.by_mouth(view.ordering, Kind.SUPPLEMENT)
    kidney = view.kidney() if about else None
    if kidney is not None and kidney.band is Band.G3:
        values = {"band": kidney.words, "kidney": kidney_told(kidney)}
        because = (kidney_fact(kidney), *magnesium.drug_facts(view, about))
        again = order_tests(view, "magnesium", "creatinine", in_days=int(RECHECK.value))
        yield Finding("reduced", about, values, because, again)
