"""Cyclobenzaprine makes older adults fall and does not relieve muscle spasm itself."""

from collections.abc import Iterator

from cds_service.facts import MEDICATIONS, PATIENT, View
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import (
    CYCLOBENZAPRINE,
    FIRST_VERSION,
    OLDER,
    UNREVIEWED,
    age_fact,
    drug_fact,
    stop,
    withdraw,
)

_SUMMARY = "Age {age}: avoid cyclobenzaprine - fall risk, and it does not directly relieve muscle spasm."
_ADVICE = (
    "Avoid cyclobenzaprine in older adults: it increases the risk of falls and does not directly relieve "
    "muscle spasm.\n\nConsider stretching, heat, and correcting electrolytes."
)

RULE = Rule(
    id="cyclobenzaprine-older-adult",
    title="Cyclobenzaprine in older adults",
    group="CYC",
    rank=1,
    fires_when=f"oral cyclobenzaprine is ordered for, or taken by, a patient who is or may be {OLDER} or older",
    why_it_matters="Cyclobenzaprine is sedating and anticholinergic: falls and fractures follow.",
    evidence_note="Beers 2023 agrees: avoid (anticholinergic effects, sedation, fractures).",
    notes=("cyclobenzaprine-spasm",),
    when_not="Hospice and end-of-life care. A short course where the benefit is judged to outweigh the risk.",
    cites=("cramp:L23", "cramp:L26", "cramp:L44", "cramp:L46", "beers-2023"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe", "patient-view"}),
    triggers=(CYCLOBENZAPRINE,),
    from_age=OLDER,
    needs=(PATIENT, MEDICATIONS),
    thresholds=(OLDER,),
    quiet_in_hospice=True,
    messages={
        "ordered": Message(
            "warning",
            _SUMMARY,
            _ADVICE,
        ),
        "taken": Message(
            "info",
            _SUMMARY,
            "Cyclobenzaprine is on the medication list.\n\n" + _ADVICE,
        ),
    },
    override_reasons=("benefit-outweighs-risk", "short-course-or-procedural", "patient-preference"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Speak about oral cyclobenzaprine being ordered, at patient-view about what is taken, at this age."""
    about = tuple(drug for drug in view.in_question(CYCLOBENZAPRINE) if drug.by_route("oral"))
    if about and view.is_at_least(OLDER):
        values = {"age": str(view.facts.age)}
        because = (age_fact(view.facts.age), *(drug_fact(view, drug, CYCLOBENZAPRINE) for drug in about))
        offers = withdraw(view, about, CYCLOBENZAPRINE, recommended=True)
        if view.at_order:
            yield Finding("ordered", about, values, because, offers)
        else:
            yield Finding("taken", about, values, because, stop(about, CYCLOBENZAPRINE))
