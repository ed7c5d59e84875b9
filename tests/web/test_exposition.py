"""What several processes counted is read as one, whoever of them has died."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from cds_service import __version__
from cds_service.web import exposition
from cds_service.web.exposition import Everything, served
from cds_service.web.folder import FOLDER, counting

COUNT = """
import sys
from cds_service.web.metrics import Counted
counted = Counted()
counted.database("ready")
counted.lost(int(sys.argv[1]))
counted.fetched("", 0.02)
print("counted", flush=True)
sys.stdin.readline()
"""


class Worker:
    """A process that counts, and lives until it is ended."""

    def __init__(self, folder: Path, lost: int) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", COUNT, str(lost)],
            env=os.environ | {FOLDER: str(folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"counted\n"

    def kill(self) -> None:
        """End it without a word."""
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def workers(tmp_path: Path) -> Iterator[list[Worker]]:
    """Two of them."""
    found = [Worker(tmp_path, 1), Worker(tmp_path, 10)]
    yield found
    for one in found:
        one.kill()


def _read(folder: Path) -> str:
    registry = CollectorRegistry()
    registry.register(Everything(folder))
    return generate_latest(registry).decode()


def test_what_all_counted_is_one_sum(workers: list[Worker], tmp_path: Path) -> None:
    """Counters and histograms are added up; of a worker that died all that it counted stays, and no state."""
    text = _read(tmp_path)
    assert "cds_lost_calls_total 11.0" in text
    assert 'cds_fhir_fetch_seconds_count{outcome="answered"} 2.0' in text
    assert 'cds_database_workers{state="ready"} 2.0' in text
    workers[0].kill()
    text = _read(tmp_path)
    assert "cds_lost_calls_total 11.0" in text
    assert 'cds_database_workers{state="ready"} 1.0' in text
    assert f'cds_build_info{{version="{__version__}"}} 1.0' in text


def test_somebody_elses_process_lives(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A process that may not be asked is there."""

    def refuse(process: int, signal: int) -> None:
        raise PermissionError

    file = tmp_path / "gauge_livesum_1.db"
    file.write_bytes(b"")
    monkeypatch.setattr(os, "kill", refuse)
    Everything(tmp_path)._forget_the_dead()
    assert file.exists()


@pytest.mark.allow_hosts(["127.0.0.1"])
def test_metrics_are_served_for_as_long_as_asked(tmp_path: Path) -> None:
    """At that address and no longer; where something listens already it is refused."""
    port = 0
    with served("127.0.0.1", 0, tmp_path) as server:
        port = server.server_port
        with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
            connection.request("GET", "/metrics")
            assert b"cds_build_info" in connection.getresponse().read()
        with pytest.raises(OSError, match="in use"), served("127.0.0.1", port, tmp_path):
            pass
    with closing(HTTPConnection("127.0.0.1", port, timeout=10)) as connection, pytest.raises(ConnectionRefusedError):
        connection.request("GET", "/metrics")


def test_workers_count_into_a_folder_that_is_gone_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is named before anything that counts is loaded, it is empty, and nothing of it is left, whatever happens."""
    monkeypatch.setenv(FOLDER, "/before")
    seen: list[Path] = []

    class Served:
        def __init__(self, host: str, port: int, folder: Path) -> None:
            seen.append(folder)

        def __enter__(self) -> None:
            assert os.environ[FOLDER] == str(seen[0])
            assert list(seen[0].iterdir()) == []

        def __exit__(self, *parts: object) -> None:
            assert seen[0].exists()

    monkeypatch.setattr(exposition, "served", Served)
    with pytest.raises(ZeroDivisionError), counting("127.0.0.1", 9464):
        raise ZeroDivisionError(seen[0].joinpath("counter_1.db").write_bytes(b""))
    assert not seen[0].exists()
    assert FOLDER not in os.environ


@pytest.mark.parametrize("module", ["cds_service.web.exposition", "cds_service.web.folder"])
def test_who_serves_metrics_loads_no_rules(module: str) -> None:
    """The process that watches the workers stays small."""
    code = f"import sys, {module}; sys.exit(bool({{'flask', 'cds_service.rules'}} & {{*sys.modules}}))"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0


def test_a_worker_that_is_forked_counts_into_the_folder() -> None:
    """What counts is not loaded before the folder is named: else it would count for its own process only."""
    code = "import sys, cds_service.web.folder; sys.exit('prometheus_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
