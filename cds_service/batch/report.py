"""The report: the figures of a replay as one page that needs nothing beside it, to be read and printed by a committee;
and where two sites' terms were played, what each would have shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from cds_service.cards.unchecked import TITLES
from cds_service.charts import Part, columns, rows
from cds_service.facts.needs import WORDS
from cds_service.rules import INDICATORS, ORDER_HOOKS, RULES

Json = Mapping[str, Any]
# What a reader is told of each hook.
HOOKS = {
    "order-sign": "when orders were signed",
    "order-select": "when orders were chosen",
    "medication-prescribe": "when a medication was prescribed (old clients)",
    "patient-view": "when every chart was opened on the last day",
}
_NOW, _THEN = "as it is", "compared"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table: what it is about, and a number for each of the terms that were played (None: not known)."""

    name: str
    values: tuple[float | None, ...]
    counts: tuple[int, ...] = ()
    of: int | None = None

    @property
    def shown(self) -> bool:
        """Whether there is a card of it under any of the terms."""
        return any(self.counts)


def rendered(told: Json, compared: Json | None = None) -> str:
    """The page of a summary (summary.py); with a second one, of the same export by other terms, both beside each
    other."""
    both = (told,) if compared is None else (told, compared)
    hooks = [_Hook(hook, both) for hook in told["hooks"]]
    known = {"words": HOOKS, "names": _names(both), "titles": TITLES, "needs": WORDS}
    return str(_page().render(told=told, compared=compared, hooks=hooks, **known))


@cache
def _page() -> Any:
    found = Environment(
        loader=PackageLoader("cds_service.batch", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return found.get_template("report.html")


def _names(both: Sequence[Json]) -> tuple[str, ...]:
    return ("",) if len(both) == 1 else (_NOW, _THEN)


class _Hook:
    """One hook's part of the page, its tables with a chart each."""

    def __init__(self, hook: str, both: Sequence[Json]) -> None:
        self.hook = hook
        self.is_order = hook in ORDER_HOOKS
        self._both = both
        self.figures = [one["hooks"][hook] for one in both]

    @property
    def per(self) -> str:
        """Of what a rate is."""
        return "100 orders" if self.is_order else "100 patients"

    def rate(self, figures: Json) -> float | None:
        """Cards of a hundred orders or patients."""
        found: float | None = figures["cardsPer100Orders" if self.is_order else "cardsPer100Patients"]
        return found

    @property
    def rules(self) -> list[Line]:
        """Every rule that was shown under any of the terms, the most frequent first."""
        found = [{one["rule"]: one["hooks"].get(self.hook) for one in each["rules"]} for each in self._both]
        lines = [self._rule(rule.id, [one.get(rule.id) for one in found]) for rule in RULES]
        return sorted((line for line in lines if line.shown), key=lambda line: (-max(line.counts), line.name))

    def _rule(self, rule: str, figures: Sequence[Json | None]) -> Line:
        counts = tuple(one["shown"] if one else 0 for one in figures)
        return Line(TITLES[rule], tuple(self._hundredth(count) for count in counts), counts)

    def _hundredth(self, count: int) -> float | None:
        of = self.figures[0]["orders"] if self.is_order else self._both[0]["patients"]
        return round(100 * count / of, 2) if of else None

    @property
    def indicators(self) -> list[Line]:
        """Cards by how urgent they are."""
        found = [one["indicators"][self.hook] for one in self._both]
        counts = ((name, tuple(one[name]["cards"] for one in found)) for name in INDICATORS)
        return [Line(name, tuple(self._hundredth(one) for one in each), each) for name, each in counts]

    @property
    def drugs(self) -> list[Line]:
        """By drug that was ordered; only drugs of which a rule speaks."""
        return list(self._of("drugs", "drug", "orders", "cardsPer100Orders")) if self.is_order else []

    @property
    def years(self) -> list[Line]:
        """By year."""
        return list(self._of("years", "year", *self._against))

    @property
    def ages(self) -> list[Line]:
        """By age band."""
        return list(self._of("ages", "age", *self._against))

    @property
    def _against(self) -> tuple[str, str]:
        return ("orders", "cardsPer100Orders") if self.is_order else ("calls", "cardsPer100Calls")

    def _of(self, table: str, name: str, of: str, rate: str) -> Iterator[Line]:
        later = [{one[name]: one for one in each[table][self.hook]} for each in self._both]
        for one in later[0].values():
            same = [each[one[name]] for each in later]
            yield Line(one[name], tuple(each[rate] for each in same), tuple(each["cards"] for each in same), one[of])

    @property
    def missing(self) -> list[Line]:
        """What cards named as not known, in how many of a hundred calls; by the first terms."""
        found = self._both[0]["missing"][self.hook]
        told = [Line(one["words"], (one["per100Calls"],), (one["calls"],)) for one in found]
        return sorted(told, key=lambda line: (-line.counts[0], line.name))

    @property
    def unevaluated(self) -> list[Json]:
        """Which rules could not be evaluated, and why; by the first terms, the most frequent first."""
        found = (one for one in self._both[0]["notEvaluated"] if one["hook"] == self.hook)
        return sorted(found, key=lambda one: (-one["calls"], one["rule"], one["why"]))

    def compared(self, title: str, lines: Sequence[Line]) -> str:
        """A chart that compares names."""
        return rows(title, [line.name for line in lines], self._parts(lines), "{:.2f}".format)

    def over_time(self, title: str, lines: Sequence[Line]) -> str:
        """A chart over time; of two terms the first one, for what stands upon each other cannot be compared."""
        return columns(title, [line.name for line in lines], self._parts(lines)[:1])

    def _parts(self, lines: Iterable[Line]) -> list[Part]:
        held = list(lines)
        return [
            Part(name or "cards", [line.values[place] for line in held])
            for place, name in enumerate(_names(self._both))
        ]
