"""The quick part of `make mutate`, numbers on cases, and what that tool is: it finds, it restores, it tells."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from cds_service.evidence import Threshold, threshold, told
from cds_service.facts import Person, Snapshot
from cds_service.rules import RULES, covered
from cds_service.web.examples.cases import Case, read
from tests.mutate import __main__ as tool
from tests.mutate import play
from tests.mutate.comparisons import Turned, turned
from tests.mutate.numbers import Moved, felt_by_cases, moved, numbers, step_of, told_only
from tests.support import direct

TODAY = date(2026, 11, 22)
AT_18 = Snapshot(as_of=TODAY, age_on=TODAY, person=Person((date(2008, 11, 22), date(2008, 11, 22))))


@pytest.mark.parametrize("number", felt_by_cases(), ids=lambda number: f"{number.key} {number.value:g}")
def test_every_number_is_felt_by_a_case(number: Moved) -> None:
    """A number moved by one step, either way, breaks at least one case."""
    with number.applied():
        assert play.felt(play.nearest_first(number))


def test_a_number_that_only_prose_knows_is_told() -> None:
    """What no function asks stands in a wording of every rule that declares it, or in what a case says it tells."""
    for number in (numbers()[key][0] for key in told_only()):
        declaring = [rule for rule in RULES if number in rule.thresholds]
        assert declaring, number.key
        for rule in declaring:
            texts = [told(part) for message in rule.messages.values() for part in (message.summary, message.detail)]
            texts += [value for case in read(rule.id) for value in case.values.values()]
            assert any(re.search(rf"\b{number.value:g}\b", text) for text in texts), (rule.id, number.key)


@pytest.mark.parametrize(
    ("value", "unit", "key", "step"),
    [
        (365, "d", "labs.rememberedDays", 1),
        (0.03, "1", "mgRepletion.tolerance", 0.01),
        (1.5, "1", "renal.ratio", 0.1),
        (0.7, "mmol/L", "mg.low.mmol/L", 0.01),
        (10, "mmol/L", "k.plausible.most", 0.1),
        (135, "mmol/L", "na.low.mmol/L", 1),
        (15, "mg/dL", "mg.plausible.most", 0.1),
    ],
)
def test_a_step_is_the_smallest_that_matters(
    value: float, unit: str, key: str, step: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last digit of a number, or what a laboratory reports where that is finer."""
    # A made-up number must not stay in the place of the real one, which other tests ask for by its key.
    monkeypatch.setitem(threshold._TOLD, key, threshold._TOLD[key])
    assert step_of(Threshold(value, unit, "", "house:scope", key)) == step


def test_all_numbers_are_moved_both_ways() -> None:
    """Every number that anything asks, the limits of the laboratory included, goes up and down."""
    both = {(one.key, one.direction) for one in moved()}
    assert {("age.olderMin", 1), ("age.olderMin", -1), ("mg.low.mmol/L", 1), ("na.plausible.least", -1)} <= both
    assert len(both) == 2 * (len(numbers()) - len(told_only()))


def test_a_number_is_moved_and_restored() -> None:
    """While it is moved every function sees the other number, and afterwards its own."""
    number = Moved("age.adultMin", 1)
    with number.applied():
        assert not covered(AT_18)
    assert covered(AT_18)
    assert number.where == "cds_service.rules._population age.adultMin"


def _boundary() -> Turned:
    (found,) = (one for one in turned() if one.after == "age.youngest > ADULT.value")
    return found


def test_a_comparison_is_turned_and_restored() -> None:
    """While it is turned everybody who imported the function gets the turned one, and afterwards its own."""
    mutant = _boundary()
    with mutant.applied():
        assert not covered(AT_18)
    assert covered(AT_18)
    assert mutant.where == f"cds_service.rules._population:{mutant.line} of_age"


