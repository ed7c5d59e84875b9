"""Overrides, if they are simulated: which cards a clinician would have overridden, and so not have been shown again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import blake2b

from cds_service.batch.call import Terms
from cds_service.cards.identity import same_card
from cds_service.cards.ration import Shown
from cds_service.facts import Snapshot

# As the trace of the service words it.
OVERRIDDEN = "override"
_DIGEST = 8


class Overrides:
    """What one patient's clinicians have overridden. By chance, but the same in every run: the chance follows from the
    seed, the patient, the orders and the rule."""

    def __init__(self, terms: Terms, patient_id: str) -> None:
        self._terms, self._patient = terms, patient_id
        self._until: dict[tuple[str, ...], datetime] = {}

    def asked(self, user: str, moment: datetime, facts: Snapshot) -> Asked:
        """The same as one call asks and tells it."""
        return Asked(self, user, moment, facts)

    @property
    def are_none(self) -> bool:
        """Whether none is simulated."""
        return not self._terms.override_rate

    def holds(self, card: tuple[str, ...], moment: datetime) -> bool:
        """Whether a card was overridden lately."""
        until = self._until.get(card)
        return until is not None and moment <= until

    def tell(self, card: tuple[str, ...], moment: datetime, what: str) -> None:
        """A card was shown, and may be overridden."""
        drawn = blake2b("|".join((self._terms.seed, self._patient, what)).encode(), digest_size=_DIGEST).digest()
        if int.from_bytes(drawn) < self._terms.override_rate * 2 ** (8 * _DIGEST):
            self._until[card] = moment + timedelta(days=self._terms.days)


class Asked:
    """What one call asks of the overrides before it and leaves to those after it; critical cards are never held."""

    def __init__(self, overrides: Overrides, user: str, moment: datetime, facts: Snapshot) -> None:
        self._overrides, self._user, self._moment, self._facts = overrides, user, moment, facts
        self.quiet: dict[str, str] = {}  # the rules that are not told again, and by what

    def unsaid(self, cards: Sequence[Shown]) -> Sequence[Shown]:
        """The cards that must be shown."""
        if self._overrides.are_none:
            return cards
        held = [card for card in cards if card.indicator != "critical" and self._is_held(card)]
        self.quiet = {one.rule.id: OVERRIDDEN for card in held for one in (card.answer, *card.also)}
        return [card for card in cards if card not in held] if held else cards

    def _is_held(self, card: Shown) -> bool:
        return self._overrides.holds(self._identity(card), self._moment)

    def told(self, shown: Sequence[Shown], call: str) -> None:
        """These cards were shown in a call of that name."""
        if self._overrides.are_none:
            return
        for card in shown:
            if card.indicator != "critical":
                self._overrides.tell(self._identity(card), self._moment, f"{call}|{card.answer.rule.id}")

    def _identity(self, card: Shown) -> tuple[str, ...]:
        return (self._user, *same_card(card, self._facts))
