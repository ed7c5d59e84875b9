"""Elements that are read only where they matter, and what happens to those that nobody can read."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from cds_service.fhir import later
from cds_service.fhir.decode import UNUSABLE, Value, value, whole
from cds_service.fhir.models import Resource
from tests.fhir.resources import LORAZEPAM, Json, bundle, order, read

# An element, what reads it, and a shape that it has in no version.
BROKEN: list[tuple[str, Callable[[Resource], Any], Any]] = [
    ("dosageInstruction", later.dosages, "one a day"),
    ("dosage", later.dosages, [5]),
    ("dispenseRequest", later.supply, []),
    ("valueQuantity", later.quantity, "4.1 mmol/L"),
    ("referenceRange", later.ranges, "3.5 - 5"),
    ("interpretation", later.flags, 5),
    ("clinicalStatus", later.clinical, []),
    ("verificationStatus", later.verification, True),
]
ELEMENTS = [element for element, _, _ in BROKEN]


def _with(element: str, broken: Any) -> Json:
    return order(LORAZEPAM) | {element: broken}


def _whole(resource: Json, strictly: bool) -> Value:
    return whole(msgspec.json.decode(json.dumps(resource).encode(), type=Resource), strictly)


@pytest.mark.parametrize(("element", "asked", "broken"), BROKEN, ids=ELEMENTS)
def test_what_cannot_be_read_is_noticed_when_it_is_asked_for(element: str, asked: Any, broken: Any) -> None:
    """Nothing is ever made of an element that has a shape of no version."""
    resource = read(_with(element, broken))
    with pytest.raises(later.Unreadable):
        asked(resource)
    assert not later.is_sound(resource)


@pytest.mark.parametrize(("element", "asked", "broken"), BROKEN, ids=ELEMENTS)
def test_strictly_it_is_noticed_at_once(element: str, asked: Any, broken: Any) -> None:
    """Read strictly, the entry counts as unreadable; a value that is no Bundle cannot be used."""
    found = _whole(bundle(order(LORAZEPAM), _with(element, broken)), strictly=True)
    assert (found.unreadable, value(json.dumps(bundle(_with(element, broken))).encode()).unreadable) == (1, 1)
    assert _whole(bundle(_with(element, broken)), strictly=False).unreadable == 0
    assert _whole(_with(element, broken), strictly=True) == UNUSABLE


@pytest.mark.parametrize(
    "held",
    [
        {"resourceType": "Medication", "contained": [_with("dosage", 5)]},
        {"resourceType": "Bundle", "entry": [None, {}, {"resource": _with("dosage", 5)}]},
    ],
    ids=["contained", "in a Bundle"],
)
def test_what_a_resource_holds_must_be_sound_too(held: Json) -> None:
    """A resource inside another is read with it."""
    assert not later.is_sound(read(held))


def test_what_is_not_there_is_sound() -> None:
    """Absent and null elements are neither broken nor anything else."""
    resource = read({"resourceType": "Observation"} | dict.fromkeys(ELEMENTS))
    assert later.is_sound(resource)
    assert (later.dosages(resource), later.ranges(resource)) == ([], [])
    assert {asked(resource) for asked in (later.supply, later.quantity, later.flags, later.clinical)} == {None}
