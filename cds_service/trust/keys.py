"""Where the public keys of a client come from: given beforehand, or published at an address (published.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from cds_service.trust import keyset
from cds_service.trust.algorithms import PublicKey
from cds_service.trust.strict import object_of

# Bytes of a file that are read; keys of an EHR have a few thousand.
_LARGEST = 256 * 1024


class KeySource(Protocol):
    """The key set of one client."""

    @property
    def address(self) -> str:
        """Where it is published; "" if it was given beforehand."""

    def prepare(self) -> None:
        """Begin to load what must be loaded; waits for nothing and never fails."""

    def find(self, kid: str, algorithm: str) -> PublicKey | None:
        """The one key of that id for that algorithm, None if there is none."""


class Given:
    """Keys that were exchanged beforehand, and change with the site's settings only."""

    address = ""

    def __init__(self, keys: keyset.KeySet) -> None:
        self._keys = keys

    def prepare(self) -> None:
        """They are there."""

    def find(self, kid: str, algorithm: str) -> PublicKey | None:
        """The one key of that id for that algorithm, None if there is none."""
        return self._keys.get((kid, algorithm))


def given(document: object, where: str) -> Given:
    """The keys of a JWK Set as Python reads it. Raises ValueError; `where` tells the reader which set is meant."""
    try:
        return Given(keyset.read(document))
    except ValueError as error:
        raise ValueError(f"{where}: {error}. Ask the EHR for its public key set (RFC 7517).") from None


def from_file(path: Path) -> Given:
    """The keys of a JWK Set in a file. Raises ValueError."""
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}. Name a file that this service may read.") from None
    return given(object_of(text) if len(text) <= _LARGEST else None, str(path))
