"""What is known of one patient at one moment: the words in which rules are written."""

from cds_service.facts.medication import CERTAIN, JUST_ENDED, NO_END, Drug, Medication, ProposedOrder, State
from cds_service.facts.needs import (
    ALLERGIES,
    CARE_ORDERS,
    CONDITIONS,
    DRUG,
    ENCOUNTER,
    MEDICATIONS,
    PATIENT,
    STATEMENTS,
    Need,
)
from cds_service.facts.person import Age, Person
from cds_service.facts.problem import Problem, Reason
from cds_service.facts.snapshot import RECENT_PALLIATIVE, Snapshot, View

__all__ = [
    "ALLERGIES",
    "CARE_ORDERS",
    "CERTAIN",
    "CONDITIONS",
    "DRUG",
    "ENCOUNTER",
    "JUST_ENDED",
    "MEDICATIONS",
    "NO_END",
    "PATIENT",
    "RECENT_PALLIATIVE",
    "STATEMENTS",
    "Age",
    "Drug",
    "Medication",
    "Need",
    "Person",
    "Problem",
    "ProposedOrder",
    "Reason",
    "Snapshot",
    "State",
    "View",
]
