"""Muscle relaxants that the Beers Criteria avoid in older adults; off unless a site turns it on."""

from collections.abc import Iterator

from cds_service.evidence import Switch
from cds_service.facts import PATIENT, View
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import (
    FIRST_VERSION,
    METHOCARBAMOL,
    OLDER,
    UNREVIEWED,
    age_fact,
    drug_fact,
    names,
    withdraw,
)
from cds_service.terminology import valueset

AVOIDED = (METHOCARBAMOL, valueset("relaxants-avoided-in-older-adults"))
WARN = Switch(
    "added.muscleRelaxantOlderAdult", False, "warn of muscle relaxants other than cyclobenzaprine too", "beers-2023"
)

RULE = Rule(
    id="muscle-relaxant-older-adult",
    title="Muscle relaxants in older adults",
    group="MET",
    rank=1,
    fires_when="methocarbamol, carisoprodol, chlorzoxazone, metaxalone or orphenadrine by mouth is ordered and the "
    f"patient is {OLDER} or older",
    why_it_matters="They sedate, and older adults fall and break bones.",
    evidence_note="The guideline itself allows methocarbamol as second line; therefore the rule is off by default.",
    notes=("methocarbamol",),
    when_not="Hospice care.",
    cites=("beers-2023",),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=AVOIDED,
    needs=(PATIENT,),
    thresholds=(OLDER,),
    switch=WARN,
    quiet_in_hospice=True,
    messages={
        "ordered": Message(
            "warning",
            "Age {age}: avoid {drug} - sedation, falls and fractures.",
            "The Beers Criteria of 2023: avoid muscle relaxants in older adults; they sedate, some are "
            "anticholinergic, and whether they help at doses that older adults tolerate is doubtful.",
        )
    },
    override_reasons=("benefit-outweighs-risk", "short-course-or-procedural", "patient-preference"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """For each order of such a relaxant: is the patient an older adult?"""
    found = {order.reference: order for drugs in AVOIDED for order in view.ordering(drugs)}
    about = tuple(order for order in found.values() if order.by_route("oral"))
    if not about or not view.is_at_least(OLDER):
        return
    values = {"age": str(view.facts.age), "drug": names(about, *AVOIDED)}
    because = (age_fact(view.facts.age), *(drug_fact(view, order, *AVOIDED) for order in about))
    yield Finding("ordered", about, values, because, withdraw(view, about, *AVOIDED, recommended=True))
