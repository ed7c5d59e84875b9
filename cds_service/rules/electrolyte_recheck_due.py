"""A low electrolyte was treated, and nobody looked again."""

from collections.abc import Iterator

from cds_service.evidence import Threshold
from cds_service.facts import (
    CONDITIONS,
    LABS,
    MAGNESIUM,
    MAGNESIUM_LEVEL,
    MEDICATIONS,
    POTASSIUM,
    POTASSIUM_LEVEL,
    TEST_ORDERS,
    Reading,
    View,
)
from cds_service.rules import _electrolytes as electrolytes
from cds_service.rules._electrolytes import POTASSIUM_SUPPLEMENTS
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._magnesium import MAGNESIUM_DRUGS, WITH_VITAMINS
from cds_service.rules._shared import (
    ACCEPT_R252,
    FIRST_VERSION,
    UNREVIEWED,
    cramps,
    drug_fact,
    order_tests,
    reading_fact,
)

TREATED = Threshold(
    14,
    "d",
    "days for which a treated electrolyte need not be checked again",
    "house:electrolytes",
    "recheck.afterDays",
    (3, 30),
)
DRUGS = (POTASSIUM_SUPPLEMENTS, *MAGNESIUM_DRUGS)

RULE = Rule(
    id="electrolyte-recheck-due",
    title="Treated electrolyte without a new check",
    group="REC",
    rank=1,
    fires_when=f"magnesium or potassium was low more than {TREATED} and at most {LABS} days ago, its "
    "replacement was started on that day or later and is active, and no newer result is there or under way",
    why_it_matters="Whether the replacement works, or goes on for too long, shows only in a new result.",
    evidence_note="The guideline asks for regular monitoring; the interval is ours.",
    when_not="A check is arranged; hospice and end-of-life care.",
    cites=("cramp:L49", "cramp:L52", "house:electrolytes"),
    hooks=frozenset({"patient-view"}),
    triggers=DRUGS,
    results_within=LABS,
    needs=(MEDICATIONS, MAGNESIUM_LEVEL, POTASSIUM_LEVEL),
    reads=(CONDITIONS, TEST_ORDERS),
    thresholds=(*MAGNESIUM.lows, *POTASSIUM.lows, *MAGNESIUM.severes, *POTASSIUM.severes, LABS, TREATED, WITH_VITAMINS),
    switches=(ACCEPT_R252,),
    quiet_in_hospice=True,
    messages={
        "due": Message(
            "info",
            "{treated}, treated since: recheck is due.",
            "Regular monitoring shows whether the replacement works and when it can end.",
        ),
    },
    override_reasons=("already-monitoring",),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """What is replaced since a low result, and was not looked at again? A severe one with cramps is told elsewhere."""
    taken = [test for test in (MAGNESIUM, POTASSIUM) if electrolytes.replacing(test, view.taking)]
    due = [one for one in electrolytes.abnormal(view, taken) if _is_due(view, one)]
    about = tuple(drug for reading in due for drug in electrolytes.replaced_since(view, reading))
    offers = order_tests(view, *(reading.analyte.key for reading in due))
    if due:
        values = {"treated": ", ".join(f"{electrolytes.told(one)} on {one.day.isoformat()}" for one in due)}
        because = [reading_fact(reading) for reading in due] + [drug_fact(view, drug, *DRUGS) for drug in about]
        yield Finding("due", about, values, tuple(because), offers)


def _is_due(view: View, reading: Reading) -> bool:
    if reading.day >= view.days_ago(TREATED) or view.pending(reading.analyte.key):
        return False
    return bool(electrolytes.replaced_since(view, reading)) and not (reading.severe and cramps(view))
