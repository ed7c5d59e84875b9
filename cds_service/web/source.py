"""The logic of a rule as it is written."""

from __future__ import annotations

import inspect
import sys
from functools import cache

from cds_service.rules import CHECKS


@cache
def check_of(rule_id: str) -> str:
    """The function that decides."""
    return inspect.getsource(CHECKS[rule_id])


@cache
def module_of(rule_id: str) -> str:
    """The whole file: form and function."""
    return inspect.getsource(sys.modules[CHECKS[rule_id].__module__])
