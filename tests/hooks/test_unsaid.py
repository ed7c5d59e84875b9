"""What need not be said again is left out, critical cards never, and no card waits for the memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

import msgspec
import pytest

from cds_service.ehr.source import NO_ACCESS
from cds_service.hooks.answer import Answered, answer
from cds_service.hooks.catalogue import SERVICES
from cds_service.store.entries import Count, Identity
from cds_service.store.memory import Memory
from tests.fhir.resources import (
    CRAMP,
    CYCLOBENZAPRINE,
    LORAZEPAM,
    OXYCODONE,
    PATIENT,
    TODAY,
    Json,
    condition,
    draft,
    order,
    outcome,
    patient,
)
from tests.hooks.calls import base, request, sent
from tests.support.notes import Notes, says, unavailable

AGED = patient(birthDate="1950-01-01")
PAIR = "benzodiazepine-opioid-combination"
CYCLO = "cyclobenzaprine-older-adult"
CHECK = "electrolyte-check-missing"
CARE = "cramps-nonpharmacological"
CRITICAL = request("order-sign", draft(LORAZEPAM), held=[order(OXYCODONE)])
WARNING = request("order-sign", draft(CYCLOBENZAPRINE), held=[AGED, condition(CRAMP)])
MIXED = request("order-sign", draft(LORAZEPAM), draft(CYCLOBENZAPRINE, "d2"), held=[AGED, order(OXYCODONE)])
CHART = request("patient-view", held=[AGED, order(LORAZEPAM), order(OXYCODONE, "m2"), condition(CRAMP)])
UNSEEN = request("order-sign", draft(CYCLOBENZAPRINE)) | {"prefetch": {"patient": AGED, "conditions": outcome()}}


def _answer(call: Json, memory: Notes | None, hook: str = "") -> Answered:
    explained = call | {"extension": {"io.cds-service.explain": True}}
    service = SERVICES[f"cramp-{hook or call['hook']}"]
    return answer(service, sent(explained), TODAY, base, memory=cast("Memory | None", memory))


def _cards(answered: Answered) -> list[str]:
    return [f"{card.source.topic.code}:{card.indicator}" for card in answered.cards]


def _lines(answered: Answered) -> dict[str, Json]:
    trace: Any = json.loads(msgspec.json.encode(answered.trace))
    return {line["rule"]: line for line in trace["rules"]}


def test_critical_cards_are_neither_asked_about_nor_left_out() -> None:
    """Whatever the memory says, a critical card is shown, and the memory is not even asked."""
    memory = Notes(says("override"))
    answered = _answer(CRITICAL, memory)
    assert _cards(answered) == [f"{PAIR}:critical"]
    assert memory.asked == []
    assert answered.told.counts == ()


def test_of_several_cards_only_the_critical_ones_are_left() -> None:
    """The memory is asked once, about all other cards, for this patient and user."""
    memory = Notes(says("override"))
    answered = _answer(MIXED, memory)
    assert _cards(_answer(MIXED, None)) == [f"{PAIR}:critical", f"{CYCLO}:warning"]
    assert _cards(answered) == [f"{PAIR}:critical"]
    [(subject, cards, _)] = memory.asked
    assert (subject.patient, subject.user) == (PATIENT, "Practitioner/1")
    assert [card.card[0].split("\n")[0] for card in cards] == [CYCLO]
    assert [card.rule for card in answered.told.cards] == [PAIR]


@pytest.mark.parametrize("by", ["override", "order-select"])
def test_what_was_said_is_left_out_and_counted(by: str) -> None:
    """Warning and info cards are left out where the memory says so; by rule and reason that is counted, and only
    that."""
    answered = _answer(CHART, Notes(says(by)))
    assert _cards(_answer(CHART, Notes())) == [f"{PAIR}:warning", f"{CARE}:info"]
    assert _cards(answered) == []
    assert answered.told.counts == (Count("suppressed", PAIR, by), Count("suppressed", CARE, by))
    assert (answered.told.subject.patient, answered.told.cards) == ("", ())


def test_each_card_has_its_own_answer() -> None:
    """Of two cards only the one that was said is left out."""
    answered = _answer(CHART, Notes(lambda cards: ["", "override"]))
    assert _cards(answered) == [f"{PAIR}:warning"]
    assert answered.told.counts == (Count("suppressed", CARE, "override"),)


def test_the_trace_tells_what_was_left_out() -> None:
    """A rule whose card was left out, and one that was told on it, are suppressed, and by what; others are not."""
    before, after = _lines(_answer(CHART, Notes())), _lines(_answer(CHART, Notes(lambda cards: ["", "override"])))
    assert (before[CARE]["answer"], before[CHECK]) == ("finding", {**before[CHECK], "answer": "merged", "by": CARE})
    for rule in (CARE, CHECK):
        assert (after[rule]["answer"], after[rule]["by"]) == ("suppressed", "override")
    assert after[PAIR] == before[PAIR]
    assert after[PAIR]["answer"] == "finding"


def test_the_card_of_what_was_not_checked_stays() -> None:
    """That something could not be checked is always told, and the memory is not asked about it."""
    memory = Notes(says("override"))
    answered = _answer(UNSEEN, memory)
    assert _cards(answered) == ["not-evaluated:info"]
    assert [len(cards) for _, cards, _ in memory.asked] == [1]
    assert [card.rule for card in answered.told.cards] == ["not-evaluated"]
    assert Count("suppressed", CYCLO, "override") in answered.told.counts


def test_a_memory_that_does_not_answer_costs_nothing() -> None:
    """Rather twice than not at all: the cards are those of a service without a memory, and are told all the same."""
    for call in (CRITICAL, WARNING, MIXED, CHART, UNSEEN):
        answered = _answer(call, Notes(unavailable))
        assert answered.cards == _answer(call, None).cards
        assert [card.uuid for card in answered.told.cards] == [card.uuid for card in answered.cards]
        assert "suppressed" not in {count.kind for count in answered.told.counts}


@pytest.mark.parametrize(
    ("hook", "chosen_by"),
    [
        ("order-sign", "cramp-order-select"),
        ("medication-prescribe", "cramp-order-select"),
        ("order-select", ""),
        ("patient-view", ""),
    ],
)
def test_only_signing_asks_what_choosing_showed(hook: str, chosen_by: str) -> None:
    """At signing the memory is asked for what was shown while the order was chosen, elsewhere for overrides only."""
    memory = Notes()
    held = [AGED, order(CYCLOBENZAPRINE)]
    if hook == "patient-view":
        call = request(hook, held=held)
    else:
        call = request(hook, draft(CYCLOBENZAPRINE), held=held, context={"selections": ["MedicationRequest/d1"]})
    _answer(call, memory)
    assert [by for _, _, by in memory.asked] == [chosen_by]


def test_the_memory_is_asked_outside_of_the_room() -> None:
    """While a call waits for the memory another one may be judged, and afterwards the room is free."""
    inside: list[bool] = []

    def noted(cards: Sequence[Identity]) -> list[str]:
        inside.append(NO_ACCESS.room.inside.locked())
        return [""] * len(cards)

    _answer(WARNING, Notes(noted))
    for repeats in (unavailable, says("override")):
        _answer(WARNING, Notes(repeats))
    assert inside == [False]
    assert not NO_ACCESS.room.inside.locked()
