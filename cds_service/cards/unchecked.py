"""What could not be checked: the data that the one card names which says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cds_service.facts import CONDITIONS, MEDICATIONS, Need, Snapshot
from cds_service.rules import ORDER_HOOKS, RULES, Answer, covered

# The code of that card, where others have the id of their rule.
NOT_EVALUATED = "not-evaluated"
# What every card is called, by its rule or that code.
TITLES = {rule.id: rule.title for rule in RULES} | {NOT_EVALUATED: "The card that names what could not be checked"}


def unchecked(answers: Sequence[Answer], unmet: Mapping[Need, str], also: Sequence[Need] = ()) -> dict[Need, str]:
    """What was missing and why, once for all rules that were not evaluated; nothing if everything could be checked.

    `also` are needs that are told although no rule asked for them.
    """
    rules = (answer for answer in answers if answer.kind == NOT_EVALUATED)
    missing = {part.need: part.why for answer in rules for part in answer.missing}
    return missing | {need: unmet[need] for need in also if need in unmet}


def lists(hook: str, facts: Snapshot) -> tuple[Need, ...]:
    """The needs that are told although no rule asked for them: in an open chart the lists themselves, of a patient
    whom the guideline covers."""
    return () if hook in ORDER_HOOKS or not covered(facts) else (MEDICATIONS, CONDITIONS)
