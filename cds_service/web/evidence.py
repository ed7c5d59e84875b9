"""The evidence pages, plain for now: what a rule does, on what it rests, and that nobody has signed it off."""

from __future__ import annotations

from flask import Blueprint, abort, render_template

from cds_service.evidence import note, reference
from cds_service.rules import RULES

blueprint = Blueprint("evidence", __name__)
_BY_ID = {rule.id: rule for rule in RULES}


@blueprint.get("/evidence")
def index() -> str:
    """All rules, and where their guideline comes from."""
    return render_template("rules.html", rules=RULES, provenance=note("provenance"))


@blueprint.get("/evidence/<rule_id>")
def page(rule_id: str) -> str:
    """One rule."""
    rule = _BY_ID.get(rule_id)
    if rule is None:
        abort(404)
    return render_template("rule.html", rule=rule, notes=[note(id) for id in rule.notes], reference=reference)
