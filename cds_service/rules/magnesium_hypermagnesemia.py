"""Magnesium on top of a magnesium that is high already can rise to toxic levels."""

from collections.abc import Iterator

from cds_service.evidence import Threshold
from cds_service.facts import KIDNEY_FUNCTION, MAGNESIUM, MAGNESIUM_LEVEL, MEDICATIONS, TEST_ORDERS, Level, View
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._magnesium import MAGNESIUM_DRUGS, WITH_VITAMINS, by_mouth, drug_facts, remove, salts
from cds_service.rules._shared import (
    FIRST_VERSION,
    UNREVIEWED,
    hold,
    judged,
    kidney_fact,
    kidney_told,
    order_tests,
    reading_fact,
)

# Where a high magnesium is dangerous by itself, in the unit of the laboratory.
_TOXIC = {"mg/dL": (4.0, (3.6, 6.0)), "mmol/L": (1.65, (1.48, 2.47)), "mEq/L": (3.3, (2.96, 4.94))}
TOXIC = {
    unit: Threshold(value, unit, "dangerously high from", "house:lab-limits", f"mg.toxic.{unit}", within)
    for unit, (value, within) in _TOXIC.items()
}
_SUMMARY = "Magnesium {level} is already high ({day}) - adding {salt} can raise it further."
_FOUND = (
    "Serum magnesium {level} on {day}, {against}; {kidney}. Magnesium is renally excreted and can "
    "accumulate to toxic levels."
)
_ACTION = (
    "Check for weakness, low blood pressure and slow reflexes, with an electrocardiogram if there are "
    "symptoms; repeat magnesium and creatinine."
)

RULE = Rule(
    id="magnesium-hypermagnesemia",
    title="Magnesium while serum magnesium is high",
    group="MG",
    rank=1,
    fires_when="magnesium by mouth, of whatever kind, is ordered or taken and the newest serum magnesium is high",
    why_it_matters="What the kidney does not clear adds up: weakness, low blood pressure, arrest of breath and heart.",
    evidence_note="The guideline gives no upper limit; the laboratory's own range decides, else a limit of ours.",
    notes=("magnesium-limits",),
    when_not="The high result was an error, or a specialist directs the treatment.",
    cites=("cramp:L20", "cramp:L45"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe", "patient-view"}),
    triggers=MAGNESIUM_DRUGS,
    needs=(MAGNESIUM_LEVEL, MEDICATIONS),
    reads=(KIDNEY_FUNCTION, TEST_ORDERS),
    thresholds=(*MAGNESIUM.highs, *TOXIC.values(), WITH_VITAMINS),
    messages={
        "toxic": Message("critical", _SUMMARY, f"{_FOUND}\n\nDo not start. {_ACTION}"),
        "high": Message("warning", _SUMMARY, f"{_FOUND}\n\nDo not start. {_ACTION}"),
        "taken": Message(
            "warning",
            "Magnesium {level} is high ({day}) while {salt} is active.",
            f"{_FOUND}\n\nHold it. {_ACTION}",
        ),
    },
    override_reasons=("data-outdated-or-wrong", "specialist-advice", "benefit-outweighs-risk"),
    last_resort="Serum magnesium is already high - adding magnesium can raise it further.",
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Compare every magnesium by mouth with the newest level; how high it is, and the kidney, tell how urgent."""
    about = by_mouth(view.in_question)
    level = view.latest(MAGNESIUM) if about else None
    if level is None or level.level is not Level.HIGH:
        return
    kidney = view.kidney()
    values = {
        "level": str(level),
        "day": level.day.isoformat(),
        "against": judged(level),
        "salt": salts(about),
        "kidney": kidney_told(kidney),
    }
    because = (reading_fact(level), kidney_fact(kidney), *drug_facts(view, about))
    again = order_tests(view, "magnesium", "creatinine")
    if not view.at_order:
        yield Finding("taken", about, values, because, (*hold(about, values["salt"]), *again))
        return
    toxic = level.value >= TOXIC[level.unit].value or kidney.band.is_severe
    yield Finding("toxic" if toxic else "high", about, values, because, (*remove(view, about, True), *again))
