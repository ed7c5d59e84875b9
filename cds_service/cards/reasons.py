"""The override reasons that cards offer (rules 5)."""

from cds_service.cards.card import Coding

SYSTEM = "urn:cds-service:override-reason"
DISPLAYS = {
    "benefit-outweighs-risk": "Benefit outweighs risk for this patient",
    "already-monitoring": "Monitoring already arranged or done",
    "tolerated-long-term": "Long-term therapy, tolerated",
    "other-indication": "Prescribed for another indication",
    "specialist-advice": "On specialist advice",
    "short-course-or-procedural": "Short course or procedural use",
    "palliative-care": "Palliative or end-of-life care",
    "patient-preference": "Informed patient preference",
    "data-outdated-or-wrong": "The data shown are outdated or wrong",
    "will-adjust-elsewhere": "I will adjust dose or order labs separately",
    "treated-deficiency": "Continuing treatment of a proven deficiency",
    "oud-treatment": "Medication for opioid use disorder",
    "not-taking": "Patient is not taking the listed drug",
}
# Those that say that what the card was made of is not true.
WRONG = ("data-outdated-or-wrong", "not-taking")
MOST = 5


def codings(codes: tuple[str, ...]) -> tuple[Coding, ...]:
    """The reasons of a rule as codings, at most five."""
    return tuple(Coding(system=SYSTEM, code=code, display=DISPLAYS[code]) for code in codes[:MOST])
