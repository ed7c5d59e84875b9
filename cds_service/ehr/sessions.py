"""One requests session per origin for the whole process: pooled connections, no cookies, no proxies, no redirects."""

from __future__ import annotations

import logging
import ssl
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from threading import Lock
from typing import Any

import requests
from requests.adapters import DEFAULT_CA_BUNDLE_PATH, HTTPAdapter
from requests.structures import CaseInsensitiveDict

from cds_service.ehr.sockets import Pool, TlsPool, TlsSocket

# Connections that one origin keeps open when they are idle.
_IDLE = 32
_LOCK = Lock()
_SESSIONS: dict[str, requests.Session] = {}
# urllib3 writes whole URLs, which name patients, even at the level of a warning.
logging.getLogger("urllib3").setLevel(logging.CRITICAL)


def session(origin: str) -> requests.Session:
    """The session of an origin, shared by all threads. Whoever calls this for each listed server at the start
    spares the first request the reading of the authorities."""
    with _LOCK:
        if origin not in _SESSIONS:
            _SESSIONS[origin] = _Session(origin)
        return _SESSIONS[origin]


def close() -> None:
    """Close every idle connection, and read the authorities anew when they are needed again."""
    with _LOCK:
        for one in _SESSIONS.values():
            one.close()
        _SESSIONS.clear()
        _trust.cache_clear()


@cache
def _trust() -> ssl.SSLContext:
    """The system's authorities and certifi's, read once: that takes a tenth of a second. A site adds its own
    authority to the system's, or names it in SSL_CERT_FILE."""
    context = ssl.create_default_context()
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    context.sslsocket_class = TlsSocket
    return context


class _Adapter(HTTPAdapter):
    """Connections whose sockets end with the budget."""

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **pool_kwargs: Any) -> None:
        """Give the pools our sockets."""
        super().init_poolmanager(connections, maxsize, block, **pool_kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}

    def cert_verify(self, conn: Any, url: Any, verify: Any, cert: Any) -> None:
        """Always verify, by the one context: requests would read all authorities anew for every connection."""
        conn.cert_reqs = "CERT_REQUIRED"

    def close(self) -> None:
        """Close the idle connections now: urllib3 alone leaves that to the garbage collector."""
        pools = self.poolmanager.pools
        for pool in [pools[key] for key in pools.keys()]:  # noqa: SIM118  # it cannot be iterated over
            pool.close()
        super().close()


class _Session(requests.Session):
    def __init__(self, origin: str) -> None:
        super().__init__()
        self.trust_env = False  # no proxy, no .netrc, no other authorities
        self.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        # Only what exchange.py can unpack within bounds.
        self.headers = CaseInsensitiveDict({"User-Agent": "cds-service", "Accept-Encoding": "gzip"})
        self.adapters.clear()
        adapter = _Adapter(pool_connections=1, pool_maxsize=_IDLE)
        if origin.startswith("https:"):
            adapter.poolmanager.connection_pool_kw["ssl_context"] = _trust()
        self.mount(origin, adapter)

    def get_redirect_target(self, resp: requests.Response) -> None:
        """None: requests would read the whole body of a redirect, even one that it is told not to follow."""
