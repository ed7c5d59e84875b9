"""A case in words: nothing that it says is left out."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.web.examples.cases import Case
from cds_service.web.examples.words import DRUG, PROBLEM, RESULT, TEST, Words, described, told
from tests.support.cases import all_cases


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("problems", PROBLEM),
        ("intolerances", PROBLEM),
        ("taking", DRUG),
        ("orders", DRUG),
        ("labs", RESULT),
        ("ordered", TEST),
    ],
)
def test_every_word_of_a_row_is_told(part: str, words: Words) -> None:
    """A row of no case has a word that its sentence would leave out."""
    used = {key for case in all_cases() for row in getattr(case, part) for key in row}
    assert used <= set(words)


def test_every_case_has_its_sentences() -> None:
    """Each case can be told, and no mark of Python or UCUM is left in it."""
    for case in all_cases():
        text = told(case)
        assert text.endswith(".")
        assert not {"{", "}", "None", "True", "False"} & set(text.replace("(", " ").split())
        assert "{" not in text


def _case(**parts: Any) -> str:
    return told(Case("quinine-cramps", "a case", [], **parts))


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"age": 71, "sex": "female"}, "A patient aged 71, female."),
        ({"born": "1961"}, "A patient born 1961."),
        ({}, "A patient of unknown age."),
        ({"age": 50, "encounter": "IMP"}, "A patient aged 50, in hospital."),
        ({"age": 50, "encounter": "HH", "dead": True}, "A patient aged 50, HH, dead."),
        ({"hook": "patient-view"}, "The chart is opened. A patient of unknown age."),
        ({"unknown": ["labs", "patient"]}, "Not supplied: laboratory results, who the patient is."),
        ({"partial": ["labs"]}, "Supplied only in part: laboratory results."),
        ({"switches": ["a.b"]}, "Turned on: a.b."),
        ({"ordered": [{"test": "sodium", "days_ago": 0}]}, "Tests under way: serum sodium ordered today."),
    ],
)
def test_who_the_patient_is(parts: dict[str, Any], words: str) -> None:
    """Age, sex, encounter, what was not supplied and which tests are under way."""
    assert words in _case(**parts)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"drug": "baclofen", "mg": 5, "times": 2}, "baclofen 5 mg twice a day"),
        ({"drug": "baclofen", "mg": 5, "times": 6}, "baclofen 5 mg 6 times a day"),
        ({"drug": "baclofen", "mg": 5}, "baclofen 5 mg"),
        (
            {"drug": "magnesium", "salt": "magnesium oxide", "pieces": 2, "strength": 400, "times": 1},
            "magnesium oxide 2 pieces of 400 mg once a day",
        ),
        ({"drug": "albumin", "mg": 20000, "a_week": 1}, "albumin 20000 mg once a week"),
        ({"drug": "baclofen", "steps": [[10, 7], [5, 0]]}, "baclofen 10 mg a day for 7 days, then 5 mg a day"),
        (
            {"drug": "baclofen", "reason": ["muscle-cramp", "cirrhosis"]},
            "baclofen for muscle cramp and cirrhosis of the liver",
        ),
        ({"drug": "baclofen", "reason_text": "legs"}, "baclofen for \u201clegs\u201d"),
        ({"drug": "baclofen", "by_name": True}, "baclofen by its name only"),
        ({"drug": "baclofen", "unresolved": True}, "a drug that cannot be looked up (baclofen)"),
        ({"drug": "magnesium", "of": "magnesium-antacids"}, "magnesium (magnesium antacids)"),
        ({"drug": "baclofen", "evening": False, "single": False}, "baclofen not in the evening"),
        ({"drug": "baclofen", "evening": True, "single": True}, "baclofen in the evening as a single dose"),
        ({"drug": "baclofen", "supply_days": 30, "refills": 1}, "baclofen with a supply for 30 days and 1 refill"),
        ({"drug": "baclofen", "selected": False}, "baclofen (not the order that is being chosen)"),
        ({"drug": "baclofen", "days_ago": -1}, "baclofen ordered 1 day ahead"),
    ],
)
def test_how_an_order_is_told(row: dict[str, Any], words: str) -> None:
    """Drug, dose, how often and why, as a clinician would say it."""
    assert described(row, DRUG) == words


def test_how_a_result_is_told() -> None:
    """Value, unit without the marks of UCUM, day, and the laboratory's own limits."""
    egfr = {"test": "egfr", "value": 59, "days_ago": 10, "equation": "older"}
    assert described(egfr, RESULT) == "eGFR by an older equation 59 mL/min/1.73 m2 10 days ago"
    low = {"test": "magnesium", "value": 0.7, "unit": "mmol/L", "low": 0.75, "days_ago": 1, "flag": "L"}
    assert described(low, RESULT) == (
        "serum magnesium 0.7 mmol/L flagged low (lower limit of the laboratory 0.75 mmol/L) 1 day ago"
    )
