"""Whole answers in every dialect: valid, and with nothing in them that the client cannot take."""

from __future__ import annotations

import json
from itertools import product
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest

from cds_service.cards.dialect import PLAIN, Dialect
from cds_service.fhir.check import problems
from cds_service.fhir.version import Version
from cds_service.hooks.answer import Answered, answer
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.terms import Terms
from cds_service.store.memory import Memory
from cds_service.web.examples.cases import AS_OF, Case
from tests.fhir.resources import (
    BACLOFEN,
    CRAMP,
    CYCLOBENZAPRINE,
    DIAZEPAM,
    LORAZEPAM,
    OXYCODONE,
    TODAY,
    Json,
    condition,
    draft,
    order,
    timed,
)
from tests.hooks.calls import base, request, sent
from tests.support import hook
from tests.support.cases import all_cases
from tests.support.notes import Notes
from tests.support.switches import turned_on

LONG = timed(boundsDuration={"value": 60, "unit": "days", "code": "d"})
CALLS = {
    "two drafts": request("order-sign", draft(LORAZEPAM), draft(OXYCODONE, "d2")),
    "tests": request("order-sign", draft(CYCLOBENZAPRINE), held=[condition(CRAMP)]),
    "removal": request("order-sign", draft(LORAZEPAM), held=[order(OXYCODONE)]),
    "limit": request("order-sign", draft(DIAZEPAM, reasonCode=[CRAMP], dosageInstruction=[LONG])),
    "dose": request("order-sign", draft(BACLOFEN), held=[condition(CRAMP)]),
    "list": request("patient-view", held=[order(LORAZEPAM), order(OXYCODONE, "m2"), condition(CRAMP)]),
}
DIALECTS = [Dialect(*parts) for parts in product(("", "any", "at-most-one"), (False, True), (False, True))]
each_dialect = pytest.mark.parametrize("dialect", DIALECTS, ids=str)
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))


def _answered(call: Json, dialect: Dialect, memory: Notes | None = None, day: Any = TODAY) -> Answered:
    service = SERVICES[f"cramp-{call['hook']}"]
    return answer(service, sent(call), day, base, Terms(dialect=dialect), cast("Memory | None", memory))


def _cards(call: Json, dialect: Dialect, day: Any = TODAY) -> list[Json]:
    found: list[Json] = json.loads(msgspec.json.encode(_answered(call, dialect, day=day).to_json()))["cards"]
    return found


def _card(call: str, dialect: Dialect) -> Json:
    return next(card for card in _cards(CALLS[call], dialect) if "suggestions" in card)


def _check(card: Json, dialect: Dialect) -> None:
    """What is offered is as the specification asks, and as the dialect can say it."""
    offers = card.get("suggestions", [])
    how = card.get("selectionBehavior", "")
    assert bool(offers) is bool(how)
    assert how in ({dialect.selection_behavior} if dialect.selection_behavior else {"any", "at-most-one"}) | {""}
    recommended = [offer for offer in offers if offer.get("isRecommended")]
    assert len(recommended) <= 1 or (how == "any" and dialect.one_action)
    for offer in offers:
        assert str(UUID(offer["uuid"])) == offer["uuid"]
        assert offer["label"]
        assert len(offer["actions"]) == 1 or not dialect.one_action
        for action in offer["actions"]:
            _check_action(action, dialect)


def _check_action(action: Json, dialect: Dialect) -> None:
    assert action["description"]
    if action["type"] != "delete":
        assert set(action) == {"type", "description", "resource"}
        assert problems(action["resource"], Version.R4) == []
    else:
        name = "resource" if dialect.delete_as_string else "resourceId"
        assert set(action) == {"type", "description", name}
        assert action[name].count("/") == 1


