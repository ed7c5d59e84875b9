"""Server: granian, as the service is run by it."""

from __future__ import annotations

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from cds_service.web.server_log import CONFIG

# Connections of one worker; more wait in the kernel, and as many again at most.
_CONNECTIONS = 1024
# Seconds in which a worker that was asked to end may finish its requests.
_PATIENCE = 5


def run(host: str, port: int, workers: int, threads: int, tell: bool) -> None:
    """Serve until it is ended, with so many threads in each worker; it tells of its start and its workers if wanted."""
    Granian(
        "cds_service.web.worker:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=_CONNECTIONS,
        backpressure=_CONNECTIONS,
        # Only so are connections ended on which nothing comes: where the version is guessed, the server waits for ever.
        http=HTTPModes.http1,
        log_dictconfig=CONFIG,
        workers_kill_timeout=_PATIENCE,  # without it a client that sends slowly would keep the service from ending
        respawn_failed_workers=True,  # without it the death of one worker ends the service
        log_access=False,
        log_level=LogLevels.info if tell else LogLevels.warning,
        websockets=False,
    ).serve()
