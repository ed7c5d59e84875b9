"""The gate: a rule is complete or it is refused, and the house keeps its own limits."""

from __future__ import annotations

import ast
import inspect
import re
from datetime import timedelta
from pathlib import Path
from string import Formatter
from types import ModuleType

import pytest

import cds_service
import cds_service.rules as house
from cds_service.cards.ration import GROUPS
from cds_service.cards.reasons import DISPLAYS, MOST
from cds_service.evidence import Switch, Threshold, guideline, note, notes, references
from cds_service.facts import State
from cds_service.rules import CHECKS, ORDER_HOOKS, RULES, Message, Rule
from cds_service.web.app import create_app
from cds_service.web.examples.cases import Case, read
from cds_service.web.examples.played import judged, snapshot
from cds_service.web.settings import Settings

PACKAGE = Path(cds_service.__file__).parent
EVERY_FILE = sorted([*PACKAGE.rglob("*.py"), *Path(__file__).parent.rglob("*.py")])
MODULES = {module.RULE.id: module for module in house._MODULES}
# House sizes in lines: a rule, any file, any function.
LONGEST_RULE, LONGEST_FILE, LONGEST_FUNCTION = 90, 300, 40
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


def _declared(module: ModuleType, kind: type) -> list[object]:
    """The Thresholds or Switches that the rule's check, or a function it calls from _shared, can see."""
    return [value for value in vars(module).values() if isinstance(value, kind)]


@every_rule
def test_file_id_and_page_agree(rule: Rule) -> None:
    """A rule's id, its file, its cases and its page have one name."""
    name = rule.id.replace("-", "_")
    assert MODULES[rule.id].__name__.endswith(f".{name}")
    assert (PACKAGE / "rules" / f"{name}.toml").exists()
    assert create_app(Settings()).test_client().get(f"/evidence/{rule.id}").status_code == 200


@every_rule
def test_every_message_has_a_case_and_every_case_a_message(rule: Rule) -> None:
    """No wording is untried and no case names a wording that does not exist."""
    shown = {message for case in read(rule.id) for message in case.messages}
    hidden = {"taken"} if rule.switched_hooks else set()  # behind a switch that is off
    assert shown == set(rule.messages) - hidden
    assert hidden <= set(rule.messages)


def _placeholders(message: Message) -> set[str]:
    return {
        name
        for _, name, _, _ in Formatter().parse(message.summary + message.detail)
        if name is not None and not name.startswith("n[")
    }


@every_rule
def test_every_value_of_a_finding_is_told(rule: Rule) -> None:
    """A finding fills every placeholder of its wording, and has no value that none of the rule's wordings tells."""
    told = set().union(*(_placeholders(message) for message in rule.messages.values()))
    for finding in (finding for case in read(rule.id) for finding in judged(case).findings):
        assert _placeholders(rule.messages[finding.message]) <= set(finding.values) <= told


@every_rule
def test_a_rule_has_silent_and_not_evaluated_cases(rule: Rule) -> None:
    """Every rule shows when it keeps silent and when it could not look."""
    assert {"finding", "silent", "not-evaluated"} <= {case.kind for case in read(rule.id)}


@every_rule
def test_case_names_are_unique(rule: Rule) -> None:
    """Two cases of a rule never have one name."""
    names = [case.name for case in read(rule.id)]
    assert len(names) == len(set(names))


@every_rule
def test_every_number_and_switch_is_declared(rule: Rule) -> None:
    """A Threshold or Switch that the rule's module uses stands in its form, and so on its page."""
    module = MODULES[rule.id]
    assert set(_declared(module, Threshold)) <= set(rule.thresholds)
    switches = {*rule.switches, *rule.switched_hooks.values(), *([rule.switch] if rule.switch else ())}
    assert set(_declared(module, Switch)) <= switches


@every_rule
def test_no_literal_number_in_check(rule: Rule) -> None:
    """No function of a rule hides a number: 0 and 1 are the only literals."""
    tree = ast.parse(inspect.getsource(MODULES[rule.id]))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    numbers = {
        node.value
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
    }
    assert numbers <= {0, 1}


@every_rule
def test_check_says_what_a_colleague_would_say(rule: Rule) -> None:
    """Every check and every rule's module has its sentence."""
    assert CHECKS[rule.id].__doc__
    assert MODULES[rule.id].__doc__


@every_rule
def test_form_is_complete(rule: Rule) -> None:
    """Group, override reasons, hooks and review are known words, and nobody is named as a reviewer."""
    assert rule.group in GROUPS
    assert set(rule.override_reasons) <= set(DISPLAYS)
    assert len(rule.override_reasons) <= MOST
    assert set(rule.hooks) | set(rule.switched_hooks) <= ORDER_HOOKS | {"patient-view"}
    assert not rule.reviewed.by
    assert rule.revisions
    assert rule.triggers or rule.concerns
    assert rule.triggers or rule.hooks.isdisjoint(ORDER_HOOKS)


@every_rule
def test_what_a_rule_needs_together(rule: Rule) -> None:
    """In every case in which it finds something, something of each group that it declares is there."""
    for case in read(rule.id):
        if judged(case).kind == "finding":
            facts = snapshot(case)
            drugs = {entry.valueset for one in (*facts.orders, *facts.medications) for entry in one.drug.entries}
            reasons = [order.reason.concepts for order in facts.orders]
            there = drugs.union(*reasons, *(problem.concepts for problem in facts.problems))
            assert all({one.name for one in group} & there for group in rule.together), case.name


