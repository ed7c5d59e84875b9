"""One card a group, the most urgent first, and only as many as a clinician reads (rules 1.14, 4)."""

from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from cds_service.cards.ration import (
    EXCLUDED,
    GROUPS,
    USUAL,
    Caps,
    Shown,
    indicator,
    ration,
    suppressed,
)
from cds_service.rules import RULES, Answer
from tests.cards.made import BY_NAME, finding, found, rule


def _told(shown: list[Shown]) -> list[str]:
    """`leader+also+also:indicator` of every card."""
    return ["+".join([one.answer.rule.id, *(also.rule.id for also in one.also)]) + f":{one.indicator}" for one in shown]


@pytest.mark.parametrize(
    ("given", "cards"),
    [
        ([], []),
        ([("a", "CYC", 1, "warning")], ["a:warning"]),
        ([("a", "BZO", 1, "info"), ("b", "BZO", 2, "info")], ["a+b:info"]),
        ([("a", "BZO", 1, "info"), ("b", "BZO", 2, "warning")], ["b+a:warning"]),
        ([("a", "BZO", 1, "warning"), ("b", "BZO", 2, "warning"), ("c", "BZO", 3, "critical")], ["c+a+b:critical"]),
        ([("a", "BZO", 3, "info"), ("b", "BZO", 1, "info"), ("c", "BZO", 2, "info")], ["b+c+a:info"]),
        ([("a", "CYC", 1, "warning"), ("b", "BZO", 1, "warning")], ["b:warning", "a:warning"]),
        ([("a", "CYC", 1, "warning"), ("b", "BZO", 1, "info")], ["a:warning", "b:info"]),
        ([("a", "CHK", 1, "critical"), ("b", "BZO", 9, "warning")], ["a:critical", "b:warning"]),
        (
            [("a", "CYC", 1, "info"), ("b", "CYC", 2, "warning"), ("c", "BZO", 2, "info"), ("d", "BZO", 1, "info")],
            ["b+a:warning", "d+c:info"],
        ),
    ],
)
def test_groups_and_order(given: list[tuple[str, str, int, str]], cards: list[str]) -> None:
    """A group is one card, led by its most urgent rule, then by rank; cards go by urgency, then by group."""
    answers = [found(rule(id, group, rank), message) for id, group, rank, message in given]
    for order in permutations(answers):
        assert _told(ration(order, "order-sign")) == cards


def test_the_order_of_groups() -> None:
    """Cards of one urgency stand in the order of the decision table."""
    alone = [group for group in GROUPS if group not in ("BAC", "QUI", "CYC", "MET")]
    for groups in (alone, list(GROUPS[:-1])):  # a check beside none of its hosts, then the hosts
        answers = [found(rule(group, group), "warning") for group in sorted(groups)]
        assert [one.answer.rule.id for one in ration(answers, "order-sign")] == groups
    assert GROUPS == ("BZO", "MG", "BAC", "STOP", "QUI", "CYC", "MET", "EL", "CARE", "ALB", "LAB", "REC", "CHK")
    assert {one.group for one in RULES} <= set(GROUPS)


@pytest.mark.parametrize(
    ("hook", "most"),
    [("order-select", 4), ("order-sign", 4), ("medication-prescribe", 4), ("patient-view", 3)],
)
@pytest.mark.parametrize(
    ("critical", "warning", "info"), [(0, 0, 9), (2, 1, 9), (0, 3, 1), (0, 4, 2), (3, 5, 4), (0, 1, 1)]
)
def test_only_info_cards_are_dropped(hook: str, most: int, critical: int, warning: int, info: int) -> None:
    """At most three cards at patient-view and four at an order, but warning and critical ones always come."""
    wanted = ["critical"] * critical + ["warning"] * warning + ["info"] * info
    answers = [found(rule(f"r{n}", GROUPS[n]), message) for n, message in enumerate(wanted)]
    shown = [one.indicator for one in ration(answers, hook)]
    assert shown == wanted[: max(most, critical + warning)]


@pytest.mark.parametrize("hook", ["order-select", "order-sign", "medication-prescribe", "patient-view"])
@pytest.mark.parametrize("group", GROUPS[:-1])
def test_where_a_missing_check_is_told(hook: str, group: str) -> None:
    """A missing check is a bullet on the card of the drug or, in an open chart, of the care; beside others a card."""
    hosts = ("CARE",) if hook == "patient-view" else ("BAC", "QUI", "CYC", "MET")
    answers = [found(rule("check", "CHK"), "info"), found(rule("a", group), "info")]
    together = ["a+check:info"] if group in hosts else ["a:info", "check:info"]
    for order in permutations(answers):
        assert _told(ration(order, hook)) == together


def test_a_missing_check_comes_last_on_the_first_card() -> None:
    """Of several cards that could tell it the first one does, after its own bullets."""
    answers = [
        found(rule("check", "CHK"), "info"),
        found(rule("a", "CYC", 1), "info"),
        found(rule("b", "MET", 1), "warning"),
        found(rule("c", "MET", 2), "info"),
    ]
    for order in permutations(answers):
        assert _told(ration(order, "order-sign")) == ["b+c+check:warning", "a:info"]


def test_a_check_that_is_told_elsewhere_takes_no_place() -> None:
    """The cap counts cards: with the check as a bullet a fourth card still comes."""
    answers = [found(rule(group, group), "info") for group in ("BZO", "MG", "STOP", "QUI", "CHK")]
    assert _told(ration(answers, "order-sign")) == ["BZO:info", "MG:info", "STOP:info", "QUI+CHK:info"]


BLOCKED = [(by, rule_id) for by, rules in EXCLUDED.items() for rule_id in sorted(rules)]


