"""Somebody who keeps what the floors below the web have to tell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cds_service.witness import Witness, appoint


class Witnessed(Witness):
    """Everything that was told, in its order."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def fetched(self, why: str, seconds: float) -> None:
        """Kept."""
        self.told.append((why, seconds))

    def keys_loaded(self, client: str, loaded: bool) -> None:
        """Kept."""
        self.told.append((client, loaded))

    def database(self, state: str) -> None:
        """Kept."""
        self.told.append((state,))

    def lost(self, calls: int) -> None:
        """Kept."""
        self.told.append((calls,))


@contextmanager
def witnessing() -> Iterator[list[tuple[Any, ...]]]:
    """What is told meanwhile."""
    found = Witnessed()
    appoint(found)
    try:
        yield found.told
    finally:
        appoint()
