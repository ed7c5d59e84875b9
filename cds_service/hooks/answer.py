"""The path of a request: the one place that knows all the steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import partial
from typing import Any
from uuid import uuid4

from msgspec import Struct

from cds_service.cards.build import Call, card, failure, not_evaluated
from cds_service.cards.card import Card
from cds_service.cards.ration import Shown, ration
from cds_service.cards.suggest import Client
from cds_service.cards.unchecked import lists
from cds_service.ehr.gather import Gathered, gather
from cds_service.facts import DRUG, Snapshot
from cds_service.fhir.later import Unreadable
from cds_service.fhir.observations import IMPLAUSIBLE
from cds_service.fhir.read import snapshot
from cds_service.fhir.version import Version
from cds_service.fhir.write import Visit, original
from cds_service.hooks.catalogue import Service, needs_of
from cds_service.hooks.record import NOTHING_TOLD, Remembered, Told, told
from cds_service.hooks.refusal import Refusal
from cds_service.hooks.request import DRAFTS_IN, HookRequest, parse
from cds_service.hooks.terms import NO_TERMS, Terms
from cds_service.hooks.trace import trace
from cds_service.rules import ORDER_HOOKS, Answer, evaluate
from cds_service.store.entries import Count
from cds_service.store.memory import Memory

_UNREADABLE_DRAFT = "an order in the session could not be read"


class Answered(Struct, frozen=True):
    """The answer to one call: its cards, what every rule said, and whether the client asked to hear that.

    `implausible` counts the laboratory results that no living patient has: an EHR's error to be mended; `told` is what
    the store is told of it; `shown` are the findings that became cards, `quiet` the rules that need not be told again,
    and by what.
    """

    cards: tuple[Card, ...]
    answers: tuple[Answer, ...] = ()
    trace: Mapping[str, Any] | None = None
    implausible: int = 0
    told: Told = NOTHING_TOLD
    shown: tuple[Shown, ...] = ()
    quiet: Mapping[str, str] = {}

    def to_json(self) -> dict[str, Any]:
        """The body of the response."""
        body: dict[str, Any] = {"cards": self.cards}
        return body if self.trace is None else body | {"extension": {"io.cds-service.trace": self.trace}}


def answer(
    service: Service,
    body: bytes,
    today: date,
    base_url: Callable[[], str],
    terms: Terms = NO_TERMS,
    memory: Memory | None = None,
) -> Answered:
    """The answer of a service to the body of a call, on a day and on its client's terms; what was not prefetched is
    asked of the FHIR server if that may be called, and what need not be said again of the memory. Raises Refusal."""
    with terms.access.room.inside, terms.in_force():
        if not terms.access.servers:  # else what was fetched would have to be fetched twice
            with suppress(Unreadable):
                return _answer(service, parse(body, service.hook, strictly=False), today, base_url, terms, memory)
        return _answer(service, parse(body, service.hook), today, base_url, terms, memory)


def _answer(
    service: Service,
    request: HookRequest,
    today: date,
    base_url: Callable[[], str],
    terms: Terms,
    memory: Memory | None,
) -> Answered:
    if request.drafts is None:
        return Answered(())  # a real client sends order hooks without their orders: nothing to judge
    gathered = gather(
        request.values,
        request.drafts,
        request.patient_id,
        request.encounter_id,
        needs_of(service.id),
        request.server,
        terms.access.source(request.server, request.token),
    )
    if service.hook not in ORDER_HOOKS and gathered.nothing:
        raise _nothing_supplied(service)
    facts = _facts(request, gathered, today)
    answers = tuple(evaluate(facts, service.hook))
    remembered = Remembered(memory, terms, service.hook, request, facts)
    shown = ration(answers, service.hook, remembered.unsaid, terms.caps)
    cards = _cards(shown, answers, facts, request, gathered, base_url, terms)
    quiet = remembered.quiet
    explained = _trace(answers, shown, quiet, facts, request, gathered) if request.explain else None
    implausible = sum(one.why == IMPLAUSIBLE for one in facts.looked_up.unused)
    kept = told(remembered, cards, shown, answers)
    return Answered(cards, answers, explained, implausible, kept, tuple(shown), quiet)


def failed(base_url: str) -> Answered:
    """The answer where the service itself failed: a card that says so."""
    return Answered((failure(base_url, uuid4()),), told=Told(counts=(Count("failed"),)))


def _trace(
    answers: Sequence[Answer],
    shown: Sequence[Shown],
    quiet: Mapping[str, str],
    facts: Snapshot,
    request: HookRequest,
    gathered: Gathered,
) -> Mapping[str, Any]:
    unread = sum(_unreadable(request, gathered).values())
    return trace(answers, shown, quiet, facts, unread, gathered.details)


def _facts(request: HookRequest, gathered: Gathered, today: date) -> Snapshot:
    unmet = dict(gathered.unmet)
    if request.unreadable_drafts:
        unmet[DRUG] = _UNREADABLE_DRAFT
    return snapshot(gathered.record, today, request.selections, request.encounter_id, unmet)


def _cards(
    shown: Sequence[Shown],
    answers: Sequence[Answer],
    facts: Snapshot,
    request: HookRequest,
    gathered: Gathered,
    base_url: Callable[[], str],
    terms: Terms,
) -> tuple[Card, ...]:
    if not shown and not facts.unmet:
        return ()  # nearly every call
    version = gathered.version() or Version.R4
    visit = Visit(version, request.patient_id, request.encounter_id)
    whole = partial(original, request.body, gathered.pages, patient_id=request.patient_id)
    client = Client(visit, facts.as_of, whole, terms.dialect)
    unread = _unreadable(request, gathered)
    call = Call(request.instance, base_url(), client, facts.unmet, facts.age, unread, terms.client, terms.page)
    unchecked = not_evaluated(answers, call, also=lists(request.hook, facts))
    return (*(card(one, call) for one in shown), *([unchecked] if unchecked else []))


def _unreadable(request: HookRequest, gathered: Gathered) -> dict[str, int]:
    """How many entries could not be read, by the part of the request that holds them."""
    drafts = {DRAFTS_IN[request.hook]: request.unreadable_drafts} if request.unreadable_drafts else {}
    return {**drafts, **gathered.unreadable}


def _nothing_supplied(service: Service) -> Refusal:
    keys = ", ".join(service.prefetch)
    return Refusal(
        f"Nothing that this service needs was supplied. Send at least one of the prefetch keys: {keys}.",
        status=412,
        code="required",
    )
