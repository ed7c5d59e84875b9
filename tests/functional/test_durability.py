"""What was acknowledged is on disk, whoever is killed; and many workers write at once without losing a row."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event
from time import sleep
from uuid import uuid4

import pytest
from sqlalchemy import Column, select

from cds_service.store import schema
from cds_service.store.database import Database
from tests.support.postgres import Postgres
from tests.support.postgres import server as postgresql
from tests.support.served import Server, within
from tests.web.bodies import address, request

pytestmark = [pytest.mark.server, pytest.mark.allow_hosts(["127.0.0.1"])]

ROUNDS = 20
# Seconds in which the first word is acknowledged.
_PATIENCE = 15
CLIENTS = 4
START = 15.0
SECRET = "a secret of the tests, long enough"
FEEDBACK = f"{address('order-sign')}/feedback"
# Calls of each client while several workers write.
CALLS = 25
# Cards that come from one batch.
BATCH = 3


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL server that may be killed."""
    with postgresql() as found:
        yield found


def _started(log: Path, url: str, *options: str) -> Server:
    server = Server(log, *options, CDS_DATABASE_URL=url, CDS_HMAC_KEY=SECRET.replace(" ", "-"))
    try:
        assert within(START, server.answers), log.read_text(encoding="utf-8")
    except BaseException:
        server.kill()
        raise
    return server


def _upgraded(url: str) -> Database:
    database = Database(url)
    database.upgrade()
    return database


def _stored(database: Database, column: Column[str]) -> set[str]:
    """Every value of a column, read by another process than the service."""
    with database.reading() as connection:
        found = set(connection.execute(select(column)).scalars())
    database.close()  # a server that is killed leaves no connection behind
    return found


def _feeding(server: Server, stopping: Event, told: Event) -> list[str]:
    """Sends feedback as fast as it is taken -> the cards for which it was acknowledged."""
    acknowledged: list[str] = []
    while not stopping.is_set():
        try:
            with closing(HTTPConnection("127.0.0.1", server.port, timeout=5)) as connection:
                while not stopping.is_set():
                    cards = [str(uuid4()) for _ in range(BATCH)]
                    said = {"outcome": "overridden", "outcomeTimestamp": "2026-11-22T10:00:00Z"}
                    body = json.dumps({"feedback": [said | {"card": card} for card in cards]})
                    connection.request("POST", FEEDBACK, body, {"Content-Type": "application/json"})
                    response = connection.getresponse()
                    response.read()
                    assert response.status in (200, 503), response.status
                    if response.status == 200:
                        acknowledged += cards
                        told.set()
        except (OSError, HTTPException):
            sleep(0.01)
    return acknowledged


def _interrupted(server: Server, kill: Callable[[], None], seconds: float) -> set[str]:
    """Feed the service, kill something in the middle -> what was acknowledged."""
    stopping, told = Event(), Event()
    with ThreadPoolExecutor(CLIENTS) as clients:
        feeding = [clients.submit(_feeding, server, stopping, told) for _ in range(CLIENTS)]
        told.wait(_PATIENCE)  # a machine that is busy takes its time until the database is open
        sleep(seconds)
        kill()
        stopping.set()
        return {card for one in feeding for card in one.result()}


def _moments() -> Iterator[float]:
    """Seconds after which something is killed, other ones in every run."""
    return (random.uniform(0.05, 0.4) for _ in range(ROUNDS))  # noqa: S311 - no secret


def test_what_is_acknowledged_survives_the_death_of_the_service(tmp_path: Path) -> None:
    """In twenty rounds the service is killed while feedback comes in; all that it acknowledged is in the file."""
    database = _upgraded(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    acknowledged: set[str] = set()
    for seconds in _moments():
        server = _started(tmp_path / "log.txt", f"sqlite:///{tmp_path / 'store.sqlite3'}")
        acknowledged |= _interrupted(server, server.kill, seconds)
        assert acknowledged <= _stored(database, schema.feedback.c.card)
    assert len(acknowledged) > ROUNDS * BATCH


def test_what_is_acknowledged_survives_the_death_of_the_database(tmp_path: Path, postgres: Postgres) -> None:
    """In twenty rounds the service or its PostgreSQL is killed; what was acknowledged is there, and the service finds
    its database again."""
    url = postgres.new()
    database = _upgraded(url)
    server = _started(tmp_path / "log.txt", url)
    acknowledged: set[str] = set()
    for number, seconds in enumerate(_moments()):
        if number % 2:
            acknowledged |= _interrupted(server, server.kill, seconds)
            server = _started(tmp_path / "log.txt", url)
        else:
            acknowledged |= _interrupted(server, postgres.kill, seconds)
            postgres.start()
        assert acknowledged <= _stored(database, schema.feedback.c.card)
    assert within(START, lambda: server.ask("GET", "/readyz")[1]["database"] == "ready")
    server.stop()
    assert len(acknowledged) > ROUNDS * BATCH


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_four_workers_lose_nothing(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """While four workers write cards and feedback at once every call is answered, and every row is there when the
    service was asked to end."""
    url = f"sqlite:///{tmp_path / 'store.sqlite3'}" if kind == "sqlite" else request.getfixturevalue("postgres").new()
    database = _upgraded(url)
    server = _started(tmp_path / "log.txt", url, "--workers", "4", "--as-of", "2026-11-22")
    with ThreadPoolExecutor(8) as clients:
        cards = {card for shown in clients.map(lambda _: _busy(server), range(8)) for card in shown}
    server.stop()
    assert len(cards) >= 8 * CALLS
    assert cards == _stored(database, schema.card.c.uuid) == _stored(database, schema.feedback.c.card)
    assert "locked" not in (tmp_path / "log.txt").read_text(encoding="utf-8")


def _busy(server: Server) -> list[str]:
    """Calls and feedback on them, one after the other -> the cards shown."""
    found: list[str] = []
    for _ in range(CALLS):
        body = json.dumps(request() | {"hookInstance": str(uuid4())}).encode()
        status, answer = server.ask("POST", address("order-sign"), body)
        assert status == 200
        shown = [card["uuid"] for card in answer["cards"]]
        said = [
            {"card": card, "outcome": "accepted", "acceptedSuggestions": [], "outcomeTimestamp": "2026-11-22T10:00:00Z"}
            for card in shown
        ]
        # While four workers open their database on a busy machine they may ask to be told again.
        assert within(START, lambda said=said: _taken(server, said))
        found += shown
    return found


def _taken(server: Server, said: list[dict[str, object]]) -> bool:
    status, answer = server.ask("POST", FEEDBACK, json.dumps({"feedback": said}).encode())
    assert (status, answer) == (200, {}) or status == 503, (status, answer)
    return status == 200
