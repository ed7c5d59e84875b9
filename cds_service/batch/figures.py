"""Figures: what was counted, as cells of one table; it grows with rules, drugs, years and ages, never with patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache
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
        self.cells[_cell(PATIENTS, age=played.age)] += 1
        for call in played.calls:
            self._add(call)
        self._note(UNREAD, played.unread)
        self._note(UNPLAYED, played.unplayed)
        self._note(UNDATED, played.undated)
        self._note(ENDLESS, played.endless)

    def _note(self, what: str, counted: Mapping[str, int]) -> None:
        for why, number in counted.items():
            self.cells[Cell(what, why=why)] += number

    def _add(self, call: Call) -> None:
        cells, where = self.cells, (call.hook, call.day[:4], call.age)
        cells[_cell(CALLS, *where)] += 1
        if not call.cards:
            cells[_cell(QUIET, *where)] += 1
        for drug in call.drugs:
            cells[_cell(ORDERS, *where, drug)] += 1
        for said in call.said:
            cells[_said(_cell("", *where), said, call)] += 1

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


# Of most calls the same few cells are counted.
_cell = lru_cache(maxsize=4096)(Cell)


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
