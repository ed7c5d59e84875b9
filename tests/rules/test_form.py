"""What follows from a rule's form."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.facts import CARE_ORDERS, CONDITIONS, ENCOUNTER, MEDICATIONS, PATIENT, STATEMENTS, Need
from cds_service.rules import RULES


@pytest.mark.parametrize(
    ("needs", "reads", "quiet", "data"),
    [
        ((CONDITIONS,), (), False, {CONDITIONS, PATIENT}),
        ((MEDICATIONS,), (), False, {MEDICATIONS, STATEMENTS, PATIENT}),
        ((CONDITIONS,), (MEDICATIONS,), False, {CONDITIONS, MEDICATIONS, STATEMENTS, PATIENT}),
        ((), (), True, {PATIENT, CONDITIONS, ENCOUNTER, CARE_ORDERS}),
    ],
)
def test_what_is_looked_at_follows_from_what_is_declared(
    needs: tuple[Need, ...], reads: tuple[Need, ...], quiet: bool, data: set[Need]
) -> None:
    """The patient always, statements beside medications, and what tells hospice care where a rule is quiet in it."""
    rule = replace(RULES[0], needs=needs, reads=reads, quiet_in_hospice=quiet)
    assert set(rule.data) == data
