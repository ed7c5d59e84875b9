"""Treatment of opioid use disorder is not withheld because of a benzodiazepine; the combination is managed."""

from collections.abc import Iterator, Sequence

from cds_service.evidence import Switch
from cds_service.facts import MEDICATIONS, Medication, View
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._proposals import Withdraw
from cds_service.rules._shared import (
    BENZODIAZEPINES,
    FIRST_VERSION,
    NALOXONE_OFFER,
    OPIOIDS,
    OUD_MEDICINES,
    UNREVIEWED,
    counted,
    drug_fact,
    naloxone,
    names,
    treatments,
    withdraw,
)

_MANAGE = (
    "Do not stop or withhold treatment of opioid use disorder because of a benzodiazepine: untreated, it can be the "
    "greater danger.\n\nManage the combination: lowest doses, no alcohol, and naloxone at hand."
)

RULE = Rule(
    id="opioid-use-disorder-benzodiazepine",
    title="Treatment of opioid use disorder with a benzodiazepine",
    group="BZO",
    rank=2,
    fires_when="buprenorphine or methadone for opioid use disorder meets a benzodiazepine, and either is ordered",
    why_it_matters="The harm of untreated opioid use disorder can outweigh the risk of the combination (FDA 2017).",
    evidence_note="FDA 2017 departs here from the guideline, which warns of every opioid with a benzodiazepine.",
    notes=("opioid-benzodiazepine",),
    when_not="Hospice and palliative care, a single dose for a procedure.",
    cites=("fda-2017-oud", "cramp:L47"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(BENZODIAZEPINES, OPIOIDS, OUD_MEDICINES),
    together=((BENZODIAZEPINES,), (OPIOIDS, OUD_MEDICINES)),
    needs=(MEDICATIONS,),
    switch=Switch("added.oud", True, "treatment of opioid use disorder has its own rule", "fda-2017-oud"),
    switches=(NALOXONE_OFFER,),
    quiet_in_hospice=True,
    messages={
        "treatment-ordered": Message(
            "info",
            "Do not withhold {treatment} because of {benzodiazepine}: manage the combination, offer naloxone.",
            _MANAGE,
        ),
        "benzodiazepine-ordered": Message(
            "warning",
            "On {treatment} for OUD: a benzodiazepine adds respiratory risk - avoid if possible; "
            "do not stop OUD treatment.",
            "A benzodiazepine beside {treatment} adds to the risk of respiratory depression.\n\n" + _MANAGE,
        ),
    },
    override_reasons=("specialist-advice", "benefit-outweighs-risk"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """A benzodiazepine being ordered is the greater news; else speak about the treatment being ordered."""
    ordered = counted(view, view.ordering(BENZODIAZEPINES))
    new = [drug for drug in ordered if not view.renews(drug)]
    drafted = treatments(view, view.drafted)
    if ordered and (treated := treatments(view, view.taking) or (drafted if new else [])):
        yield _finding(view, "benzodiazepine-ordered", new or ordered, treated, withdraw(view, new, BENZODIAZEPINES))
    elif treated := treatments(view, view.ordering):
        beside = counted(view, [*view.drafted(BENZODIAZEPINES), *view.taking(BENZODIAZEPINES)])
        if beside:
            yield _finding(view, "treatment-ordered", beside, treated)


def _finding(
    view: View,
    message: str,
    benzodiazepines: Sequence[Medication],
    treated: Sequence[Medication],
    offers: tuple[Withdraw, ...] = (),
) -> Finding:
    about = (*benzodiazepines, *treated)
    treatment = names(treated, OUD_MEDICINES, OPIOIDS)
    values = {"benzodiazepine": names(benzodiazepines, BENZODIAZEPINES), "treatment": treatment}
    because = tuple(drug_fact(view, drug, BENZODIAZEPINES, OUD_MEDICINES, OPIOIDS) for drug in about)
    return Finding(message, about, values, because, (*offers, *naloxone(view)))
