"""Whoever is treated for cramps in cirrhosis needs checks, most of all in the first month."""

from collections.abc import Iterator

from cds_service.facts import (
    CONDITIONS,
    CREATININE,
    EGFR,
    EGFR_OLDER,
    GAP,
    KIDNEY_FUNCTION,
    MEDICATIONS,
    POTASSIUM,
    POTASSIUM_LEVEL,
    SODIUM,
    SODIUM_LEVEL,
    TEST_ORDERS,
    View,
)
from cds_service.rules import _care as care
from cds_service.rules._baclofen import BACLOFEN
from cds_service.rules._care import DIURETICS, EARLY, FIRST_INTERVAL, FIRST_MONTH, LATER_INTERVAL
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import (
    ACCEPT_R252,
    CIRRHOSIS,
    FIRST_VERSION,
    UNREVIEWED,
    drug_fact,
    order_tests,
    problem_fact,
)

_DETAIL = "Monitor serum creatinine, sodium and potassium during treatment, especially during the first month."

RULE = Rule(
    id="cirrhosis-treatment-labs-due",
    title="Checks during treatment in cirrhosis",
    group="LAB",
    rank=1,
    fires_when="cirrhosis is active, baclofen is taken, or a diuretic while cramps are active, and creatinine, sodium "
    f"or potassium has no result of the last {FIRST_INTERVAL} days in the first month, or {LATER_INTERVAL} "
    "days later",
    why_it_matters="Kidney function and electrolytes fail unnoticed in cirrhosis.",
    evidence_note="In the liver literature the sentence is about diuretics for ascites; the intervals are ours.",
    when_not="The checks are arranged; hospice and end-of-life care.",
    cites=("cramp:L49", "cramp:L51", "house:cirrhosis-checks"),
    notes=("monitoring",),
    hooks=frozenset({"patient-view"}),
    concerns=(CIRRHOSIS,),
    needs=(CONDITIONS, MEDICATIONS, KIDNEY_FUNCTION, SODIUM_LEVEL, POTASSIUM_LEVEL),
    reads=(TEST_ORDERS,),
    thresholds=(EARLY, FIRST_MONTH, FIRST_INTERVAL, LATER_INTERVAL, GAP),
    switches=(ACCEPT_R252,),
    quiet_in_hospice=True,
    messages={
        "first-month": Message(
            "info", "Cirrhosis, {drug} {start}: creatinine, sodium and potassium are due (first month).", _DETAIL
        ),
        "later": Message("info", "Cirrhosis, {drug} {start}: creatinine, sodium and potassium are due.", _DETAIL),
    },
    override_reasons=("already-monitoring",),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Find the youngest treatment, and what was not looked at since it is due."""
    found = care.youngest_treatment(view)
    if found is None or (found.start is not None and found.start > view.days_ago(EARLY)):
        return
    early = found.start is not None and found.start >= view.days_ago(FIRST_MONTH)
    within = FIRST_INTERVAL if early else LATER_INTERVAL
    no_kidney = all(view.lacks(test, within) for test in (CREATININE, EGFR, EGFR_OLDER))
    missing = [test.key for test in (SODIUM, POTASSIUM) if view.lacks(test, within)]
    due = order_tests(view, *(["creatinine"] if no_kidney else []), *missing)
    if due:
        start = f"started {found.start.isoformat()}" if found.start else "(start unknown)"
        because = tuple(drug_fact(view, one, BACLOFEN, DIURETICS) for one in found.about)
        problems = tuple(problem_fact(one, "cirrhosis") for one in view.active(CIRRHOSIS))
        values = {"drug": found.drug, "start": start}
        yield Finding("first-month" if early else "later", found.about, values, (*problems, *because), due)
