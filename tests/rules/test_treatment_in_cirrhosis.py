"""Which treatment in cirrhosis began last, and what is looked at since (rules 3.7, H4)."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.facts import View
from cds_service.rules._care import youngest_treatment
from cds_service.web.examples.cases import Case, day
from cds_service.web.examples.played import snapshot

CRAMPS = [{"is": "muscle-cramp"}]


def _drug(name: str = "baclofen", **more: Any) -> dict[str, Any]:
    return {"drug": name} | more


def _youngest(*taking: dict[str, Any], problems: list[dict[str, Any]] | None = None) -> tuple[str, Any, int] | None:
    case = Case(rule="", name="", expect=[], taking=list(taking), problems=CRAMPS if problems is None else problems)
    found = youngest_treatment(View(snapshot(case), at_order=False))
    return None if found is None else (found.drug, found.start, len(found.about))


@pytest.mark.parametrize(
    ("taking", "youngest"),
    [
        ([], None),
        ([_drug(days_ago=20)], ("baclofen", 20, 1)),
        ([_drug("furosemide", days_ago=20)], ("furosemide", 20, 1)),
        ([_drug(days_ago=20), _drug("furosemide", days_ago=10)], ("furosemide", 10, 1)),
        ([_drug(days_ago=10), _drug("furosemide", days_ago=20)], ("baclofen", 10, 1)),
        ([_drug("furosemide", days_ago=9), _drug("spironolactone", days_ago=8)], ("spironolactone", 8, 1)),
        ([_drug(), _drug("furosemide", days_ago=3)], ("baclofen", None, 1)),
        ([_drug(days_ago=3), _drug("furosemide")], ("furosemide", None, 1)),
        ([_drug(days_ago=10), _drug(days_ago=40, status="completed", ended_days_ago=24)], ("baclofen", 40, 1)),
        ([_drug(days_ago=10), _drug(days_ago=40, status="completed", ended_days_ago=25)], ("baclofen", 10, 1)),
        (
            [
                _drug("furosemide", days_ago=10),
                _drug("furosemide", days_ago=90, status="stopped", ended_days_ago=12),
                _drug("spironolactone", days_ago=30, status="stopped", ended_days_ago=12),
            ],
            ("furosemide", 90, 1),
        ),
        ([_drug("furosemide", days_ago=10), _drug("furosemide", days_ago=30)], ("furosemide", 30, 2)),
        ([_drug(days_ago=10, status="on-hold")], None),
        ([_drug(days_ago=10, route="intrathecal")], None),
    ],
)
def test_the_youngest_treatment(taking: list[dict[str, Any]], youngest: tuple[str, int | None, int] | None) -> None:
    """The drug whose course began last; one of unknown start before all, and a renewal begins nothing."""
    expected = youngest and (youngest[0], None if youngest[1] is None else day(youngest[1]), youngest[2])
    assert _youngest(*taking) == expected


def test_a_diuretic_matters_with_cramps() -> None:
    """Without cramps a diuretic is none of it, baclofen is."""
    assert _youngest(_drug("furosemide", days_ago=10), problems=[]) is None
    assert _youngest(_drug("furosemide", days_ago=5), _drug(days_ago=10), problems=[]) == ("baclofen", day(10), 1)
