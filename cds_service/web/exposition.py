"""Where Prometheus reads what all workers counted: an address of its own, which no EHR need reach.

It is served by the process that watches the workers, so nothing that takes long to load may be imported here.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from wsgiref.simple_server import WSGIServer

from prometheus_client import CollectorRegistry, Metric, start_http_server
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from cds_service import __version__


class Everything(Collector):
    """What all workers counted into a folder, those that died included, and which version this is."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = MultiProcessCollector(None, str(folder))  # type: ignore[no-untyped-call]

    def collect(self) -> Iterable[Metric]:
        """All metrics as they are now."""
        self._forget_the_dead()
        yield from self._files.collect()  # type: ignore[no-untyped-call]
        version = GaugeMetricFamily("cds_build_info", "The version that runs.", labels=("version",))
        version.add_metric([__version__], 1)
        yield version

    def _forget_the_dead(self) -> None:
        """What a worker counted stays when it dies; what it was in does not. Nobody else tells of its death."""
        for file in self._folder.glob("gauge_live*.db"):
            if not _lives(int(file.stem.rpartition("_")[2])):
                file.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's, and there
    return True


@contextmanager
def served(host: str, port: int, folder: Path) -> Iterator[WSGIServer]:
    """Meanwhile the metrics of a folder can be read at an address. Raises OSError."""
    registry = CollectorRegistry()
    registry.register(Everything(folder))
    server, _ = start_http_server(port, host, registry)
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
