"""Answers become cards that say what was found, on what it rests, and what could not be seen."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import combinations
from typing import Any
from uuid import UUID

import msgspec
import pytest

from cds_service import __version__
from cds_service.cards.build import EXPLANATION, card, failure, not_evaluated
from cds_service.cards.card import LONGEST_SUMMARY, Card
from cds_service.cards.ration import Shown
from cds_service.cards.suggest import Client
from cds_service.cards.unchecked import NOT_EVALUATED
from cds_service.facts import (
    ALLERGIES,
    CONDITIONS,
    DRUG,
    ENCOUNTER,
    MEDICATIONS,
    PATIENT,
    STATEMENTS,
    Drug,
    Medication,
    ProposedOrder,
)
from cds_service.fhir.version import Version
from cds_service.fhir.write import Visit
from cds_service.rules import RULES, Answer, Fact, Finding, Message, Missing, OfferNaloxone, Withdraw
from cds_service.terminology import Entry
from tests.cards.made import BASE, BY_NAME, CYCLOBENZAPRINE, LISTED, call, finding, found, rule
from tests.fhir.resources import TODAY

NAMED = Drug((Entry("cyclobenzaprine", "cyclobenzaprine"),), "<b>Flexeril*</b>", by_name=True)
WHY = "not supplied by the EHR"


def _sent(made: Card) -> Any:
    return json.loads(msgspec.json.encode(made))


def _empty(part: Any, path: str = "") -> list[str]:
    """The paths of every null or empty member."""
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return ([path] if part in (None, "", [], {}) else []) + [
        one for key, value in inside for one in _empty(value, f"{path}/{key}")
    ]


def _explained(made: Card) -> Any:
    return made.extension[EXPLANATION]


def test_a_card_of_a_finding() -> None:
    """Summary, indicator, source, link and explanation follow from the finding and its rule."""
    made = card(Shown(found(rule("a-rule"), "warning")), call())
    assert made.summary == "a-rule warning cyclobenzaprine"
    assert made.indicator == "warning"
    assert made.detail.startswith("Detail of a-rule.")
    assert made.source.label == "Muscle-cramp guideline service (seed text, unverified references)"
    assert (made.source.topic.system, made.source.topic.code) == ("urn:cds-service:rule", "a-rule")
    assert made.source.url.startswith(BASE)
    assert made.source.icon == f"{BASE}/static/icon.png"
    assert [(link.url, link.type) for link in made.links] == [(f"{BASE}/evidence/a-rule", "absolute")]
    assert [reason.code for reason in made.override_reasons] == list(RULES[0].override_reasons)[:5]
    assert _empty(_sent(made)) == []


def test_two_wordings_of_one_reason() -> None:
    """A message may name the reason that it tells: the card tells that code once, and which message words it."""
    made = rule("a", messages={"low": Message("info", "s", "d"), "low-severe": Message("warning", "s", "d", "low")})
    shown = card(Shown(found(made, "low", "low-severe")), call())
    assert (_explained(shown)["message"], _explained(shown)["reasons"]) == ("low-severe", ["low"])
    assert shown.indicator == "warning"


def test_the_explanation() -> None:
    """A card explains itself: rule, merged rules, reasons, orders and facts (rules 11.1)."""
    facts = (Fact("age", "70", "a"), Fact("cyclobenzaprine", "draft", on=date(2026, 11, 22), reference="X/1"))
    about = (LISTED, Medication(CYCLOBENZAPRINE, reference="MedicationRequest/m2"), LISTED)
    first = Finding("warning", about, {"drug": "x"}, facts)
    answer = Answer(rule("a"), "finding", (first, Finding("info", (LISTED,), {"drug": "x"}, facts)))
    made = card(Shown(answer, also=(found(rule("b"), "info"),)), call(unreadable={"conditions": 2}))
    assert _explained(made) == {
        "rule": "a",
        "message": "warning",
        "also": ["b"],
        "reasons": ["warning", "info"],
        "orders": ["MedicationRequest/m1", "MedicationRequest/m2"],
        "facts": [
            {"what": "age", "value": "70", "unit": "a"},
            {"what": "cyclobenzaprine", "value": "draft", "date": "2026-11-22", "reference": "X/1"},
        ],
        "unread": [{"key": "conditions", "count": 2}],
        "version": __version__,
    }


def test_an_explanation_has_no_empty_members() -> None:
    """What there is not is not explained (decisions 9)."""
    made = card(Shown(found(rule("a"), "info")), call())
    assert set(_explained(made)) == {"rule", "message", "reasons", "orders", "version"}


def test_merged_rules_are_bullets() -> None:
    """The other findings of a group stand as bullets in the detail (rules 4)."""
    made = card(Shown(found(rule("a"), "warning"), also=(found(rule("b"), "info"), found(rule("c"), "info"))), call())
    assert "- Also: b info cyclobenzaprine\n- Also: c info cyclobenzaprine" in made.detail


def test_every_message_of_a_rule_is_told_once() -> None:
    """A rule with several findings tells the detail of each, the most urgent first, none twice."""
    details = {"info": "Info.", "warning": "Warning.", "critical": "Critical."}
    messages = {name: Message(name, "s", text) for name, text in details.items()}  # type: ignore[arg-type]
    made = card(Shown(found(rule("a", messages=messages), "info", "warning", "info")), call())
    assert made.detail.startswith("Warning.\n\nInfo.")
    assert made.detail.count("Info.") == 1


def test_text_from_fhir_is_harmless() -> None:
    """What stands in a placeholder, and the name of a drug, is escaped in the detail (decisions 16)."""
    messages = {"info": Message("info", "s", "Says {drug}.")}
    answer = Answer(rule("a", messages=messages), "finding", (Finding("info", (Medication(NAMED),), {"drug": "<i>*"}),))
    made = card(Shown(answer), call())
    assert "Says &lt;i&gt;\\*." in made.detail
    assert "&lt;b&gt;Flexeril\\*&lt;/b&gt;" in made.detail
    assert "<" not in made.detail


def test_a_drug_matched_by_name_is_told() -> None:
    """The card says which drug was matched by its name only, once, and is at most a warning (decisions 8)."""
    made = card(Shown(found(rule("a"), "critical", "info", drug=BY_NAME)), call())
    assert made.indicator == "warning"
    assert made.detail.count("cyclobenzaprine 10 mg") == 1
    assert "by name" in made.detail
    assert "by name" not in card(Shown(found(rule("a"), "critical")), call()).detail


def test_the_evidence_note_comes_last() -> None:
    """Where independent evidence differs, the detail ends with one line that says so (rules 0.1)."""
    made = card(Shown(found(rule("a", evidence_note="Weak."), "info")), call())
    assert made.detail.endswith("\n\nEvidence note: Weak.")
    assert "Evidence note" not in card(Shown(found(rule("a", evidence_note=""), "info")), call()).detail


@pytest.mark.parametrize(
    ("unmet", "told"),
    [
        ([], False),
        ([MEDICATIONS], True),
        ([CONDITIONS], True),
        ([PATIENT], True),
        ([ENCOUNTER, STATEMENTS, ALLERGIES], False),
    ],
)
def test_what_was_not_seen_is_told(unmet: Any, told: bool) -> None:
    """A card says which of the great lists its rule reads and did not see; optional data do not (decisions 1, 3)."""
    reading = rule("a", needs=(CONDITIONS,), reads=(MEDICATIONS, ENCOUNTER, STATEMENTS, ALLERGIES))
    made = card(Shown(found(reading, "info")), call(unmet=dict.fromkeys(unmet, WHY)))
    assert ("Not seen: " in made.detail) is told
    assert all(f"Not seen: {need.words} ({WHY})." in made.detail for need in unmet if told)


def _withdraws(*ids: str) -> tuple[Withdraw, ...]:
    orders = (ProposedOrder(CYCLOBENZAPRINE, reference=f"MedicationRequest/{id}") for id in ids)
    return tuple(Withdraw(order, "cyclobenzaprine") for order in orders)


@pytest.mark.parametrize(
    ("propose", "labels", "behavior"),
    [
        ((), [], ""),
        (_withdraws("d1"), ["Remove cyclobenzaprine"], "any"),
        (_withdraws("d1", "d2"), ["Remove cyclobenzaprine"] * 2, "any"),
        ((*_withdraws("d1"), OfferNaloxone()), ["Remove cyclobenzaprine", "Add naloxone 4 mg nasal spray"], "any"),
    ],
)
def test_suggestions(propose: Any, labels: list[str], behavior: str) -> None:
    """Suggestions come with their behavior, and neither is there without the other (conformance S1, S2)."""
    answer = Answer(rule("a"), "finding", (Finding("warning", (LISTED,), {"drug": "x"}, propose=propose),))
    sent = _sent(card(Shown(answer), call()))
    assert [offer["label"] for offer in sent.get("suggestions", [])] == labels
    assert sent.get("selectionBehavior", "") == behavior
    assert len({offer["uuid"] for offer in sent.get("suggestions", [])} | {sent["uuid"]}) == len(labels) + 1
    assert _empty(sent) == []


def test_uuids_follow_the_call() -> None:
    """The same call gives the same uuid; another call, rule or order gives another (conformance C12, R13)."""
    answers = [found(rule("a"), "info"), found(rule("b"), "info")]
    other = Answer(rule("a"), "finding", (finding("info", reference="MedicationRequest/m2"),))
    first = [card(Shown(answer), call()).uuid for answer in answers]
    assert first == [card(Shown(answer), call()).uuid for answer in answers]
    others = [card(Shown(answer), call("call-2")).uuid for answer in answers] + [card(Shown(other), call()).uuid]
    assert len({*first, *others}) == 5


def test_two_patients_share_no_uuid() -> None:
    """A client that sends one hookInstance for all patients is sent cards that feedback can tell apart."""
    visits = [Client(Visit(Version.R4, id), TODAY, lambda reference: None) for id in ("p1", "p2")]
    shown, unchecked = Shown(found(rule("a"), "info")), [_unchecked("a", MEDICATIONS)]
    made = [card(shown, call(client=client)) for client in visits]
    made += [one for client in visits if (one := not_evaluated(unchecked, call(client=client))) is not None]
    assert len({one.uuid for one in made}) == 4


def test_the_last_resort_of_a_rule() -> None:
    """A summary that would be too long is the rule's own short line."""
    messages = {"info": Message("info", "{drug} " * 20, "d")}
    made = card(Shown(found(rule("a", messages=messages, last_resort="Short."), "info")), call())
    assert made.summary == "Short."


