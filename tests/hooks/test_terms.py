"""Each client is answered on its own terms: its name, its FHIR servers, its caps; nothing passes to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

import pytest

from cds_service.cards.dialect import PLAIN
from cds_service.cards.ration import USUAL, Caps
from cds_service.ehr import server
from cds_service.ehr.address import parse
from cds_service.ehr.reply import Fetched
from cds_service.ehr.source import NO_ACCESS, Access
from cds_service.hooks.answer import Answered, answer
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.terms import NO_TERMS, Terms
from cds_service.store.memory import Memory
from tests.ehr.asked import SLOW
from tests.fhir.resources import CRAMP, CYCLOBENZAPRINE, LORAZEPAM, OXYCODONE, TODAY, Json, condition, draft, order
from tests.hooks.calls import base, request, sent
from tests.support.notes import Notes

A_SERVER, B_SERVER = "https://a.example.org/fhir", "https://b.example.org/fhir"
A = Terms("a", Access((parse(A_SERVER),)))
B = Terms("b", Access((parse(B_SERVER),)))
PAIR = request("order-sign", draft(LORAZEPAM), held=[order(OXYCODONE)])
CRAMPED = condition(CRAMP)
CRAMPS = request("order-sign", draft(CYCLOBENZAPRINE), held=[CRAMPED])
BOTH = request("order-sign", draft(LORAZEPAM), draft(CYCLOBENZAPRINE, "d2"), held=[order(OXYCODONE), CRAMPED])


def _answer(call: Json, terms: Terms, memory: Notes | None = None) -> Answered:
    service = SERVICES[f"cramp-{call['hook']}"]
    return answer(service, sent(call), TODAY, base, terms, cast("Memory | None", memory))


def _uuids(answered: Answered) -> set[str]:
    return {one.uuid for card in answered.cards for one in (card, *card.suggestions)}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The hosts of the servers that are asked; none of them answers."""
    hosts: list[str] = []

    def fetch_all(client: Any, queries: Mapping[str, str]) -> dict[str, Fetched]:
        hosts.append(client.server.host)
        return dict.fromkeys(queries, SLOW)

    monkeypatch.setattr(server, "fetch_all", fetch_all)
    return hosts


def test_the_terms_of_a_client_with_which_nothing_is_settled() -> None:
    """It has no name, no server may be called for it, it understands everything and is shown the usual number."""
    assert NO_TERMS == Terms("", NO_ACCESS, PLAIN, USUAL) == Terms()


@pytest.mark.parametrize(
    ("terms", "offered", "hosts"),
    [
        (A, A_SERVER, ["a.example.org"]),
        (B, B_SERVER, ["b.example.org"]),
        (B, A_SERVER, []),
        (A, B_SERVER, []),
        (NO_TERMS, A_SERVER, []),
    ],
)
def test_a_server_is_called_for_its_own_client_only(
    terms: Terms, offered: str, hosts: list[str], asked: list[str]
) -> None:
    """A server that may be called for one client is not called for another that names it (conformance T8)."""
    call = PAIR | {"prefetch": {}, "fhirServer": offered}
    assert [card.source.topic.code for card in _answer(call, terms).cards] == ["not-evaluated"]
    assert asked == hosts


def test_all_clients_of_a_process_share_one_room() -> None:
    """One request is judged at a time, whichever client it is of."""
    assert A.access.room is B.access.room is NO_ACCESS.room
    with A.access.room.inside, A.access.room.outside():
        assert len(_answer(PAIR, B).cards) == 1


def test_by_what_name_a_client_is_remembered() -> None:
    """The memory is asked and told about the patient of that client, and of no other one of the same id."""
    for terms in (A, B, NO_TERMS):
        memory = Notes()
        told = _answer(CRAMPS, terms, memory).told
        [(subject, _, _)] = memory.asked
        assert subject.client == told.subject.client == terms.client
        assert told.subject.patient == subject.patient != ""


def test_two_clients_share_no_uuid() -> None:
    """Feedback tells them apart even where both send one hookInstance and one patient id; a retry is the same."""
    first, second, nobody = (_uuids(_answer(PAIR, terms)) for terms in (A, B, NO_TERMS))
    assert not first & second
    assert not (first | second) & nobody
    assert first == _uuids(_answer(PAIR, A))


@pytest.mark.parametrize(("most", "shown"), [(0, ["critical"]), (1, ["critical"]), (2, ["critical", "info"])])
def test_a_client_has_caps_of_its_own(most: int, shown: list[str]) -> None:
    """Of its info cards only as many are shown as its cap has room for; a critical one always is."""
    assert [card.indicator for card in _answer(BOTH, Terms(caps=Caps(at_order=most))).cards] == shown
    assert _answer(BOTH, Terms(caps=Caps(at_view=most))) == _answer(BOTH, NO_TERMS)
