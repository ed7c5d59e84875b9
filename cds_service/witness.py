"""Witness: who is told what the floors below the web do, so that somebody can count it; nobody, unless a site asks."""

from __future__ import annotations


class Witness:
    """Takes note of nothing. Where metrics are kept another one stands in its place (web/metrics.py)."""

    def fetched(self, why: str, seconds: float) -> None:
        """A FHIR server was asked and answered, or why it did not; it took so long."""

    def keys_loaded(self, client: str, loaded: bool) -> None:
        """The key set of a client was loaded from its address, or could not be."""

    def database(self, state: str) -> None:
        """The database is in another state."""

    def lost(self, calls: int) -> None:
        """So many calls could not be recorded."""


_NOBODY = Witness()
_witness = _NOBODY


def witness() -> Witness:
    """Who is told in this process."""
    return _witness


def appoint(found: Witness = _NOBODY) -> None:
    """From now on this one is told."""
    global _witness  # one for the whole process, as its metrics are
    _witness = found
