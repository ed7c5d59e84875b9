"""Severe or widespread cramps: the guideline's first drug is baclofen."""

from collections.abc import Iterator

from cds_service.facts import ALLERGIES, CONDITIONS, KIDNEY_FUNCTION, MEDICATIONS, Band, View
from cds_service.rules._baclofen import BACLOFEN, ENCEPHALOPATHIC, MOST, SMALL, START, may_be_old, offer, spoken_against
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import (
    ACCEPT_R252,
    CIRRHOSIS,
    COUNTED,
    FIRST_VERSION,
    FOR_CRAMP,
    OLDER,
    PREGNANT,
    SPASTICITY,
    UNREVIEWED,
    cramps,
    kidney_fact,
    problem_fact,
)

_DETAIL = (
    "Increase weekly by 10 mg if needed. Check and correct electrolytes first; add stretching, massage and ice. Watch "
    "for dizziness, somnolence, weakness, urinary and cognitive effects. Never stop it suddenly after prolonged use."
)

RULE = Rule(
    id="cramps-baclofen-option",
    title="Severe or widespread cramps: baclofen",
    group="CARE",
    rank=3,
    fires_when="severe or widespread cramps are active, baclofen is not taken, and nothing on record speaks against it",
    why_it_matters="It is the drug with which the guideline starts.",
    evidence_note="That baclofen is the first choice is supported in cirrhosis, not for cramps in general; the use is "
    "off-label.",
    notes=("first-line", "older-start", "renal-dose", "electrolytes-order"),
    when_not="Spasticity; cirrhosis, which has a card of its own; pregnancy; encephalopathy; weak kidneys.",
    cites=(*(f"cramp:L{line}" for line in (1, 2, 3, 4, 5, 6, 24)), "elfert-2016", "aan-2010"),
    hooks=frozenset({"patient-view"}),
    concerns=FOR_CRAMP,
    lately=COUNTED,
    needs=(CONDITIONS, MEDICATIONS),
    reads=(ALLERGIES, KIDNEY_FUNCTION),
    thresholds=(COUNTED, OLDER, PREGNANT, ENCEPHALOPATHIC, START, MOST, SMALL),
    switches=(ACCEPT_R252,),
    quiet_in_hospice=True,
    messages={
        "option": Message(
            "info",
            f"Severe or widespread cramps: guideline first-line drug is baclofen {START} mg/day "
            f"(age {OLDER}+: {SMALL} mg), max {MOST} mg/day.",
            _DETAIL,
        ),
        "reduced": Message(
            "info",
            f"Severe or widespread cramps: guideline first-line drug is baclofen, {{kidney}}: {SMALL} mg/day.",
            f"Baclofen leaves the body by the kidney: the lower start is added to the guideline. {_DETAIL}",
        ),
    },
    override_reasons=("patient-preference",),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Are cramps bad, and may baclofen be thought of?"""
    found = [one for one in cramps(view, since=view.days_ago(COUNTED)) if one.extent]
    if not found or view.taking(BACLOFEN) or not view.knows(MEDICATIONS) or spoken_against(view):
        return
    if view.known_to_have(SPASTICITY) or view.known_to_have(CIRRHOSIS):
        return
    kidney = view.kidney()
    weak = kidney.band is Band.G3
    if kidney.band.is_severe or (weak and may_be_old(view)):
        return
    values = {"kidney": kidney.words} if weak else {}
    because = (*(problem_fact(one, "muscle cramps") for one in found), *([kidney_fact(kidney)] if weak else []))
    yield Finding("reduced" if weak else "option", (), values, because, offer(view))
