"""For cramps a benzodiazepine comes after baclofen, and for a short time only."""

from collections.abc import Iterator

from cds_service.evidence import Threshold
from cds_service.facts import ALLERGIES, CONDITIONS, MEDICATIONS, ProposedOrder, View
from cds_service.rules._baclofen import TRIAL, tried
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._proposals import LimitDuration
from cds_service.rules._shared import (
    ACCEPT_R252,
    BENZODIAZEPINES,
    FIRST_VERSION,
    FOR_CRAMP,
    OLDER,
    UNREVIEWED,
    drug_fact,
    reason_is_cramp,
)

SHORT = Threshold(28, "d", "longest short-term course", "house:short-term", "benzo.shortTermDays", (7, 42))

_SUMMARY = "Benzodiazepine for cramps is second line and short-term only (anxiety + spasm + pain together)."

RULE = Rule(
    id="benzodiazepine-cramps-second-line",
    title="Benzodiazepine for cramps",
    group="BZO",
    rank=4,
    fires_when="a benzodiazepine is ordered with cramp as its coded reason, the patient is under "
    f"{OLDER}, and either baclofen has not been tried or the course is longer than {SHORT} days",
    why_it_matters="The guideline keeps benzodiazepines for patients in whom baclofen failed, and for a short time.",
    evidence_note="The evidence for benzodiazepines in cramps is weak.",
    notes=("benzodiazepine-cramps", "first-line"),
    when_not="Another reason than cramps; a single dose for a procedure; hospice care.",
    cites=("cramp:L4", "cramp:L35", "cramp:L36", "cramp:L38"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(BENZODIAZEPINES,),
    together=(FOR_CRAMP,),
    under_age=OLDER,
    needs=(MEDICATIONS, CONDITIONS),
    reads=(ALLERGIES,),
    thresholds=(SHORT, TRIAL, OLDER),
    switches=(ACCEPT_R252,),
    quiet_in_hospice=True,
    messages={
        "no-baclofen": Message(
            "info",
            _SUMMARY,
            "No baclofen was found in the last year. The guideline considers a benzodiazepine if baclofen is "
            "ineffective or not tolerated.",
        ),
        "long": Message("info", _SUMMARY, "This order lasts {days} days. The guideline speaks of short-term use only."),
    },
    override_reasons=("other-indication", "short-course-or-procedural", "specialist-advice"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """For each order with cramp as its reason: was baclofen tried, and is the course short?"""
    for order in view.ordering(BENZODIAZEPINES):
        if view.procedural(order) or not reason_is_cramp(view, order) or view.is_at_least(OLDER):
            continue
        about = (order,)
        because = (drug_fact(view, order, BENZODIAZEPINES),)
        if not tried(view):
            yield Finding("no-baclofen", about, {}, because)
        if order.days is not None and order.days > SHORT.value:
            values = {"days": f"{order.days:g}"}
            yield Finding("long", about, values, because, _shorter(order))


def _shorter(order: ProposedOrder) -> tuple[LimitDuration, ...]:
    """An order of several dosage lines is left alone: which of them should end is not ours to say."""
    return () if order.several else (LimitDuration(order, order.drug.ingredient(BENZODIAZEPINES), SHORT),)
