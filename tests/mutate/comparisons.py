"""Every comparison, `and`, `or` and `not` of facts and rules, and the same turned."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from functools import cache

from tests.mutate.code import MODULES, Function, compiled, functions, parts, source

# What each comparison becomes: the other side of the boundary, or the contrary.
_TURNED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}


@dataclass(frozen=True)
class Turned:
    """One comparison turned: the node `index` of a function's body, in a chain the sign of that `place`."""

    function: Function
    index: int
    place: int
    line: int
    before: str
    after: str

    @property
    def module(self) -> str:
        """The module in which it stands."""
        return self.function.module

    @property
    def where(self) -> str:
        """Where a reader finds it."""
        return f"{self.module}:{self.line} {self.function.name}"

    @property
    def identity(self) -> tuple[str, str, str]:
        """What tells it from other mutants, whatever line it stands on."""
        return f"{self.module}.{self.function.name}", self.before, self.after

    @contextmanager
    def applied(self) -> Iterator[None]:
        """The living function with the turned code, and with its own again afterwards; other references see it too."""
        tree = ast.parse(source(self.module))
        _turn(parts(tree, self.function)[self.index], self.place)
        function = self.function.living
        before = function.__code__
        function.__code__ = compiled(tree, self.function)
        try:
            yield
        finally:
            function.__code__ = before


@cache
def turned() -> tuple[Turned, ...]:
    """Every comparison of every function, turned."""
    return tuple(one for function in functions(MODULES) for one in _of(function))


def _of(function: Function) -> Iterator[Turned]:
    for index, node in enumerate(parts(ast.parse(source(function.module)), function)):
        for place in range(_places(node)):
            changed = deepcopy(node)
            _turn(changed, place)
            after = ast.unparse(changed).replace("not not ", "", 1)
            yield Turned(function, index, place, getattr(node, "lineno", 0), ast.unparse(node), after)


def _places(node: ast.AST) -> int:
    """How many things of a node can be turned."""
    if isinstance(node, ast.Compare):
        return len(node.ops)
    return int(isinstance(node, ast.BoolOp) or (isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)))


def _turn(node: ast.AST, place: int) -> None:
    if isinstance(node, ast.Compare):
        node.ops[place] = _TURNED[type(node.ops[place])]()
    elif isinstance(node, ast.BoolOp):
        node.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    elif isinstance(node, ast.UnaryOp):  # `not not x` is x where only its truth is asked
        node.operand = ast.copy_location(ast.UnaryOp(ast.Not(), node.operand), node)
