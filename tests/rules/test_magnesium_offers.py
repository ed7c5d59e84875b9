"""What the magnesium rules offer, beside what they say: tests that are missing, a hold, a removal, tablets at night."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cds_service.facts import Drug, Line, ProposedOrder
from cds_service.rules import Answer, Educate, Hold, OrderTests, Proposal, TakeAtNight, Withdraw
from cds_service.rules._magnesium import at_night
from cds_service.terminology import Content
from cds_service.web.examples.cases import Case, day
from cds_service.web.examples.played import judged
from tests.support.switches import turned_off

OXIDE = {"drug": "magnesium", "salt": "magnesium oxide", "reason": "muscle-cramp"}
TAKEN = {"drug": "magnesium", "salt": "magnesium oxide", "days_ago": 60}
BORN = day(50 * 366).isoformat()


def _mg(value: float, days_ago: int = 3) -> dict[str, Any]:
    return {"test": "magnesium", "value": value, "unit": "mg/dL", "days_ago": days_ago}


def _egfr(value: float, days_ago: int = 3) -> dict[str, Any]:
    return {"test": "egfr", "value": value, "days_ago": days_ago}


POTASSIUM = {"test": "potassium", "value": 4.1, "unit": "mmol/L", "days_ago": 3}


def _answer(rule: str, **parts: Any) -> Answer:
    parts = {"orders": [OXIDE]} | parts
    return judged(Case(rule=f"magnesium-{rule}", name="", expect=[], born=BORN, **parts))


def _offers(rule: str, **parts: Any) -> list[Proposal]:
    return [offer for finding in _answer(rule, **parts).findings for offer in finding.propose]


def _tests(rule: str, **parts: Any) -> list[OrderTests]:
    return [offer for offer in _offers(rule, **parts) if isinstance(offer, OrderTests)]


@pytest.mark.parametrize(
    ("labs", "expected"),
    [
        ([], ("magnesium", "creatinine", "potassium")),
        ([_egfr(90)], ("magnesium", "potassium")),
        ([_egfr(90), POTASSIUM], ("magnesium",)),
        ([_egfr(48, 90), POTASSIUM], ("magnesium",)),
        ([_egfr(48, 91), POTASSIUM], ("magnesium", "creatinine")),
        ([_egfr(90, 91), POTASSIUM], ("magnesium",)),
    ],
)
def test_without_a_level_the_missing_tests_are_offered(labs: list[Any], expected: tuple[str, ...]) -> None:
    """Magnesium first, then what is missing or stale; all of it recommended (rules 3.1 M4, 1.5)."""
    (offer,) = _tests("level-not-documented", labs=labs)
    assert (offer.tests, offer.recommended) == (expected, True)


def test_a_test_under_way_is_not_offered_again() -> None:
    """What was ordered these days, or is preliminary, is not ordered twice (rules 1.13)."""
    (offer,) = _tests("level-not-documented", ordered=[{"test": "magnesium"}, {"test": "creatinine"}])
    assert offer.tests == ("potassium",)
    every = [{"test": test} for test in ("magnesium", "creatinine", "potassium")]
    assert _tests("level-not-documented", ordered=every) == []


def test_a_pending_level_is_told() -> None:
    """The card says that a result is pending instead of asking for one."""
    (finding,) = _answer("level-not-documented", ordered=[{"test": "magnesium"}]).findings
    assert finding.values["action"] == "A result is pending: hold the supplement until it is there."
    (finding,) = _answer("level-not-documented").findings
    assert finding.values["action"].startswith("Order serum magnesium and creatinine;")


def test_why_a_result_does_not_decide_is_told() -> None:
    """A result that is too old, and one that could not be used, stand on the card with their days."""
    odd = _mg(1.4) | {"unit": "mg", "unused": "its unit is not understood: mg"}
    (finding,) = _answer("level-not-documented", labs=[odd, _mg(1.5, 91)]).findings
    assert finding.values["usable"] == "usable "
    assert f"A result of {day(3)} could not be used: its unit is not understood: mg." in finding.values["history"]
    assert f"The last result, 1.5 mg/dL on {day(91)}, is too old to decide." in finding.values["history"]


def test_a_result_of_another_specimen_is_not_told() -> None:
    """A urine magnesium is no serum magnesium that could not be used."""
    urine = _mg(1.4) | {"unused": "the specimen is not blood"}
    (finding,) = _answer("level-not-documented", labs=[urine]).findings
    assert (finding.values["usable"], finding.values["history"]) == ("", "")


@pytest.mark.parametrize(
    ("rule", "labs"),
    [
        ("hypermagnesemia", [_mg(2.9)]),
        ("renal-severe", [_egfr(20)]),
        ("normal-level", [_mg(2.0)]),
        ("level-not-documented", []),
    ],
)
def test_a_new_draft_may_be_removed_and_a_renewal_not(rule: str, labs: list[Any]) -> None:
    """A draft of what is taken already, in whatever salt, is no draft to remove (rules 11.17)."""
    removals = [offer for offer in _offers(rule, labs=labs) if isinstance(offer, Withdraw)]
    assert [offer.drug for offer in removals] == ["magnesium oxide"]
    citrate = TAKEN | {"salt": "magnesium citrate"}
    assert not [offer for offer in _offers(rule, labs=labs, taking=[citrate]) if isinstance(offer, Withdraw)]


def test_a_normal_level_recommends_removal_and_offers_stretching() -> None:
    """Where magnesium is not lacking, the first choice is to leave it out."""
    removal, lesson = _offers("normal-level", labs=[_mg(2.0)])
    assert isinstance(removal, Withdraw)
    assert removal.recommended
    assert lesson == Educate("stretching")


@pytest.mark.parametrize(
    ("labs", "problems", "held"),
    [
        ([], [], True),
        ([_mg(1.9)], [], True),
        ([_mg(1.3)], [], False),
        ([_mg(1.3, 200), _mg(1.9)], [], False),
        ([], [{"is": "hypomagnesaemia", "days_ago": 300}], False),
    ],
)
def test_treatment_of_a_low_level_is_not_held(labs: list[Any], problems: list[Any], held: bool) -> None:
    """With weak kidneys an order is held, unless low magnesium is documented or treated: then tests only (11.19)."""
    offers = _offers("renal-severe", hook="patient-view", labs=[_egfr(20), *labs], problems=problems, taking=[TAKEN])
    assert bool([offer for offer in offers if isinstance(offer, Hold)]) is held
    assert [offer.tests for offer in offers if isinstance(offer, OrderTests)] == [("magnesium", "creatinine")]


def test_a_statement_cannot_be_held() -> None:
    """What the patient only reports is no order that could be put on hold."""
    offers = _offers("hypermagnesemia", hook="patient-view", labs=[_mg(3.0)], taking=[TAKEN | {"stated": True}])
    assert [type(offer) for offer in offers] == [OrderTests]


def test_moderately_reduced_kidneys_are_checked_later() -> None:
    """Magnesium and creatinine are due in two weeks."""
    (offer,) = _offers("renal-moderate", labs=[_egfr(48)])
    assert offer == OrderTests(("magnesium", "creatinine"), 14)


def test_volume_first_offers_its_tests() -> None:
    """Sodium, potassium and creatinine of blood, and sodium of urine."""
    low = {"test": "sodium", "value": 130, "unit": "mmol/L", "days_ago": 3}
    (offer,) = _offers("volume-first", labs=[_mg(1.4), low])
    assert offer == OrderTests(("sodium", "potassium", "creatinine", "urine-sodium"))


@pytest.mark.parametrize(
    ("strength", "pieces", "times", "evening", "offered"),
    [
        (400, 1, 1, None, (2, 800)),
        (500, 1, 1, False, (1, 500)),
        (250, 1, 1, None, (2, 500)),
        (400, 3, 1, None, (2, 800)),
        (420, 1, 1, None, (2, 840)),
        (400, 2, 1, False, (2, 800)),
        (500, 3, 1, None, (1, 500)),
    ],
)
def test_a_dose_is_offered_in_whole_tablets(
    strength: int, pieces: int, times: int, evening: bool | None, offered: tuple[int, int]
) -> None:
    """The fewest tablets inside of the range, at night; a dose that is right but not at night stays (rules 11.19)."""
    order = OXIDE | {"of": "magnesium-supplements", "strength": strength, "pieces": pieces, "times": times}
    order |= {} if evening is None else {"evening": evening}
    (offer,) = _offers("repletion-dose", labs=[_mg(1.4), _egfr(90)], orders=[order])
    assert isinstance(offer, TakeAtNight)
    assert (offer.pieces, offer.mg, offer.drug) == (*offered, "magnesium oxide")


@pytest.mark.parametrize(
    "order",
    [
        OXIDE | {"mg": 400, "times": 1},
        OXIDE | {"salt": "magnesium chloride", "of": "magnesium-supplements", "strength": 535, "pieces": 1, "times": 1},
    ],
)
def test_no_dose_where_tablets_of_oxide_are_not_certain(order: dict[str, Any]) -> None:
    """The bare ingredient and another salt get no new dose."""
    answer = _answer("repletion-dose", labs=[_mg(1.4), _egfr(90)], orders=[order])
    assert [finding.message for finding in answer.findings] == ["dose-low"]
    assert [offer for finding in answer.findings for offer in finding.propose] == []


@pytest.mark.parametrize(
    ("content", "pieces"),
    [
        (Content(140, "1", "magnesium oxide", "MgO"), 4),
        (Content(100, "1", "magnesium oxide", "MgO"), None),
        (Content(2000, "1", "magnesium oxide", "MgO"), None),
        (Content(400, "mL", "magnesium oxide", "MgO"), None),
        (Content(400, "1", "", "MgO", combination=True), None),
    ],
)
def test_only_a_few_whole_pieces_are_offered(content: Content, pieces: int | None) -> None:
    """At most four pieces inside of the range, of a product that holds oxide alone; liquids are not counted."""
    order = ProposedOrder(Drug(content=content), dosage=lambda: (Line(mg=100, times=1),))
    assert [offer.pieces for offer in at_night(order, 11.64, 24.72, keep=False)] == ([] if pieces is None else [pieces])
    named = replace(order, drug=replace(order.drug, by_name=True))
    assert at_night(named, 11.64, 24.72, keep=False) == ()


def test_a_stale_kidney_function_asks_for_creatinine() -> None:
    """Where the dose was judged with an old, reduced eGFR, a new creatinine is offered with it (rules 1.5)."""
    high = OXIDE | {"mg": 500, "times": 2}
    for days_ago, expected in ((90, []), (91, [OrderTests(("creatinine",))])):
        offers = _offers("repletion-dose", labs=[_mg(1.4), _egfr(48, days_ago)], orders=[high])
        assert offers == expected


def test_an_egfr_that_leaves_the_band_open_is_not_told_as_missing() -> None:
    """Above 45 may be normal or not: kidney function is unknown, but nobody says that nothing is on file."""
    open_result = _egfr(45) | {"comparator": ">"}
    assert _answer("renal-unknown", labs=[_mg(1.4), open_result]).kind == "silent"
    assert _answer("renal-unknown", labs=[_mg(1.4)]).kind == "finding"


def test_the_old_dose_is_told_with_its_amount() -> None:
    """The card names the salt, the mass and the amount of the day."""
    (finding,) = _answer(
        "repletion-dose", labs=[_mg(1.4), _egfr(90)], orders=[OXIDE | {"mg": 400, "times": 1}]
    ).findings
    assert finding.values == {"salt": "Magnesium oxide", "dose": "400 mg = 9.9 mmol"}


def test_a_switch_leaves_other_products_alone() -> None:
    """With antacids, laxatives and preparations of the bowel switched off, only supplements are warned of."""
    laxative = {"drug": "magnesium", "of": "magnesium-laxatives"}
    before = _answer("renal-severe", labs=[_egfr(20)], orders=[laxative]).kind
    with turned_off("added.magnesiumNonSupplement"):
        after = _answer("renal-severe", labs=[_egfr(20)], orders=[laxative]).kind
        supplement = _answer("renal-severe", labs=[_egfr(20)]).kind
    assert (before, after, supplement) == ("finding", "silent", "finding")


def test_pregnancy_may_be_switched_off() -> None:
    """Without the switch pregnancy softens nothing."""
    parts: dict[str, Any] = {"labs": [_mg(2.0)], "problems": [{"is": "pregnancy"}]}
    with turned_off("added.pregnancy"):
        messages = [finding.message for finding in _answer("normal-level", **parts).findings]
    assert messages == ["cramps"]
