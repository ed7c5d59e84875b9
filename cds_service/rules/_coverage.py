"""Which rules carry which line of the guideline."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cds_service.evidence import Line, guideline
from cds_service.rules._kit import Rule


@dataclass(frozen=True, slots=True)
class Carried:
    """A line of the guideline and the rules that carry it, which are those that cite it."""

    line: Line
    rules: tuple[Rule, ...]

    @property
    def is_open(self) -> bool:
        """Whether no rule carries the line and nothing says why none could."""
        return not self.rules and not self.line.not_computable


def coverage(rules: Iterable[Rule]) -> tuple[Carried, ...]:
    """Every line of the guideline in order, with those of the rules that carry it."""
    known = tuple(rules)
    return tuple(Carried(line, tuple(rule for rule in known if line.id in rule.cites)) for line in guideline())
