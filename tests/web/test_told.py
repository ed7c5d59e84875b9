"""What the memory is told of a call: whom it was about and what was shown, or only that it came."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service import __version__
from cds_service.hooks.answer import answer
from cds_service.hooks.terms import Terms
from cds_service.rules import RULES
from cds_service.store.entries import CallEntry, Count, ShownCard
from cds_service.web import cds
from tests.fhir.resources import (
    AMOXICILLIN,
    BACLOFEN,
    CRAMP,
    CYCLOBENZAPRINE,
    LORAZEPAM,
    OXYCODONE,
    PATIENT,
    Json,
    condition,
    draft,
    order,
    outcome,
    patient,
)
from tests.hooks.calls import prefetch, request
from tests.support.notes import NOW, Everybody, Notes, client
from tests.support.switches import SWITCHES, changed, staged, turned_off, turned_on
from tests.web.bodies import address, refusal

AGED = patient(birthDate="1950-01-01")
PAIR = "benzodiazepine-opioid-combination"
OLDER = "benzodiazepine-older-adult"
CYCLO = "cyclobenzaprine-older-adult"
NEW_PAIR = request("order-sign", draft(LORAZEPAM), held=[AGED, order(OXYCODONE)])
CRAMPS = request("order-sign", draft(CYCLOBENZAPRINE), held=[AGED, condition(CRAMP)])
SILENT = request("order-sign", draft(AMOXICILLIN))
UNSEEN = request("order-sign", draft(LORAZEPAM)) | {"prefetch": {"patient": outcome()}}


def _told(call: Json) -> tuple[list[Json], CallEntry]:
    """The cards that were sent, and what the memory was told of the call: once."""
    memory = Notes()
    response = client(memory).post(address(call["hook"]), json=call)
    assert response.status_code == 200
    [kept] = memory.kept
    return response.get_json()["cards"], kept


def _only(call: Json) -> ShownCard:
    [card] = _told(call)[1].cards
    return card


def test_what_was_shown_is_told() -> None:
    """Patient and user as the EHR names them, when and where, and each card as it was sent."""
    [sent], kept = _told(NEW_PAIR)
    assert (kept.at, kept.service) == (NOW, "cramp-order-sign")
    assert (kept.subject.patient, kept.subject.user, kept.subject.client) == (PATIENT, "Practitioner/1", "")
    assert kept.counts == ()
    [card] = kept.cards
    assert (card.uuid, card.rule, card.indicator) == (sent["uuid"], PAIR, "critical")
    assert card.message == sent["extension"]["io.cds-service.explanation"]["message"]
    assert list(card.suggestions) == [offer["uuid"] for offer in sent["suggestions"]] != []


def test_how_long_it_took_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time is that of the whole call, in milliseconds."""
    ticks = iter([10.0, 10.25])
    monkeypatch.setattr(cds, "perf_counter", lambda: next(ticks))
    assert _told(SILENT)[1].milliseconds == 250


@pytest.mark.parametrize("hook", ["order-select", "order-sign", "medication-prescribe", "patient-view"])
def test_every_hook_tells(hook: str) -> None:
    """Cards of every hook are told in the order in which they are shown."""
    more: Json = {"context": {"selections": ["MedicationRequest/d1"]}} if hook == "order-select" else {}
    held = [AGED, order(LORAZEPAM), order(OXYCODONE, "m2"), condition(CRAMP)]
    drafts = [] if hook == "patient-view" else [draft(CYCLOBENZAPRINE)]
    sent, kept = _told(request(hook, *drafts, held=held, **more))
    assert kept.service == f"cramp-{hook}"
    assert [card.uuid for card in kept.cards] == [card["uuid"] for card in sent] != []


def test_a_silent_call_is_only_counted() -> None:
    """Of a call without a card neither patient nor user is told."""
    sent, kept = _told(SILENT)
    assert sent == []
    assert (kept.subject.patient, kept.subject.user, kept.cards, kept.counts) == ("", "", (), ())
    assert kept.service == "cramp-order-sign"


@pytest.mark.parametrize("call", [NEW_PAIR, SILENT, UNSEEN])
def test_a_call_is_its_clients(call: Json) -> None:
    """Whether it has a card or not, a call counts for the client that made it."""
    memory = Notes()
    asked = client(memory)
    asked.application.extensions["cds_callers"] = Everybody(Terms(client="north"))
    asked.post(address("order-sign"), json=call)
    assert [entry.subject.client for entry in memory.kept] == ["north"]


def test_a_call_without_its_orders_is_only_counted() -> None:
    """A client that sends no orders at all is a call, too."""
    call = request("order-sign")
    del call["context"]["draftOrders"]
    sent, kept = _told(call)
    assert (sent, kept.subject.patient, kept.cards, kept.counts) == ([], "", (), ())


def test_what_was_not_evaluated_is_counted_with_its_need() -> None:
    """Each rule that could not look is counted with what it missed first, and the card that tells it is one card."""
    [sent], kept = _told(UNSEEN)
    counts = {count.rule: count.why for count in kept.counts if count.kind == "not-evaluated"}
    assert len(counts) == len(kept.counts)
    assert (counts[OLDER], counts[PAIR]) == ("patient", "medications")
    [card] = kept.cards
    assert (card.uuid, card.rule, card.message, card.indicator) == (
        sent["uuid"],
        "not-evaluated",
        "not-evaluated",
        "info",
    )
    assert (card.thresholds, card.suggestions, card.identity.card, card.identity.order) == (
        __version__,
        (),
        ("not-evaluated",),
        (),
    )


