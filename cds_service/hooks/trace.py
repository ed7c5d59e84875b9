"""What every rule of the service said, for a client that asks to have it explained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NotRequired, TypedDict

from cds_service.cards.became import elsewhere
from cds_service.cards.build import fact_json
from cds_service.cards.explained import ToldFact
from cds_service.cards.ration import Shown
from cds_service.facts import Need, Snapshot
from cds_service.rules import Answer, laboratory


class Missing(TypedDict):
    """A kind of data that was not known, and why."""

    need: str
    why: str
    detail: NotRequired[str]


class Line(TypedDict):
    """What one rule said and by which facts; if another one tells it or silences it, by which."""

    rule: str
    answer: Literal["finding", "silent", "not-evaluated", "off", "merged", "suppressed"]
    by: NotRequired[str]
    facts: NotRequired[list[ToldFact]]
    missing: NotRequired[list[Missing]]


class Trace(TypedDict):
    """The form of a trace, as it is published."""

    rules: list[Line]
    unread: int
    laboratory: NotRequired[list[ToldFact]]


def trace(
    answers: Sequence[Answer],
    shown: Sequence[Shown],
    quiet: Mapping[str, str],
    facts: Snapshot,
    unread: int,
    details: Mapping[Need, str],
) -> dict[str, Any]:
    """One line a rule: its answer, the facts of a finding, what was missing and the technical reason, by which rule it
    was told or excluded, or that it is in shadow or beyond the cap; and what the laboratory said. `quiet` are the rules
    that need not be told again, and by what.
    """
    places = elsewhere(answers, shown, quiet)
    told: dict[str, Any] = {
        "rules": [_line(answer, places.get(answer.rule.id), facts, details) for answer in answers],
        "unread": unread,
    }
    read = [fact_json(fact) for fact in laboratory(facts)]
    return told | ({"laboratory": read} if read else {})


def _line(
    answer: Answer, place: tuple[str, str] | None, facts: Snapshot, details: Mapping[Need, str]
) -> dict[str, Any]:
    line: dict[str, Any] = {"rule": answer.rule.id, "answer": answer.kind}
    if place is not None:
        line["answer"], line["by"] = place
    facts_used = dict.fromkeys(fact for finding in answer.findings for fact in finding.because)
    line |= {"facts": [fact_json(fact) for fact in facts_used]} if facts_used else {}
    missing = _missing(answer, facts)
    if missing and answer.kind != "off":
        line["missing"] = [
            {"need": need.id, "why": why} | ({"detail": details[need]} if need in details else {})
            for need, why in missing.items()
        ]
    return line


def _missing(answer: Answer, facts: Snapshot) -> dict[Need, str]:
    """What made the rule not evaluated, then whatever it reads and was not there either."""
    blocking = {part.need: part.why for part in answer.missing}
    return blocking | {need: facts.unmet[need] for need in answer.rule.data if need in facts.unmet}
