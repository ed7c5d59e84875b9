"""What became of what the rules said: a card of its own, a part of another one, or none, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from cds_service.cards.ration import Shown, suppressed
from cds_service.rules import Answer

# By what a finding is left out that no other rule and no earlier card excludes: an info card beyond the number that a
# clinician reads, or a rule that is only watched.
CAP, SHADOW = "cap", "shadow"


class Became(Struct, frozen=True):
    """What became of what a rule said: shown, merged, suppressed, shadow or not-evaluated; by which rule or cause, or
    for want of which need."""

    kind: str
    rule: str
    why: str = ""


def elsewhere(
    answers: Sequence[Answer], shown: Sequence[Shown], quiet: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """The rules that found something and have no card of their own: merged or suppressed, and by what. `quiet` are
    those that need not be told again. Asked while the edition is in force by which the rules decided."""
    own = {card.answer.rule.id for card in shown}
    left = [answer.rule for answer in answers if answer.kind == "finding" and answer.rule.id not in own]
    found = {rule.id: ("suppressed", SHADOW if rule.stage_now == "shadow" else CAP) for rule in left}
    found |= {also.rule.id: ("merged", card.answer.rule.id) for card in shown for also in card.also}
    found |= {rule: ("suppressed", by) for rule, by in quiet.items()}
    found |= {rule: ("suppressed", by) for rule, by in suppressed(answers).items()}
    return found


def became(answers: Sequence[Answer], shown: Sequence[Shown], quiet: Mapping[str, str]) -> Iterator[Became]:
    """Of each rule that was not silent one word: shown, merged, suppressed, shadow or not-evaluated, and by or for want
    of what. Asked while the edition is in force by which the rules decided."""
    said = [answer for answer in answers if answer.kind != "silent" and answer.kind != "off"]
    if not said:
        return  # nearly every call
    own = {card.answer.rule.id: ("shown", "") for card in shown}
    places = elsewhere(answers, shown, quiet) | own
    for answer in said:
        yield _became(answer, places)


def _became(answer: Answer, places: Mapping[str, tuple[str, str]]) -> Became:
    rule = answer.rule.id
    if answer.kind == "not-evaluated":
        return Became("not-evaluated", rule, answer.missing[0].need.id)
    kind, by = places[rule]
    return Became(SHADOW, rule) if by == SHADOW else Became(kind, rule, by)