def test_a_rule_is_counted_once_whatever_it_missed() -> None:
    """Of several needs that were not met the first one is the reason."""
    held = prefetch(AGED)
    del held["conditions"], held["medicationRequests"]
    counts = _told(request("order-sign", draft(BACLOFEN)) | {"prefetch": held})[1].counts
    assert [count.why for count in counts if count.rule == "baclofen-renal-unknown"] == ["conditions"]


def test_what_a_shadow_rule_found_is_counted() -> None:
    """A rule in the shadow shows nothing: that it found something is counted, that it was silent is not."""
    with staged(PAIR, "shadow"):
        sent, kept = _told(NEW_PAIR)
        assert _told(SILENT)[1].counts == ()
    assert [card["source"]["topic"]["code"] for card in sent] == [OLDER]
    assert kept.counts == (Count("shadow", PAIR),)
    assert [card.rule for card in kept.cards] == [OLDER]


def test_a_shadow_rule_alone_tells_no_patient() -> None:
    """What is only counted is counted without the patient."""
    with staged(PAIR, "shadow"), staged(OLDER, "shadow"):
        sent, kept = _told(NEW_PAIR)
    assert (sent, kept.subject.patient, kept.cards) == ([], "", ())
    assert set(kept.counts) == {Count("shadow", PAIR), Count("shadow", OLDER)}


def test_a_rule_that_is_off_is_not_counted() -> None:
    """What a site switched off is not asked, and so not counted."""
    with staged(OLDER, "off"):
        assert OLDER not in {count.rule for count in _told(UNSEEN)[1].counts}
    with staged(OLDER, "shadow"):  # at patient-view it is behind a switch
        assert _told(request("patient-view", held=[AGED]))[1].counts == ()


@pytest.mark.usefixtures("failing")
def test_a_failure_is_counted() -> None:
    """A failure of our own is counted; its card is not told, as nobody can learn from it."""
    [sent], kept = _told(NEW_PAIR)
    assert sent["extension"]["io.cds-service.explanation"]["message"] == "failed"
    assert (kept.cards, kept.counts, kept.subject.patient) == ((), (Count("failed"),), "")


def test_a_refused_call_is_not_told() -> None:
    """A request that was not understood is no call."""
    memory = Notes()
    refusal(client(memory).post(address("order-sign"), json={}))
    assert memory.kept == []


def test_the_identity_is_that_of_the_card() -> None:
    """The same call tells the same identity, another dose another one; a merged rule is a part of it."""
    twice_daily = {"timing": {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}}
    dosed = {"doseAndRate": [{"doseQuantity": {"value": 1, "unit": "mg", "code": "mg"}}]} | twice_daily
    more = request("order-sign", draft(LORAZEPAM, dosageInstruction=[dosed]), held=[AGED, order(OXYCODONE)])
    first, again, other = _only(NEW_PAIR), _only(NEW_PAIR), _only(more)
    assert first.identity == again.identity
    assert first.identity.card != other.identity.card
    assert first.identity.order != other.identity.order
    assert first.identity.card[0] == f"{OLDER}\n{PAIR}"


def test_the_version_of_the_numbers() -> None:
    """Where a site changes a number or a switch of the rule, its cards tell another version; else they do not."""
    before = _only(CRAMPS).thresholds
    assert before == _only(CRAMPS).thresholds != _only(NEW_PAIR).thresholds
    [rule] = [rule for rule in RULES if rule.id == CYCLO]
    number = rule.thresholds[0]
    with changed(**{number.key: number.value + 0.5}):
        other = _only(CRAMPS).thresholds
    assert other != before == _only(CRAMPS).thresholds


def test_the_version_of_the_switches() -> None:
    """A switch of the rule is a part of its version, one of another rule is not."""
    rules = [rule for rule in RULES if rule.switches or rule.switched_hooks]
    assert {bool(rule.switches) for rule in rules} == {True, False}
    for rule in rules:
        before = rule.version
        for key, switch in SWITCHES.items():
            with (turned_off if switch.on else turned_on)(key):
                own = switch in (*rule.switches, *rule.switched_hooks.values())
                assert (rule.version != before) is own


def test_nothing_is_told_without_a_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that keeps nothing answers the same cards, and makes nothing to be told."""
    told: list[Any] = []

    def noted(*parts: Any) -> Any:
        answered = answer(*parts)
        told.append(answered.told)
        return answered

    monkeypatch.setattr(cds, "answer", noted)
    for call in (NEW_PAIR, UNSEEN):
        assert client(None).post(address("order-sign"), json=call).get_json()["cards"] == _told(call)[0]
    assert [one.cards for one in told[::2]] == [(), ()]
    assert [(one.subject.patient, one.counts) for one in told[::2]] == [("", ()), ("", ())]
    assert all(one.cards for one in told[1::2])


def test_the_memory_is_started_with_the_application() -> None:
    """One start, before the first call."""
    memory = Notes()
    client(memory)
    assert memory.started == 1


def test_a_part_that_is_missing_is_told_beside_the_cards() -> None:
    """A call may show a card, tell what was not checked and count it."""
    held = prefetch(AGED)
    del held["medicationRequests"]
    sent, kept = _told(request("order-sign", draft(LORAZEPAM)) | {"prefetch": held})
    assert [card.rule for card in kept.cards] == [card["source"]["topic"]["code"] for card in sent]
    assert [card.rule for card in kept.cards] == [OLDER, "not-evaluated"]
    assert Count("not-evaluated", PAIR, "medications") in kept.counts
