"""The tests that rules read: where low and high begin in every unit, and which values are believed."""

from __future__ import annotations

import pytest

from cds_service.facts import ANALYTES, CREATININE, EGFR, MAGNESIUM, POTASSIUM, SODIUM, Analyte
from cds_service.facts.analytes import Span


@pytest.mark.parametrize(
    ("test", "lows", "highs"),
    [
        (
            MAGNESIUM,
            [(1.7, "mg/dL"), (0.7, "mmol/L"), (1.4, "mEq/L")],
            [(2.6, "mg/dL"), (1.07, "mmol/L"), (2.1, "mEq/L")],
        ),
        (POTASSIUM, [(3.5, "mmol/L")], [(5.5, "mmol/L")]),
        (SODIUM, [(135, "mmol/L")], [(145, "mmol/L")]),
        (CREATININE, [], []),
        (EGFR, [], []),
    ],
)
def test_limits_by_unit(test: Analyte, lows: list[tuple[float, str]], highs: list[tuple[float, str]]) -> None:
    """A test tells where low and high begin in every unit of it; kidney tests have no such limits (rules 1.7)."""
    assert [(number.value, number.unit) for number in test.lows] == lows
    assert [(number.value, number.unit) for number in test.highs] == highs


@pytest.mark.parametrize(
    ("test", "severes"),
    [
        (MAGNESIUM, [(1.2, "mg/dL"), (0.5, "mmol/L"), (1.0, "mEq/L")]),
        (POTASSIUM, [(3.0, "mmol/L"), (6.0, "mmol/L")]),
        (SODIUM, [(125, "mmol/L")]),
        (CREATININE, []),
    ],
)
def test_severe_limits(test: Analyte, severes: list[tuple[float, str]]) -> None:
    """A test tells all its severe limits; only potassium has one above (rules 1.7)."""
    assert [(number.value, number.unit) for number in test.severes] == severes


@pytest.mark.parametrize("test", ANALYTES, ids=lambda test: test.valueset)
def test_a_plausible_span_holds_its_ends(test: Analyte) -> None:
    """Both ends of what is believed are believed, and nothing beyond them."""
    spans: list[Span | None] = [test.plausible, test.range_low, test.range_high]
    for span in (span for span in spans if span is not None):
        least, most = span.least.value, span.most.value
        assert least in span
        assert (least + most) / 2 in span
        assert most in span
        assert least - 0.01 not in span
        assert most + 0.01 not in span
