"""Switches and stages of the rules, turned as a site would turn them, for the length of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from cds_service.evidence import Switch
from cds_service.rules import RULES
from cds_service.rules._kit import Stage

SWITCHES: dict[str, Switch] = {
    switch.key: switch
    for rule in RULES
    for switch in (*rule.switches, *rule.switched_hooks.values(), *([rule.switch] if rule.switch else ()))
}


@contextmanager
def turned_on(*keys: str) -> Iterator[None]:
    """These switches on, and as they were again afterwards."""
    with _turned(True, *keys):
        yield


@contextmanager
def turned_off(*keys: str) -> Iterator[None]:
    """These switches off, and as they were again afterwards."""
    with _turned(False, *keys):
        yield


@contextmanager
def staged(rule_id: str, stage: Stage) -> Iterator[None]:
    """The rule in this stage, and as it was again afterwards."""
    [rule] = [rule for rule in RULES if rule.id == rule_id]
    before = rule.stage
    try:
        object.__setattr__(rule, "stage", stage)
        yield
    finally:
        object.__setattr__(rule, "stage", before)


@contextmanager
def _turned(on: bool, *keys: str) -> Iterator[None]:
    before = {key: SWITCHES[key].on for key in keys}
    try:
        for key in keys:
            object.__setattr__(SWITCHES[key], "on", on)
        yield
    finally:
        for key, was in before.items():
            object.__setattr__(SWITCHES[key], "on", was)
