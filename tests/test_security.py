"""What SECURITY.md claims is shown by tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NAMED = sorted(set(re.findall(r"`([a-z_/]+\.py)::(test_\w+)`", (HERE.parent / "SECURITY.md").read_text("utf-8"))))


@pytest.mark.parametrize(("file", "function"), NAMED, ids=[f"{file}::{function}" for file, function in NAMED])
def test_every_test_that_is_named_is_there(file: str, function: str) -> None:
    """A claim whose test was renamed or taken out is found at once."""
    tree = ast.parse((HERE / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_many_tests_are_named() -> None:
    """The table is read as it is written."""
    assert len(NAMED) > 40
