"""The folder into which the workers of one start count, for Prometheus."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

# By this prometheus_client, and the service (settings.py), know that they count, and where.
FOLDER = "PROMETHEUS_MULTIPROC_DIR"


@contextmanager
def counting(host: str, port: int) -> Iterator[None]:
    """Meanwhile workers that are started from here count into a new folder, and what all of them counted can be read at
    an address. Raises OSError."""
    folder = Path(mkdtemp(prefix="cds-metrics-"))
    os.environ[FOLDER] = str(folder)
    try:
        # Not before: what it loads looks there at once, and a worker that is forked has loaded what this process has.
        from cds_service.web.exposition import served

        with served(host, port, folder):
            yield
    finally:
        del os.environ[FOLDER]
        shutil.rmtree(folder, ignore_errors=True)
