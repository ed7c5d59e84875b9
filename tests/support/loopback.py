"""An EHR's FHIR server on loopback: one synthetic R4 patient, every request kept, and one type spoilt on demand."""

from __future__ import annotations

import json
import socket
import struct
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from socketserver import TCPServer, ThreadingMixIn
from threading import Event, Lock, Thread
from typing import Any, Self
from urllib.parse import parse_qs

from tests.fhir.resources import PATIENT, Json, bundle

# The address says R4, as many servers' addresses do.
_PATH = "/fhir/r4"
_METADATA = {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"}
# As the type to be spoilt: every question.
EVERY = "*"
# Close without a word of farewell: the other side sees a reset.
_NO_LINGER = struct.pack("ii", 1, 0)


@dataclass(frozen=True)
class Asked:
    """One request: the FHIR type it is about, where it was sent, its headers, and the right answer to it."""

    kind: str
    target: str
    headers: Mapping[str, str]
    right: Json


class Line:
    """The connection of one request, to answer on."""

    def __init__(self, connection: socket.socket, stopped: Event) -> None:
        self._connection = connection
        self._stopped = stopped

    def send(self, data: bytes) -> None:
        """Send these bytes."""
        self._connection.sendall(data)

    def answer(self, body: bytes | Json, status: int = 200, **headers: str) -> None:
        """A whole answer; an underscore in a header's name stands for a dash."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = {"Content_Type": "application/fhir+json", "Content_Length": str(len(raw))} | headers
        lines = [f"HTTP/1.1 {status} Told", *(f"{name.replace('_', '-')}: {value}" for name, value in told.items())]
        self.send("\r\n".join([*lines, "", ""]).encode() + raw)

    def hang(self) -> None:
        """Say nothing until the other side hangs up."""
        while self._connection.recv(4096):
            pass

    def drip(self, data: bytes) -> None:
        """One byte now and one each second, until all is sent or the other side hangs up."""
        for place in range(len(data)):
            self.send(data[place : place + 1])
            if self._stopped.wait(1):
                return

    def reset(self) -> None:
        """Break the connection when it closes."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)


# Answers a request wrongly; True keeps the connection open for the next one.
Spoil = Callable[[Line, Asked], bool]


class Ehr:
    """The server, for the length of a `with`: it answers rightly but for one type, and leaves nothing behind."""

    def __init__(self, record: Sequence[Json] = (), kind: str = "", spoil: Spoil | None = None) -> None:
        self.asked: list[Asked] = []
        self.stopped = Event()
        self._record = record
        self._spoil = spoil if kind else None
        self._kind = kind
        self._server = _Server(self)
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}{_PATH}"

    def __enter__(self) -> Self:
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopped.set()
        self._server.shutdown()
        self._thread.join()
        self._server.hang_up()
        self._server.server_close()  # waits for the threads of all connections

    def respond(self, line: Line, target: str, headers: Mapping[str, str], form: str) -> bool:
        """Answer one request; whether the connection may be used again."""
        path, _, query = target.removeprefix(f"{_PATH}/").partition("?")
        kind = path.partition("/")[0]
        asked = Asked(kind, target, headers, self._right(path, {**parse_qs(query), **parse_qs(form)}))
        self.asked.append(asked)
        if self._spoil is not None and self._kind in (kind, EVERY):
            return self._spoil(line, asked)
        line.answer(asked.right)
        return True

    def _right(self, path: str, parameters: Mapping[str, list[str]]) -> Json:
        """A read by its path, a search by its type and the patient; `code` has no part in so small a record."""
        if path == "metadata":
            return _METADATA
        kind, _, id = path.partition("/")
        held = [one for one in self._record if one["resourceType"] == kind]
        if id and id != "_search":
            return next(one for one in held if one["id"] == id)
        if parameters.get("patient") != [PATIENT]:
            held = []
        return bundle(*held, type="searchset", total=len(held))


class Nobody:
    """An address, for the length of a `with`, at which every connection is refused."""

    asked: Sequence[Asked] = ()

    def __enter__(self) -> Self:
        self._bound = socket.socket()
        self._bound.bind(("127.0.0.1", 0))
        self.base = f"http://127.0.0.1:{self._bound.getsockname()[1]}{_PATH}"
        return self

    def __exit__(self, *_: object) -> None:
        self._bound.close()


class _Server(ThreadingMixIn, TCPServer):
    request_queue_size = 128

    def __init__(self, ehr: Ehr) -> None:
        self.ehr = ehr
        self._lock = Lock()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Keep the connection, to hang up on it at the end."""
        with self._lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close at once: an orderly farewell first would turn a reset into one."""
        with self._lock:
            self._open.discard(request)
            request.close()

    def hang_up(self) -> None:
        """End whatever a client has left open."""
        with self._lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle(self) -> None:
        """Clients may leave at any time."""
        with suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        """A read, a search, a page, or the server's description."""
        form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        line = Line(self.connection, self.server.ehr.stopped)
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.close_connection = not self.server.ehr.respond(line, self.path, headers, form)

    do_POST = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is written."""
