"""Moments: a fact counts from the morning of its day, an order was signed at its end."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from cds_service.batch import moments
from cds_service.fhir.models import Leaf

END = time.max


@pytest.mark.parametrize(
    ("told", "fact", "earliest", "signed"),
    [
        ("2026-03-05", "2026-03-05", "2026-03-05", datetime.combine(date(2026, 3, 5), END)),
        ("2026-03", "2026-03-31", "2026-03-01", datetime.combine(date(2026, 3, 31), END)),
        ("2026", "2026-12-31", "2026-01-01", datetime.combine(date(2026, 12, 31), END)),
        ("2026-03-05T09:30:00", "2026-03-05T09:30", "2026-03-05T09:30", datetime.fromisoformat("2026-03-05T09:30")),
        ("soon", None, None, None),
        (None, None, None, None),
    ],
)
def test_dates(told: Leaf, fact: str | None, earliest: str | None, signed: datetime | None) -> None:
    """A month or a year counts from its last day; only what certainly is later is later; a day ends with its orders."""
    assert moments.fact(told) == (datetime.fromisoformat(fact) if fact else None)
    assert moments.earliest(told) == (datetime.fromisoformat(earliest) if earliest else None)
    assert moments.signed(told) == signed
