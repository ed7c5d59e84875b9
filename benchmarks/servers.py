"""The programs that are measured, each as a process of its own with one worker, and what they cost."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import psutil

from benchmarks.client import PATH
from benchmarks.signed import PUBLIC_URL, Signer

_ROOT = Path(__file__).parent.parent
_PATIENCE = 30.0
# What services record goes here, each into a folder of its own, and is gone at the end.
_KEPT = tempfile.TemporaryDirectory(prefix="cds-benchmark-")
_CDS = Path(sys.executable).parent / "cds"
_GTHREAD = (sys.executable, "-m", "gunicorn", "-k", "gthread", "-w", "1", "--log-level", "error")


@dataclass(frozen=True)
class Server:
    """A running server: its process, its port, and the seconds from its start to its first 200."""

    process: psutil.Process
    port: int
    start: float

    def cpu(self) -> float:
        """Seconds of user and system time of its whole process tree."""
        times = [one.cpu_times() for one in self._tree()]
        return sum(one.user + one.system for one in times)

    def pss(self) -> float:
        """The memory of the worker, shared pages in proportion, in MB."""
        return max(one.memory_full_info().pss for one in self._tree()) / 1e6

    def handles(self) -> tuple[int, int]:
        """Threads and open files of the whole tree."""
        tree = self._tree()
        return sum(one.num_threads() for one in tree), sum(one.num_fds() for one in tree)

    def _tree(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]


def floor(body: bytes) -> Server:
    """The bare Flask app."""
    return _started(lambda port: (*_GTHREAD, "--threads", "4", "-b", f"127.0.0.1:{port}", "benchmarks.floor:app"), body)


def service(body: bytes, *, options: Sequence[str] = (), **environment: str) -> Server:
    """The service as it is shipped, its recording included."""
    return _started(lambda port: (str(_CDS), "serve", "--port", str(port), *options), body, environment)


def guarded(signer: Signer) -> Server:
    """The service with one client, whose calls carry tokens."""
    site = signer.site(Path(_KEPT.name))
    # It is there when it refuses a call without a token.
    return _started(
        lambda port: (str(_CDS), "serve", "--port", str(port)),
        b"{}",
        {"CDS_SITE": str(site), "CDS_PUBLIC_URL": PUBLIC_URL},
        expected=401,
    )


def gthread(body: bytes) -> Server:
    """The service under gunicorn, as deploy/README.md starts it."""
    options, target = ("--threads", "1", "--forwarded-allow-ips", "*"), "cds_service.web.worker:create_app()"
    return _started(lambda port: (*_GTHREAD, *options, "-b", f"127.0.0.1:{port}", target), body)


def many_rules(body: bytes) -> Server:
    """The service as it is shipped, with ten times the rules."""
    return _started(lambda port: (sys.executable, "-m", "benchmarks.many_rules", str(port)), body)


def slow_fhir() -> Server:
    """A FHIR server that takes its time."""
    return _started(lambda port: (sys.executable, "-m", "benchmarks.slow_fhir", str(port)), b"{}")


@contextmanager
def running(*servers: Server) -> Iterator[None]:
    """For as long as these run; they are ended afterwards, whatever happens."""
    try:
        yield
    finally:
        for server in servers:
            server.process.terminate()
        psutil.wait_procs([server.process for server in servers], timeout=10)


def _started(
    command: Callable[[int], Sequence[str]],
    body: bytes,
    environment: Mapping[str, str] | None = None,
    expected: int = 200,
) -> Server:
    port = _free_port()
    begun = time.perf_counter()
    process = subprocess.Popen(
        command(port),
        cwd=_ROOT,
        env=os.environ | {"CDS_DATABASE_URL": f"sqlite:///{_KEPT.name}/{begun}/cds.sqlite3"} | dict(environment or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    while not _answers(port, body, expected):
        if process.poll() is not None or time.perf_counter() - begun > _PATIENCE:
            process.kill()
            raise RuntimeError(f"a server did not start: {' '.join(command(port))}")
        time.sleep(0.005)
    return Server(psutil.Process(process.pid), port, time.perf_counter() - begun)


def _answers(port: int, body: bytes, expected: int) -> bool:
    request = Request(f"http://127.0.0.1:{port}{PATH}", body, {"Content-Type": "application/json"})
    try:
        with urlopen(request, timeout=5) as answer:  # noqa: S310
            return bool(answer.status == expected)
    except HTTPError as error:
        return bool(error.code == expected)
    except (URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
