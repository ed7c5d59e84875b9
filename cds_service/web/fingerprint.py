"""What a sign-off is of: a rule's text, its numbers, its logic and its codes, each as a short hash."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from typing import Any

from cds_service.evidence import Threshold
from cds_service.rules import CHECKS, RULES, Rule
from cds_service.terminology import valueset
from cds_service.web.codes import used_by
from cds_service.web.reached import reached

# In this order, with a hyphen between them.
PARTS = ("text", "numbers", "logic", "codes")
_DIGITS = 6
_FORM = re.compile(rf"[0-9a-f]{{{_DIGITS}}}(-[0-9a-f]{{{_DIGITS}}}){{{len(PARTS) - 1}}}")
# What a constant of the logic may be: everything else is a number, a value set or a function, and stands elsewhere.
_PLAIN = (bool, int, float, str, tuple, frozenset)


def fingerprint(rule: Rule) -> str:
    """Of the rule as it is in force: another one once a word that clinicians read, a number or switch by which it
    decides, its logic, or a code is another one. The reading of FHIR, and what a rule asks of facts by their own
    methods, are not part of it: they are the program's, and its version tells of them."""
    return "-".join((_text(rule), _hash(_numbers(rule)), _logic(rule.id), _codes(rule)))


def changed(signed: str, rule: Rule) -> tuple[str, ...]:
    """Which parts are not what was signed; all of them where the words are no fingerprint. Nothing where no version was
    stated, for nobody can tell."""
    if not signed:
        return ()
    if not _FORM.fullmatch(signed):
        return PARTS
    both = zip(PARTS, signed.split("-"), fingerprint(rule).split("-"), strict=True)
    return tuple(part for part, before, now in both if before != now)


def _text(rule: Rule) -> str:
    words = [rule.title, rule.fires_when, rule.why_it_matters, rule.when_not, rule.evidence_note, rule.last_resort]
    told = [f"{id} {one.indicator} {one.summary} {one.detail} {one.reason}" for id, one in rule.messages.items()]
    return _hash([*words, *rule.override_reasons, *sorted(told)])


def _numbers(rule: Rule) -> list[str]:
    """In force, as everything that a site may set."""
    return sorted(
        f"{one.key} {one.value} {one.unit}" if isinstance(one, Threshold) else f"{one.key} {one.on}"
        for one in rule.settings
    )


@cache
def _logic(id: str) -> str:
    """The code that decides, with its plain constants, and when it is asked at all."""
    found = reached(CHECKS[id])
    sources = sorted(inspect.getsource(function) for function in found.functions)
    constants = sorted({f"{name} {_plain(value)}" for name, value in found.named if isinstance(value, _PLAIN)})
    return _hash([*sources, *constants, *_asked(id)])


def _asked(id: str) -> Iterator[str]:
    rule = next(rule for rule in RULES if rule.id == id)
    yield from sorted(rule.hooks | rule.switched_hooks.keys())
    yield from (one.name for one in (*rule.triggers, *rule.concerns))
    yield from (need.id for need in (*rule.needs, *rule.reads))
    yield str(rule.quiet_in_hospice)


def _plain(value: Any) -> str:
    """A set has no order of its own."""
    return repr(sorted(map(repr, value))) if isinstance(value, frozenset) else repr(value)


def _codes(rule: Rule) -> str:
    found = (coding for name in used_by(rule) for coding in valueset(name).codings)
    return _hash(sorted({f"{coding.system} {coding.code}" for coding in found}))


def _hash(parts: Iterable[str]) -> str:
    return sha256("\n".join(parts).encode()).hexdigest()[:_DIGITS]
