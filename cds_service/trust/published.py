"""A key set at an address: loaded beforehand, kept, loaded anew in the background, and never waited for long."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread
from time import monotonic

import structlog

from cds_service.ehr.address import Server, parse
from cds_service.ehr.budget import Budget
from cds_service.ehr.exchange import Answer, Broken, exchange
from cds_service.ehr.words import Failed
from cds_service.trust.algorithms import PublicKey
from cds_service.trust.keyset import KeySet, read
from cds_service.trust.strict import object_of
from cds_service.witness import witness

_LOG = structlog.get_logger()
_OK = 200
# Bytes of a key set. One answer may use half of a budget.
_LARGEST = 256 * 1024
_HEADERS = {"Accept": "application/jwk-set+json, application/json"}
# Milliseconds that loading may take, and so a call that needs it.
_BUDGET = 1000
# Seconds after which a set is loaded anew, one that failed is tried again, and an id that is not known may cause it.
_FRESH = 600.0
_AGAIN = 60.0
# Seconds after which a set that was never there is asked for again: until then nobody of this client is let in.
_MISSING = 10.0


class Published:
    """The key set at one address. Keys that were good serve on while it cannot be loaded, however long that takes: an
    EHR whose key server is down must not lose its recommendations. A key that is taken out of the set is gone at the
    next loading; a set without any usable key counts as one that cannot be loaded."""

    def __init__(self, name: str, address: str, clock: Callable[[], float] = monotonic) -> None:
        """`name` is the client's, for the log. Nothing is loaded yet. Raises ValueError."""
        self.address = address
        self._name = name
        self._server = _server(name, address)
        self._clock = clock
        self._keys: KeySet = {}
        self._due = self._may_ask = clock()
        self._thread: Thread | None = None
        self._lock = Lock()

    def prepare(self) -> None:
        """Begin to load; whoever asks meanwhile waits for it."""
        self._loading()

    def find(self, kid: str, algorithm: str) -> PublicKey | None:
        """The one key of that id for that algorithm. One that is not known may have come with a new set: it is loaded,
        once a minute at most, and all who ask meanwhile wait for the same loading, no longer than it may take."""
        found = self._keys.get((kid, algorithm))
        thread = self._loading(unknown=found is None)
        if found is None and thread is not None:
            thread.join(_BUDGET / 1000)
            found = self._keys.get((kid, algorithm))
        return found

    def _loading(self, unknown: bool = False) -> Thread | None:
        """The loading that is under way, or one that begins here because it is due or an id is not known."""
        with self._lock:
            if self._thread is not None and self._thread.is_alive():  # after a fork it is not
                return self._thread
            now = self._clock()
            asked = unknown and bool(self._keys) and now >= self._may_ask
            if now < self._due and not asked:
                return None
            if asked:
                self._may_ask = now + _AGAIN
            self._due = now + (_AGAIN if self._keys else _MISSING)
            self._thread = Thread(target=self._load, name="trust-keys", daemon=True)
            self._thread.start()
            return self._thread

    def _load(self) -> None:
        try:
            self._keys = read(object_of(self._fetch()))
        except Failed as error:
            reason = error.detail
        except Exception as error:  # whatever it sent, the keys that were good serve on
            reason = "no usable key set" if isinstance(error, ValueError) else type(error).__name__
        else:
            self._due = self._clock() + _FRESH
            witness().keys_loaded(self._name, True)
            _LOG.info("keys loaded", client=self._name, count=self._count)
            return
        witness().keys_loaded(self._name, False)
        _LOG.warning("keys cannot be loaded", client=self._name, reason=reason, kept=self._count)

    @property
    def _count(self) -> int:
        return len({kid for kid, _ in self._keys})

    def _fetch(self) -> bytes:
        budget = Budget(_BUDGET, calls=2, size=2 * _LARGEST)
        answer = self._answer(budget)
        if answer.status != _OK:
            raise Failed("", f"HTTP {answer.status}")
        return answer.body

    def _answer(self, budget: Budget) -> Answer:
        with suppress(Broken):  # a connection that was left open has meanwhile ended
            return self._ask(budget)
        return self._ask(budget)

    def _ask(self, budget: Budget) -> Answer:
        return exchange(self._server.origin, "GET", self.address, _HEADERS, budget)


def _server(name: str, address: str) -> Server:
    """The server of an address, which is https unless it is this machine. Raises ValueError."""
    try:
        server = parse(address)
    except ValueError:
        raise _wrong(name, "it is not a plain absolute address") from None
    if server.scheme != "https" and server.host not in ("localhost", "127.0.0.1", "[::1]"):
        raise _wrong(name, "it does not start with https://, so anybody on the way could put in a key")
    return server


def _wrong(name: str, what: str) -> ValueError:
    return ValueError(f"Key set of {name}: {what}. Write it like https://ehr.example.org/.well-known/jwks.json.")
