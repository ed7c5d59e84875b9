"""Baclofen is raised slowly: ten milligrams a week."""

from collections.abc import Iterator

from cds_service.facts import CONDITIONS, GAP, MEDICATIONS, View
from cds_service.rules import _baclofen as baclofen
from cds_service.rules._baclofen import BACLOFEN, MOST, STEP, WEEK
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import ACCEPT_R252, FIRST_VERSION, UNREVIEWED
from cds_service.rules._taper import AT_ONCE, divided, in_tablets

_SUMMARY = f"Baclofen {{before}} -> {{dose}} mg/day: increase by at most {STEP} mg/day each week."
_DETAIL = f"Titrate weekly by {STEP} mg to a maximum of {MOST} mg/day if needed."
_SOON = "{before} mg/day has been taken, or is planned, for {days} days only."
_UNKNOWN = "What it is for is not coded."

RULE = Rule(
    id="baclofen-titration",
    title="How fast baclofen is raised",
    group="BAC",
    rank=7,
    fires_when=f"an order of baclofen by mouth, for cramps or for no known reason, raises the dose by more than "
    f"{STEP} mg a day, or sooner than {WEEK} days after the last change",
    why_it_matters="The effect of a dose, and its harm, show within days.",
    evidence_note="The label raises faster, by 15 mg a day every three days, in spasticity.",
    when_not="Another indication; a dose that was taken before and is resumed.",
    cites=("cramp:L2", "cramp:L6", "fda-baclofen-label"),
    notes=("label-doses",),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(BACLOFEN,),
    needs=(MEDICATIONS, CONDITIONS),
    thresholds=(STEP, WEEK, MOST, GAP, AT_ONCE),
    switches=(ACCEPT_R252,),
    messages={
        "step": Message("warning", _SUMMARY, _DETAIL),
        "interval": Message("warning", _SUMMARY, f"{_SOON} {_DETAIL}"),
        "step-unknown": Message("info", _SUMMARY, f"{_UNKNOWN} {_DETAIL}", reason="step"),
        "interval-unknown": Message("info", _SUMMARY, f"{_UNKNOWN} {_SOON} {_DETAIL}", reason="interval"),
    },
    override_reasons=("specialist-advice", "tolerated-long-term", "other-indication"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Follow the doses from the present one through the steps of each order, up to the first rise that is too fast."""
    for order, purpose in baclofen.for_cramps(view):
        now, most = baclofen.current_mg(view), baclofen.most_mg(order)
        if most is None or most > MOST.value or (now is None and not baclofen.is_new(view)):
            continue
        rise = baclofen.fast_rise(view, order)
        if rise is None:
            continue
        before, after, days = rise
        found = "step" if after - before > STEP.value else "interval"
        dose = in_tablets(min(before + STEP.value, MOST.value), more=False) if found == "step" else before
        offers = baclofen.redose(view, order, divided(dose)) if now == before else ()
        values = {"before": f"{before:g}", "dose": f"{after:g}", "days": f"{days or 0:g}"}
        message = found if purpose == "cramp" else f"{found}-unknown"
        yield Finding(message, (order,), values, baclofen.facts(view, order), offers)
