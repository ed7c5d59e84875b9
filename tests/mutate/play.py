"""Whether anything that is stated fails while a mutant is in place: the cases of the rules, then the unit tests."""

from __future__ import annotations

import io
import signal
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from cds_service.rules import RULES
from cds_service.web.examples.cases import Case
from tests.mutate.code import MODULES, floor
from tests.mutate.comparisons import Turned
from tests.mutate.numbers import Moved
from tests.support import direct
from tests.support.cases import all_cases

Mutant = Moved | Turned
CASES = all_cases()
_TESTS = Path(__file__).parent.parent
_RULE_OF = {f"cds_service.rules.{rule.id.replace('-', '_')}": rule.id for rule in RULES}
# The unit tests that guard a floor's modules. Which result is believed is decided where results are read.
_NEAREST = {"analytes": "fhir/test_observations*.py"}
_FOLDERS = {"facts": ("facts", "rules", "fhir"), "rules": ("rules",)}
# Seconds after which a mutant is taken for endless: all cases take two, the unit tests of a floor up to a minute.
_CASES_LAST, _TESTS_LAST = 20, 300
_QUIET = ("-x", "-q", "-o", "addopts=", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist")


class Endless(BaseException):
    """A mutant that runs on and on; no `except` of the code that it runs in holds it up."""


def _too_long(*_: object) -> None:
    raise Endless


def nearest_first(mutant: Mutant) -> list[Case]:
    """The cases that may feel a mutant: a rule's own, or all, those first whose rule declares the number."""
    own = _RULE_OF.get(mutant.module)
    if isinstance(mutant, Turned):
        return [case for case in CASES if own in (None, case.rule)]
    declaring = {rule.id for rule in RULES if mutant.number in rule.thresholds}
    return sorted(CASES, key=lambda case: case.rule not in declaring)


def felt(cases: Iterable[Case]) -> bool:
    """Whether one of the cases does not get what it states."""
    try:
        return any(direct.said(case) != case.stated for case in cases)
    except Exception:  # whatever a mutant breaks, a case has felt it
        return True


def felt_by_tests(mutant: Mutant) -> bool:
    """Whether a unit test of the floor fails, those nearest to the module first: only they are short."""
    house, name = floor(mutant.module), mutant.module.rsplit(".", 1)[1].strip("_")
    nearest = (f"{house}/test_{name}*.py", _NEAREST.get(name, ""))
    paths = [path for pattern in nearest if pattern for path in sorted(_TESTS.glob(pattern))]
    return any(_fail(path) for path in (*paths, *(_TESTS / folder for folder in _FOLDERS[house])))


def _fail(path: Path) -> bool:
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return pytest.main([*_QUIET, str(path)]) != pytest.ExitCode.OK


def verdict(mutant: Mutant) -> str:
    """By what the mutant was found: "cases", "tests", or "" if it survived. One that never ends was found, too."""
    signal.signal(signal.SIGALRM, _too_long)
    try:
        with mutant.applied():
            signal.alarm(_CASES_LAST)
            if felt(nearest_first(mutant)):
                return "cases"
            signal.alarm(_TESTS_LAST)
            return "tests" if felt_by_tests(mutant) else ""
    except Endless:
        return "cases"
    finally:
        signal.alarm(0)


def sound() -> bool:
    """Whether everything passes without a mutant; from then on every test is imported, with the true numbers."""
    return not felt(CASES) and not any(_fail(_TESTS / folder) for folder in sorted(set().union(*_FOLDERS.values())))


assert set(_RULE_OF) <= set(MODULES)
