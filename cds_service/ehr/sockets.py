"""Sockets that end with the budget of the call that uses them.

A time-out of requests bounds each single wait, so a server that sends one byte a second holds its caller for ever.
Here every wait (to connect, for the TLS handshake, to send, to receive) may take what is left of the whole budget,
and the bytes are counted where they come in: status line, headers, and a body of any form. What is over raises in
the thread that waits; its connection is closed on the way out. No watchdog is needed, and nothing stays behind.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

from cds_service.ehr.budget import Budget
from cds_service.ehr.resolve import Address, addresses

# The budget of the call that this thread makes.
_BUDGET: ContextVar[Budget] = ContextVar("budget")


@contextmanager
def spending(budget: Budget) -> Iterator[None]:
    """Whatever this thread sends and receives meanwhile is paid from this budget."""
    token = _BUDGET.set(budget)
    try:
        yield
    finally:
        _BUDGET.reset(token)


def _seconds() -> float:
    """Time left. Raises TimeoutError, which every layer above takes as such and cleans up after."""
    seconds = _BUDGET.get().seconds_left
    if not seconds:
        raise TimeoutError
    return seconds


def _received(count: int) -> int:
    _BUDGET.get().spend_bytes(count)
    return count


class PlainSocket(socket.socket):
    """A socket whose waits end with the budget."""

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Receive within the time left, and count it."""
        self.settimeout(_seconds())
        return _received(super().recv_into(*args, **kwargs))

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        """Send all within the time left: for a plain socket the time-out holds for the whole."""
        self.settimeout(_seconds())
        super().sendall(*args, **kwargs)


class TlsSocket(ssl.SSLSocket):
    """The same over TLS."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands within the time left: the time-out holds for the whole handshake."""
        self.settimeout(_seconds())
        super().do_handshake(block)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        """Receive within the time left, and count it."""
        self.settimeout(_seconds())
        return _received(super().recv_into(*args, **kwargs))

    def send(self, *args: Any, **kwargs: Any) -> int:
        """Send a piece within the time left; sendall is made of such pieces."""
        self.settimeout(_seconds())
        return super().send(*args, **kwargs)


class _Connection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        try:
            return _connected(addresses(self._dns_host, self.port or self.default_port, _seconds()))
        except TimeoutError as error:
            raise ConnectTimeoutError(self, "no connection in time") from error
        except OSError as error:
            raise NewConnectionError(self, "no connection") from error


class _TlsConnection(_Connection, HTTPSConnection):
    """The same over TLS."""


def _connected(found: list[Address]) -> socket.socket:
    """The first address that answers; each gets an even share of the time that is left for it and the rest."""
    for place, (family, address) in enumerate(found):
        try:
            return _connect(family, address, _seconds() / (len(found) - place))
        except OSError as error:
            refusal = error
    raise refusal


def _connect(family: socket.AddressFamily, address: Any, seconds: float) -> socket.socket:
    connection = PlainSocket(family, socket.SOCK_STREAM)
    try:
        connection.settimeout(seconds)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.connect(address)
    except BaseException:
        connection.close()
        raise
    return connection


class Pool(HTTPConnectionPool):
    """Connections to one origin."""

    ConnectionCls = _Connection


class TlsPool(HTTPSConnectionPool):
    """The same over TLS."""

    ConnectionCls = _TlsConnection
