"""The evidence pages, plain for now: what a rule does, on what it rests, and that nobody has signed it off."""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import Blueprint, abort, render_template, request

from cds_service.evidence import note, reference, told
from cds_service.rules import RULES, coverage
from cds_service.web.auth import callers

blueprint = Blueprint("evidence", __name__)
_BY_ID = {rule.id: rule for rule in RULES}


@blueprint.get("/evidence")
def index() -> str:
    """All rules, and where their guideline comes from."""
    with _in_force():
        return render_template("rules.html", rules=RULES, told=told, provenance=note("provenance"))


# A fixed address goes before one with a part to fill in, so no rule may be called coverage.
@blueprint.get("/evidence/coverage")
def by_line() -> str:
    """The guideline line by line, with the rules that carry each."""
    return render_template("coverage.html", lines=coverage(RULES), provenance=note("provenance"))


@blueprint.get("/evidence/<rule_id>")
def page(rule_id: str) -> str:
    """One rule."""
    rule = _BY_ID.get(rule_id)
    if rule is None:
        abort(404)
    notes = [note(id) for id in rule.notes]
    with _in_force():
        return render_template("rule.html", rule=rule, notes=notes, reference=reference, told=told)


def _in_force() -> AbstractContextManager[None]:
    """The edition that the page tells: the site's, or that of the client whose cards lead to it."""
    try:
        return callers().named(request.args.get("client", "")).in_force()
    except KeyError:
        abort(404)
