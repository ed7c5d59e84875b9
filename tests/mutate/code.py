"""The functions of facts and rules: their source, and the living object whose code can be exchanged."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import cds_service.hooks.answer  # noqa: F401 - so that every module of a request's path is there

# The floors that hold the guideline, and those that may ask a number of theirs too.
_GUIDELINE, _ASKING = ("facts", "rules"), ("facts", "rules", "fhir", "cards")


def _modules(*floors: str) -> dict[str, ModuleType]:
    return {name: sys.modules[name] for name in sorted(sys.modules) if floor(name) in floors}


def floor(module: str) -> str:
    """The package of ours that a module belongs to, "" if it is not ours."""
    house, _, rest = module.partition(".")
    return rest.split(".")[0] if house == "cds_service" else ""


MODULES, ASKING = _modules(*_GUIDELINE), _modules(*_ASKING)


@dataclass(frozen=True)
class Function:
    """A function or method: its module, its name in it, its place in the module's tree and the object itself."""

    module: str
    name: str

    @property
    def living(self) -> FunctionType:
        """The object that everybody calls, whatever it is wrapped in."""
        found: object = ASKING[self.module]
        for part in self.name.split("."):
            found = vars(found)[part]
        if isinstance(found, property):
            found = found.fget
        elif isinstance(found, cached_property):
            found = found.func
        while hasattr(found, "__wrapped__"):
            found = found.__wrapped__
        assert isinstance(found, FunctionType), self
        return found


@cache
def source(module: str) -> str:
    """The text of a module."""
    file = ASKING[module].__file__
    assert file is not None
    return Path(file).read_text(encoding="utf-8")


def functions(modules: Iterable[str]) -> list[Function]:
    """Every function and method that stands in a module or a class; those inside of them belong to them."""
    return [Function(module, name) for module in modules for name, _ in _written(ast.parse(source(module)))]


def _written(tree: ast.Module | ast.ClassDef, within: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield within + node.name, node
        elif isinstance(node, ast.ClassDef):
            yield from _written(node, f"{within}{node.name}.")


def parts(tree: ast.Module, function: Function) -> list[ast.AST]:
    """Every node of a function's body, always in the same order."""
    written = next(node for name, node in _written(tree) if name == function.name)
    return [node for statement in written.body for node in ast.walk(statement)]


def compiled(tree: ast.Module, function: Function) -> CodeType:
    """The code of a function as it is in a tree."""
    codes = [compile(tree, str(MODULES[function.module].__file__), "exec", dont_inherit=True)]
    for code in codes:
        if code.co_qualname == function.name:
            return code
        codes += [inner for inner in code.co_consts if isinstance(inner, CodeType)]
    raise AssertionError(f"no code for {function}")
