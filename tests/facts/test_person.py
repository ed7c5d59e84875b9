"""Age in full years: a birthday counts, an incomplete birth date gives a range."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.facts import Age, Person
from cds_service.facts.person import full_years
from cds_service.fhir.dates import days

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        (date(1961, 11, 22), TODAY, 65),
        (date(1961, 11, 23), TODAY, 64),
        (date(1961, 11, 21), TODAY, 65),
        (date(1961, 12, 1), TODAY, 64),
        (date(2008, 11, 22), TODAY, 18),
        (date(2008, 11, 23), TODAY, 17),
        (date(2004, 2, 29), date(2022, 2, 28), 17),
        (date(2004, 2, 29), date(2022, 3, 1), 18),
        (date(2004, 2, 29), date(2024, 2, 29), 20),
        (TODAY, TODAY, 0),
    ],
)
def test_a_birthday_counts(born: date, on: date, years: int) -> None:
    """A year of life is complete on the birthday itself; 29 February is reached on 1 March (rules 1.2)."""
    assert full_years(born, on) == years


@pytest.mark.parametrize(
    ("birth_date", "age", "incomplete", "told"),
    [
        ("1961-11-22", Age(65, 65), False, "65"),
        ("1961-11", Age(64, 65), True, "64 or 65"),
        ("1961", Age(64, 65), True, "64 or 65"),
        ("1961-10", Age(65, 65), False, "65"),
        ("1961-12", Age(64, 64), False, "64"),
        ("2008", Age(17, 18), True, "17 or 18"),
        ("1904-02", Age(122, 122), False, "122"),
    ],
)
def test_an_incomplete_birth_date_gives_a_range(birth_date: str, age: Age, incomplete: bool, told: str) -> None:
    """A year or a month allows a youngest and an oldest age, told only where they differ."""
    found = Person(days(birth_date)).age(TODAY)
    assert found == age
    assert found is not None
    assert (found.incomplete, str(found)) == (incomplete, told)


def test_without_a_birth_date_there_is_no_age() -> None:
    """An unknown birth date gives no age, and nobody is dead unless the record says so."""
    assert Person().age(TODAY) is None
    assert not Person().deceased


@settings(max_examples=100, deadline=None)
@given(
    st.dates(date(1, 1, 1), date(9999, 12, 31)),
    st.dates(date(1, 1, 1), date(9999, 12, 31)),
    st.sampled_from([4, 7, 10]),
)
def test_the_youngest_is_never_older_than_the_oldest(born: date, on: date, precision: int) -> None:
    """Whatever the precision of a birth date, its youngest age is at most its oldest."""
    found = Person(days(born.isoformat()[:precision])).age(on)
    assert found is not None
    assert found.youngest <= full_years(born, on) <= found.oldest
    assert found.oldest - found.youngest <= 1