def _unchecked(id: str, *needs: Any) -> Answer:
    return Answer(rule(id), "not-evaluated", missing=tuple(Missing(need, WHY) for need in needs))


def test_what_could_not_be_checked_is_one_card() -> None:
    """One info card names the missing data once, in a clinician's words, for all rules (decisions 2)."""
    answers = [_unchecked("a", MEDICATIONS), _unchecked("b", MEDICATIONS, CONDITIONS), Answer(rule("c"), "silent")]
    made = not_evaluated(answers, call(unreadable={"draftOrders": 1}))
    assert made is not None
    assert made.indicator == "info"
    assert made.source.topic.code == NOT_EVALUATED
    assert MEDICATIONS.words in made.summary
    assert CONDITIONS.words in made.summary
    assert made.detail.count(f"{MEDICATIONS.words}: {WHY}") == 1
    assert re.search("for that reason: a; b", made.detail)
    assert _explained(made)["reasons"] == ["medications", "conditions"]
    assert _explained(made)["unread"] == [{"key": "draftOrders", "count": 1}]
    assert _empty(_sent(made)) == []


def test_nothing_is_said_where_everything_was_checked() -> None:
    """Without a rule that was not evaluated there is no such card, whatever was not supplied."""
    assert not_evaluated([Answer(rule("a"), "silent")], call(unmet={CONDITIONS: WHY})) is None
    assert not_evaluated([], call(), also=(MEDICATIONS,)) is None


