"""Figures: every call, order and word is counted once, and sums of parts are sums."""

from __future__ import annotations

from cds_service.batch.call import Call, Said
from cds_service.batch.figures import CALLS, ENDLESS, ORDERS, PATIENTS, QUIET, UNDATED, UNPLAYED, UNREAD, Cell, Figures
from cds_service.batch.play import Played

SHOWN = Said("r", "shown", indicator="warning", orders=(0, 1))
CALL = Call("order-sign", "2026-03-05", "18-44", "", ("M/a", "M/b"), ("y", "x"), (SHOWN, Said("s", "merged", "r")))
QUIET_CALL = Call("order-sign", "2025-03-05", "18-44", "", ("M/c",), ("x",))
VIEW = Call("patient-view", "2026-11-22", "45-64", "Patient/1")
PLAYED = Played((CALL, QUIET_CALL, VIEW), "45-64", {"Condition": 2}, {"no day": 1}, {"Condition": 3}, {"M": 4})


def _figures() -> Figures:
    found = Figures()
    found.add(PLAYED)
    return found


def test_what_is_counted() -> None:
    """Patients, calls, calls without a card, orders by drug, what became of what was said, and what was left out."""
    found = _figures()
    assert found.number(PATIENTS) == found.number(PATIENTS, age="45-64") == 1
    assert (found.number(CALLS), found.number(CALLS, hook="order-sign"), found.number(QUIET)) == (3, 2, 2)
    assert found.by("drug", ORDERS) == {"x": 2, "y": 1}
    assert found.by("year", ORDERS) == {"2025": 1, "2026": 2}
    assert found.by("drug", "shown", rule="r") == {"x + y": 1}
    assert found.number("merged", rule="s", by="r") == 1
    left = {what: found.by("why", what) for what in (UNREAD, UNPLAYED, UNDATED, ENDLESS)}
    assert left == {UNREAD: {"Condition": 2}, UNPLAYED: {"no day": 1}, UNDATED: {"Condition": 3}, ENDLESS: {"M": 4}}


def test_parts_add_up() -> None:
    """What was counted in two places is counted together; the table has every cell in order."""
    twice = _figures()
    twice.merge(_figures())
    assert twice.cells == {cell: 2 * number for cell, number in _figures().cells.items()}
    assert Figures(twice.cells.items()).rows() == twice.rows() == sorted(twice.rows())
    assert {len(row) for row in twice.rows()} == {len(Cell._fields) + 1}
