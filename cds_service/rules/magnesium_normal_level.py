"""Magnesium does not prevent cramps where it is not lacking."""

from collections.abc import Iterator

from cds_service.facts import CONDITIONS, EVER, LABS, MAGNESIUM, MAGNESIUM_LEVEL, MEDICATIONS, Level, View
from cds_service.rules import _magnesium as magnesium
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._magnesium import MAGNESIUM_DRUGS, PREGNANCY_SOFTENS, WITH_VITAMINS, Kind
from cds_service.rules._proposals import Educate, Proposal
from cds_service.rules._shared import ACCEPT_R252, FIRST_VERSION, PREGNANT, UNREVIEWED, judged, reading_fact

_SUMMARY = "Serum magnesium is normal ({level}, {day}): magnesium is not expected to help cramps."
_DETAIL = (
    "Serum magnesium {level} on {day}: {against}. Magnesium is not recommended for routine prophylaxis of cramps when "
    "magnesium is normal, and it is hazardous in renal disease.\n\nConsider stretching, the other electrolytes, and "
    "baclofen if cramps are severe."
)

RULE = Rule(
    id="magnesium-normal-level",
    title="Magnesium supplement with a normal serum magnesium",
    group="MG",
    rank=3,
    fires_when=f"a magnesium supplement is ordered for cramps or an unknown reason and the newest serum magnesium of "
    f"the last {LABS} days is normal, unless it is the effect of treatment",
    why_it_matters="It is taken for cramps by habit; where nothing is lacking it brings diarrhoea and, with weak "
    "kidneys, harm.",
    evidence_note="Cochrane 2020 (11 trials, 735 people) agrees: a meaningful benefit to older adults is unlikely; "
    "in pregnancy the trials conflict. A normal serum level does not exclude depletion.",
    notes=("magnesium-normal", "magnesium-limits"),
    when_not="Another reason than cramps; continued treatment of a proven deficiency.",
    cites=("cramp:L19", "cramp:L45", "garrison-2020", "rosanoff-2022"),
    hooks=frozenset({"order-select", "order-sign", "medication-prescribe"}),
    triggers=MAGNESIUM_DRUGS,
    needs=(MAGNESIUM_LEVEL,),
    reads=(CONDITIONS, MEDICATIONS),
    thresholds=(*MAGNESIUM.lows, *MAGNESIUM.highs, LABS, EVER, PREGNANT, WITH_VITAMINS),
    switches=(PREGNANCY_SOFTENS, ACCEPT_R252),
    messages={
        "cramps": Message("warning", _SUMMARY, _DETAIL),
        "unclear": Message("info", _SUMMARY, f"No reason for the order is recorded. {_DETAIL}"),
        "pregnancy": Message("info", _SUMMARY, f"In pregnancy the trials conflict. {_DETAIL}"),
        "diagnosed": Message(
            "info",
            _SUMMARY,
            f"A low magnesium was put on the problem list after this result; the two disagree. {_DETAIL}",
        ),
    },
    override_reasons=("other-indication", "patient-preference", "treated-deficiency", "data-outdated-or-wrong"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Speak of each supplement that is not for something else, unless a normal level is what it was given for."""
    drafts = magnesium.by_mouth(view.ordering, Kind.SUPPLEMENT)
    level = view.latest(MAGNESIUM) if drafts else None
    if level is None or level.level is not Level.NORMAL or magnesium.treated_low(view):
        return
    values = {"level": str(level), "day": level.day.isoformat(), "against": judged(level)}
    softened = "diagnosed" if magnesium.diagnosed_since(view, level) else magnesium.softening(view)
    for message, about in magnesium.worded(view, drafts, softened).items():
        because = (reading_fact(level), *magnesium.drug_facts(view, about))
        offers: tuple[Proposal, ...] = (*magnesium.remove(view, about, recommended=True), Educate("stretching"))
        yield Finding(message, about, values, because, offers)
