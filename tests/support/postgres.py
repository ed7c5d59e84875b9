"""A PostgreSQL server of the tests' own: made, started, killed and started again in a folder that is thrown away."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path
from time import monotonic, sleep

import psycopg

_USER = "cds"
_PATIENCE = 30.0
# PostgreSQL refuses to run as root; Debian's package brings this account.
_ACCOUNT = "postgres"
_NUMBERS = count(1)


def _binary(name: str) -> str:
    """A program of PostgreSQL; a machine without it cannot run these tests."""
    newest = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    found = shutil.which(name, path=os.pathsep.join([*map(str, reversed(newest)), os.environ.get("PATH", "")]))
    if found is None:
        raise RuntimeError(f"{name} is missing: install PostgreSQL (Debian: apt-get install postgresql)")
    return found


class Postgres:
    """One server, reachable by a socket in its folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._own = {"user": _ACCOUNT, "group": _ACCOUNT, "extra_groups": []} if os.getuid() == 0 else {}
        if self._own:
            shutil.chown(folder, _ACCOUNT, _ACCOUNT)
        self._run("initdb", "--pgdata", str(self._data), "--username", _USER, "--auth", "trust", "--encoding", "UTF8")

    def _run(self, name: str, *arguments: str) -> None:
        subprocess.run([_binary(name), *arguments], cwd=self._folder, check=True, capture_output=True, **self._own)  # type: ignore[call-overload]

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [_binary("postgres"), "-D", str(self._data), "-k", str(self._folder), "-h", ""]
        self._process = subprocess.Popen(  # type: ignore[call-overload]
            command, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **self._own
        )
        until = monotonic() + _PATIENCE
        while not self._answers():
            if monotonic() > until:
                raise RuntimeError("PostgreSQL does not start")
            sleep(0.05)

    def _answers(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.address("postgres"), connect_timeout=2):
            return True
        return False

    def kill(self) -> None:
        """End it as a machine that fails does; its children end when they see that it is gone."""
        assert self._process is not None
        children = _children(self._process.pid)
        for process in (self._process.pid, *children):
            with suppress(ProcessLookupError):
                os.kill(process, 9)
        self._process.wait()

    def stop(self) -> None:
        """End it in an orderly way."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(2)
            self._process.wait(_PATIENCE)

    def address(self, name: str) -> str:
        """The address of one of its databases."""
        return f"postgresql://{_USER}@/{name}?host={self._folder}"

    def new(self) -> str:
        """The address of a new, empty database."""
        name = f"test{next(_NUMBERS)}"
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        return self.address(name)


def _children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii")
    return [int(child) for child in tasks.split()]


@contextmanager
def server() -> Iterator[Postgres]:
    """A server for as long as this lasts."""
    # Short: the address of a socket may have no more than 107 characters.
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:
        found = Postgres(Path(folder))
        found.start()
        try:
            yield found
        finally:
            found.stop()
