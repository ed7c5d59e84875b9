"""More baclofen than the guideline knows of for cramps."""

from collections.abc import Iterator

from cds_service.facts import CONDITIONS, MEDICATIONS, View
from cds_service.rules import _baclofen as baclofen
from cds_service.rules._baclofen import BACLOFEN, ELSEWHERE, MOST, SMALL, START, STEP
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import ACCEPT_R252, FIRST_VERSION, UNREVIEWED
from cds_service.rules._taper import AT_ONCE, divided

_SUMMARY = f"Baclofen {{dose}} mg/day exceeds the {MOST} mg/day maximum for cramps."
_DETAIL = f"Dizziness, somnolence, weakness, urinary and cognitive effects grow with the dose.\n\n{ELSEWHERE}"

RULE = Rule(
    id="baclofen-max-dose",
    title="Highest dose of baclofen for cramps",
    group="BAC",
    rank=4,
    fires_when=f"an order of baclofen by mouth, for cramps or for no known reason, gives more than {MOST} mg a "
    "day and no less than is taken now",
    why_it_matters="Above it only adverse effects are known to grow.",
    evidence_note="The label's 80 mg a day is for spasticity.",
    when_not="Another indication; a dose that is being lowered.",
    cites=("cramp:L2", "cramp:L6", "cramp:L28", "fda-baclofen-label"),
    notes=("label-doses",),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(BACLOFEN,),
    needs=(CONDITIONS,),
    reads=(MEDICATIONS,),
    thresholds=(MOST, START, SMALL, STEP, AT_ONCE),
    switches=(ACCEPT_R252,),
    messages={
        "cramp": Message("warning", _SUMMARY, _DETAIL),
        "unknown": Message("info", _SUMMARY, f"What it is for is not coded. {_DETAIL}"),
        "renewal": Message("info", _SUMMARY, f"This is the dose that is taken now. {_DETAIL}"),
    },
    override_reasons=("other-indication", "specialist-advice", "tolerated-long-term"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Compare the highest step of each order with the highest dose; a renewal of what is established is only noted."""
    for order, purpose in baclofen.for_cramps(view):
        most, now = baclofen.most_mg(order), baclofen.current_mg(view)
        if most is None or most <= MOST.value or (now is not None and most < now):
            continue
        dose = START.value if baclofen.is_new(view) else MOST.value
        offers = baclofen.redose(view, order, divided(dose))
        message = "renewal" if most == now else purpose
        yield Finding(message, (order,), {"dose": f"{most:g}"}, baclofen.facts(view, order), offers)
