"""The first baclofen in cirrhosis comes with a plan of checks."""

from collections.abc import Iterator

from cds_service.facts import CONDITIONS, GAP, MEDICATIONS, PATIENT, TEST_ORDERS, View
from cds_service.rules import _baclofen as baclofen
from cds_service.rules._baclofen import BACLOFEN, MOST, OLDER_RANGE, RANGE, SMALL, START
from cds_service.rules._care import FIRST_INTERVAL, FIRST_MONTH
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import CIRRHOSIS, FIRST_VERSION, OLDER, UNREVIEWED, order_tests, problem_fact

RULE = Rule(
    id="baclofen-cirrhosis-monitoring",
    title="New baclofen in cirrhosis",
    group="BAC",
    rank=9,
    fires_when="baclofen by mouth is newly ordered, cirrhosis is active, and there is no hepatic encephalopathy",
    why_it_matters="Encephalopathy, kidney failure and low sodium come unnoticed in cirrhosis.",
    evidence_note="EASL 2018 and AASLD 2021 name baclofen for cramps in cirrhosis; in the liver literature the "
    "sentence on creatinine, sodium and potassium is about diuretics.",
    when_not="The checks are arranged.",
    cites=("cramp:L28", "cramp:L30", "cramp:L51", "easl-2018", "aasld-2021", "elfert-2016", "henry-northup-2015"),
    notes=("encephalopathy", "monitoring"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=(BACLOFEN,),
    needs=(CONDITIONS, MEDICATIONS),
    reads=(TEST_ORDERS, PATIENT),
    thresholds=(START, MOST, SMALL, OLDER, FIRST_MONTH, FIRST_INTERVAL, GAP),
    messages={
        "plan": Message(
            "info",
            "Cirrhosis: baclofen {dose} is first line; plan creatinine, Na, K and encephalopathy checks this month.",
            "Monitor for worsening hepatic encephalopathy, and creatinine, sodium and potassium, especially in the "
            f"first {FIRST_MONTH} days.",
        ),
    },
    override_reasons=("already-monitoring",),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Is a first order of baclofen for somebody with cirrhosis?"""
    about = tuple(baclofen.drafts(view))
    found = view.active(CIRRHOSIS) if about else []
    if not found or not baclofen.is_new(view):
        return
    values = {"dose": str(OLDER_RANGE if view.is_at_least(OLDER) else RANGE)}
    because = (*(problem_fact(one, "cirrhosis") for one in found), *baclofen.facts(view, *about))
    tests = order_tests(view, "creatinine", "sodium", "potassium", in_days=FIRST_INTERVAL.value)
    yield Finding("plan", about, values, because, tests)
