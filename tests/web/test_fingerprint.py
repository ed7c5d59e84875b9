"""The version of a rule that is signed off: another one for another rule, and the same everywhere for the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from cds_service.evidence import Edition, applied
from cds_service.rules import CHECKS, RULES, Rule
from cds_service.terminology import valueset
from cds_service.web import fingerprint as module
from cds_service.web.fingerprint import PARTS, changed, fingerprint

RENAL = next(rule for rule in RULES if rule.id == "baclofen-renal")
ALL = "from cds_service.rules import RULES; from cds_service.web.fingerprint import fingerprint as f; "


def _elsewhere(seed: str) -> str:
    told = f"{ALL}print(' '.join(f(rule) for rule in RULES))"
    return subprocess.run(
        [sys.executable, "-c", told],
        env=os.environ | {"PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    """Whatever the order in which sets come."""
    here = " ".join(fingerprint(rule) for rule in RULES)
    assert _elsewhere("1") == _elsewhere("2") == here


def test_no_two_rules_have_one() -> None:
    """Each has four parts."""
    found = {fingerprint(rule) for rule in RULES}
    assert len(found) == len(RULES)
    assert {len(one.split("-")) for one in found} == {len(PARTS)}


@pytest.mark.parametrize(
    "words", ["title", "fires_when", "why_it_matters", "when_not", "evidence_note", "last_resort", "override_reasons"]
)
def test_another_word_is_another_text(words: str) -> None:
    """And nothing but the text."""
    value = getattr(RENAL, words)
    other = replace(RENAL, **{words: (*value[1:], "patient-preference") if isinstance(value, tuple) else f"{value}."})
    assert changed(fingerprint(RENAL), other) == ("text",)


@pytest.mark.parametrize("member", ["indicator", "summary", "detail", "reason"])
def test_another_message_is_another_text(member: str) -> None:
    """How urgent it is, too."""
    name, message = next(iter(RENAL.messages.items()))
    other = replace(message, **{member: "info" if member == "indicator" else "other"})
    assert changed(fingerprint(RENAL), replace(RENAL, messages={**RENAL.messages, name: other})) == ("text",)


def test_another_number_is_told() -> None:
    """Also where the site has set it, and where it is a switch."""
    number = next(one for one in RENAL.thresholds if one.within)
    before = fingerprint(RENAL)
    with applied(Edition({number.key: number.within[1]})):
        assert changed(before, RENAL) == ("numbers",)
    switched = next(rule for rule in RULES if rule.all_switches)
    before = fingerprint(switched)
    with applied(Edition({one.key: not one.published for one in switched.all_switches})):
        assert changed(before, switched) == ("numbers",)


def _plus(source: str) -> Callable[[Any], str]:
    return lambda function: f"{source}{function.__name__}"


def test_another_code_of_a_function_is_another_logic(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also of a function that the check calls."""
    before = fingerprint(RENAL)
    monkeypatch.setattr(module.inspect, "getsource", _plus("# another"))
    module._logic.cache_clear()
    assert changed(before, RENAL) == ("logic",)
    module._logic.cache_clear()


def test_another_plain_constant_is_another_logic(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the code names and is neither a number of the form nor a value set."""
    tried = 0
    for rule in RULES:
        check = CHECKS[rule.id]
        before = fingerprint(rule)
        for name in check.__code__.co_names:
            if isinstance(check.__globals__.get(name), str | frozenset) and name.isupper():
                tried += 1
                module._logic.cache_clear()
                with monkeypatch.context() as patched:
                    patched.setitem(check.__globals__, name, "another")
                    assert changed(before, rule) == ("logic",)
                module._logic.cache_clear()
                assert fingerprint(rule) == before
    assert tried


def test_another_code_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Codes that are gone from the value sets."""
    before = fingerprint(RENAL)

    def shorter(name: str) -> Any:
        found = valueset(name)
        return replace(found, codings=found.codings[1:])

    monkeypatch.setattr(module, "valueset", shorter)
    assert changed(before, RENAL) == ("codes",)


def test_a_version_that_was_not_stated_tells_nothing() -> None:
    """Nobody can say whether the rule changed; a version of another form says that it did."""
    assert changed("", RENAL) == ()
    assert changed("1.2", RENAL) == PARTS


def test_every_part_is_of_the_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is asked at all belongs to the logic."""
    before = fingerprint(RENAL)
    other: Rule = replace(RENAL, quiet_in_hospice=not RENAL.quiet_in_hospice)
    monkeypatch.setattr(module, "RULES", [other])
    module._logic.cache_clear()
    assert "logic" in changed(before, RENAL)
    module._logic.cache_clear()
