"""What began after baclofen may come of it."""

from collections.abc import Iterator

from cds_service.evidence import Threshold
from cds_service.facts import CONDITIONS, GAP, MEDICATIONS, PATIENT, View
from cds_service.rules import _baclofen as baclofen
from cds_service.rules._baclofen import BACLOFEN
from cds_service.rules._kit import Finding, Message, Rule
from cds_service.rules._shared import FIRST_VERSION, OLDER, UNREVIEWED, problem_fact
from cds_service.rules._taper import OFFERED, taper
from cds_service.terminology import valueset

RECENT = Threshold(
    90,
    "d",
    "how long ago an adverse effect may have been recorded",
    "house:list-age",
    "baclofen.adverseDays",
    (30, 730),
)
CONFUSION = valueset("confusion")
FALLS = valueset("falls")
# Of an older adult these are as grave as confusion is of anybody.
GRAVE = tuple(valueset(name) for name in ("somnolence", "urinary-retention"))
OTHER = tuple(
    valueset(name)
    for name in (
        *("dizziness", "muscle-weakness", "urinary-dysfunction", "cognitive-impairment", "gastrointestinal-upset"),
        "constipation",
    )
)
_SUMMARY = "{effect} recorded after baclofen was started: possible adverse effect - consider a lower dose (taper)."
_DETAIL = "Lower the dose slowly: stopping baclofen at once after prolonged use can cause withdrawal."

RULE = Rule(
    id="baclofen-adverse-effect-review",
    title="Possible adverse effect of baclofen",
    group="BAC",
    rank=8,
    fires_when="dizziness, somnolence, weakness, or urinary, gastrointestinal or cognitive effects, from "
    f"{OLDER} years on also a fall, were recorded within {RECENT} days, and since baclofen was begun",
    why_it_matters="These are the effects to watch for, and a lower dose may end them.",
    evidence_note="The guideline names the effects; a fall, and which of them are urgent, is added.",
    when_not="Another cause was found.",
    cites=("cramp:L7", "cramp:L25", "cramp:L49", "cramp:L50", "fda-baclofen-label"),
    hooks=frozenset({"patient-view"}),
    triggers=(BACLOFEN,),
    needs=(MEDICATIONS, CONDITIONS, PATIENT),
    thresholds=(RECENT, OLDER, GAP, *OFFERED),
    messages={
        "grave": Message("warning", _SUMMARY, _DETAIL),
        "possible": Message("info", _SUMMARY, _DETAIL),
    },
    override_reasons=("tolerated-long-term", "other-indication"),
    reviewed=UNREVIEWED,
    revisions=FIRST_VERSION,
)


def check(view: View) -> Iterator[Finding]:
    """Look for what was recorded since baclofen was begun, the gravest first."""
    about = tuple(baclofen.taken(view))
    start = baclofen.use(view, about).start
    if not about or start is None:
        return
    since, older = max(start, view.days_ago(RECENT)), view.is_at_least(OLDER)
    grave = (CONFUSION, *GRAVE, FALLS) if older else (CONFUSION,)
    found = [
        (effect, one)
        for effect in dict.fromkeys((*grave, *GRAVE, *OTHER))
        for one in view.active(effect)
        if one.recorded is not None and one.recorded >= since
    ]
    if not found:
        return
    worst = found[0][0]
    because = (*(problem_fact(one, effect.title.lower()) for effect, one in found), *baclofen.facts(view, *about))
    yield Finding("grave" if worst in grave else "possible", about, {"effect": worst.title}, because, taper(view))
