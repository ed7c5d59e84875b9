"""What a session changes: what was taken until it began, what it ends, and since when a condition counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cds_service.evidence import Threshold
from cds_service.facts import (
    CONDITIONS,
    MEDICATIONS,
    Drug,
    Listing,
    Medication,
    Problem,
    ProposedOrder,
    Snapshot,
    State,
    View,
)
from cds_service.terminology import Entry, valueset

TODAY = date(2026, 11, 22)
BACLOFEN = valueset("baclofen")
CRAMP = valueset("muscle-cramp")
DRUG = Drug((Entry("baclofen", "baclofen"),), "baclofen 10 mg")
OTHER = Drug((Entry("quinine", "quinine"),), "quinine 200 mg")
MONTH = Threshold(30, "d", "a month", "house:list-age", "tests.month")


def _ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def _listed(id: str = "m1", drug: Drug = DRUG, **more: Any) -> Medication:
    return Medication(drug, reference=f"MedicationRequest/{id}", **{"start": _ago(60)} | more)


def _stop(id: str = "m1", drug: Drug = DRUG, **more: Any) -> ProposedOrder:
    return ProposedOrder(drug, reference=f"MedicationRequest/{id}", stops=True, **{"status": "stopped"} | more)


def _view(orders: list[ProposedOrder], *listed: Medication, **more: Any) -> View:
    on_list = Listing.of_known(listed)
    return View(Snapshot(TODAY, TODAY, orders=tuple(orders), medications=on_list, **more), at_order=True)


def _ids(medications: list[Any]) -> list[str]:
    return [one.reference.partition("/")[2] for one in medications]


@pytest.mark.parametrize(
    ("orders", "until_now", "still"),
    [
        ([], ["m1", "m2"], ["m1", "m2"]),
        ([_stop("m1")], ["m1", "m2"], ["m2"]),
        ([_stop("m1"), _stop("m2")], ["m1", "m2"], []),
        ([_stop("m1", OTHER)], ["m1", "m2"], ["m2"]),
        ([_stop("elsewhere")], ["m1", "m2"], []),
        ([_stop("elsewhere", OTHER)], ["m1", "m2"], ["m1", "m2"]),
        ([ProposedOrder(DRUG, "draft", "MedicationRequest/d1")], ["m1", "m2"], ["m1", "m2"]),
    ],
)
def test_taken_until_the_session(orders: list[ProposedOrder], until_now: list[str], still: list[str]) -> None:
    """What a stop of this session names was taken until now; one of an order that is not listed ends the drug."""
    view = _view(orders, _listed("m1"), _listed("m2"), _listed("old", status="stopped", end=_ago(3)))
    assert _ids(view.took_until_now(BACLOFEN)) == until_now
    assert _ids(view.taking(BACLOFEN)) == still


def test_a_stop_of_what_is_not_listed_was_taken_until_now() -> None:
    """An order that the list no longer holds is known from its stop, and is at most possible now."""
    view = _view([_stop("gone")])
    assert _ids(view.took_until_now(BACLOFEN)) == ["gone"]
    assert _ids(view.listed(BACLOFEN)) == ["gone"]
    assert view.state(view.listed(BACLOFEN)[0]) is State.POSSIBLE


@pytest.mark.parametrize(
    ("stop", "listed"),
    [
        (_stop("m1"), ["m1"]),
        (_stop("elsewhere"), ["m1"]),
        (_stop("elsewhere", status="draft", start=None), ["m1"]),
        (_stop("elsewhere", OTHER), ["m1"]),
    ],
)
def test_a_stop_of_a_listed_drug_is_no_second_one(stop: ProposedOrder, listed: list[str]) -> None:
    """A stop that ends what the list holds is the end of that, and no medication beside it."""
    assert _ids(_view([stop], _listed("m1")).listed(BACLOFEN)) == listed


def test_a_stop_beside_what_is_past() -> None:
    """Where the list holds only a past order, a stop tells of another one."""
    view = _view([_stop("gone")], _listed("old", status="stopped", end=_ago(100)))
    assert _ids(view.listed(BACLOFEN)) == ["old", "gone"]


def test_what_ends() -> None:
    """Only the selected stops of a drug end it."""
    view = _view([_stop("m1"), _stop("m2", selected=False), _stop("m3", OTHER)])
    assert _ids(view.ending(BACLOFEN)) == ["m1"]


def test_nothing_taken_must_be_known() -> None:
    """That nothing was taken until now is an answer only of a list that is known."""
    view = _view([], unmet={MEDICATIONS: "not supplied"})
    assert view.took_until_now(BACLOFEN) == []
    assert view.unanswered == {MEDICATIONS}


@pytest.mark.parametrize(
    ("problem", "counts"),
    [
        (Problem(frozenset({"muscle-cramp"}), True, _ago(900)), True),
        (Problem(frozenset({"muscle-cramp"}), True), True),
        (Problem(frozenset({"muscle-cramp"}), False, _ago(900), ended=_ago(30)), True),
        (Problem(frozenset({"muscle-cramp"}), False, _ago(900), ended=_ago(31)), False),
        (Problem(frozenset({"muscle-cramp"}), False, _ago(30)), True),
        (Problem(frozenset({"muscle-cramp"}), False, _ago(31)), False),
        (Problem(frozenset({"muscle-cramp"}), False), True),
        (Problem(frozenset({"seizure"}), True), False),
    ],
)
def test_since(problem: Problem, counts: bool) -> None:
    """Active, or ended within so many days; without an end the day it was recorded stands for it."""
    assert _view([], problems=(problem,)).since(CRAMP, within=MONTH) == ([problem] if counts else [])


def test_the_earliest_first() -> None:
    """Those of an unknown day come first, then by day, then by their reference."""
    dated = [Problem(frozenset({"muscle-cramp"}), True, _ago(ago), id) for ago, id in ((3, "b"), (3, "a"), (9, "c"))]
    undated = Problem(frozenset({"muscle-cramp"}), True, None, "d")
    found = _view([], problems=(*dated, undated)).since(CRAMP, within=MONTH)
    assert [one.reference for one in found] == ["d", "c", "a", "b"]


def test_none_since_must_be_known() -> None:
    """That there was no such condition is an answer only of a problem list that is known."""
    view = _view([], unmet={CONDITIONS: "not supplied"})
    assert view.since(CRAMP, within=MONTH) == []
    assert view.unanswered == {CONDITIONS}


@pytest.mark.parametrize("signing", [True, False])
def test_signing(signing: bool) -> None:
    """A view knows whether the order is being signed; unless told so a dose may still be missing."""
    snapshot = Snapshot(as_of=TODAY, age_on=TODAY)
    assert View(snapshot, at_order=True, signing=signing).signing is signing
    assert View(snapshot, at_order=True).signing is False
