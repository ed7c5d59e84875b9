"""Incapacitating cramps in cirrhosis: the guideline stops the diuretic."""

from collections.abc import Iterator

from cds_service.facts import (
    CONDITIONS,
    KIDNEY_FUNCTION,
    MAGNESIUM,
    MAGNESIUM_LEVEL,
    MEDICATIONS,
    POTASSIUM,
    POTASSIUM_LEVEL,
    SODIUM,
    SODIUM_LEVEL,
    TEST_ORDERS,
    Extent,
    View,
)
from cds_service.rules._baclofen import MOST, RANGE, START
from cds_service.rules._care import ALBUMIN_DOSE, ALBUMIN_LEAST, ALBUMIN_MOST, DIURETICS, without_diuretics
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import (
    ACCEPT_R252,
    CIRRHOSIS,
    FIRST_VERSION,
    FOR_CRAMP,
    UNREVIEWED,
    cramps,
    drug_fact,
    names,
    order_missing,
    problem_fact,
)

_SUMMARY = "Cirrhosis with cramps on {drug}: stop the diuretic if cramps are incapacitating."
_DETAIL = (
    "Diuretics: {all}. Discontinue diuretics if incapacitating muscle cramps develop.\n\nCheck sodium, potassium, "
    "magnesium and creatinine; "
    f"baclofen {RANGE} or albumin {ALBUMIN_DOSE} are options."
)

RULE = Rule(
    id="cirrhosis-cramps-diuretic",
    title="Cramps in cirrhosis on a diuretic",
    group="CARE",
    rank=1,
    fires_when="a patient with cirrhosis and muscle cramps takes a diuretic, or one is ordered; a renewal only if the "
    "cramps are severe",
    why_it_matters="A diuretic is a cause of cramps that can be taken away.",
    evidence_note="EASL 2018 says the same of incapacitating cramps; how severe cramps are is rarely coded.",
    notes=("diuretics", "albumin"),
    when_not="Cramps that are bearable; fluid that cannot be managed without the diuretic.",
    cites=("cramp:L29", "cramp:L31", "easl-2018"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe", "patient-view"}),
    triggers=(DIURETICS,),
    concerns=(CIRRHOSIS,),
    together=((CIRRHOSIS,), (DIURETICS,), FOR_CRAMP),
    needs=(MEDICATIONS, CONDITIONS),
    reads=(KIDNEY_FUNCTION, MAGNESIUM_LEVEL, POTASSIUM_LEVEL, SODIUM_LEVEL, TEST_ORDERS),
    thresholds=(START, MOST, ALBUMIN_LEAST, ALBUMIN_MOST),
    switches=(ACCEPT_R252,),
    messages={
        "incapacitating": Message("warning", _SUMMARY, f"The cramps are recorded as incapacitating. {_DETAIL}"),
        "severe": Message("warning", _SUMMARY, f"The cramps are recorded as severe. {_DETAIL}"),
        "cramps": Message("info", _SUMMARY, _DETAIL),
    },
    override_reasons=("benefit-outweighs-risk", "specialist-advice", "already-monitoring"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Has somebody with cirrhosis and cramps a diuretic, and how bad are the cramps?"""
    about = tuple(view.in_question(DIURETICS))
    found = cramps(view) if about else []
    if not found or not view.has(CIRRHOSIS):
        return
    extent = frozenset[Extent]().union(*(one.extent for one in found))
    bad = next((one.value for one in (Extent.INCAPACITATING, Extent.SEVERE) if one in extent), "")
    if view.at_order and not bad:
        about = tuple(order for order in about if not view.renews(order))
    if about:
        every = ", ".join(sorted({drug.drug.ingredient(DIURETICS) for drug in about}))
        because = [problem_fact(one, "muscle cramps") for one in found]
        because += [drug_fact(view, drug, DIURETICS) for drug in about]
        tests, without = order_missing(view, SODIUM, POTASSIUM, MAGNESIUM), without_diuretics(view, about)
        offers = {"incapacitating": (*without, *tests), "severe": (*tests, *without)}.get(bad, tests)
        values = {"drug": names(about, DIURETICS), "all": every}
        yield Finding(bad or "cramps", about, values, tuple(because), offers)
