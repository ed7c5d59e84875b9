"""Every Threshold of facts and rules, and the same moved by one step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from decimal import Decimal
from functools import cache
from types import CodeType, ModuleType

from cds_service.evidence import Threshold
from cds_service.rules import RULES, Rule
from tests.mutate.code import ASKING, MODULES, Function, functions, source

# One step is one of the last digit with which a number is written: a day, a year, a milligram, 0.01 of a share. But
# results are told more finely than some of their limits are written (0.7 mmol/L of magnesium is 0.70, 10 mmol/L of
# potassium 10.0): here a step is what a laboratory reports; a single dose that is offered moves by half a tablet. Start
# of the key, unit, step.
_FINER = (
    ("mg.", "mmol/L", 0.01),
    ("k.", "mmol/L", 0.1),
    ("", "mg/dL", 0.1),
    ("baclofen.mostAtOnce", "mg", 2.5),
    ("", "mEq/L", 0.1),
)


def step_of(number: Threshold) -> float:
    """The smallest step that matters for a number of this kind."""
    for start, unit, step in _FINER:
        if number.key.startswith(start) and number.unit == unit:
            return step
    exponent = Decimal(str(number.value)).as_tuple().exponent
    assert isinstance(exponent, int), number
    return float(10**exponent)


@dataclass(frozen=True)
class Moved:
    """A number moved by one step, up (1) or down (-1)."""

    key: str
    direction: int

    @property
    def number(self) -> Threshold:
        """The living number: a process of its own gets the key, never a copy."""
        return numbers()[self.key][0]

    @property
    def module(self) -> str:
        """The module that declares it."""
        return numbers()[self.key][1]

    @property
    def where(self) -> str:
        """Where a reader finds it."""
        return f"{self.module} {self.key}"

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells it from other mutants, whatever line it stands on."""
        return self.key, f"{self.number.value:g}", f"{self.value:g}"

    @property
    def value(self) -> float:
        """The number after the step, without the dust of binary fractions."""
        moved = round(self.number.value + self.direction * step_of(self.number), 6)
        return int(moved) if isinstance(self.number.value, int) and moved == int(moved) else moved

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The number moved, and as it was again afterwards."""
        before = self.number.published
        object.__setattr__(self.number, "published", self.value)
        try:
            yield
        finally:
            object.__setattr__(self.number, "published", before)


@cache
def numbers() -> dict[str, tuple[Threshold, str]]:
    """Every Threshold by its key, with the module in whose text the key stands, else the first that knows it."""
    found: dict[str, tuple[Threshold, str]] = {}
    for name, module in ((name, module) for name, module in MODULES.items() if not hasattr(module, "__path__")):
        for number in (number for value in vars(module).values() for number in _inside(value)):
            if number.key not in found or f'"{number.key}"' in source(name):
                found[number.key] = (number, name)
    return found


def _inside(value: object, forms: bool = True) -> Iterator[Threshold]:
    """The Thresholds that a value is or holds: limits of a test or, unless forms are left out, a rule's form."""
    held: Iterable[object] = ()
    if isinstance(value, Threshold):
        yield value
    elif is_dataclass(value) and not isinstance(value, type):
        held = [getattr(value, part.name) for part in fields(value)] if forms or not isinstance(value, Rule) else ()
    elif isinstance(value, Mapping):
        held = value.values()
    elif isinstance(value, tuple):
        held = value
    for one in held:
        yield from _inside(one, forms)


def moved() -> list[Moved]:
    """Every number that a function may ask, one step either way."""
    return [Moved(key, direction) for key in sorted(set(numbers()) - told_only()) for direction in (-1, 1)]


@cache
def told_only() -> frozenset[str]:
    """The keys of numbers that no function can ask: prose takes them at import, and they decide nothing."""
    held = [value for module in MODULES.values() for value in vars(module).values() if not isinstance(value, Threshold)]
    in_parts = {number.key for value in held for number in _inside(value, forms=False)}
    return frozenset(numbers()) - _asked_in(ASKING) - in_parts


def felt_by_cases() -> list[Moved]:
    """Those that a case must feel: every number that a rule declares, or that a function of the guideline names."""
    declared = {number.key for rule in RULES for number in rule.thresholds}
    return [one for one in moved() if one.key in declared | _asked_in(MODULES)]


def _asked_in(modules: Iterable[str]) -> set[str]:
    return {number.key for function in functions(modules) for number in _asked(function)}


def _asked(function: Function) -> Iterator[Threshold]:
    """The Thresholds that a function names, alone or as a part of a module, or takes unless told otherwise."""
    living = function.living
    codes = [living.__code__]
    for code in codes:
        codes += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
    names = {name for code in codes for name in code.co_names}
    seen = [living.__globals__[name] for name in names if name in living.__globals__]
    seen += [vars(part)[name] for part in seen if isinstance(part, ModuleType) for name in names & set(vars(part))]
    yield from (value for value in (*seen, *(living.__defaults__ or ())) if isinstance(value, Threshold))
