"""Cramps are treated, and nobody looked at magnesium or potassium lately."""

from collections.abc import Iterator

from cds_service.facts import (
    CONDITIONS,
    KIDNEY_FUNCTION,
    LABS,
    MAGNESIUM,
    MAGNESIUM_LEVEL,
    MEDICATIONS,
    POTASSIUM,
    POTASSIUM_LEVEL,
    SODIUM,
    SODIUM_LEVEL,
    TEST_ORDERS,
    Analyte,
    View,
)
from cds_service.rules._electrolytes import CRAMP_DRUGS, ordered_for_cramps
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import (
    ACCEPT_R252,
    COUNTED,
    FIRST_VERSION,
    FOR_CRAMP,
    UNREVIEWED,
    cramps,
    drug_fact,
    history,
    order_missing,
    problem_fact,
)

RULE = Rule(
    id="electrolyte-check-missing",
    title="Cramps without a check of electrolytes",
    group="CHK",
    rank=1,
    fires_when=f"a patient has muscle cramps, recorded in the last {COUNTED} days, or a new drug for cramps is "
    f"ordered, and there is no magnesium or no potassium of the last {LABS} days and none under way",
    why_it_matters="The guideline always checks electrolytes first: they are a cause that can be corrected.",
    evidence_note="The interval is ours.",
    when_not="A check is arranged; hospice and end-of-life care.",
    cites=("cramp:L2", "cramp:L15", "cramp:L16", "cramp:L52"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe", "patient-view"}),
    triggers=CRAMP_DRUGS,
    concerns=FOR_CRAMP,
    together=(FOR_CRAMP,),
    lately=COUNTED,
    needs=(CONDITIONS, MAGNESIUM_LEVEL, POTASSIUM_LEVEL),
    reads=(MEDICATIONS, SODIUM_LEVEL, KIDNEY_FUNCTION, TEST_ORDERS),
    thresholds=(LABS, COUNTED),
    switches=(ACCEPT_R252,),
    quiet_in_hospice=True,
    messages={
        "missing": Message(
            "info",
            f"Cramps: no {{usable}}{{missing}} in {LABS} days - check electrolytes before other treatment.",
            "Always check and correct electrolytes first.{history}",
        ),
    },
    override_reasons=("already-monitoring", "patient-preference"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """What was not looked at in somebody with cramps, and is not under way?"""
    about = tuple(draft for draft in ordered_for_cramps(view) if not view.renews(draft))
    found = [] if view.at_order else cramps(view, since=view.days_ago(COUNTED))
    if not about and not found:
        return
    missing = [test for test in (MAGNESIUM, POTASSIUM) if view.lacks(test) and not view.pending(test.key)]
    if missing:
        values = {
            "usable": "usable " if any(view.unused(test) for test in missing) else "",
            "missing": " or ".join(test.key for test in missing),
            "history": "".join(_told(view, test) for test in missing),
        }
        because = [problem_fact(one, "muscle cramps") for one in found]
        because += [drug_fact(view, draft, *CRAMP_DRUGS) for draft in about]
        yield Finding("missing", about, values, tuple(because), order_missing(view, MAGNESIUM, POTASSIUM, SODIUM))


def _told(view: View, test: Analyte) -> str:
    """What there is of a test and does not count, "" for nothing."""
    told = history(view, test)
    return f" {test.words.capitalize()}:{told}" if told else ""
