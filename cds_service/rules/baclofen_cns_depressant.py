"""Baclofen adds to what an opioid or a benzodiazepine dampens (off unless a site turns it on)."""

from collections.abc import Iterator

from cds_service.evidence import Switch
from cds_service.facts import ENCOUNTER, MEDICATIONS, View
from cds_service.rules import _baclofen as baclofen
from cds_service.rules._baclofen import BACLOFEN
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import (
    BENZODIAZEPINES,
    FIRST_VERSION,
    OPIOIDS,
    UNREVIEWED,
    counted,
    drug_fact,
    names,
    pain_opioids,
)

OFFERED = Switch(
    "added.baclofenCnsDepressant",
    False,
    "warn of baclofen beside an opioid or a benzodiazepine",
    "fda-baclofen-label",
)

RULE = Rule(
    id="baclofen-cns-depressant",
    title="Baclofen with an opioid or a benzodiazepine",
    group="BAC",
    rank=13,
    fires_when="baclofen by mouth is ordered beside an opioid or a benzodiazepine that is taken or ordered, or one of "
    "these beside baclofen that is taken",
    why_it_matters="Sedation and the depression of breathing add up.",
    evidence_note="Not in the guideline: the label's. It would fire on most patients with pain, so it is off unless a "
    "site turns it on.",
    when_not="The combination is established and tolerated.",
    cites=("fda-baclofen-label",),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(BACLOFEN, OPIOIDS, BENZODIAZEPINES),
    together=((BACLOFEN,), (OPIOIDS, BENZODIAZEPINES)),
    needs=(MEDICATIONS,),
    reads=(ENCOUNTER,),
    switch=OFFERED,
    messages={
        "both": Message(
            "info",
            "Baclofen with {others}: sedation and respiratory depression add up - lowest doses, watch closely.",
            "Both dampen the nervous system. Neither is to be stopped at once after long use.",
        ),
    },
    override_reasons=("tolerated-long-term", "specialist-advice", "benefit-outweighs-risk"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Look for baclofen and a sedating drug of which at least one is being ordered."""
    own = [*baclofen.oral(view.drafted(BACLOFEN)), *baclofen.oral(view.taking(BACLOFEN))]
    others = [
        *pain_opioids(view, [*view.drafted(OPIOIDS), *view.taking(OPIOIDS)]),
        *counted(view, [*view.drafted(BENZODIAZEPINES), *view.taking(BENZODIAZEPINES)]),
    ]
    chosen = [order for drugs in RULE.triggers for order in view.ordering(drugs)]
    about = (*own, *others)
    if own and others and any(order in about for order in chosen):
        because = tuple(drug_fact(view, one, *RULE.triggers) for one in about)
        yield Finding("both", about, {"others": names(others, OPIOIDS, BENZODIAZEPINES)}, because)
