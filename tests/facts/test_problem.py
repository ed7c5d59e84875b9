"""Problems and reasons belong to value sets."""

from __future__ import annotations

from cds_service.facts import Problem, Reason
from cds_service.terminology import valueset

CRAMP = valueset("muscle-cramp")
SEIZURE = valueset("seizure")


def test_a_problem_is_in_the_value_sets_of_its_codes() -> None:
    """A problem belongs to the sets of its codes, is active unless told otherwise, and may be undated."""
    problem = Problem(frozenset({"muscle-cramp"}))
    assert CRAMP in problem
    assert SEIZURE not in problem
    assert problem.active
    assert problem.recorded is None


def test_a_reason_is_in_the_value_sets_of_its_codes() -> None:
    """A reason belongs to the sets of its codes; no reason at all is in none and not coded."""
    assert CRAMP in Reason(frozenset({"muscle-cramp"}), coded=True)
    assert CRAMP not in Reason()
    assert not Reason().coded
