"""The trace tells what every rule of the service said, and by which card."""

from __future__ import annotations

import pytest

from cds_service.cards.ration import Caps, ration
from cds_service.facts import Snapshot
from cds_service.hooks.answer import Answered, failed
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.trace import trace
from cds_service.rules import offered
from tests.cards.made import found, rule
from tests.fhir.resources import (
    AMOXICILLIN,
    CYCLOBENZAPRINE,
    LORAZEPAM,
    OXYCODONE,
    TODAY,
    Json,
    draft,
    order,
    patient,
    statement,
)
from tests.hooks.calls import prefetch, request, traced

PAIR = "benzodiazepine-opioid-combination"
OLDER = "benzodiazepine-older-adult"
AGED = patient(birthDate="1950-01-01")


def _lines(call: Json) -> dict[str, Json]:
    """The lines by rule, without the facts."""
    lines = traced(call)["rules"]
    return {line["rule"]: {name: part for name, part in line.items() if name != "facts"} for line in lines}


@pytest.mark.parametrize("service", SERVICES.values(), ids=lambda service: service.id)
def test_every_rule_of_the_service_has_a_line(service: object) -> None:
    """Each rule of the hook answers, in one line and once."""
    hook = service.hook  # type: ignore[attr-defined]
    lines = traced(request(hook, draft(AMOXICILLIN)))["rules"]
    assert [line["rule"] for line in lines] == [rule.id for rule in offered(hook)]
    assert {line["answer"] for line in lines} <= {"silent", "off"}


def test_findings_and_merged_rules() -> None:
    """A finding is told as such; a rule that is told on another's card names that one (decisions 9)."""
    lines = _lines(request("order-sign", draft(LORAZEPAM), held=[AGED, order(OXYCODONE)]))
    assert lines[PAIR] == {"rule": PAIR, "answer": "finding"}
    assert lines[OLDER] == {"rule": OLDER, "answer": "merged", "by": PAIR}
    assert lines["cyclobenzaprine-cramps"] == {"rule": "cyclobenzaprine-cramps", "answer": "silent"}


def test_a_rule_that_another_excludes() -> None:
    """A finding that another rule's finding makes pointless is told as suppressed, and by which rule (rules 4)."""
    answers = [found(rule("baclofen-max-dose", "BAC"), "info"), found(rule("baclofen-start-dose", "BAC", 2), "info")]
    told = trace(answers, ration(answers, "order-sign"), {}, Snapshot(TODAY, TODAY), 0, {})
    assert told["rules"] == [
        {"rule": "baclofen-max-dose", "answer": "finding"},
        {"rule": "baclofen-start-dose", "answer": "suppressed", "by": "baclofen-max-dose"},
    ]


def test_a_finding_tells_its_facts() -> None:
    """Every rule that found something tells by which facts, also on another rule's card; the others none."""
    call = request("order-sign", draft(LORAZEPAM), held=[AGED, order(OXYCODONE)])
    facts = {line["rule"]: line["facts"] for line in traced(call)["rules"] if "facts" in line}
    assert facts.keys() == {PAIR, OLDER}
    assert [fact["what"] for fact in facts[PAIR]] == ["lorazepam", "oxycodone"]
    assert "age" in [fact["what"] for fact in facts[OLDER]]


def test_findings_without_a_card() -> None:
    """A finding of a rule in shadow, and one beyond what a clinician is shown, are told as what they are."""
    answers = [found(rule("quiet", "QUI", stage="shadow"), "info"), found(rule("last"), "info")]
    told = trace(answers, ration(answers, "order-sign", caps=Caps(at_order=0)), {}, Snapshot(TODAY, TODAY), 0, {})
    assert told["rules"] == [
        {"rule": "quiet", "answer": "suppressed", "by": "shadow"},
        {"rule": "last", "answer": "suppressed", "by": "cap"},
    ]


def test_what_was_missing() -> None:
    """A rule that was not evaluated tells what was missing and why; so does one that spoke without it."""
    held = prefetch(AGED)
    del held["medicationRequests"], held["medicationStatements"]
    lines = _lines(request("order-sign", draft(LORAZEPAM)) | {"prefetch": held})
    why = {need["need"]: need["why"] for need in lines[PAIR]["missing"]}
    assert lines[PAIR]["answer"] == "not-evaluated"
    assert why == dict.fromkeys(("medications", "statements"), "not supplied by the EHR")
    assert lines[OLDER]["answer"] == "finding"
    assert {need["need"] for need in lines[OLDER]["missing"]} == {"medications", "statements"}


def test_a_rule_that_is_off_misses_nothing() -> None:
    """A rule that a site did not switch on is told as off, whatever was not supplied."""
    call = request("patient-view") | {"prefetch": {"patient": AGED}}
    assert _lines(call)[OLDER] == {"rule": OLDER, "answer": "off"}


def test_unread_entries_are_counted() -> None:
    """The trace tells how much of the record could not be read."""
    held = prefetch(statement(OXYCODONE))
    held["conditions"]["entry"] += ["junk", None]
    assert traced(request("order-sign", draft(CYCLOBENZAPRINE)) | {"prefetch": held})["unread"] == 2
    assert traced(request("order-sign", draft(CYCLOBENZAPRINE)))["unread"] == 0


def test_without_asking_there_is_no_trace() -> None:
    """An answer without a trace is its cards."""
    assert Answered(()).to_json() == {"cards": ()}


def test_a_failed_answer_is_one_card() -> None:
    """Where the service itself failed there is one card, without a trace and with a uuid of its own."""
    first, second = failed("https://cds.example"), failed("https://cds.example")
    (card,) = first.cards
    assert card.source.topic.code == "not-evaluated"
    assert card.uuid != second.cards[0].uuid
    assert set(first.to_json()) == {"cards"}
