"""Summary: what a committee asks for, as numbers in a hundred."""

from __future__ import annotations

from pathlib import Path

import pytest

from cds_service.batch.call import Terms
from cds_service.batch.figures import Figures
from cds_service.batch.summary import rate, summary
from tests.batch.exports import replayed, ward
from tests.fhir.resources import TODAY

TERMS = Terms(TODAY)


@pytest.mark.parametrize(("number", "of", "found"), [(1, 8, 12.5), (2, 3, 66.67), (0, 5, 0), (3, 0, None)])
def test_in_a_hundred(number: int, of: int, found: float | None) -> None:
    """Two places; of nothing there is no rate."""
    assert rate(number, of) == found


def test_a_ward(tmp_path: Path) -> None:
    """Cards by hook, rule, indicator, drug, year and age; what was missing, and why it was not evaluated."""
    _, _, figures = replayed(tmp_path, ward(10))
    told = summary(figures, TERMS)
    assert told["patients"] == 10
    sign, view = told["hooks"]["order-sign"], told["hooks"]["patient-view"]
    assert (sign["orders"], sign["calls"], view["calls"]) == (40, 40, 10)
    assert sign["cards"] == figures.number("shown", hook="order-sign") > 0
    assert sign["cardsPer100Orders"] == rate(sign["cards"], 40)
    assert "orders" not in view
    pair = next(one for one in told["rules"] if one["rule"] == "benzodiazepine-opioid-combination")
    assert pair["hooks"]["order-sign"]["indicators"] == {"critical": 10}
    assert pair["hooks"]["order-sign"]["cardsPer100Orders"] == 25
    assert told["indicators"]["order-sign"]["critical"]["cards"] >= 10
    assert {"drug": "another drug", "orders": 10, "cards": 0, "cardsPer100Orders": 0} in told["drugs"]["order-sign"]
    assert [one["year"] for one in told["years"]["order-sign"]] == ["2026"]
    assert sum(one["orders"] for one in told["ages"]["order-sign"]) == 40
    assert all(one["words"] for hook in told["missing"].values() for one in hook)
    assert {one["need"] for one in told["notEvaluated"]} <= {"magnesium", "potassium", "sodium", "kidney-function"}
    assert told["notEvaluated"]
    assert told["missing"]["patient-view"][0]["per100Calls"] > 0


def test_nothing() -> None:
    """Of nothing the summary is empty, and has no rates."""
    told = summary(Figures(), TERMS)
    assert told["hooks"]["order-sign"]["cardsPer100Orders"] is None
    assert told["rules"] == told["drugs"]["order-sign"] == told["notEvaluated"] == []
