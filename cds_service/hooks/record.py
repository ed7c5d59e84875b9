"""What the store is asked and told of a call: what need not be said again, and what was shown."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from cds_service import __version__
from cds_service.cards.build import EXPLANATION
from cds_service.cards.card import Card
from cds_service.cards.identity import same_card, same_order
from cds_service.cards.ration import Shown
from cds_service.facts import Snapshot
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.request import HookRequest
from cds_service.hooks.terms import Terms
from cds_service.rules import SIGNING, Answer
from cds_service.store.entries import Count, Identity, ShownCard, Subject
from cds_service.store.memory import Memory, Unavailable

# The service whose cards signing need not repeat.
_CHOOSING = next(service.id for service in SERVICES.values() if service.hook == "order-select")
NO_SUBJECT = Subject("", "")


class Told(Struct, frozen=True):
    """What the store is told of a call: whom it was about, what was shown, and what is only counted."""

    subject: Subject = NO_SUBJECT
    cards: tuple[ShownCard, ...] = ()
    counts: tuple[Count, ...] = ()


NOTHING_TOLD = Told()


class Remembered:
    """What the memory says of one call; nothing where there is no memory, or it does not answer."""

    __slots__ = ("_facts", "_hook", "_identities", "_memory", "_request", "_terms", "held", "keeps")

    def __init__(self, memory: Memory | None, terms: Terms, hook: str, request: HookRequest, facts: Snapshot) -> None:
        self.held: list[tuple[Shown, str]] = []  # the cards that are not shown again, and by what
        self.keeps = memory is not None
        self._identities: dict[str, Identity] = {}
        self._memory, self._terms, self._hook, self._request, self._facts = memory, terms, hook, request, facts

    @property
    def subject(self) -> Subject:
        """The patient and the user of the call, as its client names them."""
        return Subject(self._request.patient_id, self._request.user_id, self._terms.client)

    @property
    def quiet(self) -> dict[str, str]:
        """The rules that are not told again, those told on a card of another one included, and by what."""
        return {one.rule.id: by for card, by in self.held for one in (card.answer, *card.also)}

    def identity(self, shown: Shown) -> Identity:
        """What makes the card the same card; asked before it is shown, and told after."""
        rule = shown.answer.rule.id
        if rule not in self._identities:
            self._identities[rule] = Identity(same_card(shown, self._facts), same_order(shown))
        return self._identities[rule]

    def unsaid(self, cards: Sequence[Shown]) -> Sequence[Shown]:
        """The cards that must be shown: not those that were overridden lately or shown minutes ago, critical ones
        always."""
        asked = [card for card in cards if card.indicator != "critical"]
        self.held = [(card, by) for card, by in zip(asked, self._repeated(asked), strict=True) if by]
        return [card for card in cards if card.answer.rule.id not in self.quiet]

    def _repeated(self, asked: Sequence[Shown]) -> list[str]:
        if self._memory is None or not asked:
            return [""] * len(asked)
        identities = [self.identity(card) for card in asked]
        try:
            with self._terms.access.room.outside():
                return self._memory.repeated(self.subject, identities, _CHOOSING if self._hook in SIGNING else "")
        except Unavailable:
            return [""] * len(asked)  # rather twice than not at all


def told(remembered: Remembered, cards: Sequence[Card], shown: Sequence[Shown], answers: Sequence[Answer]) -> Told:
    """What was shown, and what is only counted."""
    if not remembered.keeps:
        return NOTHING_TOLD
    said = [answer for answer in answers if answer.kind != "silent" and answer.kind != "off"]
    if not said and not cards:
        return NOTHING_TOLD  # nearly every call
    counts = [_count(answer) for answer in said]
    counts += [Count("suppressed", card.answer.rule.id, by) for card, by in remembered.held]
    kept = tuple(one for one in counts if one is not None)
    if not cards:
        return Told(counts=kept)
    of_rule = {one.answer.rule.id: one for one in shown}
    return Told(remembered.subject, tuple(_shown(card, of_rule, remembered) for card in cards), kept)


def _count(answer: Answer) -> Count | None:
    """What no card of its own tells: what could not be checked and why, and what a rule in shadow found."""
    if answer.kind == "not-evaluated":
        return Count("not-evaluated", answer.rule.id, answer.missing[0].need.id)
    return Count("shadow", answer.rule.id) if answer.rule.stage_now == "shadow" else None


def _shown(card: Card, of_rule: dict[str, Shown], remembered: Remembered) -> ShownCard:
    rule = card.source.topic.code
    one = of_rule.get(rule)  # None for the card that tells what was not checked
    return ShownCard(
        uuid=card.uuid,
        rule=rule,
        message=card.extension[EXPLANATION]["message"],
        indicator=card.indicator,
        thresholds=one.answer.rule.version if one is not None else __version__,
        identity=remembered.identity(one) if one is not None else Identity((rule,), ()),
        suggestions=tuple(suggestion.uuid for suggestion in card.suggestions),
    )
