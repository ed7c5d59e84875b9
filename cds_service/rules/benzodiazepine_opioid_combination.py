"""A benzodiazepine beside an opioid can stop the breathing."""

from collections.abc import Iterator

from cds_service.facts import MEDICATIONS, View
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._pairs import offers, pairs
from cds_service.rules._shared import (
    BENZODIAZEPINES,
    FIRST_VERSION,
    NALOXONE_OFFER,
    OPIOIDS,
    UNREVIEWED,
    drug_fact,
    names,
)

_SUMMARY = "{benzodiazepine} + {opioid}: do not combine - risk of respiratory depression, sedation, coma and death."
_ADVICE = (
    "Do not combine benzodiazepines with opioids: risk of respiratory depression, sedation, coma and death."
    "\n\nIf both must continue: lowest doses, shortest time, and naloxone. "
    "Never stop a long-term benzodiazepine or opioid at once."
)

RULE = Rule(
    id="benzodiazepine-opioid-combination",
    title="Benzodiazepine with an opioid",
    group="BZO",
    rank=1,
    fires_when="a benzodiazepine and an opioid come together: one is ordered while the other is taken, possibly "
    "taken or ordered too; when the chart is opened, both are taken",
    why_it_matters="Both depress breathing and consciousness; together they can lead to coma and death.",
    evidence_note="Stricter than CDC 2022 recommendation 11, which asks for particular caution; FDA boxed "
    "warning 2016.",
    notes=("opioid-benzodiazepine",),
    when_not="Hospice and palliative care, a single dose for a procedure, treatment of opioid use disorder "
    "(it has its own rule), neuraxial and topical use.",
    cites=("cramp:L44", "cramp:L47", "fda-2016-opioid-benzodiazepine", "cdc-2022-rec11"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe", "patient-view"}),
    triggers=(BENZODIAZEPINES, OPIOIDS),
    together=((BENZODIAZEPINES,), (OPIOIDS,)),
    needs=(MEDICATIONS,),
    switches=(NALOXONE_OFFER,),
    quiet_in_hospice=True,
    messages={
        "new-pair": Message("critical", _SUMMARY, "{listed}\n\n" + _ADVICE),
        "existing-pair": Message("warning", _SUMMARY, "{listed} The combination exists already.\n\n" + _ADVICE),
        "possible-partner": Message(
            "warning", _SUMMARY, "{listed} Whether both are taken is not certain.\n\n" + _ADVICE
        ),
        "rescue": Message(
            "warning",
            _SUMMARY,
            "{listed} The benzodiazepine looks like a seizure rescue medicine.\n\n" + _ADVICE,
        ),
        "listed-pair": Message("warning", _SUMMARY, "{listed}\n\n" + _ADVICE),
    },
    override_reasons=(
        "palliative-care",
        "short-course-or-procedural",
        "specialist-advice",
        "tolerated-long-term",
        "not-taking",
    ),
    last_resort="Benzodiazepine + opioid: do not combine - risk of respiratory depression, coma and death.",
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Name the most certain pair of a benzodiazepine and an opioid that this order, or the list, makes."""
    found = pairs(view)
    if found is not None:
        yield Finding(
            found.kind,
            found.about,
            {
                "benzodiazepine": names(found.benzodiazepines, BENZODIAZEPINES).capitalize(),
                "opioid": names(found.opioids, OPIOIDS),
                "listed": found.listed(view),
            },
            tuple(drug_fact(view, drug, BENZODIAZEPINES) for drug in found.benzodiazepines)
            + tuple(drug_fact(view, drug, OPIOIDS) for drug in found.opioids),
            offers(view, found),
        )
