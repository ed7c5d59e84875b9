"""Figures: what was counted, as cells of one table; it grows with rules, drugs, years and ages, never with patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cds_service.batch.call import Call, Said, drugs
from cds_service.batch.play import Played

# What a cell counts beside what became of what rules said (`shown`, `merged`, `suppressed`, `shadow`,
# `not-evaluated`, `missing`).
PATIENTS, CALLS, QUIET, ORDERS = "patients", "calls", "calls without a card", "orders"
UNREAD, UNPLAYED, UNDATED, ENDLESS = "unread", "not played", "undated", "ended at an unknown time"


class Cell(NamedTuple):
    """What is counted; an empty member does not apply, or is not told apart."""

    what: str
    hook: str = ""
    year: str = ""
    age: str = ""
    drug: str = ""
    rule: str = ""
    indicator: str = ""
    by: str = ""
    need: str = ""
    why: str = ""


class Figures:
    """Cells with their numbers."""

    def __init__(self, cells: Iterable[tuple[Cell, int]] = ()) -> None:
        self.cells: Counter[Cell] = Counter(dict(cells))

    def add(self, played: Played) -> None:
        """Count one patient."""
        self.cells[Cell(PATIENTS, age=played.age)] += 1
        for call in played.calls:
            self.cells.update(_called(call))
        notes = {UNREAD: played.unread, UNPLAYED: played.unplayed, UNDATED: played.undated, ENDLESS: played.endless}
        for what, counted in notes.items():
            for why, number in counted.items():
                self.cells[Cell(what, why=why)] += number

    def merge(self, other: Figures) -> None:
        """Add what was counted elsewhere."""
        self.cells.update(other.cells)

    def number(self, what: str, **members: str) -> int:
        """The sum of the cells that count this and have these members."""
        wanted = members.items()
        return sum(
            number
            for cell, number in self.cells.items()
            if cell.what == what and all(getattr(cell, name) == value for name, value in wanted)
        )

    def by(self, member: str, what: str, **members: str) -> Mapping[str, int]:
        """The same for every value of a member, in the order of the values."""
        found: Counter[str] = Counter()
        for cell, number in self.cells.items():
            if cell.what == what and all(getattr(cell, name) == value for name, value in members.items()):
                found[getattr(cell, member)] += number
        return dict(sorted(found.items()))

    def rows(self) -> list[tuple[str, ...]]:
        """Every cell and its number, in order."""
        return [(*cell, str(number)) for cell, number in sorted(self.cells.items())]


def _called(call: Call) -> Iterator[Cell]:
    where = Cell("", call.hook, call.day[:4], call.age)
    yield where._replace(what=CALLS)
    if not call.cards:
        yield where._replace(what=QUIET)
    for drug in call.drugs:
        yield where._replace(what=ORDERS, drug=drug)
    for said in call.said:
        yield _said(where, said, call)


def _said(where: Cell, said: Said, call: Call) -> Cell:
    return where._replace(
        what=said.became,
        drug=drugs(call.drugs[place] for place in said.orders),
        rule=said.rule,
        indicator=said.indicator,
        by=said.by,
        need=said.need,
        why=said.why,
    )
