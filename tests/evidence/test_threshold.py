"""Numbers and switches carry what they mean and what they rest on."""

from __future__ import annotations

import dataclasses

import pytest

from cds_service.evidence import Switch, Threshold, references
from cds_service.facts import CERTAIN, JUST_ENDED, NO_END, RECENT_PALLIATIVE


@pytest.mark.parametrize(
    ("threshold", "value"), [(NO_END, 730), (JUST_ENDED, 7), (CERTAIN, 365), (RECENT_PALLIATIVE, 90)]
)
def test_the_numbers_of_the_facts(threshold: Threshold, value: int) -> None:
    """The numbers about medication lists and palliative care are those of the decision table, and cited."""
    assert (threshold.value, threshold.unit) == (value, "d")
    assert threshold.cites in references()
    assert threshold.meaning


@pytest.mark.parametrize("given", [Threshold(1, "d", "m", "c", "k"), Switch("k", True, "m", "c")])
def test_numbers_and_switches_are_frozen(given: Threshold | Switch) -> None:
    """Nobody changes a number or a switch on the way."""
    with pytest.raises(dataclasses.FrozenInstanceError):
        given.key = "other"  # type: ignore[misc]