def test_the_lists_themselves_are_told_at_patient_view() -> None:
    """A list that no rule missed is told where the caller asks for it, without naming rules."""
    made = not_evaluated([], call(unmet={MEDICATIONS: WHY, STATEMENTS: WHY}), also=(MEDICATIONS, CONDITIONS))
    assert made is not None
    assert MEDICATIONS.words in made.summary
    assert STATEMENTS.words not in made.detail
    assert "for that reason" not in made.detail


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_its_summary_is_never_cut(number: int) -> None:
    """However many data are missing, the summary is below 140 characters and whole."""
    for needs in combinations((PATIENT, MEDICATIONS, CONDITIONS, DRUG), number):
        made = not_evaluated([_unchecked("a", *needs)], call())
        assert made is not None
        assert len(made.summary) <= LONGEST_SUMMARY
        assert not made.summary.endswith("\u2026"), made.summary


def test_its_uuid_follows_the_call() -> None:
    """The card has one uuid in one call, and another in another."""
    answers = [_unchecked("a", MEDICATIONS)]
    uuids = [not_evaluated(answers, call(instance)) for instance in ("1", "1", "2")]
    first, again, other = (made.uuid for made in uuids if made is not None)
    assert first == again != other


def test_our_own_failure_is_a_card() -> None:
    """A failure of the service is told on a card without a rule's words, and is no all-clear."""
    made = failure(BASE, UUID(int=7))
    assert (made.uuid, made.indicator) == (str(UUID(int=7)), "info")
    assert made.source.topic.code == NOT_EVALUATED
    assert "Nothing was checked" in made.summary
    assert len(made.summary) <= LONGEST_SUMMARY
    assert _explained(made)["reasons"] == ["failed"]
    assert _empty(_sent(made)) == []


def test_the_client_decides_the_version() -> None:
    """Suggestions are written in the client's FHIR version."""
    answer = Answer(rule("a"), "finding", (Finding("warning", (LISTED,), {"drug": "x"}, propose=(OfferNaloxone(),)),))
    client = Client(Visit(Version.DSTU2, "p1"), TODAY, lambda reference: None)
    (offer,) = card(Shown(answer), call(client=client)).suggestions
    assert offer.actions[0].resource["resourceType"] == "MedicationOrder"
