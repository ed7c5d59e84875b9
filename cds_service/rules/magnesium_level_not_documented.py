"""Nobody should be given magnesium for cramps before a low level is documented."""

from collections.abc import Iterator

from cds_service.facts import (
    CONDITIONS,
    EVER,
    KIDNEY_FUNCTION,
    LABS,
    MAGNESIUM,
    MAGNESIUM_LEVEL,
    MEDICATIONS,
    POTASSIUM_LEVEL,
    TEST_ORDERS,
    View,
)
from cds_service.rules import _magnesium as magnesium
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._magnesium import MAGNESIUM_DRUGS, PREGNANCY_SOFTENS, WITH_VITAMINS, Kind
from cds_service.rules._proposals import Proposal
from cds_service.rules._shared import ACCEPT_R252, FIRST_VERSION, PREGNANT, UNREVIEWED

_SUMMARY = f"No {{usable}}serum magnesium in the last {LABS} days: document low magnesium before supplementing."
_DETAIL = (
    "Do not prescribe magnesium for cramps without documenting hypomagnesaemia: it is ineffective when magnesium is "
    "normal and dangerous in renal disease.{history}\n\n{action}"
)

RULE = Rule(
    id="magnesium-level-not-documented",
    title="Magnesium supplement without a documented level",
    group="MG",
    rank=4,
    fires_when=f"a magnesium supplement is ordered for cramps or an unknown reason, no serum magnesium of the last "
    f"{LABS} days is on file, and no low magnesium was put on the problem list in the last {EVER} days",
    why_it_matters="Without a level nobody knows whether there is anything to replace.",
    evidence_note="The guideline does not say how old a level may be; the 90 days are ours.",
    notes=("magnesium-normal", "magnesium-limits"),
    when_not="Another reason than cramps; continued treatment of a proven deficiency.",
    cites=("cramp:L16", "cramp:L44", "cramp:L45", "garrison-2020"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=MAGNESIUM_DRUGS,
    needs=(MAGNESIUM_LEVEL,),
    reads=(CONDITIONS, MEDICATIONS, KIDNEY_FUNCTION, POTASSIUM_LEVEL, TEST_ORDERS),
    thresholds=(LABS, EVER, PREGNANT, WITH_VITAMINS),
    switches=(PREGNANCY_SOFTENS, ACCEPT_R252),
    messages={
        "cramps": Message("warning", _SUMMARY, _DETAIL),
        "unclear": Message("info", _SUMMARY, f"No reason for the order is recorded. {_DETAIL}"),
        "renewal": Message("info", _SUMMARY, f"Magnesium is taken already. {_DETAIL}"),
        "pregnancy": Message("info", _SUMMARY, f"In pregnancy the trials conflict. {_DETAIL}"),
    },
    override_reasons=("treated-deficiency", "other-indication", "patient-preference", "will-adjust-elsewhere"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Speak of each supplement that is not for something else, where a level was looked for and there is none."""
    drafts = magnesium.by_mouth(view.ordering, Kind.SUPPLEMENT)
    if not drafts or not view.lacks(MAGNESIUM) or magnesium.recorded_low(view):
        return
    renewal = "renewal" if magnesium.by_mouth(view.taking, Kind.SUPPLEMENT) else magnesium.softening(view)
    values = magnesium.no_level(view)
    for message, about in magnesium.worded(view, drafts, renewal).items():
        offers: tuple[Proposal, ...] = (*magnesium.missing_tests(view), *magnesium.remove(view, about))
        yield Finding(message, about, values, tuple(magnesium.drug_facts(view, about)), offers)
