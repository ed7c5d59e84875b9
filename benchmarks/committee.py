"""A made year of calls, and how long the committee's pages take on it: on SQLite and on PostgreSQL.

    python -m benchmarks.committee --cards 1000000 --write

The figures of a page are held against a plain count.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from datetime import date, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any
from uuid import UUID

import click
from flask.testing import FlaskClient
from sqlalchemy import Connection, func, insert, select
from werkzeug.security import generate_password_hash

from benchmarks.report import written
from cds_service.hooks.catalogue import SERVICES
from cds_service.rules import RULES
from cds_service.store import schema
from cds_service.store.daily import add_up, mark
from cds_service.store.database import Database
from cds_service.store.keys import Keys
from cds_service.store.memory import Site
from cds_service.web import remember
from cds_service.web.callers import Callers
from cds_service.web.settings import Settings
from cds_service.web.site.staff import Staff
from cds_service.web.staff.app import make
from tests.support.postgres import server

_PASSWORD = "of a benchmark"  # noqa: S105 - of nobody
_DAYS = 365
_CALLS_A_CARD = 12
_AT_A_TIME = 5_000
_TURNS = 5
_SECRET = Keys(["a secret of the benchmark, long enough"])


def cards(seed: int, wanted: int, last: date) -> Iterator[dict[str, Any]]:
    """Cards of a year with feedback on two of three, drawn by the seed: few rules make most of them."""
    drawn = random.Random(seed)  # noqa: S311 - nothing is kept secret by it
    weights = [1 / (place + 1) for place in range(len(RULES))]
    services = [service.id for service in SERVICES.values()]
    first = datetime.combine(last - timedelta(days=_DAYS - 1), datetime.min.time())
    for number in range(wanted):
        [rule] = drawn.choices(RULES, weights)
        at = first + timedelta(days=number * _DAYS // wanted, seconds=drawn.randrange(86_400))
        outcome = drawn.choices(("overridden", "accepted", ""), (5, 1, 3))[0]
        reason = drawn.choice([*rule.override_reasons, ""]) if outcome == "overridden" else ""
        yield {
            "number": number + 1,
            "at": at,
            "rule": rule.id,
            "service": drawn.choice(services),
            "client": drawn.choice(("north", "south")),
            "outcome": outcome,
            "reason": reason,
            "seconds": drawn.expovariate(1 / 8),
        }


def fill(connection: Connection, made: list[dict[str, Any]]) -> None:
    """Write cards with their calls and feedback, as the service would."""
    calls, shown, told = [], [], []
    for one in made:
        shared = {name: one[name] for name in ("at", "service", "client")} | {"patient": "0" * 32, "user": "0" * 32}
        uuid = str(UUID(int=one["number"]))
        calls.append(shared | {"id": one["number"], "milliseconds": 1.5})
        more = {"message": "shown", "indicator": "info", "thresholds": "0", "key": "0" * 32, "order_hash": ""}
        shown.append(
            shared | more | {"uuid": uuid, "call_id": one["number"], "day": one["at"].date(), "rule": one["rule"]}
        )
        if one["outcome"]:
            told.append(_feedback(one, uuid))
    for table, rows in ((schema.call, calls), (schema.card, shown), (schema.feedback, told)):
        connection.execute(insert(table), rows)
    mark(connection, (row["day"] for row in shown))


def _feedback(one: dict[str, Any], card: str) -> dict[str, Any]:
    at = one["at"] + timedelta(seconds=one["seconds"])
    return {
        "digest": f"{one['number']:032x}",
        "received": at,
        "card": card,
        "service": one["service"],
        "client": one["client"],
        "outcome": one["outcome"],
        "at": at,
        "reason_system": "",
        "reason_code": one["reason"],
        "given": bool(one["reason"]),
    }


def fill_tally(connection: Connection, seed: int, wanted: int, last: date) -> None:
    """Calls of every day, and rules that could not be evaluated."""
    drawn = random.Random(seed)  # noqa: S311 - nothing is kept secret by it
    for back in range(_DAYS):
        day = last - timedelta(days=back)
        rows = [
            {"day": day, "service": service, "client": client, "kind": kind, "rule": rule, "why": why}
            | {"number": drawn.randrange(1, 1 + share), "milliseconds": float(share)}
            for service in SERVICES
            for client in ("north", "south")
            for kind, rule, why, share in _counted(wanted)
        ]
        connection.execute(insert(schema.tally), rows)


def _counted(wanted: int) -> Iterator[tuple[str, str, str, int]]:
    yield "call", "", "", max(wanted * _CALLS_A_CARD // _DAYS // 4, 1)
    for rule in RULES:
        for need in rule.needs:
            yield "not-evaluated", rule.id, need.id, 9
        yield "suppressed", rule.id, "override", 5


def made_year(database: Database, wanted: int, last: date, seed: int = 11) -> None:
    """A year that ends on a day, in an empty database; all of its days but the last are added up."""
    database.upgrade()
    held: list[dict[str, Any]] = []
    for one in cards(seed, wanted, last):
        held.append(one)
        if len(held) == _AT_A_TIME:
            with database.writing(lasting=False) as connection:
                fill(connection, held)
            held = []
    with database.writing() as connection:
        if held:
            fill(connection, held)
        fill_tally(connection, seed, wanted, last)
    begun, days, more = perf_counter(), 0, 1
    while more:
        with database.writing() as connection:
            more = add_up(connection, last)
        days += more
    click.echo(f"{days} days added up in {perf_counter() - begun:.1f} s")
    if not database.is_file:  # PostgreSQL does so by itself after a while, SQLite never
        with database.writing() as connection:
            connection.exec_driver_sql("ANALYZE")


def pages(last: date) -> dict[str, str]:
    """The addresses that are asked, by what they show."""
    year = f"from={last - timedelta(days=_DAYS - 1)}&to={last}"
    rule = RULES[0].id
    return {
        "overview, 13 weeks": "/dashboard",
        "overview, a year": f"/dashboard?{year}",
        "overview, a year of one client and hook": f"/dashboard?{year}&client=north&hook=order-sign",
        "the rule that is shown most, 13 weeks": f"/dashboard/rules/{rule}",
        "the rule that is shown most, a year": f"/dashboard/rules/{rule}?{year}",
        "table as CSV, a year": f"/dashboard/figures.csv?{year}",
        "report of a month": f"/dashboard/report.html?month={last - timedelta(days=31):%Y-%m}",
        "sign-off": "/dashboard/signoff",
        "everything as NDJSON": "/dashboard/everything.ndjson",
    }


def staff(address: str) -> FlaskClient:
    """Somebody who is let in."""
    door = Staff(password_hash=generate_password_hash(_PASSWORD))
    app = make(Settings(), door, Site(address, _SECRET, 90, 400), Callers(Settings(), None))
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    assert client.post("/dashboard/login", data={"password": _PASSWORD}).status_code == 303
    return client


def _seconds(client: FlaskClient, address: str) -> float:
    begun = perf_counter()
    response = client.get(address)
    assert response.status_code == 200, response.text[:500]
    assert response.get_data()
    return perf_counter() - begun


def _row(kind: str, client: FlaskClient, name: str, address: str) -> str:
    """A line of the table: the first look, and the slowest of more; an export is made once."""
    first = f"{1000 * _seconds(client, address):.0f}"
    more = [] if address.endswith(".ndjson") else [_seconds(client, address) for _ in range(_TURNS)]
    slowest = f"{1000 * max(more):.0f}" if more else ""
    return f"| {name} | {kind} | {first} | {slowest} |"


def _check(database: Database, client: FlaskClient, last: date) -> None:
    """The page's number of cards is that of a plain count."""
    with database.reading() as connection:
        plain = connection.execute(select(func.count()).select_from(schema.card)).scalar_one()
    text = client.get(pages(last)["overview, a year"]).get_data(as_text=True)
    assert f"{plain:,} cards" in text, plain


@click.command()
@click.option("--cards", "wanted", default=1_000_000, show_default=True)
@click.option("--databases", default="SQLite,PostgreSQL", show_default=True)
@click.option("--write", is_flag=True, help="Put the table into the README beside this file.")
def main(wanted: int, databases: str, write: bool) -> None:
    """Make the year, ask each page, and tell how long it took."""
    last = remember.now().date()
    lines = ["| page | database | first, ms | slowest of five more, ms |", "| --- | --- | --- | --- |"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for kind in databases.split(","):
            sqlite = f"sqlite:///{folder / 'year.sqlite3'}"
            address = sqlite if kind == "SQLite" else stack.enter_context(server()).new()
            database = stack.enter_context(closing(Database(address, 0)))
            made_year(database, wanted, last)
            client = staff(address)
            _check(database, client, last)
            for name, page in pages(last).items():
                lines.append(_row(kind, client, name, page))
                click.echo(lines[-1])
    if write:
        written("\n".join(lines), f"{wanted:,} cards", "committee")


if __name__ == "__main__":
    main()
