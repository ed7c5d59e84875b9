"""Override reasons are those of the decision table, at most five on a card."""

from __future__ import annotations

import pytest

from cds_service.cards.reasons import DISPLAYS, SYSTEM, codings

SOME = tuple(list(DISPLAYS)[:7])


@pytest.mark.parametrize("number", [0, 1, 4, 5, 6, 7])
def test_at_most_five(number: int) -> None:
    """The first five reasons of a rule are offered, each with system, code and display (rules 5)."""
    found = codings(SOME[:number])
    assert [reason.code for reason in found] == list(SOME[: min(number, 5)])
    assert all(reason.system == SYSTEM == "urn:cds-service:override-reason" for reason in found)
    assert all(reason.display == DISPLAYS[reason.code] for reason in found)


def test_an_unknown_reason_is_an_error() -> None:
    """A rule cannot offer a reason that is not in the table."""
    with pytest.raises(KeyError):
        codings(("because",))


def test_the_table_is_that_of_the_decision_table() -> None:
    """There are thirteen reasons, and each has words."""
    assert len(DISPLAYS) == 13
    assert all(DISPLAYS.values())
    assert DISPLAYS["not-taking"] == "Patient is not taking the listed drug"
