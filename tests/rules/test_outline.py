"""Outline: whether a rule may speak is told before any facts are made, and never too little."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.evidence import Edition, applied
from cds_service.facts import CONDITIONS, MAGNESIUM_LEVEL, MEDICATIONS, Need, Person
from cds_service.rules import RULES, Outline, may_speak

DAY = date(2026, 11, 22)
CRAMP = "muscle-cramp"


def _alone(rule: str) -> Edition:
    return Edition(stages={one.id: "off" for one in RULES if one.id != rule})


def _may(
    rule: str, hook: str, *named: str, unmet: tuple[Need, ...] = (), born: str = "1980-01-01", **more: Any
) -> bool:
    """Whether one rule may speak of these value sets; `more` are others that are there, and what the outline tells."""
    there = frozenset({*named, *more.pop("also", ())})
    first = date.fromisoformat(born) if born else None
    person = Person((first, first) if first else None)
    with applied(_alone(rule)):
        return may_speak(hook, frozenset(named), Outline(there, frozenset(unmet), person, DAY, **more))


def test_a_rule_whose_triggers_are_not_there() -> None:
    """It has nothing to say, whatever else is there and whatever is not known."""
    assert _may("cyclobenzaprine-cramps", "order-sign", "cyclobenzaprine", also=[CRAMP])
    assert not _may("cyclobenzaprine-cramps", "order-sign", "opioids", also=["cyclobenzaprine", CRAMP])
    assert not _may("cyclobenzaprine-cramps", "order-sign", "opioids", unmet=(CONDITIONS,))


def test_what_must_be_there_together() -> None:
    """A list that is not known may hold what is lacking; results tell nothing of it."""
    assert not _may("electrolyte-correct-first", "order-sign", "baclofen")
    assert not _may("electrolyte-correct-first", "order-sign", "baclofen", unmet=(MAGNESIUM_LEVEL,))
    assert _may("electrolyte-correct-first", "order-sign", "baclofen", unmet=(CONDITIONS,))


@pytest.mark.parametrize(
    ("rule", "ages"),
    [
        ("cyclobenzaprine-older-adult", {"2010-01-01": False, "1980-01-01": False, "1960-01-01": True, "": True}),
        ("cyclobenzaprine-cramps", {"2010-01-01": False, "1980-01-01": True, "1960-01-01": False, "": True}),
    ],
)
def test_ages(rule: str, ages: dict[str, bool]) -> None:
    """Of children none speaks, of others those of their age; an unknown age may be any, and where something is not
    known it is not the age that decides."""
    for born, may in ages.items():
        assert _may(rule, "order-sign", "cyclobenzaprine", also=[CRAMP], born=born) is may, born
        assert _may(rule, "order-sign", "cyclobenzaprine", also=[CRAMP], born=born, unmet=(MEDICATIONS, CONDITIONS))


def test_results_that_are_too_old() -> None:
    """A rule about results is silent without a new one, unless results are not known."""
    recheck = "electrolyte-recheck-due", "patient-view", "potassium-supplements"
    assert _may(*recheck)
    assert _may(*recheck, newest=date(2026, 11, 1))
    assert not _may(*recheck, newest=date(2026, 1, 1))
    assert _may(*recheck, newest=date(2026, 1, 1), unmet=(MAGNESIUM_LEVEL,))


def test_concerns_of_long_ago() -> None:
    """As a chart is opened only what was recorded lately concerns some rules, or at an unknown time."""
    handout = "cramps-nonpharmacological", "patient-view", CRAMP
    assert _may(*handout)
    assert _may(*handout, recorded={CRAMP: date(2026, 11, 1)})
    assert _may(*handout, recorded={})
    assert not _may(*handout, recorded={CRAMP: date(2020, 1, 1)})
    assert _may("electrolyte-check-missing", "order-sign", "baclofen", also=[CRAMP], recorded={CRAMP: date(2020, 1, 1)})
