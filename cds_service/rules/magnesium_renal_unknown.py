"""Before a low magnesium is replaced, somebody must have looked at the kidneys."""

from collections.abc import Iterator

from cds_service.facts import (
    CONDITIONS,
    CREATININE,
    EGFR,
    EGFR_OLDER,
    KIDNEY_FUNCTION,
    MAGNESIUM,
    MAGNESIUM_LEVEL,
    PATIENT,
    REMEMBERED,
    TEST_ORDERS,
    Band,
    View,
)
from cds_service.rules import _magnesium as magnesium
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._magnesium import MAGNESIUM_DRUGS, WITH_VITAMINS, Kind
from cds_service.rules._shared import FIRST_VERSION, UNREVIEWED, order_tests

_WHY = "Magnesium accumulates in renal insufficiency; creatinine is needed before 12 to 24 mmol a day."

RULE = Rule(
    id="magnesium-renal-unknown",
    title="Replacement of magnesium with unknown kidney function",
    group="MG",
    rank=8,
    fires_when=f"a magnesium supplement is ordered, a low magnesium is documented, and nothing on file of the last "
    f"{REMEMBERED} days tells kidney function",
    why_it_matters="A dose that replaces a deficiency is dangerous where magnesium cannot leave.",
    evidence_note="The guideline does not say how old a creatinine may be; a year is the least that KDIGO asks for.",
    notes=("magnesium-dose", "magnesium-limits"),
    when_not="Kidney function is known from elsewhere.",
    cites=("cramp:L20", "cramp:L45"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=MAGNESIUM_DRUGS,
    needs=(MAGNESIUM_LEVEL, KIDNEY_FUNCTION, PATIENT),
    reads=(CONDITIONS, TEST_ORDERS),
    thresholds=(*MAGNESIUM.lows, REMEMBERED, WITH_VITAMINS),
    messages={
        "unknown": Message(
            "info",
            f"Low magnesium is documented, but no creatinine/eGFR in {REMEMBERED} days: check kidney function first.",
            _WHY,
        ),
        "not-computable": Message(
            "info",
            "Low magnesium is documented; without a birth date no eGFR can be computed: check kidney function first.",
            f"Creatinine was {{creatinine}}. {_WHY}",
        ),
    },
    override_reasons=("data-outdated-or-wrong", "will-adjust-elsewhere"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Speak of a supplement for a documented low level where kidney function was looked for and is not known."""
    about = magnesium.by_mouth(view.ordering, Kind.SUPPLEMENT)
    if not about or not magnesium.documented_low(view) or view.kidney().band is not Band.UNKNOWN:
        return
    because = (*magnesium.level_facts(view), *magnesium.drug_facts(view, about))
    creatinine = view.latest(CREATININE, REMEMBERED)
    if creatinine is not None and view.knows(PATIENT):
        values = {"creatinine": f"{creatinine} on {creatinine.day.isoformat()}"}
        yield Finding("not-computable", about, values, because)
    elif all(view.lacks(test, REMEMBERED) for test in (CREATININE, EGFR, EGFR_OLDER)):
        yield Finding("unknown", about, {}, because, order_tests(view, "creatinine"))
