"""A FHIR server on loopback that answers byte by byte as a test tells it to, and keeps what it was asked."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, Self

from cds_service.ehr.address import Server, parse

CERTIFICATE = Path(__file__).with_name("loopback.pem")
# What a script returns to close the connection.
CLOSE = object()


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    target: str
    headers: dict[str, str]
    body: str


class Line:
    """One connection, for a script to write to."""

    def __init__(self, connection: socket.socket, stopped: Event) -> None:
        self.connection = connection
        self.stopped = stopped

    def send(self, data: bytes) -> None:
        """Send it, wherever the other side may be."""
        with suppress(OSError):
            self.connection.sendall(data)

    def hang(self) -> None:
        """Say nothing until the other side hangs up."""
        with suppress(OSError):
            while self.connection.recv(4096):
                pass

    def drip(self, drops: Iterable[bytes], seconds: float = 0.02) -> None:
        """Send one after another, with so long a pause after each, until all are sent or the other side hangs up."""
        with suppress(OSError):
            for drop in drops:
                self.connection.sendall(drop)
                if self.stopped.wait(seconds):
                    return

    def reset(self) -> None:
        """Break the connection without a word."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    def answer(self, body: Any = b"", status: int = 200, **headers: str) -> None:
        """A whole answer; anything but bytes is sent as JSON."""
        self.send(answer(body, status, **headers))


Script = Callable[[Line, Asked], object]


def answer(body: Any = b"", status: int = 200, **headers: str) -> bytes:
    """The bytes of an answer; an underscore in a header's name stands for a dash."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    told = {"Content_Type": "application/fhir+json", "Content_Length": str(len(raw))} | headers
    lines = [f"HTTP/1.1 {status} Told"] + [f"{name.replace('_', '-')}: {value}" for name, value in told.items()]
    return "\r\n".join([*lines, "", ""]).encode() + raw


class Ehr:
    """Serves every connection in a thread of its own; a script answers each request. Leaves nothing behind."""

    def __init__(self, script: Script, path: str = "/fhir", tls: bool = False) -> None:
        self.script = script
        self.asked: list[Asked] = []
        self.hung_up = Event()
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if tls else None
        if self._context:
            self._context.load_cert_chain(CERTIFICATE)
        self._stopped = Event()
        self._lock = Lock()
        self._threads: list[Thread] = []
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.server: Server = parse(f"{'https' if tls else 'http'}://127.0.0.1:{self.port}{path}")

    def __enter__(self) -> Self:
        self._accepting = Thread(target=self._accept)
        self._accepting.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._accepting.join()
        self._listener.close()
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    @property
    def methods(self) -> list[str]:
        """The methods asked with, in order."""
        return [asked.method for asked in self.asked]

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._keep(connection)
                thread = Thread(target=self._serve, args=(connection,))
                self._threads.append(thread)
                thread.start()

    def _keep(self, connection: socket.socket) -> None:
        """Keep it, to hang up on it at the end."""
        with self._lock:
            self._open.add(connection)

    def _serve(self, connection: socket.socket) -> None:
        with suppress(OSError):
            if self._context:
                connection = self._context.wrap_socket(connection, server_side=True)
                self._keep(connection)
            with connection, connection.makefile("rb") as lines:
                while asked := self._read(lines):
                    self.asked.append(asked)
                    if self.script(Line(connection, self._stopped), asked) is CLOSE:
                        break
        connection.close()
        with self._lock:
            self._open.discard(connection)
        self.hung_up.set()

    def _read(self, lines: Any) -> Asked | None:
        first = lines.readline().decode("latin-1").split()
        if not first:
            return None
        headers = {}
        while line := lines.readline().decode("latin-1").strip():
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        return Asked(first[0], first[1], headers, lines.read(int(headers.get("content-length", 0))).decode())
