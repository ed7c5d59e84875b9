"""Older adults start baclofen with small single doses."""

from collections.abc import Iterator

from cds_service.facts import CONDITIONS, GAP, MEDICATIONS, PATIENT, View
from cds_service.rules import _baclofen as baclofen
from cds_service.rules._baclofen import BACLOFEN, ELSEWHERE, MOST, OLDER_RANGE, OLDER_START, SMALL, STEP
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import ACCEPT_R252, FIRST_VERSION, OLDER, UNREVIEWED, age_fact
from cds_service.rules._taper import AT_ONCE, divided

_DETAIL = f"Monitor carefully for weakness, urinary function, cognition and sedation.\n\n{ELSEWHERE}"

RULE = Rule(
    id="baclofen-older-adult-dose",
    title="First dose of baclofen in older adults",
    group="BAC",
    rank=5,
    fires_when=f"baclofen by mouth is newly ordered from {OLDER} years on, for cramps or for no known reason, "
    f"and starts above {OLDER_START} mg a day or holds a single dose above {SMALL} mg",
    why_it_matters="Older adults fall, and become confused, at doses that younger ones bear.",
    evidence_note=f"{SMALL.published} mg three times a day ({OLDER_START.published} mg) is more than the guideline's "
    f"general start; {SMALL.published} mg once or twice a day satisfies both.",
    when_not="Another indication; baclofen that is taken already, from elsewhere.",
    cites=("cramp:L5", "cramp:L22", "cramp:L23", "cramp:L24", "cramp:L25", "ags-2009", "beers-2023"),
    notes=("older-start", "label-doses"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(BACLOFEN,),
    from_age=OLDER,
    needs=(MEDICATIONS, CONDITIONS, PATIENT),
    thresholds=(OLDER_START, SMALL, OLDER, MOST, STEP, GAP, AT_ONCE),
    switches=(ACCEPT_R252,),
    messages={
        "daily": Message(
            "warning",
            f"Age {{age}}: start baclofen at {OLDER_RANGE} (max {OLDER_START} mg/day), not {{dose}} mg/day.",
            _DETAIL,
        ),
        "per-dose": Message(
            "info",
            f"Age {{age}}: start baclofen with single doses of at most {SMALL} mg; this order gives {{dose}} mg "
            "per dose.",
            _DETAIL,
        ),
    },
    override_reasons=("tolerated-long-term", "other-indication", "specialist-advice"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Look at the first step's daily dose, then at every single dose, of each new order."""
    for order, _ in baclofen.for_cramps(view):
        first, most, single = baclofen.first_mg(order), baclofen.most_mg(order), baclofen.most_mg_at_once(order)
        if first is None or most is None or most > MOST.value:
            continue
        found = "daily" if first > OLDER_START.value else "per-dose" if single > SMALL.value else ""
        if found and baclofen.is_new(view) and view.is_at_least(OLDER):
            offers = baclofen.redose(view, order, (SMALL.value, 1), divided(OLDER_START.value), recommended=True)
            values = {"age": str(view.facts.age), "dose": f"{first if found == 'daily' else single:g}"}
            because = (age_fact(view.facts.age), *baclofen.facts(view, order))
            yield Finding(found, (order,), values, because, offers)
