"""Baclofen can worsen encephalopathy of the liver."""

from collections.abc import Iterator

from cds_service.facts import CONDITIONS, GAP, KIDNEY_FUNCTION, MEDICATIONS, TEST_ORDERS, View
from cds_service.rules import _baclofen as baclofen
from cds_service.rules._baclofen import BACLOFEN, ENCEPHALOPATHIC, ENCEPHALOPATHY, SMALL
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._proposals import Proposal
from cds_service.rules._shared import FIRST_VERSION, UNREVIEWED, order_tests, problem_fact

_SUMMARY = "Hepatic encephalopathy on record{day}: baclofen can worsen it - low dose and close monitoring."
_DETAIL = (
    "Monitor for worsening hepatic encephalopathy; creatinine, sodium and potassium in the first month.\n\nIf it is "
    f"used: {SMALL} mg once daily, and a caregiver who is told what to watch for."
)
_LOWER = "This order lowers the dose. Go on slowly, and monitor for worsening hepatic encephalopathy."

RULE = Rule(
    id="baclofen-he-history",
    title="Baclofen after hepatic encephalopathy",
    group="BAC",
    rank=2,
    fires_when="baclofen by mouth is ordered, and hepatic encephalopathy is active or was resolved within "
    f"{ENCEPHALOPATHIC} days",
    why_it_matters="Sedation and encephalopathy look alike, and add up.",
    evidence_note="The guideline asks to monitor for worsening; the trials left out overt encephalopathy, and it is "
    "also the picture of too much baclofen.",
    when_not="A hepatologist directs the treatment.",
    cites=("cramp:L30", "elfert-2016", "house:baclofen-offer"),
    notes=("encephalopathy",),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(BACLOFEN,),
    needs=(CONDITIONS,),
    reads=(MEDICATIONS, KIDNEY_FUNCTION, TEST_ORDERS),
    thresholds=(ENCEPHALOPATHIC, SMALL, GAP),
    messages={
        "history": Message("warning", _SUMMARY, _DETAIL),
        "lower": Message("info", _SUMMARY, _LOWER),
    },
    override_reasons=("specialist-advice", "benefit-outweighs-risk", "already-monitoring"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Look for encephalopathy, now or lately; a dose that is lowered is only noted."""
    for order in baclofen.drafts(view):
        found = view.since(ENCEPHALOPATHY, within=ENCEPHALOPATHIC)
        if not found:
            continue
        recorded = found[-1].recorded
        now, most = baclofen.current_mg(view), baclofen.most_mg(order)
        lower = now is not None and most is not None and most < now
        tests = order_tests(view, "creatinine", "sodium", "potassium")
        because = (*(problem_fact(one, "hepatic encephalopathy") for one in found), *baclofen.facts(view, order))
        values = {"day": f" ({recorded.isoformat()})" if recorded else ""}
        offers: tuple[Proposal, ...] = (*tests, *baclofen.remove(view, order))
        yield Finding("lower" if lower else "history", (order,), values, because, offers)
