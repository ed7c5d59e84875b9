"""Baclofen for cramps starts low: the first dose decides how it is tolerated."""

from collections.abc import Iterator

from cds_service.evidence import Threshold
from cds_service.facts import CONDITIONS, GAP, MEDICATIONS, PATIENT, View
from cds_service.rules import _baclofen as baclofen
from cds_service.rules._baclofen import BACLOFEN, ELSEWHERE, MOST, SMALL, START, STEP
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import ACCEPT_R252, FIRST_VERSION, OLDER, UNREVIEWED, age_fact
from cds_service.rules._taper import AT_ONCE, divided

LABEL = Threshold(
    15, "mg/d", "first dose by the label, for spasticity", "fda-baclofen-label", "baclofen.labelStartMax", (15, 20)
)
_SUMMARY = (
    f"Baclofen start {{dose}} mg/day: for cramps the guideline starts at {START} mg/day, +{STEP} mg per "
    f"week, max {MOST}."
)
_DETAIL = (
    f"Start {START} mg/day, increase weekly by {STEP} mg to a maximum of {MOST} mg/day if needed.\n\n"
    f"Watch for dizziness, somnolence, weakness, urinary and cognitive effects.\n\n{ELSEWHERE}"
)

RULE = Rule(
    id="baclofen-start-dose",
    title="First dose of baclofen for cramps",
    group="BAC",
    rank=6,
    fires_when=f"baclofen by mouth is newly ordered below {OLDER} years and starts above {START} mg a day "
    f"for cramps, or above {LABEL} mg a day for no known reason",
    why_it_matters="Dizziness, somnolence and weakness grow with the first dose.",
    evidence_note=f"The trials are in cirrhosis, and the use is off-label; the label starts with {LABEL.published} mg "
    "a day for spasticity.",
    when_not="Another indication; baclofen that is taken already, from elsewhere.",
    cites=("cramp:L2", "cramp:L5", "fda-baclofen-label", "elfert-2016", "henry-northup-2015"),
    notes=("first-line", "label-doses"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(BACLOFEN,),
    under_age=OLDER,
    needs=(MEDICATIONS, CONDITIONS),
    reads=(PATIENT,),
    thresholds=(START, LABEL, STEP, MOST, SMALL, OLDER, GAP, AT_ONCE),
    switches=(ACCEPT_R252,),
    messages={
        "cramp": Message("warning", _SUMMARY, _DETAIL),
        "unknown": Message("info", _SUMMARY, f"What it is for is not coded. {_DETAIL}"),
    },
    override_reasons=("other-indication", "specialist-advice", "tolerated-long-term"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Compare the first step of each new order with the first dose; above the highest dose another rule speaks."""
    for order, purpose in baclofen.for_cramps(view):
        first, most = baclofen.first_mg(order), baclofen.most_mg(order)
        limit = START if purpose == "cramp" else LABEL
        if first is None or most is None or first <= limit.value or most > MOST.value:
            continue
        if baclofen.is_new(view) and not view.is_at_least(OLDER):
            offers = baclofen.redose(view, order, divided(START.value), (START.value, 1), recommended=True)
            because = (*baclofen.facts(view, order), age_fact(view.facts.age))
            yield Finding(purpose, (order,), {"dose": f"{first:g}"}, because, offers)
