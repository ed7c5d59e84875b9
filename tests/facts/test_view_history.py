"""What a patient had, and for how long it still counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cds_service.evidence import Threshold
from cds_service.facts import Problem, Snapshot, View
from cds_service.terminology import valueset

TODAY = date(2026, 11, 22)
CRAMP = valueset("muscle-cramp")
YEAR = Threshold(365, "d", "a year", "house:list-age", "tests.year")


def _ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("problem", "counts"),
    [
        (Problem(frozenset({"muscle-cramp"}), True, _ago(900)), True),
        (Problem(frozenset({"muscle-cramp"}), False, _ago(900), ended=_ago(365)), True),
        (Problem(frozenset({"muscle-cramp"}), False, _ago(900), ended=_ago(366)), False),
        (Problem(frozenset({"muscle-cramp"}), False, _ago(365)), True),
        (Problem(frozenset({"muscle-cramp"}), False, _ago(366)), False),
        (Problem(frozenset({"muscle-cramp"}), False), True),
        (Problem(frozenset({"seizure"}), True), False),
    ],
)
def test_had_a_condition(problem: Problem, counts: bool) -> None:
    """Active, or ended within so many days; without an end the day it was recorded decides, without any it counts."""
    facts = Snapshot(as_of=TODAY, age_on=TODAY, problems=(problem,))
    assert View(facts, at_order=True).had(CRAMP, within=YEAR) is counts


def test_active_problems_come_the_earliest_first() -> None:
    """By the day they were recorded, one without a day before all others, whatever their references say."""
    cramp = frozenset({"muscle-cramp"})
    late, early = Problem(cramp, True, _ago(5), "Condition/a"), Problem(cramp, True, _ago(9), "Condition/b")
    undated = Problem(cramp, True, None, "Condition/c")
    facts = Snapshot(as_of=TODAY, age_on=TODAY, problems=(late, early, undated))
    assert View(facts, at_order=True).active(CRAMP) == [undated, early, late]
