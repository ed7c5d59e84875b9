"""The weeks of the store, as a terminal shows them."""

from __future__ import annotations

from collections import Counter

from cds_service.store.weeks import Kinds, told


def test_of_reasons_as_frequent_the_first_by_name_comes_first() -> None:
    """The order never depends on the database: first how often, then the name."""
    kinds = Kinds(Counter, {"overridden": Counter({"b": 1, "c": 2, "a": 1})})
    assert list(told({"rule": {"2026-W47": kinds}}, []))[-1] == "    overridden: c 2, a 1, b 1"
