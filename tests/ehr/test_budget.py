"""The budget of a request: four things to spend, and none comes back."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cds_service.ehr.budget import Budget, Spent
from cds_service.ehr.words import NOT_IN_TIME, TOO_MUCH


class Clock:
    """A clock that is set by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_time_runs_out() -> None:
    """Time goes down to nothing and not below; then there is no call any more."""
    clock = Clock()
    budget = Budget(1500, clock=clock)
    assert budget.seconds_left == budget.seconds() == 1.5
    clock.now += 1.25
    assert budget.seconds_left == 0.25
    budget.spend_call()
    clock.now += 5
    assert budget.seconds_left == 0
    for ask in (budget.seconds, budget.spend_call):
        with pytest.raises(Spent, match="1500 ms are over") as spent:
            ask()
        assert spent.value.why == NOT_IN_TIME


def test_no_time_at_all() -> None:
    """A budget of nothing allows nothing."""
    with pytest.raises(Spent):
        Budget(0, clock=Clock()).spend_call()


@pytest.mark.parametrize("what", ["call", "page"])
def test_calls_and_pages_run_out(what: str) -> None:
    """So many are allowed, and not one more, however often one asks."""
    budget = Budget(1000, calls=3, pages=3)
    spend = getattr(budget, f"spend_{what}")
    for _ in range(3):
        spend()
    for _ in range(2):
        with pytest.raises(Spent, match=f"more than 3 {what}s") as spent:
            spend()
        assert spent.value.why == TOO_MUCH


def test_bytes_run_out() -> None:
    """The last byte may be spent, the next may not."""
    budget = Budget(1000, size=10)
    budget.spend_bytes(4)
    budget.spend_bytes(6)
    with pytest.raises(Spent, match="more than 10 bytes") as spent:
        budget.spend_bytes(1)
    assert spent.value.detail == "more than 10 bytes"


def test_one_answer_leaves_room_for_others() -> None:
    """One answer may take half of all bytes."""
    assert Budget(1000, size=10).largest_answer == 5
    assert Budget(1000).largest_answer == 10 * 1024 * 1024


def test_threads_share_a_budget() -> None:
    """What several threads spend at once is counted exactly."""
    budget = Budget(60_000, size=8 * 5000)

    def spend(_: int) -> None:
        for _ in range(5000):
            budget.spend_bytes(1)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(spend, range(8)))
    with pytest.raises(Spent):
        budget.spend_bytes(1)
