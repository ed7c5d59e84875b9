"""The evidence pages: what a rule does and shows, on what it rests, how it decides, and who has signed it off."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, current_app, render_template, request

from cds_service.cards.reasons import DISPLAYS
from cds_service.evidence import note, reference, told
from cds_service.rules import INDICATORS, RULES, Indicator, Rule, coverage
from cds_service.store.figures import WEEKS, Counted, Figure, Figures
from cds_service.web import cds
from cds_service.web.auth import callers

blueprint = Blueprint("evidence", __name__)
# What is only written: it takes seconds, and no hook shall wait for it.
printed = Blueprint("printed", __name__)
_BY_ID = {rule.id: rule for rule in RULES}
# Seconds for which a static export waits for figures: nobody waits for it.
_PATIENTLY = 30.0


@dataclass(frozen=True, slots=True)
class Theme:
    """Rules that a committee reads together."""

    id: str
    title: str
    groups: tuple[str, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Its rules in the order in which their cards go before each other."""
        found = (rule for group in self.groups for rule in RULES if rule.group == group)
        return tuple(sorted(found, key=lambda rule: (self.groups.index(rule.group), rule.rank)))


# Every group of cards stands in one theme.
THEMES = (
    Theme("baclofen", "Baclofen: dose, kidney, liver, age, and stopping it", ("BAC", "STOP")),
    Theme("magnesium", "Magnesium", ("MG",)),
    Theme("electrolytes", "Electrolytes: corrected first, and checked again", ("EL", "CHK", "REC")),
    Theme("sedatives", "Benzodiazepines and opioids", ("BZO",)),
    Theme("relaxants", "Cyclobenzaprine, methocarbamol and other muscle relaxants", ("CYC", "MET")),
    Theme("quinine", "Quinine", ("QUI",)),
    Theme("albumin", "Albumin", ("ALB",)),
    Theme("care", "When the chart is opened: care of cramps, and checks in cirrhosis", ("CARE", "LAB")),
)


# When a rule is asked.
HOOKS = {
    "patient-view": "when the chart is opened",
    "order-select": "while an order is chosen",
    "order-sign": "when orders are signed",
    "medication-prescribe": "when a medication is prescribed (old clients)",
}


@blueprint.app_template_filter()
def capital(text: str) -> str:
    """A text that begins a sentence."""
    return text[:1].upper() + text[1:]


@blueprint.app_template_filter()
def share(figure: Figure, kind: str) -> str:
    """How many of a hundred cards that were shown; nothing where none was."""
    return f" ({figure[kind] / figure['shown']:.0%})" if figure["shown"] else ""


@blueprint.app_template_filter()
def unit(ucum: str) -> str:
    """A unit as people write it: mL/min/{1.73_m2} without the marks of UCUM."""
    return {"1": "", "d": "days", "a": "years"}.get(ucum, ucum.replace("{", "").replace("}", "").replace("_", " "))


@blueprint.get("/evidence")
def index() -> str:
    """All rules by theme, and where their guideline comes from."""
    with _in_force():
        return _rendered("rules.html", themes=THEMES, urgency=urgency, figures=figures(), signed=_signed())


# A fixed address goes before one with a part to fill in, so no rule may be called coverage, codes or all.
@blueprint.get("/evidence/coverage")
def by_line() -> str:
    """The guideline as one reads it, with the rules that carry each line."""
    from cds_service.web.outline import outline, words

    with _in_force():
        return _rendered("coverage.html", blocks=list(outline(coverage(RULES))), words=words)


@blueprint.get("/evidence/codes")
def codes() -> str:
    """All value sets, or what of them a query finds."""
    from cds_service.web.codes import matching, shown

    query = request.args.get("q", "").strip()
    with _in_force():
        return _rendered("codes.html", query=query, found=matching(query) if query else shown(), all=shown())


@printed.get("/evidence/all")
def everything() -> str:
    """All that is told of all rules, to be printed."""
    from cds_service.web.outline import outline, words

    with _in_force():
        blocks = list(outline(coverage(RULES)))
        told = {"figures": figures(), "blocks": blocks, "words": words, "opened": True}
        return _rendered("all.html", themes=THEMES, parts=parts, **told)


@blueprint.get("/evidence/<rule_id>")
def page(rule_id: str) -> str:
    """One rule."""
    rule = _BY_ID.get(rule_id)
    if rule is None:
        abort(404)
    with _in_force():
        return _rendered("rule.html", **parts(rule), figures=figures())


def parts(rule: Rule) -> dict[str, Any]:
    """What a rule's page tells of it beside its form."""
    # Loaded at the first page, for no hook needs it.
    from cds_service.web import codes
    from cds_service.web.examples.shown import played
    from cds_service.web.fingerprint import changed, fingerprint
    from cds_service.web.source import check_of, module_of

    return {
        "rule": rule,
        "theme": next(theme for theme in THEMES if rule.group in theme.groups),
        "notes": [note(id) for id in rule.notes],
        "lines": [carried.line for carried in coverage([rule]) if carried.rules],
        "played": played(rule),
        "valuesets": codes.of(rule),
        "check": check_of(rule.id),
        "module": module_of(rule.id),
        "fingerprint": fingerprint(rule),
        "changed_since": changed(rule.signed.version, rule) if rule.signed else (),
    }


def urgency(rule: Rule) -> Indicator:
    """The most urgent indicator that a rule may show."""
    return min((message.indicator for message in rule.messages.values()), key=INDICATORS.index)


def figures() -> Counted | None:
    """How often each rule was shown lately and what was done with it; None if that is not known."""
    found: Figures | None = current_app.extensions["cds_figures"]
    if found is None:
        return None
    return found.latest(_PATIENTLY) if _offline() else found.latest()


def _signed() -> int:
    return sum(rule.signed is not None for rule in RULES)


def _rendered(template: str, **values: Any) -> str:
    from cds_service.web.markdown import safe_html

    common = {
        "at": at,
        "told": told,
        "reference": reference,
        "provenance": note("provenance"),
        "reasons": DISPLAYS,
        "safe_html": safe_html,
        "hook_words": HOOKS,
        "weeks": WEEKS,
        "today": cds.settings().today,
        "offline": _offline(),
    }
    return render_template(template, **common | values)


def _offline() -> bool:
    """Whether the pages are being written to be read without the service."""
    return bool(current_app.config.get("CDS_OFFLINE"))


def _client() -> str:
    return request.args.get("client", "")


def at(path: str) -> str:
    """The address of a page that tells the same edition as this one."""
    address, mark, place = path.partition("#")
    told = f"?{urlencode({'client': _client()})}" if _client() else ""
    return f"{address}{told}{mark}{place}"


def _in_force() -> AbstractContextManager[None]:
    """The edition that the page tells: the site's, or that of the client whose cards lead to it."""
    try:
        return callers().named(_client()).in_force()
    except KeyError:
        abort(404)
