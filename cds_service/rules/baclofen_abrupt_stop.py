"""Baclofen that was taken for long must not end at once."""

from collections.abc import Iterator

from cds_service.facts import CONDITIONS, GAP, JUST_ENDED, KIDNEY_FUNCTION, MEDICATIONS, View
from cds_service.rules import _baclofen as baclofen
from cds_service.rules import _stopping as stopping
from cds_service.rules._baclofen import BACLOFEN, MOST, STEP
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import FIRST_VERSION, UNREVIEWED
from cds_service.rules._stopping import LARGE
from cds_service.rules._taper import DROP, LONGER, OFFERED, PROLONGED, SHORTEST, TOXIC

_SUMMARY = "Baclofen{use}: taper slowly - stopping at once can cause withdrawal."
_ENDS = "Baclofen ends {day}: plan a taper."
_SIGNS = "rebound spasm, hallucinations, confusion, fever, seizures"
_DETAIL = f"Withdrawal: {_SIGNS}. Taper by at most {DROP} mg/day a week.{{toxic}}"
_ASK = (
    f"It ended on {{day}}. Ask about {_SIGNS}; with any of them it may have to be started again and tapered.{{toxic}}"
)
_LARGE = f"This order lowers the dose in one large step. {_DETAIL}"

RULE = Rule(
    id="baclofen-abrupt-stop",
    title="Stopping baclofen after prolonged use",
    group="STOP",
    rank=1,
    fires_when=f"baclofen by mouth, taken for {PROLONGED} days or longer, is stopped, lowered faster than by "
    f"{DROP} mg a day in a step and {SHORTEST} days in all, or ends within {JUST_ENDED} days, "
    "without a taper",
    why_it_matters="Withdrawal of baclofen can kill.",
    evidence_note=f"No source gives a length or a speed: {PROLONGED} days, and {DROP} mg/day a step over "
    f"at least {SHORTEST} days, are ours; labels ask for one to two weeks.",
    when_not="Serious toxicity; a change of product; a pump, which has an emergency protocol of its own.",
    cites=("cramp:L8", "cramp:L44", "cramp:L48", "fda-baclofen-label", "baclofen-monograph", "henry-northup-2015"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe", "patient-view"}),
    triggers=(BACLOFEN,),
    afterwards=True,
    needs=(MEDICATIONS,),
    reads=(CONDITIONS, KIDNEY_FUNCTION),
    thresholds=(PROLONGED, SHORTEST, LONGER, LARGE, TOXIC, JUST_ENDED, GAP, STEP, MOST, *OFFERED),
    messages={
        "stop": Message("warning", _SUMMARY, _DETAIL),
        "taper-too-fast": Message("warning", _SUMMARY, f"This schedule goes down faster. {_DETAIL}"),
        "large-reduction": Message("info", _SUMMARY, _LARGE),
        "very-large-reduction": Message("warning", _SUMMARY, _LARGE, reason="large-reduction"),
        "end-date": Message("info", _ENDS, f"Use is prolonged, and the order ends without a taper. {_DETAIL}"),
        "recent-stop": Message("warning", _SUMMARY, _ASK),
        "ending": Message("info", _ENDS, f"Use is prolonged, and nothing follows. {_DETAIL}"),
    },
    override_reasons=(
        *("short-course-or-procedural", "will-adjust-elsewhere", "not-taking", "benefit-outweighs-risk"),
        "specialist-advice",
    ),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Find what ends too fast, in the orders or in the chart, and tell how long it was taken."""
    for event in stopping.ordered(view) if view.at_order else stopping.charted(view):
        values = {"use": stopping.told(event), "day": event.on.isoformat(), "toxic": stopping.toxicity(view)}
        because = baclofen.facts(view, *event.about)
        yield Finding(event.message, event.about, values, because, event.offers)
