"""For cramps methocarbamol comes after baclofen."""

from collections.abc import Iterator

from cds_service.facts import ALLERGIES, CONDITIONS, KIDNEY_FUNCTION, MEDICATIONS, View
from cds_service.rules._baclofen import ENCEPHALOPATHIC, SMALL, TRIAL, offer, tried
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import (
    ACCEPT_R252,
    FIRST_VERSION,
    FOR_CRAMP,
    METHOCARBAMOL,
    OLDER,
    PREGNANT,
    UNREVIEWED,
    drug_fact,
    is_for_cramp,
    withdraw,
)

_IN_OLDER_ADULTS = " The Beers Criteria of 2023 advise against methocarbamol in older adults."

RULE = Rule(
    id="methocarbamol-second-line",
    title="Methocarbamol for cramps",
    group="MET",
    rank=2,
    fires_when="methocarbamol by mouth is newly ordered for cramps and baclofen has not been tried",
    why_it_matters="Its effect is not specific: the guideline keeps it for when baclofen failed.",
    evidence_note="The guideline speaks of skeletal muscle pain, not of cramps; its label says that it may act by "
    "sedation.",
    notes=("methocarbamol", "first-line"),
    when_not="A strained back or another reason than cramps; baclofen was tried within a year or is not tolerated.",
    cites=("cramp:L4", "cramp:L35", "cramp:L36", "cramp:L37", "fda-methocarbamol-label", "beers-2023"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(METHOCARBAMOL,),
    together=(FOR_CRAMP,),
    needs=(MEDICATIONS, CONDITIONS),
    reads=(ALLERGIES, KIDNEY_FUNCTION),
    thresholds=(TRIAL, SMALL, ENCEPHALOPATHIC, OLDER, PREGNANT),
    switches=(ACCEPT_R252,),
    messages={
        "no-baclofen": Message(
            "info",
            "Methocarbamol is second line for cramps (nonspecific effect); baclofen and electrolytes come first.",
            "No baclofen was found in the last year. The guideline considers muscle relaxants such as methocarbamol if "
            "baclofen is ineffective or not tolerated.{older}",
        )
    },
    override_reasons=("other-indication", "short-course-or-procedural", "specialist-advice"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """For each new order for cramps: was baclofen tried?"""
    for order in view.ordering(METHOCARBAMOL):
        if not order.by_route("oral") or view.renews(order) or not is_for_cramp(view, order) or tried(view):
            continue
        values = {"older": _IN_OLDER_ADULTS if view.is_at_least(OLDER) else ""}
        because = (drug_fact(view, order, METHOCARBAMOL),)
        remove = withdraw(view, [order], METHOCARBAMOL)
        yield Finding("no-baclofen", (order,), values, because, (*offer(view), *remove))
