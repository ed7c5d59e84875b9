"""Several workers and one site file: a token is good for one call, whichever worker it reaches."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.served import Server, within
from tests.support.tokens import Call
from tests.support.trusting import ADDRESS, SERVICE, VIEW, now
from tests.web.site.made import CLIENT, written

pytestmark = [pytest.mark.server, pytest.mark.allow_hosts(["127.0.0.1"])]

START = 15.0
BODY = json.dumps(VIEW).encode()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """Two workers, one database, one client."""
    started = Server(
        tmp_path / "log.txt",
        "--workers",
        "2",
        CDS_SITE=str(written(tmp_path, CLIENT)),
        CDS_PUBLIC_URL=ADDRESS,
        CDS_DATABASE_URL=f"sqlite:///{tmp_path / 'cds.db'}",
    )
    try:
        assert within(START, started.answers), started.log.read_text(encoding="utf-8")
        assert within(START, lambda: _ready(started)), started.log.read_text(encoding="utf-8")
        yield started
    finally:
        started.stop()


def _ready(server: Server) -> bool:
    """Both workers have their database: before that a worker decides by itself."""
    return server.log.read_text(encoding="utf-8").count("database ready") == 2


def _status(server: Server, call: Call, token: str) -> int:
    return server.ask("POST", SERVICE, BODY, token)[0]


def test_a_token_is_good_for_one_call_at_all_workers(server: Server) -> None:
    """Of many calls at once that carry one token, whichever worker they reach, one is answered."""
    call = now()
    for _ in range(5):
        token = call.token()
        with ThreadPoolExecutor(8) as threads:
            answered = Counter(threads.map(lambda _, token=token: _status(server, call, token), range(24)))
        assert answered == {200: 1, 401: 23}


def test_each_new_token_is_let_in(server: Server) -> None:
    """Tokens of their own are all let in, by both workers."""
    call = now()
    with ThreadPoolExecutor(8) as threads:
        assert set(threads.map(lambda token: _status(server, call, token), [call.token() for _ in range(40)])) == {200}
