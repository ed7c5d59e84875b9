"""The guideline: every module of this folder without a leading underscore is a rule."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pkgutil import iter_modules

from cds_service.facts import CONDITIONS, DRUG, MEDICATIONS, Need, Snapshot, View
from cds_service.rules._coverage import Carried, coverage
from cds_service.rules._kit import INDICATORS, Answer, Check, Fact, Finding, Indicator, Message, Missing, Rule
from cds_service.rules._population import covered
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
    "offered",
]

SIGNING = frozenset({"order-sign", "medication-prescribe"})
ORDER_HOOKS = SIGNING | {"order-select"}
_MODULES = [
    import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__) if not module.name.startswith("_")
]
RULES: tuple[Rule, ...] = tuple(sorted((module.RULE for module in _MODULES), key=lambda rule: rule.id))
CHECKS: dict[str, Check] = {module.RULE.id: module.check for module in _MODULES}
# By rule, what nearly every call asks for nearly every rule: the answer where it has nothing to say, and the names of
# what triggers it in orders and in a chart.
_SILENT = {rule.id: Answer(rule, "silent") for rule in RULES}
_IN_ORDERS = {rule.id: frozenset(one.name for one in rule.triggers) for rule in RULES}
_IN_CHART = {rule.id: frozenset(one.name for one in rule.concerns or rule.triggers) for rule in RULES}


def offered(hook: str) -> list[Rule]:
    """The rules that a service for this hook carries, those that a site must switch on included."""
    return [rule for rule in RULES if hook in rule.hooks or hook in rule.switched_hooks]


def evaluate(snapshot: Snapshot, hook: str) -> list[Answer]:
    """What every rule of the hook says; a patient whom the guideline does not cover gets silence."""
    if not covered(snapshot):
        return [_SILENT[rule.id] for rule in offered(hook)]
    in_hospice = snapshot.in_hospice
    present = _in_play(snapshot, hook)
    return [_answer(rule, snapshot, hook, in_hospice, present) for rule in offered(hook)]


def _answer(rule: Rule, snapshot: Snapshot, hook: str, in_hospice: bool, present: frozenset[str]) -> Answer:
    if _off(rule, hook):
        return Answer(rule, "off")
    if rule.quiet_in_hospice and in_hospice:
        return _SILENT[rule.id]
    at_order = hook in ORDER_HOOKS
    triggers = _IN_ORDERS if at_order else _IN_CHART
    if triggers[rule.id].isdisjoint(present):
        return _untriggered(rule, snapshot, hook)
    view = View(snapshot, at_order, hook in SIGNING)
    findings = tuple(CHECKS[rule.id](view))
    if findings:
        return Answer(rule, "finding", findings)
    return _silent_unless(rule, snapshot, [need for need in rule.needs if need in view.unanswered])


def _off(rule: Rule, hook: str) -> bool:
    if rule.stage == "off" or (rule.switch is not None and not rule.switch.on):
        return True
    return hook not in rule.hooks and not rule.switched_hooks[hook].on


def _in_play(snapshot: Snapshot, hook: str) -> frozenset[str]:
    """The value sets of the drugs and, when the chart is opened, of the problems that rules may speak about; a rule
    without a trigger among them is not called."""
    if hook in ORDER_HOOKS:
        return frozenset(entry.valueset for order in snapshot.orders for entry in order.drug.entries)
    drugs = {entry.valueset for drug in snapshot.medications for entry in drug.drug.entries}
    return frozenset(drugs.union(*(problem.concepts for problem in snapshot.problems if problem.active)))


def _untriggered(rule: Rule, snapshot: Snapshot, hook: str) -> Answer:
    """Nothing to speak about, unless the very drugs or problems are not known."""
    at_view = CONDITIONS if rule.concerns else MEDICATIONS
    return _silent_unless(rule, snapshot, (DRUG if hook in ORDER_HOOKS else at_view,))


def _silent_unless(rule: Rule, snapshot: Snapshot, needs: Sequence[Need]) -> Answer:
    if not snapshot.unmet:
        return _SILENT[rule.id]
    missing = tuple(Missing(need, snapshot.unmet[need]) for need in needs if need in snapshot.unmet)
    return Answer(rule, "not-evaluated", missing=missing) if missing else _SILENT[rule.id]
