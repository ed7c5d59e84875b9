"""Switches, numbers and stages of the rules, changed as a site would change them, for the length of a test."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace

from cds_service.evidence import Stage, Switch, applied, in_force
from cds_service.rules import RULES
from cds_service.web.examples import played

SWITCHES: dict[str, Switch] = {switch.key: switch for rule in RULES for switch in rule.all_switches}


def turned_on(*keys: str) -> AbstractContextManager[None]:
    """These switches on."""
    return played.turned_on(keys)


def turned_off(*keys: str) -> AbstractContextManager[None]:
    """These switches off."""
    return changed(**dict.fromkeys(keys, False))


def changed(**values: float) -> AbstractContextManager[None]:
    """These numbers and switches, by key, beside those that were changed already."""
    now = in_force()
    return applied(replace(now, values={**now.values, **values}))


def staged(rule_id: str, stage: Stage) -> AbstractContextManager[None]:
    """The rule in this stage."""
    now = in_force()
    return applied(replace(now, stages={**now.stages, rule_id: stage}))
