"""Keys: what stands for a patient, a user or a card in the database; who reads it does not learn whom it means."""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

# Characters of a secret, at least: 128 bits as hexadecimal digits.
SHORTEST = 32
# Hexadecimal digits of a key that are kept: 128 bits never meet by chance.
LENGTH = 32


class BadKey(ValueError):
    """A secret that cannot be used; the text says what to do, and not what it is."""


class Keys:
    """HMAC-SHA-256 with a secret of the site. Of several secrets the first one writes; what was written with another is
    still recognised, so that a secret can be replaced without forgetting."""

    def __init__(self, found: Sequence[str]) -> None:
        """Raises BadKey."""
        if not found:
            raise BadKey("There is no secret. Give at least one.")
        for number, secret in enumerate(found, start=1):
            if len(secret) < SHORTEST:
                raise BadKey(f"Secret {number} is shorter than {SHORTEST} characters. Make one: openssl rand -hex 32")
        self._secrets = tuple(secret.encode() for secret in found)

    def of(self, *parts: str) -> str:
        """The key of something, by the newest secret."""
        return _key(self._secrets[0], parts)

    def all(self, *parts: str) -> tuple[str, ...]:
        """Its keys by every secret, the newest first."""
        return tuple(_key(secret, parts) for secret in self._secrets)


def _key(secret: bytes, parts: Sequence[str]) -> str:
    # A length before each part, so that no two lists of parts run into the same bytes.
    message = b"".join(b"%d:%s" % (len(part), part) for part in (text.encode() for text in parts))
    return hmac.digest(secret, message, "sha256").hex()[:LENGTH]


def from_file(path: Path) -> Keys:
    """The secrets in a file, one a line, the newest first. Raises BadKey."""
    try:
        return Keys(path.read_text(encoding="utf-8").split())
    except (OSError, UnicodeDecodeError) as error:
        raise BadKey(f"{path}: {type(error).__name__}. Name a file that this service may read.") from None
    except BadKey as error:
        raise BadKey(f"{path}: {error}") from None


def own(path: Path) -> Keys:
    """The secret that this machine made for itself at its first start, readable by the service alone. Raises BadKey."""
    if not path.exists():
        _make(path)
    return from_file(path)


def _make(path: Path) -> None:
    """Written beside and linked into place: of several workers that start at once one wins, and none reads a half."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="ascii") as file:
            file.write(f"{secrets.token_hex(SHORTEST)}\n")
        with suppress(FileExistsError):
            os.link(beside, path)
        beside.unlink()
    except OSError as error:
        raise BadKey(f"{path} cannot be made: {error.strerror}. Give a secret by CDS_HMAC_KEY_FILE.") from None