def test_every_kind_of_comparison_is_turned() -> None:
    """Boundaries, equality, identity, membership, `and`, `or` and `not`, in methods, properties and functions."""
    found = {one.identity for one in turned()}
    view, medication = "cds_service.facts.view.View.", "cds_service.facts.medication."
    chosen = "order.drug.is_of(names)"
    assert {
        (f"{view}is_at_least", "age.oldest >= years.value", "age.oldest > years.value"),
        (f"{medication}_ordered", "0 <= ended <= JUST_ENDED.value", "0 < ended <= JUST_ENDED.value"),
        (f"{medication}_ordered", "0 <= ended <= JUST_ENDED.value", "0 <= ended < JUST_ENDED.value"),
        (f"{medication}_ordered", "order.status == 'completed'", "order.status != 'completed'"),
        (f"{view}state", "order is drug", "order is not drug"),
        ("cds_service.rules._magnesium._elemental", "mmol_a_day(medication) or 0", "mmol_a_day(medication) and 0"),
        (f"{view}_found", "not drugs", "drugs"),
        (f"{view}drafted", f"not order.stops and {chosen}", f"not order.stops or {chosen}"),
        ("cds_service.facts.person.Age.incomplete", "self.youngest != self.oldest", "self.youngest == self.oldest"),
        ("cds_service.facts.snapshot.Snapshot.in_hospice", "HOSPICE in problem", "HOSPICE not in problem"),
    } <= found


def test_a_mutant_is_found_by_a_case_or_a_test_or_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases come first, the unit tests only where no case felt it."""
    asked: list[Moved | Turned] = []
    monkeypatch.setattr(play, "felt_by_tests", lambda mutant: bool(asked.append(mutant)) or len(asked) == 1)
    assert (play.verdict(_boundary()), asked) == ("cases", [])
    monkeypatch.setattr(play, "CASES", [])
    assert [play.verdict(_boundary()) for _ in range(2)] == ["tests", ""]


def test_the_nearest_cases_are_played_first() -> None:
    """A comparison of a rule is played on its cases only, a number first on those of the rules that declare it."""
    of_rule = next(one for one in turned() if one.module == "cds_service.rules.quinine_cramps")
    assert {case.rule for case in play.nearest_first(of_rule)} == {"quinine-cramps"}
    assert play.nearest_first(_boundary()) == play.CASES
    ordered = [case.rule for case in play.nearest_first(Moved("mgRepletion.tolerance", 1))]
    own = ordered.count("magnesium-repletion-dose")
    assert set(ordered[:own]) == {"magnesium-repletion-dose"}
    assert len(ordered) == len(play.CASES)


def test_a_case_that_breaks_down_has_felt_it() -> None:
    """An error counts as felt, a case that gets what it states does not."""
    case = read("quinine-cramps")[0]
    assert not play.felt([case])
    assert play.felt([Case(rule="no-rule", name="", expect=[])])


@pytest.mark.parametrize(
    ("survivors", "reasons", "partly", "code", "told"),
    [
        (0, {}, False, 0, "0 survivors are explained, 0 are not"),
        (1, {}, False, 1, "age.youngest >= ADULT.value\n -> age.youngest > ADULT.value"),
        (1, "its own", False, 0, "1 survivors are explained, 0 are not"),
        (0, "its own", False, 1, "equivalent.toml names what did not survive: cds_service.rules._population.of_age"),
        (0, "its own", True, 0, "0 survivors are explained, 0 are not"),
    ],
)
def test_what_survives_is_told(
    survivors: int,
    reasons: dict[tool.Identity, str] | str,
    partly: bool,
    code: int,
    told: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A survivor without a reason fails the run, and so does a reason without its survivor, where all was played."""
    own = {_boundary().identity: "because"}
    assert tool.judge([_boundary()][:survivors], own if isinstance(reasons, str) else reasons, partly) == code
    assert told in capsys.readouterr().out.replace("    ", "")


def test_every_explanation_gives_its_reason() -> None:
    """What is accepted as a survivor is a mutant that exists, with a sentence why."""
    found = {one.identity for one in (*moved(), *turned())}
    for identity, why in tool.explained().items():
        assert identity in found
        assert why.endswith(".")


def test_an_offer_is_told_in_words() -> None:
    """A case states proposals by name, with what they are of and their numbers; another number is felt."""
    (case,) = (case for case in read("magnesium-renal-moderate") if case.offers)
    assert direct.said(case)["offers"] == ["OrderTests magnesium + creatinine, in_days 14"]
    assert play.felt([replace(case, offers=["OrderTests magnesium + creatinine, in_days 15"])])


def test_a_value_is_told_as_stated() -> None:
    """A case states what fills the wording; another filling, or a place that the wording has not, is felt."""
    (case,) = (case for case in read("opioid-use-disorder-benzodiazepine") if case.values)
    assert direct.said(case)["values"] == {"treatment": "buprenorphine"}
    assert play.felt([replace(case, values={"treatment": "methadone"})])
    assert play.felt([replace(case, values={"no-such-place": ""})])
