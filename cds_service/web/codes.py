"""The value sets as pages show them, and which of them a rule uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from cds_service.facts import ANALYTES, KIDNEY_FUNCTION, TEST_ORDERS, kidney, snapshot
from cds_service.rules import CHECKS, RULES, Rule
from cds_service.terminology import (
    ATC,
    ICD_9_CM,
    ICD_10,
    ICD_10_CM,
    LOINC,
    RXNORM,
    SNOMED_CT,
    V3_ROUTES,
    ValueSet,
    about,
    valueset,
    valuesets,
)
from cds_service.web.reached import reached

# What people call a code system.
SYSTEMS = {
    RXNORM: "RxNorm",
    SNOMED_CT: "SNOMED CT",
    ICD_10: "ICD-10",
    ICD_10_CM: "ICD-10-CM",
    ICD_9_CM: "ICD-9-CM",
    ATC: "ATC",
    LOINC: "LOINC",
    V3_ROUTES: "HL7 v3 routes",
    "http://standardterms.edqm.eu": "EDQM Standard Terms",
    "urn:cds-service:route-text": "Route in plain words",
}
# Those of which a name may be shown with the code; of the others only the label of the value set stands beside it.
NAMED = frozenset({RXNORM, ICD_10_CM, ICD_9_CM, ATC})
_VERIFIED = "Verified: "


@dataclass(frozen=True, slots=True)
class Code:
    """A code, and its name where that may be shown."""

    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class System:
    """The codes of one code system."""

    name: str
    codes: tuple[Code, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A value set: what is in it, where its codes were verified, its codes by system, and the rules that use it."""

    name: str
    title: str
    about: str
    verified: str
    systems: tuple[System, ...]
    rules: tuple[Rule, ...]

    @property
    def count(self) -> int:
        """How many codes it has."""
        return sum(len(system.codes) for system in self.systems)


@cache
def shown() -> tuple[Shown, ...]:
    """All value sets by title."""
    return tuple(sorted((_shown(name) for name in valuesets()), key=lambda one: one.title.lower()))


def _shown(name: str) -> Shown:
    found = valueset(name)
    systems: dict[str, list[Code]] = {}
    for coding in found.codings:
        code = Code(coding.code, coding.display if coding.system in NAMED else "")
        systems.setdefault(SYSTEMS[coding.system], []).append(code)
    told, _, verified = about(name).partition(_VERIFIED)
    rules = tuple(rule for rule in RULES if name in used_by(rule))
    held = tuple(System(title, tuple(codes)) for title, codes in systems.items())
    return Shown(name, found.title, told.strip(), verified, held, rules)


def of(rule: Rule) -> tuple[Shown, ...]:
    """The value sets of a rule by title."""
    names = used_by(rule)
    return tuple(one for one in shown() if one.name in names)


def matching(query: str) -> tuple[Shown, ...]:
    """The value sets, each with those of its codes that hold all words of the query, or whole if its title does."""
    words = query.lower().split()
    cut = (one if _holds(one.title, words) else _cut(one, words) for one in shown())
    return tuple(one for one in cut if one.systems)


def _cut(one: Shown, words: list[str]) -> Shown:
    kept = ((system, tuple(c for c in system.codes if _holds(f"{c.code} {c.name}", words))) for system in one.systems)
    systems = tuple(System(system.name, codes) for system, codes in kept if codes)
    return Shown(one.name, one.title, one.about, one.verified, systems, one.rules)


def _holds(text: str, words: Iterable[str]) -> bool:
    lowered = text.lower()
    return all(word in lowered for word in words)


def used_by(rule: Rule) -> frozenset[str]:
    """The names of the value sets that a rule speaks about, asks for in its check, or has read for it."""
    return _used_by(rule.id)


@cache
def _used_by(id: str) -> frozenset[str]:
    rule = next(rule for rule in RULES if rule.id == id)
    named = {one.name for one in (*rule.triggers, *rule.concerns, *_asked(CHECKS[id]))}
    return frozenset(named | set(_read(rule)))


def _read(rule: Rule) -> Iterator[str]:
    """Those by which the facts are found that the rule needs: results, kidney function, tests under way, hospice."""
    yield from (analyte.valueset for analyte in ANALYTES if analyte.need in rule.data)
    if KIDNEY_FUNCTION in rule.data:
        yield from (one.name for one in _within(list(vars(kidney).values())))
    if TEST_ORDERS in rule.data:
        yield from (name for name in valuesets() if name.endswith("-order"))
    if rule.quiet_in_hospice:
        yield from (snapshot.HOSPICE.name, snapshot.PALLIATIVE.name)


def _asked(check: Callable[..., Any]) -> Iterator[ValueSet]:
    """The value sets that a check names, and those that the functions of ours name that it calls."""
    for value in reached(check).values:
        yield from _within(value)


def _within(value: Any) -> Iterator[ValueSet]:
    """The value sets that something is, or holds."""
    if isinstance(value, ValueSet):
        yield value
    elif isinstance(value, tuple | list | frozenset):
        for one in value:
            yield from _within(one)
    elif isinstance(value, dict):
        yield from _within([*value, *value.values()])
