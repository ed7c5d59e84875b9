"""Names of hosts -> addresses, by the system's own resolver, which nobody can interrupt.

So a lookup runs in a thread of its own and the caller stops waiting when its time is over. Calls to one host
share a lookup that is under way: however long the resolver hangs, there is one thread per listed name.
"""

from __future__ import annotations

import socket
from concurrent.futures import Future
from ipaddress import ip_address
from threading import Lock, Thread

# Family, address: what a socket needs.
Address = tuple[socket.AddressFamily, tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]]

_LOCK = Lock()
_UNDER_WAY: dict[tuple[str, int], Future[list[Address]]] = {}


def addresses(host: str, port: int, seconds: float) -> list[Address]:
    """The addresses of a host, at least one. Raises OSError, and so TimeoutError after so many seconds."""
    if _is_literal(host):
        return _lookup(host, port)
    with _LOCK:
        lookup = _UNDER_WAY.get((host, port))
        if lookup is None:
            lookup = _UNDER_WAY[host, port] = Future()
            Thread(target=_answer, args=(lookup, host, port), name="ehr-resolve", daemon=True).start()
    return lookup.result(seconds)


def _is_literal(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _lookup(host: str, port: int) -> list[Address]:
    return [(family, address) for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _answer(lookup: Future[list[Address]], host: str, port: int) -> None:
    try:
        found = _lookup(host, port)
    except Exception as error:  # whatever it is belongs to those who wait
        _forget(host, port)
        lookup.set_exception(error)
    else:
        _forget(host, port)
        lookup.set_result(found)


def _forget(host: str, port: int) -> None:
    """The next connection asks the system anew."""
    with _LOCK:
        del _UNDER_WAY[host, port]
