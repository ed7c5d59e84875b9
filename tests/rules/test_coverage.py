"""Every line of the guideline is traced to the rules that carry it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.evidence import guideline, notes
from cds_service.rules import RULES, Carried, Rule, coverage

# Which lines a rule carries, headings traced to the rules of their section; a rule may cite more than these.
LINES = {
    "albumin-cramp-dose": (29,),
    "baclofen-abrupt-stop": (8, 44, 48),
    "baclofen-adverse-effect-review": (7, 25, 49, 50),
    "baclofen-cirrhosis-monitoring": (28, 30, 51),
    "baclofen-dose-unreadable": (2,),
    "baclofen-he-history": (30,),
    "baclofen-he-review": (30,),
    "baclofen-max-dose": (2, 6, 28),
    "baclofen-older-adult-dose": (5, 22, 23, 24, 25),
    "baclofen-renal": (22, 32, 33),
    "baclofen-renal-unknown": (33,),
    "baclofen-start-checklist": (2, 3, 7, 8, 10, 11, 12, 13, 14, 25, 50),
    "baclofen-start-dose": (2, 5),
    "baclofen-titration": (2, 6),
    "benzodiazepine-cramps-second-line": (4, 35, 36, 38),
    "benzodiazepine-older-adult": (38,),
    "benzodiazepine-opioid-combination": (44, 47),
    "cirrhosis-cramps-diuretic": (29, 31),
    "cirrhosis-cramps-options": (22, 27, 28, 29),
    "cirrhosis-treatment-labs-due": (49, 51),
    "cramps-baclofen-option": (1, 2, 3, 4),
    "cramps-nonpharmacological": (1, 2, 9, 10, 11, 12, 13, 14, 39, 40, 41, 42, 43),
    "cyclobenzaprine-cramps": (46,),
    "cyclobenzaprine-older-adult": (23, 26, 44, 46),
    "electrolyte-check-missing": (15, 16, 52),
    "electrolyte-correct-first": (2, 15, 16, 17, 18, 21),
    "electrolyte-recheck-due": (49, 52),
    "magnesium-hypermagnesemia": (20, 45),
    "magnesium-level-not-documented": (16, 44, 45),
    "magnesium-monitoring-due": (20, 34, 52),
    "magnesium-normal-level": (19, 45),
    "magnesium-renal-moderate": (20, 34),
    "magnesium-renal-severe": (20, 32, 34, 45),
    "magnesium-renal-unknown": (20, 45),
    "magnesium-repletion-dose": (17,),
    "magnesium-volume-first": (21,),
    "methocarbamol-second-line": (4, 35, 36, 37),
    "opioid-use-disorder-benzodiazepine": (47,),
}


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.id in LINES], ids=lambda rule: rule.id)
def test_a_rule_cites_the_lines_that_it_carries(rule: Rule) -> None:
    """A rule of the table cites at least all of its lines."""
    assert {f"cramp:L{line}" for line in LINES[rule.id]} <= set(rule.cites)


def test_the_table_leaves_no_line_out() -> None:
    """Each of the guideline's lines has a rule that must cite it."""
    assert {line for lines in LINES.values() for line in lines} == {line.number for line in guideline()}


@pytest.mark.parametrize("carried", coverage(RULES), ids=lambda carried: carried.line.id)
def test_every_line_of_the_guideline_is_carried(carried: Carried) -> None:
    """A rule carries the line, or the line says why none can."""
    assert not carried.is_open, carried.line.text


def test_the_table_and_the_rules_agree() -> None:
    """Each rule of the table exists, and a rule outside of it, added to the guideline, cites none of its lines."""
    assert set(LINES) <= {rule.id for rule in RULES}
    added = [rule for rule in RULES if rule.id not in LINES]
    assert not [rule.id for rule in added if any(cited.startswith("cramp:") for cited in rule.cites)]


def test_every_note_is_carried() -> None:
    """Every evidence note but that on the guideline as a whole stands on the page of a rule."""
    assert {id for rule in RULES for id in rule.notes} == set(notes()) - {"provenance"}


def test_a_line_has_the_rules_that_cite_it() -> None:
    """Lines stand in order, and each has those of the rules that cite it, in theirs."""
    one = replace(RULES[0], cites=("cramp:L2",))
    two = replace(RULES[0], cites=("beers-2023", "cramp:L4", "cramp:L2", "cramp:L1"))
    found = coverage([one, two])
    assert [carried.line for carried in found] == list(guideline())
    assert [carried.rules for carried in found[:4]] == [(two,), (one, two), (), (two,)]


def test_a_number_alone_carries_no_line() -> None:
    """A rule that only borrows a number from a line does not carry that line."""
    borrowing = replace(RULES[0], cites=(), thresholds=(replace(RULES[0].thresholds[0], cites="cramp:L29"),))
    assert all(not carried.rules for carried in coverage([borrowing]))


def test_a_line_without_a_rule_is_open_unless_it_says_why() -> None:
    """A line is open until a rule cites it, or it tells why no rule can."""
    line = guideline()[0]
    assert Carried(line, ()).is_open
    assert not Carried(line, (RULES[0],)).is_open
    assert not Carried(replace(line, not_computable="It speaks of nothing on record."), ()).is_open


def test_no_line_says_that_it_cannot_be_carried_while_it_is() -> None:
    """A reason why no rule can carry a line is not kept once one does."""
    assert not [carried.line.id for carried in coverage(RULES) if carried.rules and carried.line.not_computable]
