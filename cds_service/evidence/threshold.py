"""A number of the guideline with its birth certificate, a switch with its own, and how prose takes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from cds_service.evidence.edition import in_force

# No site may change it: a wording, a product or a law of nature hangs on it.
FIXED = (0.0, 0.0)


class _Told:
    """Something with a key that prose names in an f-string: there it becomes a place that is filled in when the text
    is told, by the edition that is in force then."""

    key: str

    def __post_init__(self) -> None:
        _TOLD[self.key] = self

    def __format__(self, how: str) -> str:
        return f"{{n[{self.key}]}}"


_TOLD: dict[str, _Told] = {}


@dataclass(frozen=True, slots=True)
class Threshold(_Told):
    """A number with its UCUM unit, what it means, the reference it rests on, the site's key for it, and `within` which
    bounds, both included, a site may put its own; without bounds it may not."""

    published: int | float
    unit: str
    meaning: str
    cites: str
    key: str
    within: tuple[float, float] = FIXED

    @property
    def value(self) -> int | float:
        """The number that is in force: a site's own, else the published one."""
        return in_force().values.get(self.key, self.published)

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Switch(_Told):
    """A part of the service that a site may turn on or off, with what it does and the reference it rests on."""

    key: str
    published: bool
    meaning: str
    cites: str

    @property
    def on(self) -> bool:
        """Whether it is on: as a site has it, else as published."""
        return bool(in_force().values.get(self.key, self.published))


@dataclass(frozen=True, slots=True)
class Words(_Told):
    """Words that follow from numbers, such as a range; `make` writes them by the edition in force."""

    key: str
    make: Callable[[], str]

    def __str__(self) -> str:
        return self.make()


class _Numbers:
    """Every number and its words, as prose asks for them: by key."""

    def __getitem__(self, key: str) -> str:
        return str(_TOLD[key])


class _Places(dict[str, Any]):
    """What fills the places of a text; a place that nothing fills stays as it is."""

    def __missing__(self, name: str) -> str:
        return f"{{{name}}}"


def told(text: str, values: Mapping[str, str] | None = None) -> str:
    """A text of a rule's form with the numbers that are in force and the values of a finding; places for values that
    are not given stay."""
    return text.format_map(_Places(values or {}, n=_Numbers()))


def settable() -> dict[str, Threshold | Switch]:
    """Everything that a site may change, by key; complete once the rules are loaded."""
    found = {key: one for key, one in _TOLD.items() if isinstance(one, Threshold | Switch)}
    return {key: one for key, one in found.items() if isinstance(one, Switch) or one.within != FIXED}
