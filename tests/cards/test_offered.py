"""What a client is offered in its dialect: nothing that it could take together and must not, nothing it cannot say."""

from __future__ import annotations

from itertools import permutations, product
from typing import Any
from uuid import UUID

import pytest

from cds_service.cards.card import Suggestion
from cds_service.cards.dialect import PLAIN, Dialect
from cds_service.cards.offered import offered
from cds_service.cards.suggest import Client, behavior, make
from cds_service.evidence import Threshold
from cds_service.facts import Drug, Medication, ProposedOrder
from cds_service.fhir.version import Version
from cds_service.fhir.write import Visit
from cds_service.rules import Educate, LimitDuration, OfferNaloxone, OrderTests, Proposal, Redose, Taper, Withdraw
from cds_service.terminology import Entry
from tests.fhir.resources import BACLOFEN, LORAZEPAM, PATIENT, TODAY, draft

CARD = UUID("00000000-0000-4000-8000-000000000001")
SHORT = Threshold(28, "d", "short", "house:short-term", "k")
WEEK = Threshold(7, "d", "week", "house:short-term", "w")
HELD = {f"MedicationRequest/{id}": draft(drug, id) for id, drug in (("d1", LORAZEPAM), ("d4", BACLOFEN))}
ANY, ONE = Dialect("any"), Dialect("at-most-one")
ANY_SINGLE = Dialect("any", one_action=True)
SINGLE = Dialect(one_action=True)
DIALECTS = [Dialect(*parts) for parts in product(("", "any", "at-most-one"), (False, True), (False, True))]


def _draft(id: str = "d1", ingredient: str = "lorazepam") -> ProposedOrder:
    return ProposedOrder(Drug((Entry("a set", ingredient),)), reference=f"MedicationRequest/{id}")


BENZO = Withdraw(_draft(), "lorazepam")
SAME_DRUG = Withdraw(_draft("d3"), "the other lorazepam")
OPIOID = Withdraw(_draft("d2", "oxycodone"), "oxycodone")
CHOSEN = Withdraw(_draft("d2", "oxycodone"), "oxycodone", recommended=True)
LIMIT = LimitDuration(_draft(), "lorazepam", SHORT)
REDOSE = Redose(_draft("d4", "baclofen"), "baclofen", 5, 3)
TAPER = Taper(Medication(Drug(), reference="MedicationRequest/m1"), ((10, 2),), WEEK, True, _draft("d4", "baclofen"))
NAMELESS = Withdraw(ProposedOrder(Drug((Entry("a set", "morphine"),))), "morphine", recommended=True)
NALOXONE, LESSON = OfferNaloxone(), Educate("stretching")
TESTS = OrderTests(("magnesium", "potassium"))
WANTED = OrderTests(("magnesium", "potassium"), recommended=True)


def _client(dialect: Dialect) -> Client:
    return Client(Visit(Version.R4, PATIENT), TODAY, HELD.get, dialect)


def _offered(dialect: Dialect, *proposals: Proposal, indicator: Any = "warning") -> tuple[Any, tuple[Suggestion, ...]]:
    offers, how = offered(proposals, _client(dialect), CARD, indicator)
    return how, offers


def _labels(dialect: Dialect, *proposals: Proposal, indicator: Any = "warning") -> tuple[Any, list[str]]:
    how, offers = _offered(dialect, *proposals, indicator=indicator)
    return how, [f"{offer.label}{'!' * offer.is_recommended}" for offer in offers]


MANY: list[tuple[Proposal, ...]] = [
    (),
    (BENZO, OPIOID, NALOXONE),
    (BENZO, CHOSEN, SAME_DRUG, NALOXONE),
    (LIMIT, BENZO, TESTS),
    (REDOSE, TAPER, WANTED, LESSON),
    (NAMELESS, BENZO, WANTED),
]


