"""What helps against cramps without a drug."""

from collections.abc import Iterator

from cds_service.evidence import Threshold
from cds_service.facts import CONDITIONS, View
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._proposals import Educate
from cds_service.rules._shared import (
    ACCEPT_R252,
    FIRST_VERSION,
    FOR_CRAMP,
    PREGNANT,
    UNREVIEWED,
    cramps,
    is_pregnant,
    problem_fact,
)

RECENT = Threshold(90, "d", "days for which recorded cramps are recent", "house:cramp", "cramp.recentDays", (7, 90))

_SUMMARY = "Cramps: stretching, massage and ice; heat or acupressure can be added - patient handout available."
_DETAIL = (
    "Alongside any drug: stretch and massage the cramping muscle, ice on the area; heat to abdomen or back may reduce "
    "cramping pain."
)

RULE = Rule(
    id="cramps-nonpharmacological",
    title="Cramps: what helps without a drug",
    group="CARE",
    rank=4,
    fires_when=f"muscle cramps are active and were recorded at most {RECENT} days ago, or at an unknown time",
    why_it_matters="It harms nobody, costs nothing, and the guideline asks for it beside every drug.",
    evidence_note="Heat and acupressure were studied in menstrual cramps; for leg cramps the evidence of stretching is "
    "limited.",
    notes=("heat-acupressure", "stretching"),
    when_not="Cramps of another kind than muscle cramps; hospice care.",
    cites=(
        *(f"cramp:L{line}" for line in (1, 2, *range(9, 15), *range(39, 44))),
        "hawke-2021",
        "chen-2013",
    ),
    hooks=frozenset({"patient-view"}),
    concerns=FOR_CRAMP,
    lately=RECENT,
    needs=(CONDITIONS,),
    thresholds=(RECENT, PREGNANT),
    switches=(ACCEPT_R252,),
    quiet_in_hospice=True,
    messages={
        "handout": Message(
            "info",
            _SUMMARY,
            f"{_DETAIL}\n\nComplementary: self-acupressure at LI4 (back of the hand) and SP6 (about four fingers above "
            "the medial malleolus).",
        ),
        "pregnant": Message("info", _SUMMARY.replace("heat or acupressure", "heat"), _DETAIL),
    },
    override_reasons=(),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Were cramps recorded lately? In pregnancy the acupressure is left out."""
    found = cramps(view, since=view.days_ago(RECENT))
    if found:
        because = tuple(problem_fact(one, "muscle cramps") for one in found)
        message = "pregnant" if is_pregnant(view) else "handout"
        yield Finding(message, (), {}, because, (Educate("stretching, massage and ice"),))
