"""What the rules told on another rule's card add to it: the tests that they want (rules 4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.cards.build import card
from cds_service.cards.card import Card
from cds_service.cards.ration import Shown
from cds_service.rules import Answer, Educate, OfferNaloxone, OrderTests, Proposal
from tests.cards.made import call, finding, rule


def _answer(id: str, *proposals: Proposal) -> Answer:
    return Answer(rule(id), "finding", (replace(finding(), propose=proposals),))


def _card(own: Answer, *also: Answer) -> Card:
    return card(Shown(own, also), call())


@pytest.mark.parametrize(
    ("own", "also", "labels"),
    [
        ([], [], []),
        ([], [OrderTests(("magnesium",))], ["Order serum magnesium"]),
        (
            [OfferNaloxone()],
            [OrderTests(("magnesium", "potassium"))],
            ["Add naloxone 4 mg nasal spray", "Order serum magnesium and serum potassium"],
        ),
        (
            [OrderTests(("creatinine",))],
            [OrderTests(("creatinine", "magnesium"))],
            ["Order serum creatinine", "Order serum magnesium"],
        ),
        ([OrderTests(("creatinine",))], [OrderTests(("creatinine",))], ["Order serum creatinine"]),
        ([OrderTests(("creatinine",), in_days=14)], [OrderTests(("creatinine",))], ["Order serum creatinine for"]),
        ([], [OfferNaloxone(), Educate("stretching")], []),
    ],
)
def test_the_tests_of_merged_rules(own: list[Proposal], also: list[Proposal], labels: list[str]) -> None:
    """The tests that a merged rule wants are offered too, none twice; what else it proposes is not."""
    made = _card(_answer("own", *own), _answer("also", *also))
    assert len(made.suggestions) == len(labels)
    for offer, label in zip(made.suggestions, labels, strict=True):
        assert offer.label.startswith(label)
    assert bool(made.selection_behavior) == bool(labels)


def test_two_merged_rules_want_the_same() -> None:
    """A test that two merged rules want is offered once."""
    made = _card(
        _answer("own"), _answer("b", OrderTests(("sodium",))), _answer("c", OrderTests(("sodium", "potassium")))
    )
    assert [offer.label for offer in made.suggestions] == ["Order serum sodium", "Order serum potassium"]


def test_own_suggestions_go_first_and_three_are_the_most() -> None:
    """A card that has three suggestions of its own gets none from a merged rule."""
    own = _answer("own", OfferNaloxone(), Educate("stretching"), OrderTests(("creatinine",)))
    made = _card(own, _answer("also", OrderTests(("magnesium",))))
    assert [offer.label for offer in made.suggestions] == [offer.label for offer in _card(own).suggestions]
    assert len(made.suggestions) == 3


def test_what_a_merged_rule_recommends() -> None:
    """The first choice of a card is its own rule's: a merged rule recommends nothing on it."""
    made = _card(_answer("own"), _answer("also", OrderTests(("magnesium",), recommended=True)))
    assert [offer.is_recommended for offer in made.suggestions] == [False]
