"""What became of what the rules said: a card of its own, a part of another one, or none, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from cds_service.cards.ration import Shown, suppressed
from cds_service.rules import Answer
from cds_service.store.entries import Count

# By what an info card is left out beyond the number that a clinician reads.
CAP = "cap"


def elsewhere(
    answers: Sequence[Answer], shown: Sequence[Shown], quiet: Mapping[str, str]
) -> dict[str, tuple[str, str]]:
    """The rules that found something and have no card of their own: merged or suppressed, and by what. `quiet` are
    those that need not be told again."""
    found = {also.rule.id: ("merged", card.answer.rule.id) for card in shown for also in card.also}
    found |= {rule: ("suppressed", by) for rule, by in quiet.items()}
    found |= {rule: ("suppressed", by) for rule, by in suppressed(answers).items()}
    return found


def became(answers: Sequence[Answer], shown: Sequence[Shown], quiet: Mapping[str, str]) -> Iterator[Count]:
    """Of each rule that was not silent one word: shown, merged, suppressed, shadow or not-evaluated, and by or for want
    of what. Asked while the edition is in force by which the rules decided."""
    said = [answer for answer in answers if answer.kind != "silent" and answer.kind != "off"]
    if not said:
        return  # nearly every call
    own = {card.answer.rule.id: ("shown", "") for card in shown}
    places = elsewhere(answers, shown, quiet) | own
    for answer in said:
        yield _became(answer, places)


def _became(answer: Answer, places: Mapping[str, tuple[str, str]]) -> Count:
    rule = answer.rule.id
    if answer.kind == "not-evaluated":
        return Count("not-evaluated", rule, answer.missing[0].need.id)
    if answer.rule.stage_now == "shadow":
        return Count("shadow", rule)
    kind, by = places.get(rule, ("suppressed", CAP))
    return Count(kind, rule, by)
