"""Recording: who is told which cards were shown, so that a store can keep it. A recorder must not make a card wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # the settings name a recorder, and to read them must not load the rules
    from cds_service.hooks.answer import Answered
    from cds_service.hooks.catalogue import Service


class Recorder(Protocol):
    """Is called once for every answer with a card, before it is sent."""

    def __call__(self, service: Service, answered: Answered) -> None: ...


def nobody(service: Service, answered: Answered) -> None:
    """Keeps nothing."""