@every_rule
def test_of_which_age_a_rule_speaks(rule: Rule) -> None:
    """In every case in which it finds something, the patient is or may be of an age that it declares."""
    for case in read(rule.id):
        age = snapshot(case).age
        if judged(case).kind == "finding" and age is not None:
            assert rule.from_age is None or age.oldest >= rule.from_age.value, case.name
            assert rule.under_age is None or age.oldest < rule.under_age.value, case.name


@every_rule
def test_of_what_is_taken_no_more(rule: Rule) -> None:
    """Where a rule finds something as the chart is opened, a trigger is or may be taken, unless it says otherwise."""
    for case in read(rule.id):
        if case.hook == "patient-view" and judged(case).kind == "finding" and not rule.afterwards:
            facts = snapshot(case)
            taken = [one for one in facts.medications if one.state(facts.as_of) is not State.PAST]
            there = {entry.valueset for one in taken for entry in one.drug.entries}
            there = there.union(*(problem.concepts for problem in facts.problems))
            assert there & {one.name for one in rule.concerns or rule.triggers}, case.name


@every_rule
def test_of_which_time_a_rule_speaks(rule: Rule) -> None:
    """In every case in which it finds something, a result is as new, and at patient-view a concern was recorded as
    lately, as it declares."""
    for case in read(rule.id):
        facts = snapshot(case)
        if judged(case).kind != "finding":
            continue
        if rule.results_within is not None:
            since = facts.as_of - timedelta(days=rule.results_within.value)
            assert any(one.day >= since for one in facts.results.readings), case.name
        if rule.lately is not None and case.hook == "patient-view":
            since = facts.as_of - timedelta(days=rule.lately.value)
            concerns = [one for one in facts.problems if any(concern in one for concern in rule.concerns)]
            assert any(one.recorded is None or one.recorded >= since for one in concerns), case.name


def blanks(rule: Rule, cases: list[Case]) -> list[str]:
    """The parts of a rule's form and cases that nobody has filled in."""
    needed = ("title", "fires_when", "why_it_matters", "when_not", "cites", "needs", "messages")
    empty = [name for name in needed if not getattr(rule, name)]
    empty += [f"message {id}" for id, message in rule.messages.items() if not (message.summary and message.detail)]
    return empty + ["name of a case" for case in cases if not case.name]


@every_rule
def test_nothing_is_left_blank(rule: Rule) -> None:
    """Every rule says when it speaks, why, when not to follow it, what it rests on, and what each case shows."""
    assert blanks(rule, read(rule.id)) == []


@every_rule
def test_a_card_says_where_the_evidence_differs(rule: Rule) -> None:
    """A rule whose notes tell of more than agreement has the one line of it with which its card ends."""
    assert rule.evidence_note or {note(id).verdict for id in rule.notes} <= {"agrees"}
    assert len(rule.notes) == len(set(rule.notes))


@every_rule
def test_no_capitals_and_no_exclamation_marks(rule: Rule) -> None:
    """Cards state facts without alarm (rules 0.5); abbreviations may be written as such."""
    for message in rule.messages.values():
        for text in (message.summary, message.detail):
            assert "!" not in text
            shouted = re.findall(r"\b[A-Z]{2,}\b", text)
            assert set(shouted) <= {"OUD", "FDA", "CDC", "LI", "SP"}


def test_ranks_are_unique() -> None:
    """Two rules of a group never have one rank: the order of cards is always decided."""
    places = [(rule.group, rule.rank) for rule in RULES]
    assert len(places) == len(set(places))


def test_threshold_keys_are_unique() -> None:
    """A site's key means one number or one switch."""
    found = {
        number
        for module in [*MODULES.values(), house._population, house._shared]
        for number in [*_declared(module, Threshold), *_declared(module, Switch)]
    }
    keys = [number.key for number in found]
    assert len(keys) == len(set(keys))


def test_every_citation_is_known() -> None:
    """What a rule or a number cites exists; the guideline's lines do too."""
    cited = {id for rule in RULES for id in (*rule.cites, *(number.cites for number in rule.thresholds))}
    assert cited <= set(references())
    assert len(guideline()) == 52


def test_every_reference_of_a_note_is_known() -> None:
    """The lines and sources on which a note rests exist, and a rule carries no note that does not."""
    assert {id for found in notes().values() for id in (*found.lines, *found.references)} <= set(references())
    assert {id for rule in RULES for id in rule.notes} <= set(notes())


@pytest.mark.parametrize("path", EVERY_FILE, ids=lambda path: path.relative_to(PACKAGE.parent).as_posix())
def test_sizes(path: Path) -> None:
    """Files and functions stay short enough to be read at once."""
    source = path.read_text(encoding="utf-8")
    lines = source.count("\n")
    is_rule = path.parent == PACKAGE / "rules" and not path.name.startswith("_")
    assert lines <= (LONGEST_RULE if is_rule else LONGEST_FILE)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno is not None
            assert node.end_lineno - node.lineno < LONGEST_FUNCTION, node.name


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_every_module_says_what_lives_there(path: Path) -> None:
    """Every module with code starts with its sentence."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert not tree.body or ast.get_docstring(tree)


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.rglob("test_*.py")), ids=lambda path: path.name)
def test_every_test_says_what_must_be_true(path: Path) -> None:
    """Every test has a docstring."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            assert ast.get_docstring(node), f"{path.name}: {node.name}"
