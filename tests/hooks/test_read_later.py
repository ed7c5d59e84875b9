"""A broken element costs what it can: nothing where nobody asks for it, its whole resource where somebody does."""

from __future__ import annotations

import pytest

from cds_service.ehr.address import parse
from cds_service.ehr.source import Access
from cds_service.hooks.answer import answer
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.terms import Terms
from tests.fhir.resources import AMOXICILLIN, LORAZEPAM, OXYCODONE, TODAY, Json, draft, order
from tests.hooks.calls import base, request, sent, told, traced

BROKEN = "one a day"


def _call(listed: Json, ordered: Json) -> Json:
    return request("order-sign", draft(ordered), held=[order(listed, dosageInstruction=BROKEN)])


def test_a_broken_order_of_another_drug_hides_nothing() -> None:
    """An antibiotic's dosage that cannot be read leaves the check for an opioid whole."""
    assert told(_call(AMOXICILLIN, LORAZEPAM)) == []
    assert traced(_call(AMOXICILLIN, LORAZEPAM))["unread"] == 0


@pytest.mark.parametrize("servers", [(), (parse("https://ehr.example.org/fhir"),)])
def test_a_broken_order_that_matters_is_told(servers: tuple[object, ...]) -> None:
    """An opioid's dosage that cannot be read makes the list one that was seen in part, whoever may be asked."""
    body = sent(_call(OXYCODONE, LORAZEPAM))
    terms = Terms(access=Access(servers))  # type: ignore[arg-type]
    found = answer(SERVICES["cramp-order-sign"], body, TODAY, base, terms)
    assert [card.source.topic.code for card in found.cards] == ["not-evaluated"]
    assert "the medication list: only a part of it was supplied" in found.cards[0].detail


def test_a_broken_draft_is_told() -> None:
    """Nothing is said of a draft that cannot be read, but that it could not be."""
    call = request("order-sign", draft(LORAZEPAM, dosageInstruction=BROKEN))
    assert told(call) == ["not-evaluated:info"]
