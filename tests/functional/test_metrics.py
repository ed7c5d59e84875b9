"""Several workers count as one, through the death of one of them, and only who may reach them reads the numbers."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.support.served import Server, within
from tests.support.tokens import Call
from tests.support.trusting import ADDRESS, now
from tests.web.bodies import address, request
from tests.web.site.made import CLIENT, written

pytestmark = [pytest.mark.server, pytest.mark.allow_hosts(["127.0.0.1"])]

START = 15.0
MARK = "mark-patient-7"
SIGN, ID = address("order-sign"), "cramp-order-sign"
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)


class Watched(Server):
    """A service of two workers whose metrics are served."""

    def __init__(self, folder: Path) -> None:
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.metrics: int = free.getsockname()[1]
        super().__init__(
            folder / "log.txt",
            *("--workers", "2"),
            CDS_METRICS=f"127.0.0.1:{self.metrics}",
            CDS_SITE=str(written(folder, CLIENT)),
            CDS_PUBLIC_URL=ADDRESS,
            CDS_DATABASE_URL=f"sqlite:///{folder / 'cds.db'}",
            TMPDIR=str(folder),
        )

    def read(self) -> str:
        """The metrics as Prometheus reads them."""
        with closing(HTTPConnection("127.0.0.1", self.metrics, timeout=30)) as connection:
            connection.request("GET", "/metrics")
            return connection.getresponse().read().decode()

    def number(self, name: str, **labels: str) -> float:
        """The sum of all samples with these labels."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        found = SAMPLE.findall(self.read())
        return sum(float(value) for one, said, value in found if one == name and all(want in said for want in wanted))

    def ready(self, workers: int) -> bool:
        """Whether so many workers have their database, and the service answers."""
        return self.answers() and self.number("cds_database_workers", state="ready") == workers


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Watched]:
    """Two workers, one client, metrics."""
    started = Watched(tmp_path)
    try:
        assert within(START, started.answers), started.log.read_text(encoding="utf-8")
        assert within(START, lambda: started.ready(2)), started.log.read_text(encoding="utf-8")
        yield started
    finally:
        started.stop()
        assert not list(tmp_path.glob("cds-metrics-*"))


def _sent(server: Watched, call: Call, number: int) -> Sequence[str]:
    """So many good calls with a card, half as many that are refused and that are not JSON, from eight connections."""
    body = request()
    body["context"]["userId"] = f"Practitioner/{MARK}"
    good, marked = json.dumps(body).encode(), f"{MARK}.{MARK}.{MARK}"
    tokens = [call.token() for _ in range(number)]
    half = number // 2
    sent = [(good, token) for token in tokens]
    sent += [(good, marked)] * half + [(b"{" + MARK.encode(), call.token()) for _ in range(half)]
    with ThreadPoolExecutor(8) as threads:
        statuses = list(threads.map(lambda one: server.ask("POST", SIGN, *one)[0], sent))
    assert statuses == [200] * number + [401] * half + [400] * half
    return tokens


def _counted(server: Watched, number: int) -> bool:
    """Whether it is all counted, and nothing twice."""
    calls = {"service": ID, "what": "call"}
    return [
        server.number("cds_requests_total", **calls, status="200"),
        server.number("cds_requests_total", **calls, status="401"),
        server.number("cds_requests_total", **calls, status="400"),
        server.number("cds_refusals_total", service=ID, client="", reason="form"),
        server.number("cds_call_seconds_count", service=ID),
        server.number("cds_call_seconds_bucket", service=ID, le="+Inf"),
        server.number("cds_cards_total", rule="cyclobenzaprine-older-adult", indicator="warning"),
        server.number("cds_rule_answers_total", rule="cyclobenzaprine-older-adult", kind="shown"),
        server.number("cds_failed_total"),
    ] == [number, number / 2, number / 2, number / 2, number, number, number, number, 0]


def test_workers_count_as_one(server: Watched) -> None:
    """Whichever worker answers, and whichever of them dies, the sums are those of what was sent; who called, with what
    token and about whom is in none of them, and an EHR finds no metrics where it calls."""
    call = Call(f"{ADDRESS}{SIGN}", now().now)
    tokens = [*_sent(server, call, 40)]
    assert _counted(server, 40)
    first, _ = server.workers()
    os.kill(first, signal.SIGKILL)
    assert within(START, lambda: len(server.workers()) == 3 and server.ready(2)), server.read()
    tokens += _sent(server, call, 20)
    assert _counted(server, 60)
    assert server.number("cds_database_workers") == 2
    text = server.read()
    assert MARK not in text
    assert not [token for token in tokens if token in text or token.rpartition(".")[2] in text]
    assert server.ask("GET", "/metrics")[0] == 404
