"""How much albumin a week the guideline gives for cramps in cirrhosis."""

from collections.abc import Iterator

from cds_service.facts import CONDITIONS, View, highest, steps, weekly_g
from cds_service.rules._care import ALBUMIN_DOSE, ALBUMIN_LEAST, ALBUMIN_MOST
from cds_service.rules._kit import Fact, Finding, Message, Rule
from cds_service.rules._proposals import GiveWeekly
from cds_service.rules._shared import ACCEPT_R252, FIRST_VERSION, UNREVIEWED, drug_fact, reason_is_cramp
from cds_service.terminology import valueset

ALBUMIN = valueset("albumin")

_SUMMARY = f"Albumin {{grams}} g/week: for cramps in cirrhosis the guideline range is {ALBUMIN_DOSE}."
_DETAIL = "Human albumin is the alternative to baclofen, or is added to it, for cramps in cirrhosis."

RULE = Rule(
    id="albumin-cramp-dose",
    title="Dose of albumin for cramps",
    group="ALB",
    rank=1,
    fires_when="albumin is ordered with cramp as its coded reason, and the week's dose can be computed and is below "
    f"{ALBUMIN_LEAST} or above {ALBUMIN_MOST} g",
    why_it_matters="More burdens the circulation, less was not tried.",
    evidence_note="EASL 2018 gives the same range; it rests on a trial in twelve patients (Angeli 1996).",
    notes=("albumin",),
    when_not="Albumin for paracentesis, peritonitis or the hepatorenal syndrome, or without a reason.",
    cites=("cramp:L29", "easl-2018", "angeli-1996"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(ALBUMIN,),
    needs=(CONDITIONS,),
    thresholds=(ALBUMIN_LEAST, ALBUMIN_MOST),
    switches=(ACCEPT_R252,),
    messages={
        "above": Message("info", _SUMMARY, f"{_DETAIL} More than the range raises the risk of fluid overload."),
        "below": Message("info", _SUMMARY, _DETAIL),
    },
    override_reasons=("other-indication", "specialist-advice"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """For each order with cramp as its reason: how much is it in a week?"""
    for order in view.ordering(ALBUMIN):
        grams = highest(weekly_g(step) for step in steps(order.dosage()))
        if grams is None or not reason_is_cramp(view, order) or ALBUMIN_LEAST.value <= grams <= ALBUMIN_MOST.value:
            continue
        message = "above" if grams > ALBUMIN_MOST.value else "below"
        because = (drug_fact(view, order, ALBUMIN), Fact("albumin a week", f"{grams:g}", "g"))
        change = GiveWeekly(order, order.drug.ingredient(ALBUMIN), ALBUMIN_LEAST)
        yield Finding(message, (order,), {"grams": f"{grams:g}"}, because, (change,))
