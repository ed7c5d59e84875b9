"""The table of a run, and its place in the README."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.measure import Ratio

BEGIN, END = "<!-- results -->", "<!-- end of results -->"


@dataclass(frozen=True)
class Row:
    """One figure. A bound is met if the figure is not above it (`most`) or, of rates, just told."""

    what: str
    figure: Ratio
    must: float | None = None
    stretch: float | None = None
    unit: str = ""

    def cells(self) -> list[str]:
        """The row as a reader sees it."""
        spread = f"{self.figure.lowest:.2f}-{self.figure.highest:.2f}"
        return [
            self.what,
            f"{self.figure.middle:.2f}{self.unit}",
            spread,
            _bound(self.must),
            _bound(self.stretch),
            self._met(),
        ]

    def _met(self) -> str:
        if self.must is None:
            return ""
        if self.stretch is not None and self.figure.middle <= self.stretch:
            return "stretch met"
        return "must met" if self.figure.middle <= self.must else "NOT met"


def _bound(bound: float | None) -> str:
    return "" if bound is None else f"<= {bound:g}"


def table(rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = [["figure", "middle", "lowest-highest", "must", "stretch", ""], ["---"] * 6, *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def placed(page: str, text: str) -> str:
    """The page with the text between its marks. Raises ValueError if it has none."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no {BEGIN} and {END}")
    return f"{before}{BEGIN}\n{text}\n{END}{after}"
