"""Figures: what was counted, as cells of one table; it grows with rules, drugs, years and ages, never with patients."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cds_service.batch.call import Call, Said, drugs
from cds_service.batch.play import Played

# What a cell counts beside what became of what rules said (`shown`, `merged`, `suppressed`, `shadow`,
# `not-evaluated`, `missing`).
PATIENTS, CALLS, QUIET, ORDERS = "patients", "calls", "calls without a card", "orders"
UNREAD, UNPLAYED, UNDATED, ENDLESS = "unread", "not played", "undated", "ended at an unknown time"
_NOTED = UNREAD, UNPLAYED, UNDATED, ENDLESS


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
        self._cells: Counter[Cell] = Counter(dict(cells))
        # Calls in which nothing was said, by hook, year, age and drugs: nearly all are.
        self._silent: defaultdict[tuple[str, str, str, tuple[str, ...]], int] = defaultdict(int)

    @property
    def cells(self) -> Counter[Cell]:
        """What was counted so far."""
        while self._silent:
            (hook, year, age, drugs), number = self._silent.popitem()
            self._call((hook, year, age), drugs, number, quiet=True)
        return self._cells

    def add(self, played: Played) -> None:
        """Count one patient."""
        self._cells[Cell(PATIENTS, age=played.age)] += 1
        for call in played.calls:
            if call.said:
                self._said(call)
            else:
                self._silent[call.hook, call.day[:4], call.age, call.drugs] += 1
        for what, counted in zip(_NOTED, (played.unread, played.unplayed, played.undated, played.endless), strict=True):
            for why, number in counted.items():
                self._cells[Cell(what, why=why)] += number

    def _call(self, where: tuple[str, str, str], drugs: Iterable[str], number: int, quiet: bool) -> None:
        self._cells[Cell(CALLS, *where)] += number
        if quiet:
            self._cells[Cell(QUIET, *where)] += number
        for drug in drugs:
            self._cells[Cell(ORDERS, *where, drug)] += number

    def _said(self, call: Call) -> None:
        where = (call.hook, call.day[:4], call.age)
        self._call(where, call.drugs, 1, quiet=not call.cards)
        for said in call.said:
            self._cells[_told(Cell("", *where), said, call)] += 1

    def merge(self, other: Figures) -> None:
        """Add what was counted elsewhere."""
        self._cells.update(other.cells)

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


def _told(where: Cell, said: Said, call: Call) -> Cell:
    return where._replace(
        what=said.became,
        drug=drugs(call.drugs[place] for place in said.orders),
        rule=said.rule,
        indicator=said.indicator,
        by=said.by,
        need=said.need,
        why=said.why,
    )
