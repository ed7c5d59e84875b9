"""Cyclobenzaprine does not relieve cramps; baclofen is the guideline's option."""

from collections.abc import Iterator

from cds_service.facts import CONDITIONS, MEDICATIONS, View
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import (
    ACCEPT_R252,
    CYCLOBENZAPRINE,
    FIRST_VERSION,
    FOR_CRAMP,
    OLDER,
    UNREVIEWED,
    age_fact,
    drug_fact,
    is_for_cramp,
    withdraw,
)

RULE = Rule(
    id="cyclobenzaprine-cramps",
    title="Cyclobenzaprine for cramps",
    group="CYC",
    rank=2,
    fires_when=f"oral cyclobenzaprine is ordered for cramps and the patient is under {OLDER} or of unknown age",
    why_it_matters="It is prescribed in the belief that it relieves the spasm itself, and adds to the risk of falls.",
    evidence_note="The US label indicates it for spasm of acute musculoskeletal conditions for 2-3 weeks, "
    "not for cramps.",
    notes=("cyclobenzaprine-spasm",),
    when_not="Another reason than cramps, such as acute back spasm; hospice and end-of-life care.",
    cites=("cramp:L46", "fda-cyclobenzaprine-label"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(CYCLOBENZAPRINE,),
    together=(FOR_CRAMP,),
    under_age=OLDER,
    needs=(CONDITIONS,),
    reads=(MEDICATIONS,),
    thresholds=(OLDER,),
    switches=(ACCEPT_R252,),
    quiet_in_hospice=True,
    messages={
        "cramps": Message(
            "info",
            "Cyclobenzaprine does not directly relieve cramps and increases fall risk; "
            "baclofen is the guideline option.",
            "Do not use cyclobenzaprine in the belief that it directly relieves muscle spasm; it increases "
            "the risk of falls.",
        ),
    },
    override_reasons=("other-indication", "short-course-or-procedural"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Below the age of the other rule, speak about oral cyclobenzaprine that is meant for cramps."""
    drafts = [order for order in view.ordering(CYCLOBENZAPRINE) if order.by_route("oral")]
    about = tuple(order for order in drafts if not view.is_at_least(OLDER) and is_for_cramp(view, order))
    if about:
        because = (age_fact(view.facts.age), *(drug_fact(view, drug, CYCLOBENZAPRINE) for drug in about))
        yield Finding("cramps", about, {}, because, withdraw(view, about, CYCLOBENZAPRINE))
