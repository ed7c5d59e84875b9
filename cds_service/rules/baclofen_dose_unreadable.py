"""A dose that nobody can compute cannot be checked."""

from collections.abc import Iterator

from cds_service.facts import CONDITIONS, PATIENT, View
from cds_service.rules import _baclofen as baclofen
from cds_service.rules._baclofen import BACLOFEN, MOST, OLDER_RANGE, SMALL, START, STEP
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import ACCEPT_R252, FIRST_VERSION, OLDER, UNREVIEWED

RULE = Rule(
    id="baclofen-dose-unreadable",
    title="Baclofen whose dose could not be read",
    group="BAC",
    rank=11,
    fires_when="an order of baclofen by mouth, for cramps or for no known reason, is signed without a dose that can be "
    "computed",
    why_it_matters="The limits of the guideline were not checked, and silence would look like agreement.",
    evidence_note="The guideline does not ask for this; it protects its limits.",
    when_not="The dose is right.",
    cites=("cramp:L2",),
    hooks=frozenset({"order-sign", "medication-prescribe"}),
    triggers=(BACLOFEN,),
    needs=(CONDITIONS,),
    reads=(PATIENT,),
    thresholds=(START, STEP, MOST, SMALL, OLDER),
    switches=(ACCEPT_R252,),
    messages={
        "unreadable": Message(
            "info",
            f"Baclofen dose could not be read: cramps limits are start {{start}}, +{STEP} per week, max {MOST} mg/day.",
            "The order has no dose, or one in free text, or a strength that is not known. Nothing was compared with "
            "it.",
        ),
    },
    override_reasons=("will-adjust-elsewhere",),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Name the orders whose dose cannot be computed in every step."""
    about = tuple(order for order, _ in baclofen.for_cramps(view) if baclofen.most_mg(order) is None)
    if about:
        start = str(OLDER_RANGE) if view.is_at_least(OLDER) else f"{START.value}"
        yield Finding("unreadable", about, {"start": start}, baclofen.facts(view, *about))
