"""Summary: the figures as a committee asks for them, for JSON and for the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from cds_service.batch.call import Terms
from cds_service.batch.figures import CALLS, ENDLESS, ORDERS, PATIENTS, QUIET, UNDATED, UNPLAYED, UNREAD, Figures
from cds_service.cards.unchecked import NOT_EVALUATED
from cds_service.facts.needs import WORDS
from cds_service.rules import INDICATORS, ORDER_HOOKS, RULES, Rule

_SHOWN = "shown"
_BECAME = ("shown", "merged", "suppressed", "shadow", "not-evaluated")
Json = dict[str, Any]


def summary(figures: Figures, terms: Terms) -> Json:
    """Cards by hook, rule, indicator, drug, year and age; what was missing; and what the figures leave out."""
    return {
        "patients": figures.number(PATIENTS),
        "hooks": {hook: _hook(figures, hook) for hook in terms.hooks},
        "rules": [found for rule in RULES if (found := _rule(figures, rule, terms))],
        "indicators": {hook: _indicators(figures, hook) for hook in terms.hooks},
        "drugs": {hook: _drugs(figures, hook) for hook in terms.hooks if hook in ORDER_HOOKS},
        "years": {hook: _of(figures, hook, "year") for hook in terms.hooks},
        "ages": {hook: _of(figures, hook, "age") for hook in terms.hooks},
        "missing": {hook: _missing(figures, hook) for hook in terms.hooks},
        "notEvaluated": _not_evaluated(figures),
        "notPlayed": figures.by("why", UNPLAYED),
        "unread": figures.by("why", UNREAD),
        "undated": figures.by("why", UNDATED),
        "endedAtAnUnknownTime": figures.by("why", ENDLESS),
    }


def rate(number: int, of: int) -> float | None:
    """How many in a hundred, to two places; None of nothing."""
    return round(100 * number / of, 2) if of else None


def _hook(figures: Figures, hook: str) -> Json:
    calls, orders = figures.number(CALLS, hook=hook), figures.number(ORDERS, hook=hook)
    cards, quiet = figures.number(_SHOWN, hook=hook), figures.number(QUIET, hook=hook)
    told = {"calls": calls, "callsWithoutACard": quiet, "cards": cards, "cardsPer100Calls": rate(cards, calls)}
    if hook in ORDER_HOOKS:
        told |= {"orders": orders, "cardsPer100Orders": rate(cards, orders)}
    return told | {"cardsPer100Patients": rate(cards, figures.number(PATIENTS))}


def _rule(figures: Figures, rule: Rule, terms: Terms) -> Json:
    """What became of what a rule said at each hook at which it said anything."""
    told = {}
    for hook in terms.hooks:
        became = {what: figures.number(what, rule=rule.id, hook=hook) for what in _BECAME}
        if any(became.values()):
            told[hook] = became | {
                "indicators": figures.by("indicator", _SHOWN, rule=rule.id, hook=hook),
                "suppressedBy": figures.by("by", "suppressed", rule=rule.id, hook=hook),
                "cardsPer100Orders": rate(became[_SHOWN], figures.number(ORDERS, hook=hook)),
                "cardsPer100Patients": rate(became[_SHOWN], figures.number(PATIENTS)),
            }
    return {"rule": rule.id, "title": rule.title, "hooks": told} if told else {}


def _indicators(figures: Figures, hook: str) -> Json:
    found = figures.by("indicator", _SHOWN, hook=hook)
    return {
        name: {
            "cards": found.get(name, 0),
            "cardsPer100Orders": rate(found.get(name, 0), figures.number(ORDERS, hook=hook)),
            "cardsPer100Patients": rate(found.get(name, 0), figures.number(PATIENTS)),
        }
        for name in INDICATORS
    }


def _drugs(figures: Figures, hook: str) -> list[Json]:
    """By drug; a card about orders of two drugs counts for either."""
    cards: Counter[str] = Counter()
    for drugs, number in figures.by("drug", _SHOWN, hook=hook).items():
        cards.update(dict.fromkeys(drugs.split(" + "), number))
    orders = figures.by("drug", ORDERS, hook=hook)
    return [
        {"drug": drug, "orders": number, "cards": cards[drug], "cardsPer100Orders": rate(cards[drug], number)}
        for drug, number in sorted(orders.items(), key=lambda one: (-cards[one[0]], one[0]))
    ]


def _of(figures: Figures, hook: str, member: str) -> list[Json]:
    """By year, or by age band."""
    calls, orders = figures.by(member, CALLS, hook=hook), figures.by(member, ORDERS, hook=hook)
    cards = figures.by(member, _SHOWN, hook=hook)
    return [
        {
            member: value,
            "calls": number,
            "orders": orders.get(value, 0),
            "cards": cards.get(value, 0),
            "cardsPer100Orders": rate(cards.get(value, 0), orders.get(value, 0)),
            "cardsPer100Calls": rate(cards.get(value, 0), number),
        }
        for value, number in calls.items()
    ]


def _missing(figures: Figures, hook: str) -> list[Json]:
    """The data that cards named as not known, and on how many in a hundred calls."""
    calls = figures.number(CALLS, hook=hook)
    found: Mapping[str, int] = figures.by("need", "missing", hook=hook)
    return [
        {"need": need, "words": WORDS[need], "calls": number, "per100Calls": rate(number, calls)}
        for need, number in found.items()
    ]


def _not_evaluated(figures: Figures) -> list[Json]:
    """Which rules could not be evaluated, for want of what, and why."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for cell, number in figures.cells.items():
        if cell.what == NOT_EVALUATED:
            found[cell.hook, cell.rule, cell.need, cell.why] += number
    return [
        {"hook": hook, "rule": rule, "need": need, "why": why, "calls": number}
        for (hook, rule, need, why), number in sorted(found.items())
    ]
