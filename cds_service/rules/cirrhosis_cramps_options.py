"""Cramps in cirrhosis: baclofen first, albumin as the alternative."""

from collections.abc import Iterator

from cds_service.facts import (
    ALLERGIES,
    CONDITIONS,
    KIDNEY_FUNCTION,
    MEDICATIONS,
    POTASSIUM,
    SODIUM,
    TEST_ORDERS,
    Band,
    View,
)
from cds_service.rules._baclofen import BACLOFEN, ENCEPHALOPATHIC, MOST, OLDER_RANGE, RANGE, SMALL, START, offer
from cds_service.rules._care import ALBUMIN_DOSE, ALBUMIN_LEAST, ALBUMIN_MOST
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import (
    ACCEPT_R252,
    CIRRHOSIS,
    FIRST_VERSION,
    FOR_CRAMP,
    OLDER,
    PREGNANT,
    UNREVIEWED,
    cramps,
    kidney_fact,
    order_missing,
    problem_fact,
)

_DETAIL = "Monitor for worsening encephalopathy, and creatinine, sodium and potassium, especially in the first month."

RULE = Rule(
    id="cirrhosis-cramps-options",
    title="Cramps in cirrhosis: the options",
    group="CARE",
    rank=2,
    fires_when="cirrhosis and muscle cramps are active and no baclofen is taken",
    why_it_matters="Cramps are frequent in cirrhosis, and here both options have been tried.",
    evidence_note="EASL 2018 agrees; the trials are small (baclofen in 100 and in 10 patients, albumin in 12).",
    notes=("first-line", "renal-dose", "albumin", "monitoring", "encephalopathy"),
    when_not="Cramps that do not trouble the patient.",
    cites=(
        *(f"cramp:L{line}" for line in (22, 27, 28, 29, 30)),
        *("easl-2018", "aasld-2021", "elfert-2016", "angeli-1996"),
    ),
    hooks=frozenset({"patient-view"}),
    concerns=(CIRRHOSIS,),
    together=(FOR_CRAMP,),
    needs=(CONDITIONS, MEDICATIONS),
    reads=(ALLERGIES, KIDNEY_FUNCTION, POTASSIUM.need, SODIUM.need, TEST_ORDERS),
    thresholds=(START, MOST, SMALL, OLDER, PREGNANT, ENCEPHALOPATHIC, ALBUMIN_LEAST, ALBUMIN_MOST),
    switches=(ACCEPT_R252,),
    messages={
        "options": Message(
            "info",
            "Cramps in cirrhosis: baclofen {dose}{adjust} first line; albumin {albumin} as alternative or add-on.",
            _DETAIL,
        ),
        "albumin": Message(
            "info",
            "Cramps in cirrhosis: albumin {albumin}; baclofen is not advised at this kidney function ({kidney}).",
            f"Baclofen leaves the body by the kidney; that it is not advised here is added to the guideline. {_DETAIL}",
        ),
    },
    override_reasons=("patient-preference", "specialist-advice"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Has a patient with cirrhosis cramps, and no baclofen yet?"""
    found = cramps(view)
    if not found or view.taking(BACLOFEN) or not view.knows(MEDICATIONS):
        return
    kidney = view.kidney()
    older = view.is_at_least(OLDER)
    values = {
        "dose": str(OLDER_RANGE if older else RANGE),
        "adjust": f" (adjust for {kidney.words})" if kidney.band is Band.G3 else "",
        "kidney": kidney.words,
        "albumin": str(ALBUMIN_DOSE),
    }
    because = (*(problem_fact(one, "muscle cramps") for one in found), kidney_fact(kidney))
    message, tests = "albumin" if kidney.band.is_severe else "options", order_missing(view, SODIUM, POTASSIUM)
    yield Finding(message, (), values, because, (*offer(view), *tests))
