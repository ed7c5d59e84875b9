"""Need: a kind of data that a rule reads, in the words in which a clinician is told that it is missing."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)  # each stands once, below: looked up by identity
class Need:
    """One kind of data. `id` stands in the trace, `words` on the card."""

    id: str
    words: str


PATIENT = Need("patient", "the patient's age")
MEDICATIONS = Need("medications", "the medication list")
STATEMENTS = Need("statements", "medications reported by the patient")
CONDITIONS = Need("conditions", "the problem list")
ALLERGIES = Need("allergies", "allergies and intolerances")
ENCOUNTER = Need("encounter", "the encounter")
CARE_ORDERS = Need("care-orders", "orders for hospice care")
DRUG = Need("drug", "which drug an order is for")
MAGNESIUM_LEVEL = Need("magnesium", "serum magnesium")
POTASSIUM_LEVEL = Need("potassium", "serum potassium")
SODIUM_LEVEL = Need("sodium", "serum sodium")
KIDNEY_FUNCTION = Need("kidney-function", "kidney function (creatinine or eGFR)")
TEST_ORDERS = Need("test-orders", "orders of laboratory tests")
# By id.
WORDS = {one.id: one.words for one in list(vars().values()) if isinstance(one, Need)}
