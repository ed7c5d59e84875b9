"""What became of what a rule said has one word, whatever the memory and the caps make of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import pytest

from cds_service.cards.became import Became, became
from cds_service.cards.ration import Caps, ration
from cds_service.hooks.answer import answer
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.terms import Terms
from cds_service.store.entries import Identity
from cds_service.store.memory import Memory
from tests.cards.made import found, rule
from tests.fhir.resources import (
    AMOXICILLIN,
    CRAMP,
    LORAZEPAM,
    OXYCODONE,
    TODAY,
    Json,
    condition,
    draft,
    order,
    outcome,
    patient,
)
from tests.hooks.calls import base, request, sent
from tests.support.notes import NOTHING, Notes, says
from tests.support.switches import staged

AGED = patient(birthDate="1950-01-01")
PAIR, OLDER = "benzodiazepine-opioid-combination", "benzodiazepine-older-adult"
CARE, CHECK = "cramps-nonpharmacological", "electrolyte-check-missing"
NEW_PAIR = request("order-sign", draft(LORAZEPAM), held=[AGED, order(OXYCODONE)])
CHART = request("patient-view", held=[AGED, order(LORAZEPAM), order(OXYCODONE, "m2"), condition(CRAMP)])


def _became(
    call: Json, repeats: Callable[[Sequence[Identity]], list[str]] = NOTHING, caps: Caps | None = None
) -> set[Became]:
    terms = Terms() if caps is None else Terms(caps=caps)
    service, memory = SERVICES[f"cramp-{call['hook']}"], cast(Memory, Notes(repeats))
    answered = answer(service, sent(call), TODAY, base, terms, memory)
    told = list(became(answered.answers, answered.shown, answered.quiet))
    assert len(told) == len({one.rule for one in told})
    return set(told)


def test_silence_is_no_word() -> None:
    """Of a call in which every rule is silent there is nothing to count."""
    assert _became(request("order-sign", draft(AMOXICILLIN))) == set()


def test_shown_and_merged() -> None:
    """A rule has a card of its own, or is told on that of another, and which."""
    assert _became(NEW_PAIR) == {Became("shown", PAIR), Became("merged", OLDER, PAIR)}


@pytest.mark.parametrize("by", ["override", "order-select"])
def test_what_was_said_before(by: str) -> None:
    """What is not said again is suppressed by what, and so is what would have been told with it."""
    assert _became(CHART, says(by)) == {Became("suppressed", rule, by) for rule in (PAIR, CARE, CHECK)}


def test_what_is_too_much() -> None:
    """An info card beyond the number that a clinician reads is suppressed by the cap, with what it would have told."""
    capped = {Became("suppressed", CARE, "cap"), Became("suppressed", CHECK, "cap")}
    assert _became(CHART, caps=Caps(at_view=1)) == {Became("shown", PAIR), *capped}


def test_what_another_rule_excludes() -> None:
    """A finding that another rule's finding makes pointless is suppressed by that rule."""
    answers = [found(rule("baclofen-max-dose", "BAC"), "info"), found(rule("baclofen-start-dose", "BAC", 2), "info")]
    assert list(became(answers, ration(answers, "order-sign"), {})) == [
        Became("shown", "baclofen-max-dose"),
        Became("suppressed", "baclofen-start-dose", "baclofen-max-dose"),
    ]


def test_what_was_found_in_the_shadow() -> None:
    """A rule in the shadow is neither shown nor suppressed."""
    with staged(PAIR, "shadow"):
        assert _became(NEW_PAIR) == {Became("shadow", PAIR), Became("shown", OLDER)}


def test_what_was_not_evaluated() -> None:
    """A rule that could not look is told with what it missed first."""
    told = _became(request("order-sign", draft(LORAZEPAM)) | {"prefetch": {"patient": outcome()}})
    assert {one.kind for one in told} == {"not-evaluated"}
    assert {Became("not-evaluated", OLDER, "patient"), Became("not-evaluated", PAIR, "medications")} <= told
