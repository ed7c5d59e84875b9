"""The search for drugs: what a few letters find, in the order in which a prescriber looks for it."""

from __future__ import annotations

import pytest

from cds_service.terminology import RXNORM, SNOMED_CT, by_code, named
from cds_service.web.drugs import MOST, drug, search


def test_a_few_letters_find_the_plain_products_first() -> None:
    """The ingredient, then its tablets from weak to strong, and brands after all others."""
    names = [found.name for found in search("bac")]
    assert names[:3] == ["Baclofen", "baclofen 5 MG Oral Tablet", "baclofen 10 MG Oral Tablet"]
    branded = ["[" in name for name in names]
    assert branded == sorted(branded)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("baclofen 10 MG Oral Tablet", "197391"),
        ("BACLOFEN 10 oral", "197391"),
        ("lioresal", "202109"),
        ("magnesium oxide 400", "252430"),
        ("  loraz  ", "6470"),
    ],
)
def test_every_word_begins_a_word_of_the_name(text: str, expected: str) -> None:
    """Words may be in any case and cut short, and a brand is found by its own name."""
    assert expected in [found.code for found in search(text)]


@pytest.mark.parametrize("text", ["", "   ", "amoxicillin", "aclofen", "<script>", "baclofen lorazepam"])
def test_what_is_not_of_the_guideline_is_not_found(text: str) -> None:
    """Nothing is guessed."""
    assert search(text) == []


def test_a_search_finds_no_more_than_can_be_read() -> None:
    """A letter that many names begin with finds the first ones."""
    assert len(search("m")) == MOST


@pytest.mark.parametrize(
    ("code", "piece"),
    [("1292", "mg"), ("197391", "tablet"), ("252430", "capsule"), ("250976", "mL")],
)
def test_a_product_knows_how_it_is_dosed(code: str, piece: str) -> None:
    """Tablets and capsules are counted, solutions measured, and an ingredient is told by its mass."""
    found = drug(code)
    assert found is not None
    assert found.piece == piece


def test_only_names_that_may_ship_are_shown() -> None:
    """Every name is of RxNorm, is a product of a value set, and none is of SNOMED CT."""
    assert {coding.system for coding, _ in named()} == {RXNORM}
    found = [one for letter in "abcdefghijklmnopqrstuvwxyz" for one in search(letter)]
    assert found
    assert all(by_code(RXNORM, one.code) and not by_code(SNOMED_CT, one.code) for one in found)


def test_an_unknown_code_is_no_drug() -> None:
    """A code that was never found names nothing; neither does a product that is injected."""
    assert drug("0") is None
    assert drug("") is None
    assert "Injection" not in " ".join(found.name for found in search("baclofen"))
