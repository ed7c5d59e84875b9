"""Who takes magnesium for weeks needs a look at magnesium and kidneys."""

from collections.abc import Iterator

from cds_service.evidence import Threshold
from cds_service.facts import (
    CONDITIONS,
    CREATININE,
    EGFR,
    EGFR_OLDER,
    GAP,
    KIDNEY_FUNCTION,
    LABS,
    MAGNESIUM,
    MAGNESIUM_LEVEL,
    MEDICATIONS,
    TEST_ORDERS,
    View,
)
from cds_service.rules import _magnesium as magnesium
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._magnesium import MAGNESIUM_DRUGS, WITH_VITAMINS, Kind
from cds_service.rules._shared import FIRST_VERSION, UNREVIEWED, order_tests

STARTED = Threshold(
    30, "d", "time on magnesium after which a check is due", "house:magnesium", "mg.monitorAfterDays", (7, 180)
)

RULE = Rule(
    id="magnesium-monitoring-due",
    title="Magnesium without a recent check",
    group="MG",
    rank=9,
    fires_when=f"a magnesium supplement has been taken for {STARTED} days or longer, and there is no serum "
    f"magnesium, or no creatinine or eGFR, of the last {LABS} days",
    why_it_matters="The level may have become normal, and the kidney weaker, without anybody looking.",
    evidence_note="The guideline asks for regular monitoring; the intervals are ours.",
    notes=("magnesium-normal",),
    when_not="A check is arranged; the patient does not take it any more; hospice and end-of-life care.",
    cites=("cramp:L52", "cramp:L20", "cramp:L34"),
    hooks=frozenset({"patient-view"}),
    triggers=MAGNESIUM_DRUGS,
    needs=(MEDICATIONS, MAGNESIUM_LEVEL, KIDNEY_FUNCTION),
    reads=(CONDITIONS, TEST_ORDERS),
    thresholds=(STARTED, LABS, GAP, WITH_VITAMINS),
    quiet_in_hospice=True,
    messages={
        "due": Message(
            "info",
            f"On magnesium {{start}}: no serum {{missing}} in {LABS} days - recheck and review need.",
            "Magnesium is renally excreted and can accumulate; once magnesium is normal the need may be over.",
        ),
    },
    override_reasons=("already-monitoring", "not-taking"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Ask who has taken a supplement for long, or since nobody knows when, what was not looked at lately."""
    about = magnesium.by_mouth(view.taking, Kind.SUPPLEMENT)
    start = magnesium.since(view, about)
    late = start is None or start <= view.days_ago(STARTED)
    if not about or not late or view.kidney().band.is_severe:
        return
    no_kidney = all(view.lacks(test) for test in (CREATININE, EGFR, EGFR_OLDER))
    missing = [*(["magnesium"] if view.lacks(MAGNESIUM) else []), *(["creatinine"] if no_kidney else [])]
    due = order_tests(view, *missing)
    if due:
        values = {
            "start": f"since {start.isoformat()}" if start else "(start unknown)",
            "missing": " or ".join(missing),
        }
        yield Finding("due", about, values, tuple(magnesium.drug_facts(view, about)), due)
