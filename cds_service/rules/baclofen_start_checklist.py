"""What belongs to the first prescription of baclofen."""

from collections.abc import Iterator

from cds_service.facts import CONDITIONS, GAP, MEDICATIONS, PATIENT, View
from cds_service.rules import _baclofen as baclofen
from cds_service.rules._baclofen import BACLOFEN, MOST, OLDER_RANGE, SMALL, START, STEP
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._proposals import Educate
from cds_service.rules._shared import ACCEPT_R252, FIRST_VERSION, OLDER, UNREVIEWED

RULE = Rule(
    id="baclofen-start-checklist",
    title="First prescription of baclofen for cramps",
    group="BAC",
    rank=12,
    fires_when="baclofen by mouth is newly ordered for cramps, as long as the order is being written",
    why_it_matters="What is said at the start is remembered: the titration, the drowsiness, and not to stop it at "
    "once.",
    evidence_note="That baclofen comes first is supported in cirrhosis, not for cramps in general.",
    when_not="The patient knows the drug.",
    cites=(
        *(f"cramp:L{line}" for line in (2, 3, 4, 7, 8, 10, 11, 12, 13, 14, 25, 50)),
        *("elfert-2016", "henry-northup-2015", "aan-2010", "hawke-2021"),
    ),
    notes=("first-line", "stretching", "heat-acupressure"),
    hooks=frozenset({"order-select"}),
    triggers=(BACLOFEN,),
    needs=(MEDICATIONS, CONDITIONS),
    reads=(PATIENT,),
    thresholds=(START, STEP, MOST, SMALL, OLDER, GAP),
    switches=(ACCEPT_R252,),
    messages={
        "checklist": Message(
            "info",
            "Baclofen for cramps: start {start}, add stretching, massage, ice; warn about drowsiness and never "
            "stopping suddenly.",
            f"Titrate weekly by {STEP} mg to a maximum of {MOST} mg/day. Monitor dizziness, somnolence, "
            "weakness, urinary, gastrointestinal and cognitive effects, in older adults especially.\n\nStretch and "
            "massage the cramping muscle, put ice on it; heat to abdomen or back may help.\n\nTaper slowly after "
            "prolonged use.",
        ),
    },
    override_reasons=(),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Remind of the whole while the first order is written."""
    about = tuple(order for order, purpose in baclofen.for_cramps(view) if purpose == "cramp")
    if about and baclofen.is_new(view):
        start = str(OLDER_RANGE) if view.is_at_least(OLDER) else f"{START.value} mg/day"
        lesson = Educate("baclofen for cramps")
        yield Finding("checklist", about, {"start": start}, baclofen.facts(view, *about), (lesson,))
