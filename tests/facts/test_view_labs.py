"""The questions a rule may ask of the laboratory, and the note that is kept where the data were not known."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from cds_service.evidence import Threshold
from cds_service.facts import (
    CONDITIONS,
    CREATININE,
    EGFR,
    EVER,
    KIDNEY_FUNCTION,
    LABS,
    MAGNESIUM,
    MAGNESIUM_LEVEL,
    MEDICATIONS,
    PATIENT,
    POTASSIUM,
    POTASSIUM_LEVEL,
    SODIUM,
    SODIUM_LEVEL,
    Analyte,
    Band,
    Drug,
    Level,
    Listing,
    Medication,
    Need,
    Pending,
    Person,
    Problem,
    ProposedOrder,
    Reading,
    Reason,
    Results,
    Snapshot,
    Unused,
    View,
)
from cds_service.terminology import Entry, valueset

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FORTNIGHT = Threshold(14, "d", "look-back", "house:scope", "k")
LOW_MAGNESIUM = valueset("hypomagnesaemia")
SUPPLEMENTS = valueset("magnesium-supplements")
OXIDE = Drug((Entry("magnesium-supplements", "magnesium", "oral"),))
FUROSEMIDE = Drug((Entry("diuretics", "furosemide", "oral"),))
WOMAN = Person((date(1954, 3, 1), date(1954, 3, 1)), sex="female")


def _ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def _result(value: float, days: int = 0, test: Analyte = MAGNESIUM, of: str = "mg/dL", **more: Any) -> Reading:
    return Reading(test, value, of, NOON - timedelta(days=days), **more)


def _egfr(value: float, days: int = 0) -> Reading:
    return _result(value, days, EGFR, "mL/min/{1.73_m2}")


def _view(
    *readings: Reading, unmet: Any = (), at_order: bool = True, unused: Any = (), pending: Any = (), **more: Any
) -> View:
    known = dict.fromkeys(unmet, "not supplied")
    told = Results(list(readings), list(unused), list(pending))
    return View(Snapshot(TODAY, TODAY, unmet=known, **{"laboratory": lambda: told} | more), at_order)


@pytest.mark.parametrize(
    ("days", "within", "found"),
    [(0, LABS, True), (90, LABS, True), (91, LABS, False), (14, FORTNIGHT, True), (15, FORTNIGHT, False)],
)
def test_the_latest_result_is_not_too_old(days: int, within: Threshold, found: bool) -> None:
    """A result counts up to and on its last day: 90 days ago, unless the rule says otherwise (rules 1.5)."""
    reading = _result(1.5, days)
    view = _view(reading, unmet=[MAGNESIUM_LEVEL])
    assert view.latest(MAGNESIUM, within) == (reading if found else None)
    assert view.unanswered == (set() if found else {MAGNESIUM_LEVEL})


def test_the_latest_is_the_newest_of_its_test() -> None:
    """Of several results the newest of the test counts, not one of another test."""
    newer, other = _result(1.9, 3), _result(4.0, 1, POTASSIUM, "mmol/L")
    view = _view(_result(1.5, 9), newer, other)
    assert view.latest(MAGNESIUM) == newer
    assert view.latest(POTASSIUM) == other
    assert view.latest(SODIUM) is None
    assert view.unanswered == set()


@pytest.mark.parametrize(
    ("test", "need"),
    [
        (MAGNESIUM, MAGNESIUM_LEVEL),
        (POTASSIUM, POTASSIUM_LEVEL),
        (SODIUM, SODIUM_LEVEL),
        (CREATININE, KIDNEY_FUNCTION),
        (EGFR, KIDNEY_FUNCTION),
    ],
)
@pytest.mark.parametrize("asked", ["latest", "lacks"])
def test_a_result_that_was_not_looked_for_is_noted(test: Analyte, need: Need, asked: str) -> None:
    """Where results of the test were not supplied, "none" is no answer, and nothing but that test is noted."""
    every = [MAGNESIUM_LEVEL, POTASSIUM_LEVEL, SODIUM_LEVEL, KIDNEY_FUNCTION, CONDITIONS]
    view = _view(unmet=every)
    assert not getattr(view, asked)(test)
    assert view.unanswered == {need}
    others = _view(unmet=[other for other in every if other is not need])
    getattr(others, asked)(test)
    assert others.unanswered == set()


@pytest.mark.parametrize(
    ("readings", "unmet", "lacks", "noted"),
    [
        ([], [], True, set()),
        ([_result(1.5, 91)], [], True, set()),
        ([_result(4.0, 1, POTASSIUM, "mmol/L")], [], True, set()),
        ([_result(1.5, 90)], [], False, set()),
        ([_result(1.5, 90)], [MAGNESIUM_LEVEL], False, set()),
        ([_result(1.5, 91)], [MAGNESIUM_LEVEL], False, {MAGNESIUM_LEVEL}),
        ([], [MAGNESIUM_LEVEL], False, {MAGNESIUM_LEVEL}),
        ([], [POTASSIUM_LEVEL], True, set()),
    ],
)
def test_a_result_is_lacking_only_if_looked_for(
    readings: list[Reading], unmet: list[Need], lacks: bool, noted: set[Need]
) -> None:
    """A test is missing if its results were supplied and none is recent enough."""
    view = _view(*readings, unmet=unmet)
    assert view.lacks(MAGNESIUM) is lacks
    assert view.unanswered == noted
    assert _view(_result(1.5, 15)).lacks(MAGNESIUM, FORTNIGHT)


def test_an_outdated_result_is_quoted() -> None:
    """For what is told beside a card a result may be of any age, and none is no question left open."""
    oldest, old = _result(1.2, 4000), _result(1.5, 400)
    assert _view(oldest, old, unmet=[MAGNESIUM_LEVEL]).outdated(MAGNESIUM) == old
    view = _view(oldest, unmet=[POTASSIUM_LEVEL])
    assert view.outdated(POTASSIUM) is None
    assert view.unanswered == set()


def test_results_that_do_not_count() -> None:
    """Recent results of blood that could not be used are told, undated ones among them."""
    told = [Unused(MAGNESIUM, "unit", _ago(90)), Unused(MAGNESIUM, "no date"), Unused(MAGNESIUM, "no value", TODAY)]
    others = [
        Unused(MAGNESIUM, "unit", _ago(91)),
        Unused(MAGNESIUM, "urine", TODAY, elsewhere=True),
        Unused(POTASSIUM, "unit", TODAY),
    ]
    view = _view(unused=(*told, *others), unmet=[MAGNESIUM_LEVEL])
    assert view.unused(MAGNESIUM) == told
    assert view.unused(SODIUM) == []
    assert view.unanswered == set()


@pytest.mark.parametrize(
    ("readings", "low"),
    [
        ([], False),
        ([_result(1.6, 365)], True),
        ([_result(1.6, 366)], False),
        ([_result(1.6, 300), _result(2.0, 1)], True),
        ([_result(1.7, 1)], False),
        ([_result(2.7, 1)], False),
        ([_result(1.6, 1, low=1.5)], False),
        ([_result(1.8, 1, flag=Level.LOW)], True),
        ([_result(2.0, 1, comparator="<")], False),
        ([_result(1.7, 1, comparator="<")], True),
        ([_result(0.69, 1, of="mmol/L")], True),
        ([_result(3.0, 1, POTASSIUM, "mmol/L")], False),
    ],
)
def test_a_low_result_of_the_year(readings: list[Reading], low: bool) -> None:
    """A low result is remembered for a year, whatever came after it, and asks for nothing that is missing."""
    view = _view(*readings, unmet=[MAGNESIUM_LEVEL])
    assert view.was_low(MAGNESIUM) is low
    assert view.unanswered == set()


@pytest.mark.parametrize(
    ("active", "recorded", "undated", "found"),
    [
        (True, 14, False, True),
        (True, 15, False, False),
        (True, 15, True, False),
        (True, 0, False, True),
        (True, None, False, False),
        (True, None, True, True),
        (False, 1, False, False),
        (False, None, True, False),
    ],
)
def test_a_recorded_condition(active: bool, recorded: int | None, undated: bool, found: bool) -> None:
    """An active condition counts from a day on; one without a date only where the rule takes it."""
    day = None if recorded is None else _ago(recorded)
    problems = (Problem(frozenset({"hypomagnesaemia"}), active, day), Problem(frozenset({"seizure"}), True, TODAY))
    view = _view(problems=problems, unmet=[CONDITIONS])
    assert view.recorded(LOW_MAGNESIUM, _ago(14), undated) is found
    assert view.unanswered == set()


def test_knowing_is_noted() -> None:
    """What was not supplied in full is noted when it is asked for, and only that."""
    view = _view(unmet=[MAGNESIUM_LEVEL, CONDITIONS])
    assert view.knows(POTASSIUM_LEVEL)
    assert view.unanswered == set()
    assert not view.knows(MAGNESIUM_LEVEL)
    assert view.unanswered == {MAGNESIUM_LEVEL}


def test_days_ago() -> None:
    """A number of days is counted back from the day of evaluation."""
    assert _view().days_ago(FORTNIGHT) == date(2026, 11, 8)
    assert _view().days_ago(EVER) == date(2025, 11, 22)


@pytest.mark.parametrize(
    ("test", "days", "pending"),
    [("magnesium", 0, True), ("magnesium", 7, True), ("magnesium", 8, False), ("potassium", 0, False)],
)
def test_a_test_under_way(test: str, days: int, pending: bool) -> None:
    """A test that was ordered in the last seven days is pending, another test is not."""
    view = _view(pending=(Pending(test, _ago(days)),), unmet=[MAGNESIUM_LEVEL])
    assert view.pending("magnesium") is pending
    assert view.unanswered == set()


EVERY_NEED = [KIDNEY_FUNCTION, CONDITIONS, PATIENT, MEDICATIONS]


@pytest.mark.parametrize(
    ("more", "unmet", "band", "noted"),
    [
        ({}, [], Band.UNKNOWN, set()),
        ({}, EVERY_NEED, Band.UNKNOWN, {KIDNEY_FUNCTION, CONDITIONS}),
        ({}, [KIDNEY_FUNCTION], Band.UNKNOWN, {KIDNEY_FUNCTION}),
        ({}, [CONDITIONS], Band.UNKNOWN, {CONDITIONS}),
        ({"laboratory": lambda: Results([_egfr(22)])}, EVERY_NEED, Band.G4, set()),
        ({"laboratory": lambda: Results([_result(1.9, 0, CREATININE)]), "person": WOMAN}, EVERY_NEED, Band.G4, set()),
        ({"problems": (Problem(frozenset({"ckd-stage-4"})),)}, EVERY_NEED, Band.G4, set()),
        ({"problems": (Problem(frozenset({"dialysis"})),)}, EVERY_NEED, Band.DIALYSIS, set()),
    ],
)
def test_kidney_function(more: dict[str, Any], unmet: list[Need], band: Band, noted: set[Need]) -> None:
    """Kidney function that is found is an answer; that it is unknown is one only if it was looked for."""
    view = View(Snapshot(TODAY, TODAY, unmet=dict.fromkeys(unmet, "not supplied"), **more), at_order=True)
    assert view.kidney().band is band
    assert view.unanswered == noted


@pytest.mark.parametrize(
    ("drug", "status", "days", "stale"),
    [
        (FUROSEMIDE, "active", 91, True),
        (FUROSEMIDE, "active", 90, False),
        (FUROSEMIDE, "stopped", 91, False),
        (FUROSEMIDE, "on-hold", 91, False),
        (OXIDE, "active", 91, False),
    ],
)
def test_a_diuretic_makes_an_old_egfr_stale(drug: Drug, status: str, days: int, stale: bool) -> None:
    """A diuretic that is taken now may have changed kidney function since an old eGFR (rules 1.5)."""
    taken = Listing.of_known([Medication(drug, status, "MedicationRequest/m1", written=_ago(20))])
    snapshot = Snapshot(TODAY, TODAY, laboratory=lambda: Results([_egfr(90, days)]), medications=taken)
    assert (snapshot.kidney.stale, snapshot.kidney) == (stale, snapshot.kidney)


def test_the_drugs_in_question() -> None:
    """At an order the hook is about the selected drafts, at an open chart about what is taken."""
    draft = ProposedOrder(OXIDE, reference="MedicationRequest/d1")
    context = ProposedOrder(OXIDE, reference="MedicationRequest/d2", selected=False)
    taken = [Medication(OXIDE, "active", "MedicationRequest/m1", written=_ago(20))]
    known: dict[str, Any] = {"orders": (draft, context), "medications": Listing.of_known(taken)}
    assert [_view(at_order=at, **known).in_question(SUPPLEMENTS) for at in (True, False)] == [[draft], taken]


@pytest.mark.parametrize(("at_order", "noted"), [(True, set()), (False, {MEDICATIONS})])
def test_an_unknown_list_in_question(at_order: bool, noted: set[Need]) -> None:
    """The list of medications is asked for only when the chart is opened."""
    view = _view(at_order=at_order, unmet=[MEDICATIONS])
    assert view.in_question(SUPPLEMENTS) == []
    assert view.unanswered == noted


@pytest.mark.parametrize(("reason", "noted"), [(Reason(given=True), set()), (Reason(unresolved=True), {CONDITIONS})])
def test_a_reason_that_was_not_supplied(reason: Reason, noted: set[Need]) -> None:
    """The reason of an order is told as it is, and one that is a condition out of reach is noted."""
    view = _view(unmet=[CONDITIONS])
    assert view.reason(ProposedOrder(OXIDE, reason=reason)) == reason
    assert view.unanswered == noted
