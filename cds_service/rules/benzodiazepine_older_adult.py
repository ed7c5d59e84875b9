"""Older adults fall, become confused and dependent on benzodiazepines."""

from collections.abc import Iterator

from cds_service.evidence import Switch
from cds_service.facts import MEDICATIONS, PATIENT, Medication, View
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import (
    ALCOHOL_WITHDRAWAL,
    BENZODIAZEPINES,
    FIRST_VERSION,
    OLDER,
    SEIZURE,
    UNREVIEWED,
    age_fact,
    counted,
    drug_fact,
    is_rescue,
    withdraw,
)

_SUMMARY = "Age {age}: benzodiazepines carry high risk (falls, delirium, dependence) - avoid or keep very short."
_ADVICE = "Benzodiazepines carry high risk in older adults. Avoid them, or keep the course very short."

RULE = Rule(
    id="benzodiazepine-older-adult",
    title="Benzodiazepines in older adults",
    group="BZO",
    rank=3,
    fires_when=f"a benzodiazepine is ordered for a patient who is or may be {OLDER} or older",
    why_it_matters="Older adults are at high risk of falls, delirium and dependence.",
    evidence_note="Beers 2023 agrees (avoid); FDA 2020 added a boxed warning for the class.",
    notes=("benzodiazepine-cramps",),
    when_not="Hospice care, a single dose for a procedure, rescue medicines, seizures, alcohol withdrawal.",
    cites=("cramp:L38", "beers-2023", "fda-2020-benzodiazepine"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(BENZODIAZEPINES,),
    from_age=OLDER,
    needs=(PATIENT,),
    reads=(MEDICATIONS,),
    thresholds=(OLDER,),
    switched_hooks={
        "patient-view": Switch(
            "patientView.benzoOlderAdult", False, "speak when the chart is opened, too", "beers-2023"
        )
    },
    quiet_in_hospice=True,
    messages={
        "new": Message("warning", _SUMMARY, _ADVICE),
        "renewal": Message("info", _SUMMARY, "A renewal.\n\n" + _ADVICE + " Reduce a long-term one slowly."),
        "taken": Message("info", _SUMMARY, _ADVICE + " Reduce a long-term one slowly."),
    },
    override_reasons=(
        "short-course-or-procedural",
        "specialist-advice",
        "palliative-care",
        "tolerated-long-term",
    ),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """At this age, speak about a benzodiazepine that is no rescue medicine and not for seizures or withdrawal."""
    listed = view.in_question(BENZODIAZEPINES)
    about = tuple(drug for drug in counted(view, listed) if not _excused(view, drug))
    if about and view.is_at_least(OLDER):
        new = [order for order in view.ordering(BENZODIAZEPINES) if order in about and not view.renews(order)]
        values = {"age": str(view.facts.age)}
        because = (age_fact(view.facts.age), *(drug_fact(view, drug, BENZODIAZEPINES) for drug in about))
        message = ("new" if new else "renewal") if view.at_order else "taken"
        yield Finding(message, about, values, because, withdraw(view, new, BENZODIAZEPINES))


def _excused(view: View, drug: Medication) -> bool:
    excuses = (SEIZURE, ALCOHOL_WITHDRAWAL)
    return is_rescue(drug) or any(excuse in drug.reason or view.known_to_have(excuse) for excuse in excuses)
