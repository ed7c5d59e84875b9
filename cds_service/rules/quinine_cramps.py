"""Quinine can destroy platelets, and it is not approved for cramps."""

from collections.abc import Iterator

from cds_service.evidence import Switch
from cds_service.facts import CONDITIONS, MEDICATIONS, ProposedOrder, View
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import (
    ACCEPT_R252,
    FIRST_VERSION,
    UNREVIEWED,
    context,
    cramps,
    drug_fact,
    stop,
    withdraw,
)
from cds_service.terminology import valueset

QUININE = valueset("quinine")
INFECTION = valueset("malaria-or-babesiosis")
WARN = Switch("added.quinine", True, "warn of quinine for cramps", "fda-2010-quinine")

_REACTIONS = "serious blood reactions; FDA advises against it - not approved for leg cramps."
_DETAIL = (
    "Quinine can cause severe thrombocytopenia, haemolytic uraemic syndrome and disorders of the heart rhythm. In the "
    "United States it is approved for malaria only."
)

RULE = Rule(
    id="quinine-cramps",
    title="Quinine for cramps",
    group="QUI",
    rank=1,
    fires_when="quinine by mouth is ordered for cramps or without a reason, or is taken by a patient with cramps, and "
    "no malaria or babesiosis is known",
    why_it_matters="A symptom that harms nobody is treated with a drug that has killed.",
    evidence_note="The guideline does not speak of quinine; this rule is added.",
    notes=("quinine",),
    when_not="Malaria or babesiosis, or another coded reason.",
    cites=("fda-2010-quinine", "fda-2006-quinine", "aan-2010"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe", "patient-view"}),
    triggers=(QUININE,),
    needs=(MEDICATIONS, CONDITIONS),
    switch=WARN,
    switches=(ACCEPT_R252,),
    messages={
        "cramps": Message("warning", f"Quinine for cramps: {_REACTIONS}", _DETAIL),
        "unclear": Message("warning", f"Quinine: {_REACTIONS}", f"Whether it is for cramps is not known. {_DETAIL}"),
        "taken": Message("info", f"Quinine for cramps: {_REACTIONS}", f"Quinine is on the medication list. {_DETAIL}"),
    },
    override_reasons=("other-indication", "specialist-advice"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """For each quinine by mouth: is it for the infections that it treats, or may it be for cramps?"""
    if view.known_to_have(INFECTION):
        return
    for quinine in view.in_question(QUININE):
        if INFECTION in quinine.reason or not quinine.by_route("oral"):
            continue
        because = (drug_fact(view, quinine, QUININE),)
        if isinstance(quinine, ProposedOrder):
            purpose = context(view, quinine)
            message = "cramps" if purpose == "cramp" else "unclear"
            if purpose != "other":
                yield Finding(message, (quinine,), {}, because, withdraw(view, [quinine], QUININE))
        elif cramps(view):
            yield Finding("taken", (quinine,), {}, because, stop([quinine], QUININE))
