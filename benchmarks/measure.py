"""What a call costs: processor time, requests a second and waiting times, always of two programs in turns."""

from __future__ import annotations

import http.client
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.client import PATH, play
from benchmarks.servers import Server

CONNECTIONS = 8
# Seconds that are not counted: a worker opens its database, and loads what talks to it, a second after its start.
_WARM_UP = 2.5


@dataclass(frozen=True)
class Turn:
    """One program's turn: microseconds of processor time a request, requests a second, milliseconds."""

    cpu: float
    rate: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Ratio:
    """The middle of several turns, with the lowest and the highest."""

    middle: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, ratios: Sequence[float]) -> Ratio:
        """From the ratios of single turns."""
        return cls(statistics.median(ratios), min(ratios), max(ratios))


def turn(server: Server, body: bytes, seconds: float) -> Turn:
    """Play one program for a while."""
    before = server.cpu()
    played = play(server.port, body, CONNECTIONS, seconds=seconds)
    count = len(played.milliseconds)
    return Turn((server.cpu() - before) / count * 1e6, count / played.seconds, played.at(0.5), played.at(0.99))


def spent(server: Server, body: bytes, tokens: Sequence[str]) -> float:
    """Microseconds of processor time a request, over as many requests as there are tokens, or a thousand."""
    before, count = server.cpu(), len(tokens) or 1_000
    played = play(server.port, body, CONNECTIONS, requests=count, tokens=tokens)
    return (server.cpu() - before) / len(played.milliseconds) * 1e6


def in_turns(
    first: Server, second: Server, rounds: int, seconds: float, bodies: tuple[bytes, bytes]
) -> list[tuple[Turn, Turn]]:
    """A B A B, after a warm-up of each."""
    for server, body in zip((first, second), bodies, strict=True):
        turn(server, body, _WARM_UP)
    return [(turn(first, bodies[0], seconds), turn(second, bodies[1], seconds)) for _ in range(rounds)]


def ratio(turns: Sequence[tuple[Turn, Turn]], name: str) -> Ratio:
    """One figure of the second program against the first's."""
    return Ratio.of([getattr(second, name) / getattr(first, name) for first, second in turns])


def waiting(server: Server, body: bytes) -> float:
    """The milliseconds of one request on a connection of its own."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port)
    begun = time.perf_counter()
    connection.request("POST", PATH, body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"{PATH} answered {answer.status}")
    return (time.perf_counter() - begun) * 1000
