"""Replay: a token is good for one call, whichever process of the service it reaches."""

from __future__ import annotations

import heapq
import time
from collections.abc import Callable
from hashlib import sha256
from threading import Lock
from typing import Protocol

import structlog

from cds_service.store.memory import Memory, Unavailable

_LOG = structlog.get_logger()
# Tokens that one process keeps in mind, about 20 MB; beyond that it forgets those that end first.
_MOST = 100_000


class Unknown(Exception):
    """Whether a token was used before cannot be told now."""


class Seen(Protocol):
    """What knows the tokens that were used."""

    def first_use(self, issuer: str, jti: str, expires: float) -> bool:
        """Whether this is the first use of a token, which is remembered until it expires. Raises Unknown."""


class Recent:
    """What this process has seen itself."""

    def __init__(self, clock: Callable[[], float], most: int = _MOST) -> None:
        self._clock = clock
        self._most = most
        self._seen: set[bytes] = set()
        self._ends: list[tuple[float, bytes]] = []
        self._lock = Lock()

    def first_use(self, issuer: str, jti: str, expires: float) -> bool:
        """Whether this process has not seen the token yet."""
        key = sha256(f"{len(issuer)}:{issuer}{jti}".encode()).digest()  # of one length, however long the names are
        with self._lock:
            self._forget()
            if key in self._seen:
                return False
            self._seen.add(key)
            heapq.heappush(self._ends, (expires, key))
        return True

    def _forget(self) -> None:
        """What has ended, and what ends first if there is no room."""
        while self._ends and (self._ends[0][0] < self._clock() or len(self._ends) >= self._most):
            self._seen.discard(heapq.heappop(self._ends)[1])


class Replay:
    """The process's own memory first, which costs nothing, then the database that all processes share."""

    def __init__(self, memory: Memory | None, strict: bool = False, clock: Callable[[], float] = time.time) -> None:
        """`strict`: without the database no token is accepted."""
        self._memory = memory
        self._strict = strict
        self._recent = Recent(clock)
        self._alone = False

    def first_use(self, issuer: str, jti: str, expires: float) -> bool:
        """Whether this is the first use of a token. Raises Unknown if that cannot be told and the site is strict."""
        if not self._recent.first_use(issuer, jti, expires):
            return False
        try:
            first = self._shared(issuer, jti, expires)
        except Unavailable:
            self._tell(alone=True)
            # A refusal is shown to a clinician as "no recommendations", a thief needs a token of the last minutes, and
            # a replay to this process is refused all the same: unless the site decides otherwise, the call is let in.
            if self._strict:
                raise Unknown from None
            return True
        self._tell(alone=False)
        return first

    def _shared(self, issuer: str, jti: str, expires: float) -> bool:
        if self._memory is None:
            raise Unavailable("there is no database")
        return self._memory.first_use(issuer, jti, expires)

    def _tell(self, alone: bool) -> None:
        """Said once when it begins and once when it ends, not with every call."""
        if alone == self._alone:
            return
        self._alone = alone
        if alone:
            _LOG.warning("used tokens are known to this process alone", accepted=not self._strict)
        else:
            _LOG.info("used tokens are known to all processes again")