@each_dialect
@each_call
def test_every_answer_is_valid(call: Json, dialect: Dialect) -> None:
    """In every dialect the same cards come, without a uuid twice, and a retry is the same to the letter."""
    cards = _cards(call, dialect)
    assert cards == _cards(call, dialect)
    for card in cards:
        _check(card, dialect)
    uuids = [one["uuid"] for card in cards for one in (card, *card.get("suggestions", []))]
    assert len(set(uuids)) == len(uuids)
    apart = ("suggestions", "selectionBehavior")
    plain = [{name: part for name, part in card.items() if name not in apart} for card in _cards(call, PLAIN)]
    assert [{name: part for name, part in card.items() if name not in apart} for card in cards] == plain


@each_dialect
@each_call
def test_what_is_remembered_is_what_was_sent(call: Json, dialect: Dialect) -> None:
    """Feedback names a suggestion by its uuid: the store is told those of the parts, and of nothing that was left
    out."""
    answered = _answered(call, dialect, Notes())
    sent_uuids = [tuple(offer.uuid for offer in card.suggestions) for card in answered.cards]
    assert [card.suggestions for card in answered.told.cards] == sent_uuids


@pytest.mark.parametrize(
    ("dialect", "how", "labels"),
    [
        (PLAIN, "at-most-one", ["Remove lorazepam", "Remove oxycodone", "Add naloxone"]),
        (Dialect("at-most-one"), "at-most-one", ["Remove lorazepam", "Remove oxycodone", "Add naloxone"]),
        (Dialect("any"), "any", ["Remove lorazepam", "Add naloxone"]),
        (Dialect("any", one_action=True), "any", ["Remove lorazepam", "Add naloxone"]),
        (Dialect(one_action=True), "at-most-one", ["Remove lorazepam", "Remove oxycodone", "Add naloxone"]),
    ],
)
def test_a_pair_that_is_drafted_together(dialect: Dialect, how: str, labels: list[str]) -> None:
    """Both drugs of a pair are never removed by a client that takes whatever it likes."""
    card = _card("two drafts", dialect)
    assert card["selectionBehavior"] == how
    assert [" ".join(offer["label"].split()[:2]) for offer in card["suggestions"]] == labels


def test_several_tests() -> None:
    """What was one click is one click a test, with the same drafts; all of them can be taken."""
    plain = _card("tests", PLAIN)
    for dialect in (Dialect("any", one_action=True), Dialect(one_action=True)):
        card = _card("tests", dialect)
        assert card["selectionBehavior"] == "any"
        actions = [[one for offer in told["suggestions"] for one in offer["actions"]] for told in (plain, card)]
        assert actions[0] == actions[1]
        assert len(actions[1]) == len(card["suggestions"]) > len(plain["suggestions"])


@pytest.mark.parametrize(("old", "named"), [(False, "resourceId"), (True, "resource")])
def test_a_delete(old: bool, named: str) -> None:
    """A client of CDS Hooks 1.0 is told the name of the draft in `resource`."""
    [action] = _card("removal", Dialect(delete_as_string=old))["suggestions"][0]["actions"]
    description = "Remove the draft of lorazepam"
    assert action == {"type": "delete", "description": description, named: "MedicationRequest/d1"}


CASES = [case for case in all_cases() if hook.can_say(case, "R4")]


@pytest.mark.parametrize("dialect", [Dialect("any", one_action=True), Dialect("at-most-one", True, True)], ids=str)
def test_no_rule_says_what_a_dialect_cannot(dialect: Dialect) -> None:
    """Whatever a rule proposes in its cases, a client of one action gets one, and no draft is changed in two ways."""
    for case in CASES:
        with turned_on(*case.switches):
            cards = _cards(hook.request(case, "R4"), dialect, AS_OF)
        for card in cards:
            _check(card, dialect)
            if dialect.selection_behavior == "any":
                _check_free(card, case)


def _check_free(card: Json, case: Case) -> None:
    actions = [action for offer in card.get("suggestions", []) for action in offer["actions"]]
    changed = [action.get("resourceId") or action["resource"]["id"] for action in actions if action["type"] != "create"]
    ids = [name.rpartition("/")[2] for name in changed]
    assert len(set(ids)) == len(ids), (case.rule, case.name)
