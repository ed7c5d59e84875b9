"""Overrides, if they are simulated: the same card does not come again for a time, and critical ones always come."""

from __future__ import annotations

from typing import Any

import pytest

from tests.batch.lines import BORN_EARLY, at_order, shown, written
from tests.fhir.resources import LORAZEPAM, OXYCODONE, Json

OLDER = "benzodiazepine-older-adult:warning"
RENEWED = "benzodiazepine-older-adult:info"


def _monthly(*months: int, **more: Any) -> list[Json]:
    """The same order again and again, each ended before the next."""
    once = {"dosageInstruction": [{"timing": {"repeat": {"boundsDuration": {"value": 1, "code": "d"}}}}]}
    return [written(LORAZEPAM, f"2026-{month:02}-01", f"m{month}", **once, **more) for month in months]


def test_nobody_overrides() -> None:
    """Unless it is asked for, every card comes every time."""
    assert shown(at_order(BORN_EARLY, *_monthly(1, 2, 9), days=90)) == [[OLDER]] * 3


def test_everything_is_overridden() -> None:
    """A card that was overridden is not repeated for so many days, and then is."""
    calls = at_order(BORN_EARLY, *_monthly(1, 2, 9), override_rate=1, days=90)
    assert shown(calls) == [[OLDER], [], [OLDER]]
    assert [(one.became, one.by) for one in calls[1].said] == [("suppressed", "override")]


def test_another_clinician_sees_it() -> None:
    """An override is one clinician's."""
    orders = [one | {"requester": {"reference": f"Practitioner/{number}"}} for number, one in enumerate(_monthly(1, 2))]
    assert shown(at_order(BORN_EARLY, *orders, override_rate=1, days=90)) == [[OLDER]] * 2


def test_critical_cards_always_come() -> None:
    """No override holds one."""
    opioid, orders = written(OXYCODONE, "2025-12-01", "o"), _monthly(1, 2)
    calls = at_order(BORN_EARLY, opioid, *orders, override_rate=1, days=90)
    assert shown(calls)[1:] == [["benzodiazepine-opioid-combination:critical"]] * 2


@pytest.mark.parametrize("rate", [0.25, 0.5])
def test_the_rate_and_the_seed(rate: float) -> None:
    """About so many are overridden; the same ones in every run, others with another seed."""

    def held(seed: str) -> list[int]:
        found = (
            at_order(BORN_EARLY, *_monthly(1, 2), override_rate=rate, days=90, seed=f"{seed}{n}") for n in range(200)
        )
        return [len(shown(calls)[1]) for calls in found]

    assert held("a") == held("a") != held("b")
    assert rate - 0.12 < held("a").count(0) / 200 < rate + 0.12
