"""Sign-off: what the site's file says, and whether the rule is still what was signed."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from cds_service.evidence import Edition, SignOff, applied
from cds_service.rules import RULES, Rule
from cds_service.store.database import Database
from cds_service.store.memory import Memory
from cds_service.web.app import create_app
from cds_service.web.fingerprint import fingerprint
from cds_service.web.settings import Settings
from cds_service.web.site import Site
from cds_service.web.staff.signoff import Standing, standings
from tests.support.stored import NOON
from tests.web.staff.made import STAFF, kept, logged_in

TODAY = date(2026, 11, 18)
RENAL = next(rule for rule in RULES if rule.id == "baclofen-renal")
QUININE = next(rule for rule in RULES if rule.id == "quinine-cramps")
LATE, SOON = date(2026, 11, 17), date(2026, 11, 19)


def standing(signed: dict[str, SignOff], values: dict[str, float] | None = None) -> list[Standing]:
    """All rules where these are signed off."""
    with applied(Edition(values or {}, {}, signed)):
        return standings(TODAY)


def signed(next_review: date, version: str = "") -> SignOff:
    """By the committee of the tests."""
    return SignOff("the committee", date(2026, 1, 1), next_review, version)


def test_nobody_has_signed_anything() -> None:
    """Unless a site says so: every rule is due when it was planned, and unchanged since nothing."""
    found = standing({})
    assert {one.rule.id for one in found} == {rule.id for rule in RULES}
    assert {(one.signed, one.changed, one.overdue) for one in found} == {(None, (), False)}


def test_overdue_ones_stand_first() -> None:
    """Then those that changed since, then by the day of the next review."""
    told = {RENAL.id: signed(SOON), QUININE.id: signed(LATE), RULES[0].id: signed(date(2030, 1, 1), "other")}
    first, second, third = standing(told)[:3]
    assert (first.rule, first.overdue) == (QUININE, True)
    assert (second.rule, second.overdue, second.changed) == (RULES[0], False, ("text", "numbers", "logic", "codes"))
    assert (third.rule, third.due) == (RENAL, SOON)


def test_a_review_on_its_day_is_not_overdue() -> None:
    """It is the day after."""
    assert not standing({RENAL.id: signed(TODAY)})[0].overdue


def test_a_rule_that_is_what_was_signed_is_unchanged() -> None:
    """And says so once a site changes a number of it: that is the part that is told."""
    told = {RENAL.id: signed(LATE, fingerprint(RENAL))}
    assert standing(told)[0].changed == ()
    number = next(one for one in RENAL.thresholds if one.within)
    assert standing(told, {number.key: number.within[0]})[0].changed == ("numbers",)


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (QUININE, "by the committee on 2026-01-01"),
        (QUININE, "overdue since 2026-11-17"),
        (RENAL, "unchanged"),
        (RULES[0], "changed: text, numbers, logic, codes"),
        (RULES[1], "not known: no version was stated"),
        (RULES[2], "by nobody"),
    ],
)
def test_the_page_tells_each_rule(database: Database, tmp_path: Path, rule: Rule, said: str) -> None:
    """In a row of its own."""
    told = {
        QUININE.id: signed(LATE, fingerprint(QUININE)),
        RENAL.id: signed(SOON, fingerprint(RENAL)),
        RULES[0].id: signed(SOON, "0.1"),
        RULES[1].id: signed(SOON),
    }
    site = Site(edition=Edition({}, {}, told), staff=STAFF)
    memory = Memory(kept(tmp_path), lambda: NOON)
    memory.start = lambda: None  # type: ignore[method-assign]
    staff = logged_in(create_app(Settings(site=site), memory))
    [row] = [row for row in staff.get("/dashboard/signoff?client=gone").text.split("<tr>") if f'/{rule.id}"' in row]
    assert said in row
