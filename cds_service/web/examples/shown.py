"""What a rule says of its own cases, and the card of each of its wordings, made as the service makes them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from cds_service.cards.build import Call, card
from cds_service.cards.card import Card
from cds_service.cards.ration import Shown
from cds_service.cards.suggest import Client
from cds_service.cards.wording import summary
from cds_service.evidence import Edition, applied, in_force
from cds_service.fhir.version import Version
from cds_service.fhir.write import Visit
from cds_service.rules import INDICATORS, RULES, Answer, Indicator, Message, Rule
from cds_service.web.examples.cases import AS_OF, Case, read
from cds_service.web.examples.played import judged, snapshot, turned_on
from cds_service.web.examples.words import told

_PATIENT = "example"
_RULES = {rule.id: rule for rule in RULES}
# Rules, by edition, of which what was played is kept.
_KEPT = 256


@dataclass(frozen=True, slots=True)
class Said:
    """One line of a card: how urgent, and its summary."""

    indicator: Indicator
    summary: str


@dataclass(frozen=True, slots=True)
class Example:
    """A case in words, what the rule says of it, and whether that differs from what the published rule says."""

    id: str
    name: str
    words: str
    kind: str
    said: tuple[Said, ...]
    missing: tuple[str, ...]
    differs: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """A wording of a rule, and a card with it, if one of the examples has it."""

    id: str
    message: Message
    card: Card | None = None
    example: str = ""


@dataclass(frozen=True, slots=True)
class Played:
    """All cases of a rule, and a sample of each of its wordings, the most urgent first."""

    examples: tuple[Example, ...]
    samples: tuple[Sample, ...]


def played(rule: Rule) -> Played:
    """What the rule says of its cases by the numbers in force, as if it were live and on."""
    return _played(rule.id, in_force())


@lru_cache(maxsize=_KEPT)
def _played(id: str, edition: Edition) -> Played:
    rule = _RULES[id]
    with _as_if_on(rule, edition):
        found = [(f"example-{place}", case, judged(case)) for place, case in enumerate(read(rule.id), start=1)]
        cards = dict(_cards(rule, found))
        examples = tuple(_example(*one) for one in found)
    samples = [cards.get(id) or Sample(id, message) for id, message in rule.messages.items()]
    return Played(examples, tuple(sorted(samples, key=lambda one: INDICATORS.index(one.message.indicator))))


def _as_if_on(rule: Rule, edition: Edition) -> AbstractContextManager[None]:
    """The edition, but for the stage of the rule and the switch that turns the whole of it."""
    stages = {id: stage for id, stage in edition.stages.items() if id != rule.id}
    own = {rule.switch.key} if rule.switch else set()
    values = {key: value for key, value in edition.values.items() if key not in own}
    return applied(replace(edition, stages=stages, values=values))


def _example(id: str, case: Case, answer: Answer) -> Example:
    messages = list(dict.fromkeys(found.message for found in answer.findings))
    said = dict.fromkeys(
        Said(message.indicator, summary(message.summary, found.values, answer.rule.last_resort))
        for found in answer.findings
        for message in [answer.rule.messages[found.message]]
    )
    missing = tuple(f"{part.need.words} ({part.why})" for part in answer.missing)
    differs = (answer.kind, messages) != (case.kind, case.messages)
    return Example(id, case.name, told(case), answer.kind, tuple(said), missing, differs)


def _cards(rule: Rule, found: list[tuple[str, Case, Answer]]) -> Iterator[tuple[str, Sample]]:
    """By message the card of the first example that it words."""
    known: set[str] = set()
    for id, case, answer in found:
        if answer.kind != "finding":
            continue
        shown = Shown(answer)
        message = shown.finding.message
        if message not in known:
            known.add(message)
            yield message, Sample(message, rule.messages[message], _card(shown, case), id)


def _card(shown: Shown, case: Case) -> Card:
    facts = snapshot(case)
    client = Client(Visit(Version.R4, _PATIENT), AS_OF, _original)
    with turned_on(case.switches):
        return card(shown, Call(_PATIENT, "", client, facts.unmet, facts.age))


def _original(reference: str) -> dict[str, Any]:
    """What an EHR would have sent of an order; only the labels of suggestions are shown, and they need no more."""
    kind, _, id = reference.partition("/")
    return {"resourceType": kind, "id": id}
