"""What is on the screen, as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from cds_service.web.staff.board import Board, Sums, title
from cds_service.web.staff.signoff import Standing

_NUMBERS: dict[str, Callable[[Sums], Any]] = {
    "calls": lambda one: one.calls,
    "shown": lambda one: one.shown,
    "shown_per_100_calls": lambda one: _round(one.rate),
    "accepted": lambda one: one.accepted,
    "overridden": lambda one: one.overridden,
    "overridden_percent": lambda one: _round(one.share(one.overridden)),
    "reasons": lambda one: _listed(one.why),
    "not_evaluated": lambda one: one.unchecked,
    "missing": lambda one: _listed(one.wanted),
    "suppressed": lambda one: one.suppressed,
    "shadow": lambda one: one.shadow,
    "mean_milliseconds_of_call": lambda one: _round(one.took),
    "mean_seconds_until_done": lambda one: _round(one.waited),
}
BY_RULE = ("rule", "title", *_NUMBERS)
BY_WEEK = ("week", *_NUMBERS)
SIGNED = ("rule", "title", "stage", "version", "signed_by", "signed_on", "next_review", "overdue", "changed_since")


def by_rule(board: Board) -> Iterator[dict[str, Any]]:
    """A row a rule."""
    return ({"rule": rule, "title": title(rule)} | _numbers(sums) for rule, sums in board.rules.items())


def by_week(board: Board) -> Iterator[dict[str, Any]]:
    """A row a week, named by its Monday."""
    return ({"week": week} | _numbers(sums) for week, sums in board.weeks.items())


def signed(standings: Iterable[Standing]) -> Iterator[dict[str, Any]]:
    """A row a rule: who signed it off, and how that stands."""
    for one in standings:
        found = one.signed
        yield {
            "rule": one.rule.id,
            "title": one.rule.title,
            "stage": one.rule.stage_now,
            "version": one.version,
            "signed_by": found.by if found else None,
            "signed_on": found.on if found else None,
            "next_review": one.due,
            "overdue": one.overdue,
            "changed_since": ", ".join(one.changed),
        }


def _numbers(sums: Sums) -> dict[str, Any]:
    return {name: number(sums) for name, number in _NUMBERS.items()}


def _listed(found: Iterable[tuple[str, int]]) -> str:
    return "; ".join(f"{name} {number}" for name, number in found)


def _round(number: float | None) -> float | None:
    return None if number is None else round(number, 1)
