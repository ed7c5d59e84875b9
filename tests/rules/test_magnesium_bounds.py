"""Doses of magnesium that lie exactly on a limit: limits belong to the range."""

from __future__ import annotations

import pytest

from cds_service.facts import Drug, Line, Medication, ProposedOrder, Snapshot, View
from cds_service.rules import _magnesium as magnesium
from cds_service.rules import magnesium_repletion_dose as repletion
from cds_service.terminology import Content, by_code, valueset
from cds_service.terminology.units import MOLAR_MASS
from cds_service.web.examples.cases import AS_OF

OXIDE = Content(400, "1", "magnesium oxide", "MgO")
PIECE = 400 / MOLAR_MASS["MgO"]


@pytest.mark.parametrize(("mg", "kind"), [(100, magnesium.Kind.SUPPLEMENT), (99.9, None)])
def test_a_multivitamin_counts_from_its_limit_on(mg: float, kind: magnesium.Kind | None) -> None:
    """With 100 mg of the element a day it counts as a supplement, with less it does not."""
    coding = valueset("magnesium-multivitamins").codings[0]
    drug = Drug(by_code(coding.system, coding.code), content=Content(mg, "1", "magnesium", "Mg"))
    assert magnesium.kind(Medication(drug, dosage=lambda: (Line(mg=mg, times=1),))) is kind


@pytest.mark.parametrize(
    ("least", "most", "pieces"),
    [(2 * PIECE, 24.72, [2]), (2 * PIECE + 0.01, 24.72, []), (11.64, 2 * PIECE, [2]), (11.64, 2 * PIECE - 0.01, [])],
)
def test_tablets_may_reach_both_limits(least: float, most: float, pieces: list[int]) -> None:
    """Whole tablets whose amount is exactly the lowest or the highest are offered."""
    order = ProposedOrder(Drug(content=OXIDE), dosage=lambda: (Line(mg=400, times=1),))
    assert [offer.pieces for offer in magnesium.at_night(order, least, most, keep=False)] == pieces


def _wrong(mmol: float) -> str:
    order = ProposedOrder(Drug(content=OXIDE), dosage=lambda: (Line(mmol=mmol, times=1),))
    return repletion._wrong(View(Snapshot(as_of=AS_OF, age_on=AS_OF), at_order=True), order)


def test_a_dose_on_a_limit_is_right() -> None:
    """The lowest and the highest dose, the tolerance included, are inside of the range."""
    least, most = repletion._bounds()
    assert [_wrong(dose) for dose in (least, most)] == ["", ""]
    assert [_wrong(dose) for dose in (least - 0.01, most + 0.01)] == ["dose-low", "dose-high"]
