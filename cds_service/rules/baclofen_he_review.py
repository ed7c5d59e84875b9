"""Encephalopathy of the liver while baclofen is taken."""

from collections.abc import Iterator

from cds_service.facts import CONDITIONS, GAP, MEDICATIONS, TEST_ORDERS, View
from cds_service.rules import _baclofen as baclofen
from cds_service.rules._baclofen import BACLOFEN, ENCEPHALOPATHY
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._proposals import Proposal
from cds_service.rules._shared import FIRST_VERSION, UNREVIEWED, order_tests, problem_fact
from cds_service.rules._taper import OFFERED, taper

_DETAIL = (
    "Baclofen can worsen encephalopathy, and too much of it looks like it. Check creatinine, sodium and potassium; "
    "lower the dose slowly. If toxicity is suspected, stopping may be needed under observation; watch for withdrawal."
)

RULE = Rule(
    id="baclofen-he-review",
    title="Hepatic encephalopathy on baclofen",
    group="BAC",
    rank=3,
    fires_when="baclofen by mouth is taken and hepatic encephalopathy is active",
    why_it_matters="One may be the cause of the other.",
    evidence_note="The guideline asks to monitor for worsening; encephalopathy is also the picture of accumulated "
    "baclofen.",
    when_not="A hepatologist directs the treatment.",
    cites=("cramp:L30", "muanda-2019"),
    notes=("encephalopathy",),
    hooks=frozenset({"patient-view"}),
    triggers=(BACLOFEN,),
    needs=(MEDICATIONS, CONDITIONS),
    reads=(TEST_ORDERS,),
    thresholds=(GAP, *OFFERED),
    messages={
        "since": Message(
            "warning",
            "Hepatic encephalopathy recorded{day} while on baclofen: review dose, consider taper.",
            _DETAIL,
        ),
        "before": Message(
            "info",
            "Hepatic encephalopathy recorded{day}, before baclofen: review dose, consider taper.",
            _DETAIL,
        ),
    },
    override_reasons=("specialist-advice", "already-monitoring"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Did the latest encephalopathy come after baclofen was begun?"""
    about = tuple(baclofen.taken(view))
    found = view.active(ENCEPHALOPATHY) if about else []
    if not found:
        return
    start, recorded = baclofen.use(view, about).start, found[-1].recorded
    before = start is not None and recorded is not None and recorded < start
    values = {"day": f" {recorded.isoformat()}" if recorded else ""}
    because = (*(problem_fact(one, "hepatic encephalopathy") for one in found), *baclofen.facts(view, *about))
    offers: tuple[Proposal, ...] = (*taper(view), *order_tests(view, "creatinine", "sodium", "potassium"))
    yield Finding("before" if before else "since", about, values, because, offers)
