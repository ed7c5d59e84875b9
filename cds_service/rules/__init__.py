"""The guideline: every module of this folder without a leading underscore is a rule."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from cds_service.evidence import Edition, in_force
from cds_service.facts import CONDITIONS, DRUG, MEDICATIONS, Age, Need, Person, Snapshot, View
from cds_service.rules._coverage import Carried, coverage
from cds_service.rules._kit import INDICATORS, Answer, Check, Fact, Finding, Indicator, Message, Missing, Rule
from cds_service.rules._population import covered, of_age
from cds_service.rules._proposals import (
    Educate,
    GiveWeekly,
    Hold,
    LimitDuration,
    OfferBaclofen,
    OfferMagnesiumOxide,
    OfferNaloxone,
    OrderTests,
    Proposal,
    Redose,
    Stop,
    TakeAtNight,
    Taper,
    Withdraw,
)
from cds_service.rules._shared import laboratory

__all__ = [
    "AFTERWARDS",
    "CHECKS",
    "INDICATORS",
    "ORDER_HOOKS",
    "RULES",
    "Answer",
    "Carried",
    "Educate",
    "Fact",
    "Finding",
    "GiveWeekly",
    "Hold",
    "Indicator",
    "LimitDuration",
    "Message",
    "Missing",
    "OfferBaclofen",
    "OfferMagnesiumOxide",
    "OfferNaloxone",
    "OrderTests",
    "Outline",
    "Proposal",
    "Redose",
    "Rule",
    "Stop",
    "TakeAtNight",
    "Taper",
    "Withdraw",
    "coverage",
    "covered",
    "evaluate",
    "laboratory",
    "may_speak",
    "offered",
]

SIGNING = frozenset({"order-sign", "medication-prescribe"})
ORDER_HOOKS = SIGNING | {"order-select"}
_MODULES = [
    import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__) if not module.name.startswith("_")
]
RULES: tuple[Rule, ...] = tuple(sorted((module.RULE for module in _MODULES), key=lambda rule: rule.id))
CHECKS: dict[str, Check] = {module.RULE.id: module.check for module in _MODULES}
# What tells which drugs and problems there are.
_LISTS = frozenset({CONDITIONS, DRUG, MEDICATIONS})
# The value sets of drugs of which rules also speak when they are taken no more.
AFTERWARDS = frozenset(one.name for rule in RULES if rule.afterwards for one in rule.triggers)
_SILENT = {rule.id: Answer(rule, "silent") for rule in RULES}


@cache
def offered(hook: str) -> tuple[Rule, ...]:
    """The rules that a service for this hook carries, those that a site must switch on included."""
    return tuple(rule for rule in RULES if rule.serves(hook))


@cache
def _places(hook: str) -> dict[str, tuple[int, ...]]:
    """By the name of a value set, which of the offered rules one of its drugs or problems makes worth calling."""
    found: dict[str, tuple[int, ...]] = {}
    for place, rule in enumerate(offered(hook)):
        for name in {one.name for one in (rule.triggers if hook in ORDER_HOOKS else rule.concerns or rule.triggers)}:
            found[name] = (*found.get(name, ()), place)
    return found


class Outline(NamedTuple):
    """What is known of a patient on a day before any facts are made: the value sets of all drugs, problems and reasons
    of whatever time (`there`), the needs for which there was no answer, and, if that was looked at, by value set the
    last day on which a problem was recorded (one to come if it is not known), and the day of the newest result."""

    there: frozenset[str]
    unmet: frozenset[Need]
    person: Person
    day: date
    recorded: Mapping[str, date] | None = None
    newest: date = date.max


def may_speak(hook: str, named: frozenset[str], of: Outline) -> bool:
    """Whether a rule of the hook may have something to say, told before any facts are made: `named` are the value sets
    of what it may speak about (drafts; in an open chart drugs and problems)."""
    rules = _speaking(hook, in_force(), named, of.there, of.unmet)
    if not rules:
        return False
    age = of.person.age(of.day)
    if not of.unmet and not of_age(age):
        return False
    return any(
        not of.unmet.isdisjoint(rule.needs) or (_is_of_its_age(rule, age) and _is_of_its_time(rule, hook, named, of))
        for rule in rules
    )


@lru_cache(maxsize=4096)
def _speaking(
    hook: str, edition: Edition, named: frozenset[str], there: frozenset[str], unmet: frozenset[Need]
) -> tuple[Rule, ...]:
    """Those that may, whatever the age."""
    places = {place for name in named for place in _places(hook).get(name, ())}.difference(_off(hook, edition))
    return tuple(rule for rule in map(offered(hook).__getitem__, places) if _may_speak(rule, there, unmet))


def _may_speak(rule: Rule, there: frozenset[str], unmet: frozenset[Need]) -> bool:
    """What must be there together is asked first: it decides unless one of the lists is not known."""
    lacks = any(there.isdisjoint(one.name for one in group) for group in rule.together)
    return not lacks or not unmet.isdisjoint(_LISTS.intersection(rule.needs))


def _is_of_its_age(rule: Rule, age: Age | None) -> bool:
    if age is None:
        return True
    is_too_young = rule.from_age is not None and age.oldest < rule.from_age.value
    return not is_too_young and (rule.under_age is None or age.oldest < rule.under_age.value)


def _is_of_its_time(rule: Rule, hook: str, named: frozenset[str], of: Outline) -> bool:
    if rule.results_within is not None and of.newest < of.day - timedelta(days=rule.results_within.value):
        return False
    if rule.lately is None or of.recorded is None or hook in ORDER_HOOKS:
        return True
    since, recorded = of.day - timedelta(days=rule.lately.value), of.recorded
    return any(recorded.get(one.name, date.max) >= since for one in rule.concerns if one.name in named)


def evaluate(snapshot: Snapshot, hook: str) -> list[Answer]:
    """What every rule of the hook says; a patient whom the guideline does not cover gets silence.

    A rule without a trigger in play is not called: more rules hardly cost more.
    """
    rules, places = offered(hook), _places(hook)
    if not covered(snapshot):
        return [_SILENT[rule.id] for rule in rules]
    answers = [*_uncalled(snapshot, hook)]
    off = _off(hook, in_force())
    for place in {place for name in _in_play(snapshot, hook) for place in places.get(name, ())}.difference(off):
        answers[place] = _answer(rules[place], snapshot, hook)
    if any(answer.kind != "silent" for answer in answers) and snapshot.in_hospice:
        answers = [_SILENT[answer.rule.id] if answer.rule.quiet_in_hospice else answer for answer in answers]
    for place in off:
        answers[place] = Answer(rules[place], "off")
    return answers


@lru_cache(maxsize=256)
def _off(hook: str, edition: Edition) -> tuple[int, ...]:
    """Which of the offered rules say nothing in this edition, the one in force."""
    return tuple(place for place, rule in enumerate(offered(hook)) if _is_off(rule, hook))


def _is_off(rule: Rule, hook: str) -> bool:
    if rule.stage_now == "off" or (rule.switch is not None and not rule.switch.on):
        return True
    return hook not in rule.hooks and not rule.switched_hooks[hook].on


def _in_play(snapshot: Snapshot, hook: str) -> Iterable[str]:
    """The value sets of the drugs and, when the chart is opened, of the problems that rules may speak about."""
    if hook in ORDER_HOOKS:
        return {entry.valueset for order in snapshot.orders for entry in order.drug.entries}
    problems = (problem.concepts for problem in snapshot.problems if problem.active)
    return frozenset(snapshot.medications.concepts).union(*problems)


def _answer(rule: Rule, snapshot: Snapshot, hook: str) -> Answer:
    view = View(snapshot, hook in ORDER_HOOKS, hook in SIGNING)
    findings = tuple(CHECKS[rule.id](view))
    if findings:
        return Answer(rule, "finding", findings)
    return _silent_unless(rule, snapshot, [need for need in rule.needs if need in view.unanswered])


@cache
def _silence(hook: str) -> tuple[Answer, ...]:
    return tuple(_SILENT[rule.id] for rule in offered(hook))


def _uncalled(snapshot: Snapshot, hook: str) -> Iterable[Answer]:
    return [_untriggered(rule, snapshot, hook) for rule in offered(hook)] if snapshot.unmet else _silence(hook)


def _untriggered(rule: Rule, snapshot: Snapshot, hook: str) -> Answer:
    """Nothing to speak about, unless the very drugs or problems are not known."""
    at_view = CONDITIONS if rule.concerns else MEDICATIONS
    return _silent_unless(rule, snapshot, (DRUG if hook in ORDER_HOOKS else at_view,))


def _silent_unless(rule: Rule, snapshot: Snapshot, needs: Sequence[Need]) -> Answer:
    missing = tuple(Missing(need, snapshot.unmet[need]) for need in needs if need in snapshot.unmet)
    return Answer(rule, "not-evaluated", missing=missing) if missing else _SILENT[rule.id]