@pytest.mark.parametrize("proposals", MANY)
def test_the_plain_dialect_changes_nothing(proposals: tuple[Proposal, ...]) -> None:
    """Who understands everything is offered what there is, in the words of CDS Hooks 2.0."""
    plain = tuple(one.suggestion for one in make(proposals, _client(PLAIN), CARD, "warning")[:3])
    assert _offered(PLAIN, *proposals) == (behavior(proposals) if plain else "", plain)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nothing_is_offered_of_nothing(dialect: Dialect) -> None:
    """Without a suggestion there is no selectionBehavior (conformance S1, S2)."""
    assert _offered(dialect) == _offered(dialect, Withdraw(ProposedOrder(Drug()), "nameless")) == ("", ())


# selectionBehavior


@pytest.mark.parametrize(
    ("proposals", "labels"),
    [
        ((BENZO, OPIOID), ["Remove lorazepam"]),
        ((BENZO, NALOXONE, OPIOID), ["Remove lorazepam", "Add naloxone 4 mg nasal spray"]),
        ((BENZO, NALOXONE, CHOSEN), ["Add naloxone 4 mg nasal spray", "Remove oxycodone!"]),
        ((BENZO, OPIOID, SAME_DRUG), ["Remove lorazepam", "Remove the other lorazepam"]),
        ((BENZO, LIMIT, NALOXONE), ["Remove lorazepam", "Add naloxone 4 mg nasal spray"]),
        ((LIMIT, BENZO, OPIOID), ["Limit lorazepam to 28 days", "Remove oxycodone"]),
        ((TAPER, REDOSE, LESSON), ["Taper baclofen: 20 mg/day (replaces the current order)", "Teach stretching"]),
        ((BENZO, BENZO, NALOXONE), ["Remove lorazepam", "Add naloxone 4 mg nasal spray"]),
        ((NAMELESS, BENZO), ["Remove lorazepam"]),
    ],
)
def test_what_excludes_each_other_is_never_offered_under_any(proposals: Any, labels: list[str]) -> None:
    """A client that knows only `any` gets the first choice, else the first, of what excludes each other; the rest as it
    is. What cannot be done takes nobody's place."""
    assert _labels(ANY, *proposals) == ("any", labels)


def test_the_first_choice_of_an_info_card() -> None:
    """What the rule prefers is kept even where the card does not recommend it."""
    assert _labels(ANY, BENZO, CHOSEN, indicator="info") == ("any", ["Remove oxycodone"])


def test_what_is_left_out_makes_room() -> None:
    """The third that can be taken is offered although it was the fourth."""
    assert _labels(PLAIN, BENZO, OPIOID, LIMIT, NALOXONE)[1][2:] == ["Limit lorazepam to 28 days"]
    assert _labels(ANY, BENZO, OPIOID, LIMIT, NALOXONE)[1] == ["Remove lorazepam", "Add naloxone 4 mg nasal spray"]


@pytest.mark.parametrize("proposals", MANY[1:])
def test_who_knows_no_any_takes_one(proposals: tuple[Proposal, ...]) -> None:
    """A client that knows only `at-most-one` gets the same suggestions, and takes one of them."""
    assert _offered(ONE, *proposals) == ("at-most-one", _offered(PLAIN, *proposals)[1])


@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_excludes_each_other_is_taken_once(dialect: Dialect) -> None:
    """In no dialect and in no order can two be taken that exclude each other."""
    for proposals in permutations((LIMIT, CHOSEN, BENZO)):
        how, offers = _offered(dialect, *proposals)
        changes = {offer.label for offer in offers if offer.label.startswith(("Remove", "Limit"))}
        assert how == "at-most-one" or changes == {"Remove oxycodone", "Limit lorazepam to 28 days"}
        assert how == (dialect.selection_behavior or how)


# one action


@pytest.mark.parametrize("dialect", [ANY_SINGLE, SINGLE])
def test_tests_are_one_suggestion_each(dialect: Dialect) -> None:
    """Several tests become several suggestions, each in the words of one test alone, and all may be taken."""
    how, offers = _offered(dialect, TESTS, NALOXONE)
    alone = [offer for test in TESTS.tests for offer in _offered(PLAIN, OrderTests((test,)))[1]]
    assert (how, offers) == ("any", (*alone, *_offered(PLAIN, NALOXONE)[1]))
    assert [offer.label for offer in alone] == ["Order serum magnesium", "Order serum potassium"]
    assert offers == _offered(dialect, TESTS, NALOXONE)[1]


