"""The same card and the same draft are known again, and whatever matters of them makes another one."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from cds_service.cards.identity import same_card, same_order
from cds_service.cards.ration import Shown
from cds_service.facts import KIDNEY_FUNCTION, Drug, Medication, ProposedOrder, Snapshot
from cds_service.facts.dose import Line
from cds_service.facts.kidney import Band
from cds_service.rules import Answer, Finding, Message, Rule
from cds_service.terminology import Entry
from tests.cards.made import BY_NAME, CYCLOBENZAPRINE, rule
from tests.fhir.resources import TODAY

BACLOFEN = Drug((Entry("baclofen", "baclofen"),), "baclofen 10 mg")
ONE, TWO = Line(mg=5, times=1), Line(mg=10, times=1)
MESSAGES = {name: Message("warning", name, name) for name in ("one", "two")}
MESSAGES |= {"mild": Message("info", "mild", "mild", reason="one"), "same": Message("warning", "s", "s", reason="one")}
FACTS = Snapshot(TODAY, TODAY)


def _draft(drug: Drug = CYCLOBENZAPRINE, *lines: Line, id: str = "d1", **more: Any) -> ProposedOrder:
    told = lines or (ONE,)
    parts: dict[str, Any] = {"reference": f"MedicationRequest/{id}", "written": TODAY, "dosage": lambda: told} | more
    return ProposedOrder(drug, **parts)


def _answer(made: Rule, *about: Medication, message: str = "one") -> Answer:
    return Answer(made, "finding", (Finding(message, about),))


def _rule(id: str = "a") -> Rule:
    return rule(id, messages=MESSAGES)


def _shown(*about: Medication, message: str = "one", also: tuple[Answer, ...] = ()) -> Shown:
    return Shown(_answer(_rule(), *about, message=message), also)


def _facts(band: Band) -> Snapshot:
    facts = Snapshot(TODAY, TODAY)
    facts.__dict__["kidney"] = replace(FACTS.kidney, band=band)
    return facts


PLAIN = _shown(_draft())
MERGED = _answer(_rule("b"), _draft())


def test_the_same_call_gives_the_same_identity() -> None:
    """What is made anew of the same call is the same card and the same draft."""
    assert same_card(_shown(_draft()), Snapshot(TODAY, TODAY)) == same_card(PLAIN, FACTS)
    assert same_order(_shown(_draft())) == same_order(PLAIN) != ()


@pytest.mark.parametrize(
    "other",
    [
        _shown(_draft(CYCLOBENZAPRINE, TWO)),
        _shown(_draft(CYCLOBENZAPRINE, replace(ONE, times=2))),
        _shown(_draft(CYCLOBENZAPRINE, replace(ONE, times=None))),
        _shown(_draft(CYCLOBENZAPRINE, ONE, ONE)),
        _shown(_draft(BACLOFEN)),
        _shown(_draft(replace(CYCLOBENZAPRINE, entries=(*CYCLOBENZAPRINE.entries, *BACLOFEN.entries)))),
        _shown(_draft(), _draft(BACLOFEN)),
        _shown(),
        _shown(_draft(), message="two"),
        _shown(_draft(), message="mild"),
        _shown(_draft(BY_NAME), message="mild"),
        _shown(_draft(), also=(MERGED,)),
        Shown(_answer(_rule("b"), _draft())),
    ],
)
def test_what_matters_makes_another_card(other: Shown) -> None:
    """Another dose, ingredient, reason, indicator, rule or merged rule is another card."""
    assert same_card(other, FACTS) != same_card(PLAIN, FACTS)


@pytest.mark.parametrize(
    "other",
    [
        replace(MERGED, rule=_rule("c")),
        _answer(_rule("b"), _draft(), message="two"),
        _answer(_rule("b"), _draft(CYCLOBENZAPRINE, TWO)),
        _answer(_rule("b"), _draft(), _draft(BACLOFEN)),
    ],
)
def test_what_matters_of_a_merged_rule_makes_another_card(other: Answer) -> None:
    """The reasons and the doses of a rule that is told on the card are a part of it."""
    first, changed = (same_card(_shown(_draft(), also=(one,)), FACTS) for one in (MERGED, other))
    assert first != changed


def test_another_kidney_function_makes_another_card() -> None:
    """Each band of kidney function is another card where a rule looks at it, and none where no rule does."""
    looking = Shown(_answer(replace(_rule(), reads=(KIDNEY_FUNCTION,)), _draft()))
    assert len({same_card(looking, _facts(band)) for band in Band}) == len(Band)
    assert len({same_card(PLAIN, _facts(band)) for band in Band}) == 1


def test_the_next_step_of_a_taper_makes_another_card() -> None:
    """The dose is that of the day."""
    steps = (replace(TWO, sequence=1, days=7), replace(ONE, sequence=2))
    taper = _shown(_draft(CYCLOBENZAPRINE, *steps, start=TODAY))
    first, same, next_one = (Snapshot(TODAY + timedelta(days=days), TODAY) for days in (0, 6, 7))
    assert same_card(taper, first) == same_card(taper, same) != same_card(taper, next_one)


@pytest.mark.parametrize(
    "other",
    [
        _shown(_draft(id="d2")),
        _shown(_draft(written=TODAY - timedelta(days=1), start=TODAY)),
        _shown(_draft(replace(CYCLOBENZAPRINE, name="Cyclobenzaprine HCl"))),
        _shown(_draft(CYCLOBENZAPRINE, Line(mg=2.5, times=2))),
        _shown(Medication(CYCLOBENZAPRINE, dosage=lambda: (ONE,))),
        _shown(_draft(), message="same"),
    ],
)
def test_what_does_not_matter_leaves_the_card(other: Shown) -> None:
    """Another id, day or name of the order, the same dose in other parts, or another wording of the reason does not."""
    assert same_card(other, FACTS) == same_card(PLAIN, FACTS)


def test_the_order_of_sending_does_not_matter() -> None:
    """Neither the order of drafts nor that of merged rules makes another card or draft."""
    drafts, rules = (_draft(), _draft(BACLOFEN, id="d2")), (MERGED, replace(MERGED, rule=_rule("c")))
    one, other = _shown(*drafts, also=rules), _shown(*reversed(drafts), also=rules[::-1])
    assert same_card(one, FACTS) == same_card(other, FACTS)
    assert same_order(one) == same_order(other)
    assert len(same_order(one)) == 2


def _earlier(line: Line, **more: Any) -> Line:
    return replace(line, start=TODAY - timedelta(days=3), end=TODAY + timedelta(days=4), **more)


def test_the_days_of_a_draft_do_not_matter() -> None:
    """A client that writes its draft anew, on another day, has the same draft."""
    week = replace(ONE, start=TODAY, end=TODAY + timedelta(days=7))
    later: date = TODAY + timedelta(days=9)
    one = _shown(_draft(CYCLOBENZAPRINE, week, start=TODAY))
    assert same_order(one) == same_order(_shown(_draft(CYCLOBENZAPRINE, _earlier(ONE), written=later, end=later)))


@pytest.mark.parametrize(
    "more",
    [
        {"dosage": lambda: (TWO,)},
        {"dosage": lambda: (replace(ONE, times=2),)},
        {"dosage": lambda: (replace(ONE, most=5),)},
        {"dosage": lambda: (replace(ONE, sequence=1),)},
        {"dosage": lambda: (replace(ONE, days=7),)},
        {"dosage": lambda: (replace(ONE, evening=True),)},
        {"dosage": lambda: (Line(mmol=5, times=1),)},
        {"dosage": lambda: (ONE, ONE)},
        {"routes": frozenset({"parenteral"})},
        {"days": 7.0},
        {"single": True},
        {"infusion": True},
        {"stops": True},
        {"reference": "MedicationRequest/d2"},
        {"drug": BACLOFEN},
        {"drug": replace(CYCLOBENZAPRINE, name="cyclobenzaprine 5 mg")},
    ],
)
def test_what_matters_makes_another_draft(more: Any) -> None:
    """Another dose, route, length, product or id is another draft."""
    changed = replace(_draft(), **more)
    assert same_order(_shown(changed)) != same_order(PLAIN)


def test_what_is_no_draft_is_no_part_of_it() -> None:
    """What stands on the list changes the card and not the draft; without a draft there is none."""
    listed = Medication(BACLOFEN)
    assert same_order(_shown(_draft(), listed)) == same_order(PLAIN)
    assert same_order(_shown(listed)) == ()


def test_every_process_finds_the_same() -> None:
    """Neither depends on the order of a set, which differs from one worker to the next."""
    code = """
from cds_service.cards.identity import same_card, same_order
from tests.cards.test_identity import FACTS, Drug, Entry, _draft, _shown
shown = _shown(_draft(routes=frozenset("abcdefgh"), drug=Drug(tuple(Entry(x, x) for x in "abcdefgh"))))
print(same_card(shown, FACTS), same_order(shown))
"""
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
            timeout=60,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(found) == 1
