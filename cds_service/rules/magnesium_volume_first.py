"""Without water and sodium the kidney wastes magnesium: these come first."""

from collections.abc import Iterator

from cds_service.facts import (
    CONDITIONS,
    MAGNESIUM,
    MAGNESIUM_LEVEL,
    SODIUM,
    SODIUM_LEVEL,
    TEST_ORDERS,
    Level,
    View,
)
from cds_service.rules import _magnesium as magnesium
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._magnesium import MAGNESIUM_DRUGS, WITH_VITAMINS, Kind
from cds_service.rules._shared import FIRST_VERSION, UNREVIEWED, order_tests, reading_fact
from cds_service.terminology import valueset

DEPLETION = valueset("volume-depletion")
HYPONATRAEMIA = valueset("hyponatraemia")
STOMA = valueset("high-output-stoma")
SHORT_BOWEL = valueset("short-bowel")
_WHY = (
    "Secondary hyperaldosteronism from depletion of water and sodium increases the renal loss of magnesium; oral "
    "magnesium alone will not hold.\n\nIn cirrhosis a low sodium is usually dilutional: this does not mean giving "
    "saline."
)

RULE = Rule(
    id="magnesium-volume-first",
    title="Water and sodium before magnesium",
    group="MG",
    rank=6,
    fires_when="a magnesium supplement is ordered for a documented low magnesium, and sodium is low, or volume "
    "depletion, a short bowel or a high-output stoma is on the problem list",
    why_it_matters="Magnesium that is replaced before water and sodium is lost again.",
    evidence_note="The sentence comes from guidance on the short bowel; a low sodium in cirrhosis is usually "
    "dilutional.",
    notes=("magnesium-dose", "hyponatraemia"),
    when_not="Depletion was excluded or is being treated.",
    cites=("cramp:L21", "nightingale-2006"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=MAGNESIUM_DRUGS,
    needs=(MAGNESIUM_LEVEL, SODIUM_LEVEL),
    reads=(CONDITIONS, TEST_ORDERS),
    thresholds=(*MAGNESIUM.lows, *SODIUM.lows, WITH_VITAMINS),
    messages={
        "depletion": Message("info", "Low magnesium with {cause}: correct water and sodium first.", _WHY),
        "sodium": Message(
            "info",
            "Low magnesium with {cause}: assess volume; if water or sodium is depleted, correct that first.",
            _WHY,
        ),
    },
    override_reasons=("already-monitoring", "specialist-advice"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Look for depletion where a low level is to be replaced; what is certain goes before what may be dilution."""
    about = magnesium.by_mouth(view.ordering, Kind.SUPPLEMENT)
    if not about or not magnesium.documented_low(view):
        return
    because = (*magnesium.level_facts(view), *magnesium.drug_facts(view, about))
    offers = order_tests(view, "sodium", "potassium", "creatinine", "urine-sodium")
    for condition in (DEPLETION, STOMA, SHORT_BOWEL):
        if view.known_to_have(condition):
            yield Finding("depletion", about, {"cause": condition.title.lower()}, because, offers)
            return
    sodium = view.latest(SODIUM)
    if sodium is not None and sodium.level is Level.LOW:
        yield Finding("sodium", about, {"cause": f"sodium {sodium}"}, (reading_fact(sodium), *because), offers)
    elif view.known_to_have(HYPONATRAEMIA):
        yield Finding("sodium", about, {"cause": HYPONATRAEMIA.title.lower()}, because, offers)
