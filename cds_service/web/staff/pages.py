"""The committee's pages: what was shown and done, what could not be checked, and who has signed off what."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import date, timedelta
from importlib.resources import files
from typing import Any, TypeVar

from flask import Blueprint, Response, abort, current_app, render_template, request
from sqlalchemy import Connection

from cds_service.cards.reasons import DISPLAYS, WRONG
from cds_service.charts import Part, columns
from cds_service.rules import RULES
from cds_service.store.counts import clients
from cds_service.store.database import Database
from cds_service.store.report import everything
from cds_service.store.weeks import week
from cds_service.web import remember
from cds_service.web.callers import Callers
from cds_service.web.staff import PLACE, exports
from cds_service.web.staff.board import Board, Sums, board, one_rule, title
from cds_service.web.staff.filters import EVERY, HOOKS, Filter, chosen, month
from cds_service.web.staff.signoff import Standing, standings
from cds_service.web.table import csv_lines, ndjson_lines

blueprint = Blueprint("board", __name__, url_prefix=PLACE)
Found = TypeVar("Found")
# Milliseconds after which PostgreSQL gives a page up; an export is never given up.
_LONGEST, _NEVER = 10_000, 0
_KNOWN = {rule.id for rule in RULES}


@blueprint.get("")
def overview() -> str:
    """All rules in a period, and the three questions."""
    choice = chosen(request.args, _today())
    found, known = _asked(lambda connection: (board(connection, choice.wanted), clients(connection, choice.since)))
    return _rendered("staff/overview.html", choice, board=found, clients=known, charts=_overall(found))


@blueprint.get("/rules/<rule>")
def rule(rule: str) -> str:
    """One rule in a period, week by week."""
    choice = chosen(request.args, _today())
    found, known = _asked(
        lambda connection: (one_rule(connection, choice.wanted, rule), clients(connection, choice.since))
    )
    if rule not in _KNOWN and not found.all.shown and not found.all.unchecked:
        abort(404)
    standing = next((one for one in _standings(choice) if one.rule.id == rule), None)
    told = {"board": found, "clients": known, "charts": _of_rule(found), "rule": rule, "standing": standing}
    return _rendered("staff/rule.html", choice, **told)


@blueprint.get("/signoff")
def signoff() -> str:
    """Who has signed off what, and what somebody has to look at."""
    choice = chosen(request.args, _today())
    return _rendered("staff/signoff.html", choice, standings=_standings(choice))


@blueprint.get("/figures.csv")
def figures() -> Response:
    """The table of the overview, or of a rule's weeks."""
    choice, id = chosen(request.args, _today()), request.args.get("rule", "")
    if id:
        weeks = exports.by_week(_asked(lambda connection: one_rule(connection, choice.wanted, id)))
        return _csv(f"weeks-{id if id in _KNOWN else 'rule'}", exports.BY_WEEK, weeks)
    rows = exports.by_rule(_asked(lambda connection: board(connection, choice.wanted)))
    return _csv("rules", exports.BY_RULE, rows)


@blueprint.get("/signoff.csv")
def signed() -> Response:
    """The table of sign-offs."""
    return _csv("sign-off", exports.SIGNED, exports.signed(_standings(chosen(request.args, _today()))))


@blueprint.get("/everything.ndjson")
def everything_kept() -> Response:
    """Every card with what was done with it, and everything that is only counted."""
    database = _database(_NEVER)
    database.check()  # before the first line is sent: half an export must not look whole
    return _file("everything.ndjson", "application/x-ndjson", ndjson_lines(None, _rows(database)))


@blueprint.get("/report.html")
def report() -> Response:
    """A month in one file, to be printed or sent."""
    choice = month(request.args.get("month", ""), _today())
    found = _asked(lambda connection: board(connection, choice.wanted))
    text = _rendered(
        "staff/report.html", choice, board=found, charts=_overall(found), standings=_standings(choice), sheet=_sheet()
    )
    return _file(f"report-{choice.since:%Y-%m}.html", "text/html; charset=utf-8", [text])


def _sheet() -> str:
    """The pages' own sheet, to stand in a file that needs no other."""
    return files("cds_service.web").joinpath("static", "style.css").read_text(encoding="utf-8")


def _overall(found: Board) -> list[tuple[str, str]]:
    """The charts of the overview, each with its title."""
    return [
        _drawn("Cards of 100 calls, by week", found, ("cards of 100 calls", lambda one: one.rate)),
        _drawn("What was done with cards, by week", found, *_DONE),
        _drawn("Rules that could not be checked, by week", found, _UNCHECKED),
    ]


def _of_rule(found: Board) -> list[tuple[str, str]]:
    return [
        _drawn("Shown in 100 calls, by week", found, ("shown in 100 calls", lambda one: one.rate)),
        _drawn("What was done with it, by week", found, *_DONE),
        _drawn("Not evaluated, by week", found, _UNCHECKED),
        _drawn("Mean milliseconds of a call that showed it, by week", found, ("ms", lambda one: one.took)),
    ]


_Number = tuple[str, Callable[[Sums], float | None]]
_DONE: tuple[_Number, ...] = (
    ("accepted", lambda one: one.accepted),
    ("overridden", lambda one: one.overridden),
    ("nothing told", lambda one: one.unanswered),
)
_UNCHECKED: _Number = ("not evaluated", lambda one: one.unchecked)


def _drawn(name: str, found: Board, *numbers: _Number) -> tuple[str, str]:
    parts = [Part(words, [number(one) for one in found.weeks.values()]) for words, number in numbers]
    return name, columns(name, [week(monday)[5:] for monday in found.weeks], parts)


def _standings(choice: Filter) -> list[Standing]:
    """Of the client that is chosen, else of the site."""
    callers: Callers = current_app.extensions["cds_callers"]
    try:
        terms = callers.named("" if choice.client == EVERY else choice.client)
    except KeyError:  # one that called once and is not listed any more
        terms = callers.named("")
    with terms.in_force():
        return standings(_today())


def _today() -> date:
    return remember.now().date()


def _database(longest: int) -> Database:
    return Database(current_app.extensions["cds_address"], longest)


def _asked(question: Callable[[Connection], Found]) -> Found:
    """What the database says, on a connection of its own: no card waits behind it."""
    with closing(_database(_LONGEST)) as database:
        database.check()
        with database.reading() as connection:
            return question(connection)


def _rows(database: Database) -> Iterator[dict[str, Any]]:
    with closing(database), database.reading() as connection:
        yield from everything(connection)


def _csv(name: str, head: Sequence[str], rows: Iterable[dict[str, Any]]) -> Response:
    return _file(f"{name}.csv", "text/csv; charset=utf-8", csv_lines(head, rows))


def _file(name: str, kind: str, lines: Iterable[str]) -> Response:
    response = Response(lines, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rendered(template: str, choice: Filter, **values: Any) -> str:
    last = _today().replace(day=1) - timedelta(days=1)
    common = {
        "choice": choice,
        "every": EVERY,
        "hooks": HOOKS,
        "month": f"{last:%Y-%m}",
        "title": title,
        "reasons": DISPLAYS,
        "wrong": WRONG,
        "week": week,
        "today": _today(),
        "known": _KNOWN,
    }
    return render_template(template, **common | values)
