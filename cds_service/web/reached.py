"""What a function comes to: the functions of rules and facts that it names, they name and so on, and what they use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

_OURS = ("cds_service.rules", "cds_service.facts")


@dataclass(frozen=True, slots=True)
class Reached:
    """Functions of ours, the first one included, and the values that they name, by the name in their module."""

    functions: tuple[FunctionType, ...]
    named: tuple[tuple[str, Any], ...]

    @property
    def values(self) -> Iterator[Any]:
        """The values alone."""
        return (value for _, value in self.named)


def reached(function: Callable[..., Any]) -> Reached:
    """Everything that a function comes to by name; what it asks of the objects that it is given is not followed."""
    functions: dict[int, FunctionType] = {}
    named: list[tuple[str, Any]] = []
    _follow(function, functions, named)
    return Reached(tuple(functions.values()), tuple(named))


def _follow(function: Any, functions: dict[int, FunctionType], named: list[tuple[str, Any]]) -> None:
    if id(function) in functions:
        return
    functions[id(function)] = function
    for name, value in _named(function.__code__, function.__globals__):
        if not isinstance(value, FunctionType):
            named.append((name, value))
        elif value.__module__.startswith(_OURS):
            _follow(value, functions, named)


def _named(code: CodeType, names: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the names of the code mean; of a module of ours what is named of it."""
    for name in code.co_names:
        value = names.get(name)
        if isinstance(value, ModuleType) and value.__name__.startswith(_OURS):
            yield from ((part, vars(value)[part]) for part in code.co_names if part in vars(value))
        else:
            yield name, getattr(value, "__wrapped__", value)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _named(inner, names)
