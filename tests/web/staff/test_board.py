"""The figures of a period: by rule and by week, and the three questions."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cds_service.cards.reasons import DISPLAYS
from cds_service.cards.unchecked import NOT_EVALUATED
from cds_service.rules import RULES
from cds_service.store.counts import Wanted
from cds_service.store.database import Database
from cds_service.store.entries import ShownCard
from cds_service.store.memory import Tally
from cds_service.web.staff.board import WRONG, Board, Sums, board, missing, one_rule, title
from tests.support.stored import NOON, SERVICE, call_entry, counted, feedback_entry, fill
from tests.support.stored import shown_card as any_card

MONDAY = date(2026, 11, 16)
DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
PERIOD = Wanted(MONDAY - WEEK, MONDAY + 6 * DAY)
VIEW = "cramp-patient-view"
# A rule that is not asked when a chart is opened.
RULE = "albumin-cramp-dose"


def calls(number: int, service: str = SERVICE) -> Tally:
    """So many calls of a service."""
    return {(NOON.date(), service, "", "call", "", ""): (number, 1.0 * number)}


def shown_card(number: int, rule: str = RULE) -> ShownCard:
    """The card of that number."""
    return any_card(number, rule)


def read(database: Database, wanted: Wanted = PERIOD) -> Board:
    """The figures of all rules."""
    with database.reading() as connection:
        return board(connection, wanted)


def read_one(database: Database, rule: str, wanted: Wanted = PERIOD) -> Board:
    """The figures of one rule."""
    with database.reading() as connection:
        return one_rule(connection, wanted, rule)


@pytest.fixture
def filled(database: Database) -> Database:
    """Two rules in two weeks, of which one is asked when orders are signed only."""
    fill(
        database,
        call_entry(*(shown_card(number) for number in range(1, 5)), milliseconds=4.0),
        call_entry(*(shown_card(number, "magnesium-normal-level") for number in range(5, 7)), milliseconds=2.0),
        call_entry(shown_card(7), at=NOON - WEEK, milliseconds=9.0),
        feedback_entry(1, at=NOON + timedelta(seconds=4), reason_code="data-outdated-or-wrong"),
        feedback_entry(2, at=NOON + timedelta(seconds=8), reason_code="not-taking"),
        feedback_entry(3, "accepted"),
        feedback_entry(5, reason_code="specialist-advice"),
        counted("not-evaluated", 7, RULE, "conditions"),
        counted("not-evaluated", 2, "magnesium-normal-level", "magnesium"),
        counted("suppressed", 3, RULE, "override"),
        counted("shadow", 5, RULE),
        counted("failed", 1),
        calls(40),
        calls(60, VIEW),
    )
    return database


def test_a_rule_has_its_figures(filled: Database) -> None:
    """What was shown and done, why, what was missing, and how long it took."""
    mine = read(filled).rules[RULE]
    assert (mine.shown, mine.accepted, mine.overridden, mine.unanswered) == (5, 1, 2, 2)
    assert mine.why == (("data-outdated-or-wrong", 1), ("not-taking", 1))
    assert mine.wanted == ((missing("conditions"), 7),)
    assert missing("conditions") == "the problem list"
    assert (mine.unchecked, mine.suppressed, mine.shadow, mine.wrong) == (7, 3, 5, 2)
    assert mine.took == pytest.approx((4 * 4.0 + 9.0) / 5)
    assert mine.waited == pytest.approx((4 + 8 + 0) / 3, abs=0.01)
    assert mine.share(mine.overridden) == pytest.approx(40)


def test_a_rule_is_held_against_calls_that_could_show_it(filled: Database) -> None:
    """Where it is asked for orders only, calls of an open chart do not count. The card of what could not be checked may
    come with every call."""
    fill(filled, call_entry(shown_card(8, NOT_EVALUATED)))
    found = read(filled)
    assert found.rules[RULE].calls == 40
    assert found.rules[RULE].rate == pytest.approx(100 * 5 / 40)
    assert found.rules[NOT_EVALUATED].calls == 100
    assert found.all.calls == 100
    assert found.all.failed == 1


def test_every_week_is_there(filled: Database) -> None:
    """Also one in which nothing happened: it tells that nobody asked."""
    weeks = read(filled, Wanted(MONDAY - 2 * WEEK, MONDAY + WEEK)).weeks
    assert list(weeks) == [MONDAY - 2 * WEEK, MONDAY - WEEK, MONDAY, MONDAY + WEEK]
    assert [week.shown for week in weeks.values()] == [0, 1, 6, 0]
    assert [week.calls for week in weeks.values()] == [0, 0, 100, 0]
    assert weeks[MONDAY - 2 * WEEK].rate is None


def test_one_rule_has_the_same_figures(filled: Database) -> None:
    """By week and all together, those of the table of all rules."""
    whole, alone = read(filled), read_one(filled, RULE)
    assert alone.all == alone.rules[RULE] == whole.rules[RULE]
    assert [week.shown for week in alone.weeks.values()] == [1, 4]
    assert [week.calls for week in alone.weeks.values()] == [0, 40]


def test_a_rule_that_is_not_ours_is_told_by_its_id(filled: Database) -> None:
    """One that an earlier version had: its calls are all there were."""
    fill(filled, call_entry(shown_card(8, "retired-rule")))
    assert title("retired-rule") == "retired-rule"
    assert title(RULE) == next(rule.title for rule in RULES if rule.id == RULE)
    assert read_one(filled, "retired-rule").all.calls == 100
    assert missing("retired-need") == "retired-need"


def test_a_hook_that_a_rule_does_not_serve_leaves_nothing(filled: Database) -> None:
    """Asked for open charts alone, it has neither cards nor calls."""
    wanted = Wanted(PERIOD.since, PERIOD.until, services=(VIEW,))
    assert read_one(filled, RULE, wanted).all == Sums()
    assert RULE not in read(filled, wanted).rules


def test_the_three_questions_are_answered(filled: Database) -> None:
    """Which is overridden most, of which the data are said to be wrong, and what could not be checked: the largest
    number first, and none of which it is 0."""
    found = read(filled)
    assert [rule for rule, _ in found.overridden_most] == [RULE, "magnesium-normal-level"]
    assert [rule for rule, _ in found.wrong_most] == [RULE]
    assert [(rule, one.unchecked) for rule, one in found.unchecked_most] == [(RULE, 7), ("magnesium-normal-level", 2)]
    assert set(WRONG) <= set(DISPLAYS)


def test_only_the_first_are_named(database: Database) -> None:
    """Of many rules the three with the largest numbers; of equal ones the first by name."""
    fill(database, *(counted("not-evaluated", 2, rule.id, "patient") for rule in RULES))
    ids = sorted(rule.id for rule in RULES)
    assert [rule for rule, _ in read(database).unchecked_most] == ids[:3]


def test_nothing_can_be_told(database: Database) -> None:
    """An empty database has weeks without a number, and no answer is invented."""
    found = read(database)
    assert found.rules == {}
    assert (found.overridden_most, found.wrong_most, found.unchecked_most) == ((), (), ())
    assert (found.all.rate, found.all.took, found.all.waited, found.all.share(0)) == (None, None, None, None)


def test_the_rule_that_is_shown_most_stands_first(filled: Database) -> None:
    """Then the others by how often they were shown, and by how often they could not be evaluated."""
    fill(filled, counted("not-evaluated", 1, "baclofen-renal", "patient"))
    assert list(read(filled).rules) == [RULE, "magnesium-normal-level", "baclofen-renal"]