def test_a_later_test_keeps_its_day() -> None:
    """Each part tells the day on which it is due."""
    labels = _labels(ANY_SINGLE, OrderTests(("creatinine", "sodium"), in_days=14))[1]
    assert labels == ["Order serum creatinine for 2026-12-06", "Order serum sodium for 2026-12-06"]


@pytest.mark.parametrize(
    ("dialect", "indicator", "labels"),
    [
        (ANY_SINGLE, "warning", ["Order serum magnesium!", "Order serum potassium!"]),
        (SINGLE, "critical", ["Order serum magnesium!", "Order serum potassium!"]),
        (ANY_SINGLE, "info", ["Order serum magnesium", "Order serum potassium"]),
        (Dialect("at-most-one", one_action=True), "warning", ["Order serum magnesium!", "Order serum potassium"]),
    ],
)
def test_the_parts_of_what_is_recommended(dialect: Dialect, indicator: str, labels: list[str]) -> None:
    """All of them are recommended where all can be taken, else the first alone; none on an info card (cds-resp-1)."""
    assert _labels(dialect, WANTED, indicator=indicator)[1] == labels


def test_no_part_is_recommended_beside_another_first_choice() -> None:
    """What was not recommended as a whole is not in its parts."""
    labels = ["Remove oxycodone!", "Order serum magnesium", "Order serum potassium"]
    assert _labels(ANY_SINGLE, CHOSEN, WANTED) == ("any", labels)


def test_three_offers_are_counted_before_they_are_split() -> None:
    """The third offer is not lost because the first has several parts; a fourth is not offered."""
    labels = ["Order serum magnesium", "Order serum potassium", "Add naloxone 4 mg nasal spray", "Teach stretching"]
    assert _labels(ANY_SINGLE, TESTS, NALOXONE, LESSON, BENZO)[1] == labels


def test_no_part_is_offered_twice() -> None:
    """A test that two offers want is one suggestion."""
    labels = ["Order serum magnesium", "Order serum potassium", "Order serum sodium"]
    assert _labels(ANY_SINGLE, TESTS, OrderTests(("potassium", "sodium")))[1] == labels


def test_parts_are_not_offered_where_only_one_of_them_could_be_taken() -> None:
    """Beside two removals that exclude each other, all tests can be ordered and one removal made."""
    labels = ["Remove lorazepam", "Order serum magnesium", "Order serum potassium"]
    assert _labels(SINGLE, BENZO, OPIOID, TESTS) == ("any", labels)


@pytest.mark.parametrize("last", [NALOXONE, OrderTests(("magnesium",))])
def test_without_parts_nothing_is_left_out(last: Proposal) -> None:
    """A client that takes one action a suggestion and knows both behaviors is offered every alternative."""
    assert _offered(SINGLE, BENZO, OPIOID, last) == _offered(PLAIN, BENZO, OPIOID, last)


# delete


@pytest.mark.parametrize("dialect", DIALECTS)
def test_a_delete_in_every_dialect(dialect: Dialect) -> None:
    """CDS Hooks 1.0 names the resource in `resource`, later ones in `resourceId`; neither says both (S11)."""
    [offer] = _offered(dialect, BENZO)[1]
    [action] = offer.actions
    wanted = ("MedicationRequest/d1", "") if dialect.delete_as_string else ({}, "MedicationRequest/d1")
    assert (action.type, action.resource, action.resource_id) == ("delete", *wanted)
    assert (offer.uuid, action.description) == (_offered(PLAIN, BENZO)[1][0].uuid, "Remove the draft of lorazepam")


def test_what_is_no_delete_stays() -> None:
    """A create and an update carry their resource in every version."""
    old = Dialect(delete_as_string=True)
    assert _offered(old, LIMIT, NALOXONE, TESTS) == _offered(PLAIN, LIMIT, NALOXONE, TESTS)
