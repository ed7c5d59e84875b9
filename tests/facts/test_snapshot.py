"""What a snapshot knows: age and hospice care."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cds_service.facts import Age, Person, Problem, Snapshot

TODAY = date(2026, 11, 22)


def _ago(days: int | None) -> date | None:
    return None if days is None else TODAY - timedelta(days=days)


def test_age_is_told_for_its_own_day() -> None:
    """The age counts on the day of the order, which may be the day after that of the evaluation."""
    person = Person((date(1961, 11, 23), date(1961, 11, 23)))
    assert Snapshot(TODAY, TODAY, person).age == Age(64, 64)
    assert Snapshot(TODAY, TODAY + timedelta(days=1), person).age == Age(65, 65)


def test_without_a_patient_or_birth_date_there_is_no_age() -> None:
    """An unknown patient and an unknown birth date have no age."""
    assert Snapshot(TODAY, TODAY).age is None
    assert Snapshot(TODAY, TODAY, Person()).age is None


@pytest.mark.parametrize(
    ("concept", "active", "recorded", "found"),
    [
        ("hospice", True, 20, True),
        ("hospice", True, 2000, True),
        ("hospice", True, None, True),
        ("hospice", False, 20, False),
        ("palliative-care", True, 0, True),
        ("palliative-care", True, 90, True),
        ("palliative-care", True, 91, False),
        ("palliative-care", True, None, False),
        ("palliative-care", False, 20, False),
        ("muscle-cramp", True, 20, False),
    ],
)
@pytest.mark.parametrize("where", ["problems", "care"])
def test_hospice(where: str, concept: str, active: bool, recorded: int | None, found: bool) -> None:
    """Hospice care counts while it is active, palliative care for 90 days after it was recorded (rules 1.1)."""
    problem = Problem(frozenset({concept}), active, _ago(recorded))
    assert Snapshot(TODAY, TODAY, **{where: (problem,)}).in_hospice is found