def test_the_hard_exclusions() -> None:
    """Which rule silences which is settled (rules 4)."""
    assert BLOCKED == [
        ("baclofen-max-dose", "baclofen-older-adult-dose"),
        ("baclofen-max-dose", "baclofen-start-dose"),
        ("baclofen-max-dose", "baclofen-titration"),
        ("baclofen-he-history", "baclofen-cirrhosis-monitoring"),
    ]


@pytest.mark.parametrize(("by", "blocked"), BLOCKED)
def test_what_is_excluded_is_not_told(by: str, blocked: str) -> None:
    """An excluded finding is neither card nor bullet, however urgent; others of the group still are."""
    answers = [
        found(rule(by, "BAC", 1), "info"),
        found(rule(blocked, "BAC", 2), "critical"),
        found(rule("a", "BAC", 3), "info"),
    ]
    for order in permutations(answers):
        assert _told(ration(order, "order-sign")) == [f"{by}+a:info"]
        assert suppressed(order) == {blocked: by}


@pytest.mark.parametrize(("by", "blocked"), BLOCKED)
def test_only_what_is_told_excludes(by: str, blocked: str) -> None:
    """A rule that is silent, or in the shadow, excludes nothing; nor is a silent one excluded."""
    other = found(rule(blocked, "BAC", 2), "info")
    for leader in (Answer(rule(by, "BAC", 1), "silent"), found(rule(by, "BAC", 1, stage="shadow"), "info")):
        assert _told(ration([leader, other], "order-sign")) == [f"{blocked}:info"]
        assert suppressed([leader, other]) == {}
    assert suppressed([found(rule(by, "BAC", 1), "info"), Answer(other.rule, "silent")]) == {}


def test_the_caps() -> None:
    """The caps are those that were settled."""
    assert (USUAL.at_view, USUAL.at_order) == (3, 4)


@pytest.mark.parametrize("most", [0, 1, 2, 9])
@pytest.mark.parametrize("hook", ["order-select", "order-sign", "medication-prescribe", "patient-view"])
def test_a_client_may_have_caps_of_its_own(hook: str, most: int) -> None:
    """Info cards go by the cap of the hook; warning and critical ones come whatever it is, even none."""
    wanted = ["critical", "warning", "info", "info"]
    answers = [found(rule(f"r{n}", GROUPS[n]), message) for n, message in enumerate(wanted)]
    caps = Caps(at_view=most) if hook == "patient-view" else Caps(at_order=most)
    assert [one.indicator for one in ration(answers, hook, caps=caps)] == wanted[: max(most, 2)]


@pytest.mark.parametrize(
    ("message", "drug", "shown"),
    [
        ("critical", {}, "critical"),
        ("critical", {"drug": BY_NAME}, "warning"),
        ("warning", {"drug": BY_NAME}, "warning"),
        ("info", {"drug": BY_NAME}, "info"),
    ],
)
def test_by_name_never_critical(message: str, drug: Any, shown: str) -> None:
    """A drug that was only matched by its name is at most a warning (decisions 8)."""
    assert indicator(found(rule("a"), message, **drug)) == shown


def test_by_name_counts_for_its_own_finding() -> None:
    """A finding by code stays critical beside one by name, and words the card."""
    answer = Answer(rule("a"), "finding", (finding("critical", BY_NAME), finding("info"), finding("critical")))
    (shown,) = ration([answer], "order-sign")
    assert shown.indicator == "critical"
    assert shown.finding is answer.findings[2]


def test_the_most_urgent_finding_words_the_card() -> None:
    """Of several findings of a rule the first of the most urgent ones words the card."""
    answer = found(rule("a"), "info", "warning", "warning")
    assert Shown(answer).finding is answer.findings[1]
    assert Shown(answer).indicator == "warning"


@pytest.mark.parametrize("stage", ["shadow", "off"])
def test_what_is_not_live_is_not_shown(stage: Any) -> None:
    """A shadow rule is evaluated and never shown, not as a bullet either."""
    hidden = found(rule("hidden", "CYC", 1, stage=stage), "critical")
    assert ration([hidden], "order-sign") == []
    assert _told(ration([hidden, found(rule("a", "CYC", 2), "info")], "order-sign")) == ["a:info"]


def test_only_findings_become_cards() -> None:
    """Silent, unevaluated and switched-off rules give no card."""
    answers = [Answer(rule("a"), kind) for kind in ("silent", "not-evaluated", "off")]  # type: ignore[arg-type]
    assert ration(answers, "order-sign") == []


@pytest.mark.parametrize("hook", ["order-sign", "patient-view"])
def test_what_need_not_be_said_makes_room(hook: str) -> None:
    """What is left out is left out before the limit, so that the next info card comes; the order stays."""
    groups = ("BZO", "MG", "STOP", "EL", "ALB")
    answers = [found(rule(group, group), "info") for group in groups]
    most = USUAL.at_order if hook == "order-sign" else USUAL.at_view
    asked: list[str] = []

    def unsaid(cards: Any) -> Any:
        asked.extend(card.answer.rule.id for card in cards)
        return [card for card in cards if card.answer.rule.id != "MG"]

    wanted = [group for group in groups if group != "MG"][:most]
    assert [one.answer.rule.id for one in ration(answers, hook, unsaid)] == wanted
    assert asked == list(groups)


def test_nothing_found_is_asked_of_nobody() -> None:
    """Where no rule found anything nobody is asked what need not be said again."""

    def unsaid(cards: Any) -> Any:
        raise AssertionError

    assert ration([Answer(rule("a"), "silent")], "order-sign", unsaid) == []
