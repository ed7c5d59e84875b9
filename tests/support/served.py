"""The service as its own process, as people start it, called over loopback."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

SPAWNED = re.compile(r"Spawning worker-\d+ with PID: (\d+)")
_CDS = [sys.executable, "-c", "from cds_service.cli import main; main()"]


def environment(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment of a test, with no setting but these; nothing is kept unless one of them says where, and the
    server tells of its workers."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("CDS_")}
    return plain | {"CDS_DATABASE_URL": "none", "CDS_LOG_LEVEL": "DEBUG"} | dict(settings)


class Server:
    """One running `cds serve`, and where it writes what it has to say."""

    def __init__(self, log: Path, *options: str, **settings: str) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*_CDS, "serve", "--port", str(self.port), *options],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment(settings),
                start_new_session=True,
            )

    def ask(self, method: str, path: str, body: bytes = b"", token: str = "") -> tuple[int, Any]:
        """Status and JSON of one call on a connection of its own."""
        headers = {"Content-Type": "application/json"} if body else {}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            # A body too large is refused before it has been sent; the answer is there all the same.
            with suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body or None, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())

    def answers(self) -> bool:
        """Whether the service is there and well."""
        try:
            return self.ask("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def workers(self) -> list[int]:
        """The processes of all workers so far, the last one is the living one."""
        return [int(pid) for pid in SPAWNED.findall(self.log.read_text(encoding="utf-8"))]

    def stop(self) -> int:
        """Ask the service to end, and wait until it has."""
        self.process.terminate()
        try:
            return self.process.wait(timeout=15)
        finally:
            self.process.kill()

    def kill(self) -> None:
        """End it and its workers at once, as a machine that fails does."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def within(seconds: float, reached: Callable[[], bool]) -> bool:
    """Whether something is reached in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if reached():
            return True
        time.sleep(0.02)
    return False
