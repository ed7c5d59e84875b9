"""Minutes at the highest rate: a worker is killed in the middle, the service is asked to end at the end.

    python -m benchmarks.endurance --minutes 10

Every answer is held against the one that its request got alone.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle
from urllib.request import Request, urlopen
from uuid import UUID

import click
import psutil

from benchmarks import bodies, servers
from benchmarks.client import PATH
from benchmarks.servers import Server

_CHUNK = 1 << 18
_PATIENTS = 40
# Seconds after the word to end in which what was asked before must be answered.
_DRAIN = 10.0


@dataclass
class Connection:
    """A connection, and which request waits on it since when (-1: none)."""

    socket: socket.socket
    asked: int = -1
    sent: float = 0.0
    received: bytes = b""


@dataclass
class Seen:
    """What came of all requests."""

    right: int = 0
    wrong: int = 0
    cut: int = 0
    milliseconds: list[float] = field(default_factory=list)


class Load:
    """Connections that each send the next request when they have an answer."""

    def __init__(self, port: int, asked: list[bytes], answers: list[bytes], connections: int) -> None:
        self._port, self._asked, self._answers = port, asked, answers
        self._next = cycle(range(len(asked)))
        self._selector = selectors.DefaultSelector()
        self._lost = connections
        self.seen = Seen()

    def run(self, until: float) -> None:
        """Until that moment; a connection that breaks is made anew."""
        while time.perf_counter() < until:
            self._connect()
            self._step(self._ask)

    def drain(self) -> None:
        """Take what is still to come, and ask no more."""
        until = time.perf_counter() + _DRAIN
        while self._selector.get_map() and time.perf_counter() < until:
            self._step(self._leave)
        self.seen.cut += len(self._selector.get_map())

    def _connect(self) -> None:
        while self._lost:
            try:
                one = Connection(socket.create_connection(("127.0.0.1", self._port), timeout=5))
            except OSError:
                return  # between two workers: again in the next turn
            self._lost -= 1
            self._selector.register(one.socket, selectors.EVENT_READ, one)
            self._ask(one)

    def _step(self, then: Callable[[Connection], None]) -> None:
        for key, _ in self._selector.select(timeout=0.1):
            one: Connection = key.data
            try:
                piece = one.socket.recv(_CHUNK)
            except OSError:
                piece = b""
            one.received += piece
            if not piece:
                self._broken(one)
            elif (body := _whole(one.received)) is not None:
                self._judge(one, body)
                then(one)

    def _judge(self, one: Connection, body: bytes) -> None:
        self.seen.milliseconds.append((time.perf_counter() - one.sent) * 1000)
        right = one.received.startswith(b"HTTP/1.1 200") and body == self._answers[one.asked]
        self.seen.right += right
        self.seen.wrong += not right

    def _ask(self, one: Connection) -> None:
        one.asked, one.sent, one.received = next(self._next), time.perf_counter(), b""
        body = self._asked[one.asked]
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            one.socket.sendall(head.encode() + body)
        except OSError:
            self._broken(one)

    def _leave(self, one: Connection) -> None:
        self._selector.unregister(one.socket)
        one.socket.close()

    def _broken(self, one: Connection) -> None:
        self.seen.cut += 1
        self._lost += 1
        self._leave(one)


def _whole(received: bytes) -> bytes | None:
    head, gap, rest = received.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    length = next((line for line in lines if line.startswith(b"content-length:")), b":0")
    return rest if gap and len(rest) >= int(length.partition(b":")[2]) else None


def _asked() -> list[bytes]:
    """Patients of different ages, each with a call of its own: about half of them have a card."""
    made = []
    for number in range(_PATIENTS):
        call = json.loads(bodies.order_select(born=f"{1940 + number}-03-07"))
        call["hookInstance"] = str(UUID(int=number + 1))
        made.append(json.dumps(call).encode())
    return made


def _alone(port: int, body: bytes) -> bytes:
    request = Request(f"http://127.0.0.1:{port}{PATH}", body, {"Content-Type": "application/json"})
    with urlopen(request, timeout=10) as answer:  # noqa: S310
        found: bytes = answer.read()
    return found


def _workers(server: Server) -> list[psutil.Process]:
    return [one for one in server.process.children() if "resource_tracker" not in " ".join(one.cmdline())]


def _memory(server: Server) -> str:
    return ", ".join(f"{one.memory_full_info().pss / 1e6:.1f}" for one in _workers(server))


@click.command()
@click.option("--minutes", default=10.0, show_default=True)
@click.option("--workers", default=2, show_default=True)
@click.option("--connections", default=16, show_default=True)
def main(minutes: float, workers: int, connections: int) -> None:
    """Play, kill a worker in the middle, ask the service to end at the end, and tell what came of it."""
    asked = _asked()
    server = servers.service(asked[0], options=("--workers", str(workers)))
    with servers.running(server):
        answers = [_alone(server.port, body) for body in asked]
        click.echo(f"{sum(len(json.loads(answer)['cards']) > 0 for answer in answers)} of {len(asked)} with a card")
        load = Load(server.port, asked, answers, connections)
        begun = time.perf_counter()
        load.run(begun + 10)
        click.echo(f"PSS of the workers after 10 s: {_memory(server)} MB")
        load.run(begun + minutes * 30)
        click.echo(f"PSS in the middle: {_memory(server)} MB; cut off until then: {load.seen.cut}")
        os.kill(_workers(server)[0].pid, signal.SIGKILL)
        load.run(begun + minutes * 60)
        before = load.seen.cut
        click.echo(f"PSS at the end: {_memory(server)} MB; cut off by the death of a worker: {before}")
        server.process.terminate()
        load.drain()
        _tell(load.seen, before, time.perf_counter() - begun)


def _tell(seen: Seen, before: int, seconds: float) -> None:
    ordered = sorted(seen.milliseconds)
    p50, p99 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.99))
    click.echo(f"{seen.right} right, {seen.wrong} wrong, {seen.cut - before} cut off by SIGTERM")
    click.echo(
        f"{len(ordered) / seconds:.0f} a second, p50 {p50:.1f} ms, p99 {p99:.1f} ms, slowest {ordered[-1]:.0f} ms"
    )


if __name__ == "__main__":
    main()
