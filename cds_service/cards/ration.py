"""Which findings become cards: blocked ones and shadow rules dropped, twins merged, the rest ordered and limited
(rules 1.14, 4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from cds_service.rules import INDICATORS, ORDER_HOOKS, Answer, Finding, Indicator

# The order of groups among cards of the same indicator (rules 4).
GROUPS = ("BZO", "MG", "BAC", "STOP", "QUI", "CYC", "MET", "EL", "CARE", "ALB", "LAB", "REC", "CHK")
# A check that is missing is told on such a card, if there is one; else it is a card of its own.
CHECK = "CHK"
HOSTS_AT_ORDER = frozenset({"BAC", "QUI", "CYC", "MET"})
HOSTS_AT_VIEW = frozenset({"CARE"})
# What a rule has said makes what others say pointless: these are neither card nor bullet beside it.
EXCLUDED = {
    "baclofen-max-dose": frozenset({"baclofen-start-dose", "baclofen-older-adult-dose", "baclofen-titration"}),
    "baclofen-he-history": frozenset({"baclofen-cirrhosis-monitoring"}),
}


@dataclass(frozen=True, slots=True)
class Caps:
    """How many cards a clinician is shown at an order and in an open chart; beyond that only info cards are dropped."""

    at_order: int = 4
    at_view: int = 3


USUAL = Caps()


@dataclass(frozen=True, slots=True)
class Shown:
    """A finding that becomes a card, and the findings of its group that are told in it."""

    answer: Answer
    also: tuple[Answer, ...] = ()

    @property
    def indicator(self) -> Indicator:
        """How urgent the card is."""
        return indicator(self.answer)

    @property
    def finding(self) -> Finding:
        """The finding that words the card: the first of the most urgent ones."""
        return min(self.answer.findings, key=lambda found: INDICATORS.index(_urgency(self.answer, found)))


def _urgency(answer: Answer, finding: Finding) -> Indicator:
    """A drug that was only matched by its name is never critical."""
    worded = answer.rule.messages[finding.message].indicator
    return "warning" if finding.by_name and worded == "critical" else worded


def indicator(answer: Answer) -> Indicator:
    """The most urgent indicator of a rule's findings."""
    return min((_urgency(answer, finding) for finding in answer.findings), key=INDICATORS.index)


def _order(answer: Answer) -> tuple[int, int, int]:
    rule = answer.rule
    return INDICATORS.index(indicator(answer)), GROUPS.index(rule.group), rule.rank


def ration(
    answers: Sequence[Answer],
    hook: str,
    unsaid: Callable[[Sequence[Shown]], Sequence[Shown]] = list,
    caps: Caps = USUAL,
) -> list[Shown]:
    """The cards in the order in which they are shown: one a group, and no more than a clinician reads.

    `unsaid` leaves out what need not be said again. Beyond that only info cards are ever dropped; warning and critical
    ones always come.
    """
    found = _live(answers)
    if not found:
        return []  # nearly every call
    told = suppressed(found)
    live = [answer for answer in found if answer.rule.id not in told]
    by_group = sorted(live, key=lambda answer: (GROUPS.index(answer.rule.group), *_order(answer)))
    groups = [tuple(members) for _, members in groupby(by_group, key=lambda answer: answer.rule.group)]
    cards = sorted((Shown(first, rest) for first, *others in groups for rest in [tuple(others)]), key=_rank)
    cards = _hosted(cards, HOSTS_AT_ORDER if hook in ORDER_HOOKS else HOSTS_AT_VIEW)
    most = caps.at_order if hook in ORDER_HOOKS else caps.at_view
    return [card for place, card in enumerate(unsaid(cards)) if place < most or card.indicator != "info"]


def suppressed(answers: Sequence[Answer]) -> dict[str, str]:
    """The rules that found something and are not told, each with the rule whose finding excludes it."""
    found = {answer.rule.id for answer in _live(answers)}
    return {rule: by for by, rules in EXCLUDED.items() if by in found for rule in sorted(rules & found)}


def _live(answers: Sequence[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.kind == "finding" and answer.rule.stage_now == "live"]


def _hosted(cards: list[Shown], hosts: frozenset[str]) -> list[Shown]:
    """The cards, a missing check moved to the first of those that can tell it."""
    check = next((card for card in cards if card.answer.rule.group == CHECK), None)
    host = next((card for card in cards if card.answer.rule.group in hosts), None)
    if check is None or host is None:
        return cards
    joined = replace(host, also=(*host.also, check.answer, *check.also))
    return [joined if card is host else card for card in cards if card is not check]


def _rank(card: Shown) -> tuple[int, int, int]:
    return _order(card.answer)
