"""Before the first baclofen somebody should have looked at the kidneys."""

from collections.abc import Iterator

from cds_service.facts import (
    CONDITIONS,
    GAP,
    KIDNEY_FUNCTION,
    MEDICATIONS,
    PATIENT,
    REMEMBERED,
    TEST_ORDERS,
    Band,
    View,
)
from cds_service.rules import _baclofen as baclofen
from cds_service.rules._baclofen import BACLOFEN
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import FIRST_VERSION, UNREVIEWED, order_tests

RULE = Rule(
    id="baclofen-renal-unknown",
    title="New baclofen without kidney function",
    group="BAC",
    rank=10,
    fires_when=f"baclofen by mouth is newly ordered, and neither a creatinine or eGFR of the last {REMEMBERED} "
    "days nor a condition tells kidney function",
    why_it_matters="Baclofen leaves the body by the kidney; its dose depends on it.",
    when_not="Kidney function is known from elsewhere.",
    cites=("cramp:L33", "kdigo-ckd-2024"),
    notes=("renal-dose",),
    evidence_note="The guideline gives no interval; a year is KDIGO's for stable kidneys.",
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(BACLOFEN,),
    needs=(KIDNEY_FUNCTION, CONDITIONS, MEDICATIONS, PATIENT),
    reads=(TEST_ORDERS,),
    thresholds=(REMEMBERED, GAP),
    messages={
        "unknown": Message(
            "info",
            f"No creatinine/eGFR in {REMEMBERED} days: check kidney function before baclofen (renally excreted).",
            "In reduced kidney function a usual dose accumulates and clouds the mind.",
        ),
    },
    override_reasons=("will-adjust-elsewhere", "patient-preference"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Ask for creatinine where it was looked for and nothing tells it."""
    about = tuple(baclofen.drafts(view))
    if not about or view.kidney().band is not Band.UNKNOWN or not baclofen.is_new(view):
        return
    if view.knows(KIDNEY_FUNCTION) and view.knows(CONDITIONS) and view.knows(PATIENT):
        yield Finding("unknown", about, {}, baclofen.facts(view, *about), order_tests(view, "creatinine"))
