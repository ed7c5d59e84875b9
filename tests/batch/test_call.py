"""A call as rows of text, and an age as a band."""

from __future__ import annotations

import pytest

from cds_service.batch.call import COLUMNS, Call, Said, band, rows


@pytest.mark.parametrize(
    ("years", "words"),
    [
        (0, "0-17"),
        (17, "0-17"),
        (18, "18-44"),
        (44, "18-44"),
        (45, "45-64"),
        (65, "65-74"),
        (75, "75-84"),
        (85, "85+"),
        (None, "unknown"),
    ],
)
def test_ages(years: int | None, words: str) -> None:
    """Full years, in the bands by which registries count."""
    assert band(years) == words


SILENT = Call("order-sign", "2026-03-05", "18-44", "", ("MedicationRequest/a", "MedicationRequest/b"), ("x", "y"))
VIEW = Call("patient-view", "2026-03-05", "18-44", "Patient/1", said=(Said("r", "shown", indicator="info"),))


def test_rows() -> None:
    """One row for each thing that was said, with the orders that it is about; one for a silent call."""
    telling = ("r", "merged", "other", "warning", "reason", "need", "why")
    told = Said(*telling[:5], (1,), *telling[5:])
    call = Call("order-sign", "2026-03-05", "18-44", "", SILENT.orders, SILENT.drugs, (told,))
    assert list(rows(SILENT)) == [
        ("order-sign", "2026-03-05", "18-44", "MedicationRequest/a MedicationRequest/b", "x + y", *[""] * 7)
    ]
    assert list(rows(call)) == [("order-sign", "2026-03-05", "18-44", "MedicationRequest/b", "y", *telling)]
    assert [row[3] for row in rows(VIEW)] == ["Patient/1"]
    assert {len(row) for call in (SILENT, VIEW) for row in rows(call)} == {len(COLUMNS)}
    assert [SILENT.cards, VIEW.cards] == [0, 1]
