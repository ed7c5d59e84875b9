"""A closed-loop client in a process of its own: every connection sends its next request when it has its answer."""

from __future__ import annotations

import multiprocessing
import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import repeat

_CHUNK = 1 << 18
PATH = "/cds-services/cramp-order-select"


@dataclass
class _Connection:
    socket: socket.socket
    sent: float = 0.0
    received: bytes = b""


@dataclass(frozen=True)
class Played:
    """What one round came to: the milliseconds of every request, and its length in seconds."""

    milliseconds: list[float] = field(default_factory=list)
    seconds: float = 0.0

    def at(self, share: float) -> float:
        """A percentile."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def play(
    port: int, body: bytes, connections: int, seconds: float = 0.0, requests: int = 0, tokens: Sequence[str] = ()
) -> Played:
    """Play for so many seconds, or until so many requests are answered, each with a token of its own if there are any.
    Raises RuntimeError at any answer but 200."""
    here, there = multiprocessing.Pipe()
    worker = multiprocessing.Process(target=_play, args=(there, port, body, connections, seconds, requests, tokens))
    worker.start()
    there.close()
    try:
        played: Played = here.recv()
    except EOFError:
        raise RuntimeError(f"an answer on port {port} was not 200, or the connection broke") from None
    finally:
        worker.join()
    return played


def _messages(port: int, body: bytes, tokens: Sequence[str]) -> Iterator[bytes]:
    head = f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    rest = f"Content-Length: {len(body)}\r\n\r\n".encode() + body
    if not tokens:
        return repeat(head.encode() + rest)
    return (f"{head}Authorization: Bearer {token}\r\n".encode() + rest for token in tokens)


def _play(
    told: object, port: int, body: bytes, connections: int, seconds: float, requests: int, tokens: Sequence[str]
) -> None:
    messages = _messages(port, body, tokens)
    selector, found, begun = selectors.DefaultSelector(), [], time.perf_counter()
    for _ in range(connections):
        one = _Connection(socket.create_connection(("127.0.0.1", port)))
        selector.register(one.socket, selectors.EVENT_READ, one)
        _send(one, next(messages))
    while selector.get_map():
        for key, _ in selector.select():
            one = key.data
            if not _is_whole(one):
                continue
            now = time.perf_counter()
            found.append((now - one.sent) * 1000)
            if (seconds and now - begun > seconds) or (requests and len(found) > requests - connections):
                selector.unregister(one.socket)
                one.socket.close()
            else:
                _send(one, next(messages))
    told.send(Played(found, time.perf_counter() - begun))  # type: ignore[attr-defined]


def _send(one: _Connection, message: bytes) -> None:
    one.received, one.sent = b"", time.perf_counter()
    one.socket.sendall(message)


def _is_whole(one: _Connection) -> bool:
    """Whether the answer has come in full."""
    piece = one.socket.recv(_CHUNK)
    one.received += piece
    head, gap, rest = one.received.partition(b"\r\n\r\n")
    if not piece or (gap and not head.startswith(b"HTTP/1.1 200")):
        raise SystemExit(1)
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b":0")
    return bool(gap) and len(rest) >= int(length.partition(b":")[2])
