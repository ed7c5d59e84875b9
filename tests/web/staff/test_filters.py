"""What of the figures is asked for: as it stands in an address, rightly or not."""

from __future__ import annotations

from datetime import date
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cds_service.store.counts import Wanted
from cds_service.web.staff.filters import BadFilter, Filter, chosen, month

TODAY = date(2026, 11, 18)


def test_a_quarter_of_a_year_is_usual() -> None:
    """Thirteen whole weeks, the present one included, of everything."""
    assert chosen({}, TODAY) == Filter(date(2026, 8, 24), TODAY)
    assert chosen({}, TODAY).wanted == Wanted(date(2026, 8, 24), TODAY)


def test_a_choice_is_read() -> None:
    """Days, client and hook; a client without a name is one, and not all."""
    told = {"from": "2026-01-01", "to": "2026-01-31", "client": "", "hook": "order-sign"}
    assert chosen(told, TODAY).wanted == Wanted(date(2026, 1, 1), date(2026, 1, 31), "", ("cramp-order-sign",))


@given(st.dates(date(1990, 1, 1), date(2050, 1, 1)), st.integers(0, 2000), st.text(max_size=100), st.booleans())
def test_a_choice_can_be_handed_on(since: date, days: int, client: str, signing: bool) -> None:
    """What another page's address carries is read as the same choice."""
    made = Filter(since, date.fromordinal(since.toordinal() + days), client, "order-sign" if signing else "")
    assert chosen(dict(parse_qsl(made.query, keep_blank_values=True)), TODAY) == made


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"from": "yesterday"}, "`from` is a day"),
        ({"to": "2026-02-30"}, "`to` is a day"),
        ({"from": "2026-02-03", "to": "2026-02-02"}, "is no period"),
        ({"from": "1999-02-03"}, "is no period"),
        ({"from": "0001-01-01"}, "from 1970 on"),
        ({"to": "9999-12-31"}, "from 1970 on"),
        ({"hook": "order-dispatch"}, "no such hook"),
    ],
)
def test_what_cannot_be_asked_is_said(told: dict[str, str], words: str) -> None:
    """With what to write instead."""
    with pytest.raises(BadFilter, match=words):
        chosen(told, TODAY)


@pytest.mark.parametrize(
    ("told", "first", "last"),
    [
        ("", "2026-10-01", "2026-10-31"),
        ("2026-02", "2026-02-01", "2026-02-28"),
        ("2028-02", "2028-02-01", "2028-02-29"),
        ("2026-12", "2026-12-01", "2026-12-31"),
    ],
)
def test_a_month_has_its_days(told: str, first: str, last: str) -> None:
    """All of them; without a word it is the last that is over."""
    assert month(told, TODAY) == Filter(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize("told", ["2026", "2026-13", "october", "9999-12", "2026-10-01"])
def test_what_is_no_month_is_said(told: str) -> None:
    """With how a month is written."""
    with pytest.raises(BadFilter, match="2026-10"):
        month(told, TODAY)
