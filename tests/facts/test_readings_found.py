"""What was once decided wrongly: open results near a limit, ties, and doubts that a card must keep."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from cds_service.facts import (
    CONDITIONS,
    CREATININE,
    EGFR,
    KIDNEY_FUNCTION,
    MAGNESIUM,
    PATIENT,
    POTASSIUM,
    SODIUM,
    Analyte,
    Band,
    Level,
    Line,
    Need,
    Person,
    Problem,
    Reading,
    Results,
    Snapshot,
    View,
    steps,
)
from cds_service.facts.kidney import kidney
from cds_service.facts.reading import newest

TODAY = date(2026, 11, 22)
NOON = datetime(2026, 11, 22, 12)  # noqa: DTZ001 - the server's own time, as facts have it
UNIT = "mL/min/{1.73_m2}"
WOMAN = Person((date(1954, 3, 1), date(1954, 3, 1)), sex="female")


def _result(test: Analyte, value: float, unit: str = UNIT, **more: Any) -> Reading:
    return Reading(test, value, unit, NOON, **more)


@pytest.mark.parametrize(
    ("comparator", "value", "band"),
    [
        ("<=", 59.9, Band.UNKNOWN),
        ("<=", 59.5, Band.UNKNOWN),
        ("<=", 59.4, Band.G3),
        ("<", 59.7, Band.UNKNOWN),
        ("<", 59.5, Band.G3),
        ("<", 29.8, Band.G3),
        ("<", 29.5, Band.G4),
        ("<", 14.8, Band.G4),
        ("<", 60, Band.G3),
    ],
)
def test_an_open_result_has_the_mildest_band_it_allows(comparator: str, value: float, band: Band) -> None:
    """What could round up into the milder band is not told as the worse one, and what could be normal says nothing."""
    assert kidney([_result(EGFR, value, comparator=comparator)], [], WOMAN, TODAY).band is band


@pytest.mark.parametrize("references", [("a", "b"), ("b", "a")])
def test_below_a_value_is_less_than_the_value(references: tuple[str, str]) -> None:
    """Of `<60` and `60` at one moment the lower one counts, and that they differ is told."""
    below, exact = (
        _result(EGFR, 60, comparator=sign, reference=one) for sign, one in zip(("<", ""), references, strict=True)
    )
    found = kidney([exact, below], [], WOMAN, TODAY)
    assert (found.band, found.notes) == (Band.G3, ("two results differ",))
    low = _result(MAGNESIUM, 1.7, "mg/dL", comparator="<", reference=references[0])
    normal = _result(MAGNESIUM, 1.7, "mg/dL", reference=references[1])
    last = newest([low, normal])
    assert last is not None
    assert (last.level, last.conflicting) == (Level.NORMAL, True)


def test_results_without_an_id_have_an_order() -> None:
    """Two results that only their ranges tell apart give the same answer in either order."""
    own, bare = _result(MAGNESIUM, 1.6, "mg/dL", low=1.5), _result(MAGNESIUM, 1.6, "mg/dL")
    assert newest([own, bare]) == newest([bare, own])


@pytest.mark.parametrize(
    ("comparator", "value", "severe"),
    [("<", 1.2, True), ("<=", 1.2, False), ("<", 1.3, False), (">", 1.1, False), (">=", 1.0, False), ("", 1.19, True)],
)
def test_severe_only_if_certain(comparator: str, value: float, severe: bool) -> None:
    """Below the severe limit is severe; above some lower value may be anything."""
    assert _result(MAGNESIUM, value, "mg/dL", comparator=comparator).severely_low is severe


@pytest.mark.parametrize(
    ("comparator", "value", "severe"),
    [("", 6.0, False), ("", 6.1, True), (">", 6.0, True), (">=", 6.0, False), ("<", 7.0, False), ("<=", 7.0, False)],
)
def test_severely_high_only_if_certain(comparator: str, value: float, severe: bool) -> None:
    """Above the severe limit is severe, on it or below some higher value is not."""
    assert _result(POTASSIUM, value, "mmol/L", comparator=comparator).severely_high is severe


@pytest.mark.parametrize(
    ("test", "value", "of", "more", "severe"),
    [
        (POTASSIUM, 2.9, "mmol/L", {}, True),
        (POTASSIUM, 3.0, "mmol/L", {}, False),
        (POTASSIUM, 4.0, "mmol/L", {}, False),
        (POTASSIUM, 6.0, "mmol/L", {}, False),
        (POTASSIUM, 6.1, "mmol/L", {}, True),
        (POTASSIUM, 2.9, "mmol/L", {"flag": Level.HIGH}, False),
        (POTASSIUM, 2.9, "mmol/L", {"flag": Level.NORMAL}, False),
        (SODIUM, 200, "mmol/L", {}, False),
        (MAGNESIUM, 15, "mg/dL", {}, False),
        (MAGNESIUM, 0.49, "mmol/L", {}, True),
    ],
)
def test_severe_on_its_own_side(test: Analyte, value: float, of: str, more: dict[str, Any], severe: bool) -> None:
    """A result is severe where it lies; a high magnesium or sodium has no severe limit."""
    assert _result(test, value, of, **more).severe is severe


def test_changing_kidneys_may_be_stale_too() -> None:
    """With acute injury on record an old result still asks for a new one."""
    old = Reading(EGFR, 40, UNIT, NOON - timedelta(days=120))
    found = kidney([old], [Problem(frozenset({"acute-kidney-injury"}), recorded=TODAY)], WOMAN, TODAY)
    assert (found.band, found.stale) == (Band.UNSTABLE, True)


def test_a_stage_that_is_not_told_contradicts_nothing() -> None:
    """CKD without a stage is no contradiction to any eGFR."""
    found = kidney([_result(EGFR, 22)], [Problem(frozenset({"ckd-stage-unknown"}))], WOMAN, TODAY)
    assert (found.band, found.notes) == (Band.G4, ())


def test_a_line_without_a_number_goes_with_the_first_step() -> None:
    """Beside numbered lines, one without a number is taken from the start on."""
    first, second, bare = Line(mg=1, times=1, sequence=1), Line(mg=2, times=1, sequence=2), Line(mg=3, times=1)
    assert steps([second, bare, first]) == [[bare, first], [second]]


@pytest.mark.parametrize(
    ("readings", "noted"),
    [
        ((_result(CREATININE, 2.0, "mg/dL"),), {CONDITIONS, PATIENT}),
        ((), {CONDITIONS, KIDNEY_FUNCTION}),
        ((_result(EGFR, 40),), set()),
    ],
)
def test_what_an_unknown_kidney_function_hangs_on(readings: tuple[Reading, ...], noted: set[Need]) -> None:
    """Without an age a creatinine says nothing; without results nothing does; with an eGFR nothing is missing."""
    missing = {CONDITIONS, PATIENT} if readings else {CONDITIONS, PATIENT, KIDNEY_FUNCTION}
    view = View(
        Snapshot(
            TODAY, TODAY, laboratory=lambda: Results(list(readings)), unmet=dict.fromkeys(missing, "not supplied")
        ),
        at_order=True,
    )
    view.kidney()
    assert view.unanswered == noted


def test_the_laboratory_is_read_at_the_first_question() -> None:
    """Results are read once, and only if a rule asks: most calls have no question for them."""
    calls: list[int] = []

    def read() -> Results:
        calls.append(1)
        return Results([_result(MAGNESIUM, 1.5, "mg/dL")])

    snapshot = Snapshot(TODAY, TODAY, laboratory=read)
    assert snapshot.looked_up == Results()
    assert calls == []
    view = View(snapshot, at_order=True)
    assert view.latest(MAGNESIUM) == view.outdated(MAGNESIUM) == _result(MAGNESIUM, 1.5, "mg/dL")
    assert calls == [1]
    assert snapshot.looked_up is snapshot.results
