"""The table of a run, and its place in the README."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measure import Ratio

_README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- {} -->", "<!-- end of {} -->"
# The marks between which a table stands in the README.
RESULTS, REPLAY = "results", "results of replay"


@dataclass(frozen=True)
class Row:
    """One figure. A bound is met if the figure is not above it or, if it is `rising`, not below it."""

    what: str
    figure: Ratio
    must: float | None = None
    stretch: float | None = None
    unit: str = ""
    rising: bool = False

    def cells(self) -> list[str]:
        """The row as a reader sees it."""
        spread = f"{self.figure.lowest:.2f}-{self.figure.highest:.2f}"
        return [
            self.what,
            f"{self.figure.middle:.2f}{self.unit}",
            spread,
            self._bound(self.must),
            self._bound(self.stretch),
            self._met(),
        ]

    def _met(self) -> str:
        if self.must is None:
            return ""
        if self.stretch is not None and self._reaches(self.stretch):
            return "stretch met"
        return "must met" if self._reaches(self.must) else "NOT met"

    def _reaches(self, bound: float) -> bool:
        return self.figure.middle >= bound if self.rising else self.figure.middle <= bound

    def _bound(self, bound: float | None) -> str:
        return "" if bound is None else f"{'>=' if self.rising else '<='} {bound:g}"


def table(rows: Sequence[Row]) -> str:
    """A Markdown table."""
    lines = [["figure", "middle", "lowest-highest", "must", "stretch", ""], ["---"] * 6, *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def written(text: str, run: str, name: str = RESULTS) -> None:
    """Put a table into the README, between the marks of that name, with the day, the commit and the words for the run.
    Raises ValueError if there are no such marks."""
    told = f"{datetime.now(UTC).date().isoformat()}, commit {_commit()}, {run}.\n\n{text}"
    _README.write_text(placed(_README.read_text(encoding="utf-8"), told, name), encoding="utf-8")


def placed(page: str, text: str, name: str = RESULTS) -> str:
    """The page with the text between its marks. Raises ValueError if it has none."""
    first, last = _BEGIN.format(name), _END.format(name)
    before, begin, rest = page.partition(first)
    _, end, after = rest.partition(last)
    if not (begin and end):
        raise ValueError(f"the page has no {first} and {last}")
    return f"{before}{first}\n{text}\n{last}{after}"


def _commit() -> str:
    told = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    return told.stdout.strip() or "unknown"
