"""Dated: what only history asks of a resource is read in every version's shape, and costs nothing if it is strange."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.batch import dated as of
from tests.batch.lines import dated
from tests.fhir.resources import LORAZEPAM, dstu2_order, encounter, order


@pytest.mark.parametrize("name", ["period", "actualPeriod"])
def test_the_stay_of_an_encounter(name: str) -> None:
    """R5 has another name for the period."""
    assert of.stay(dated(encounter(**{name: {"start": "2026-01-01"}}))).start == "2026-01-01"


@pytest.mark.parametrize("strange", [5, "x", [1], {"start": [1]}])
def test_what_is_strange_is_nothing(strange: Any) -> None:
    """An element of another shape is as good as none, and does not cost the resource."""
    found = dated(encounter(period=strange, recorded=[strange], requester=strange, encounter=strange))
    assert of.stay(found).start is None
    assert of.recorded(found) is None
    assert of.author(found) == ""
    assert of.encounter_of(found) == ""


@pytest.mark.parametrize(
    ("more", "id"),
    [
        ({"encounter": {"reference": "Encounter/e7"}}, "e7"),
        ({"context": {"reference": "urn:uuid:e7"}}, "e7"),
        ({"encounter": [None, {"reference": "https://ehr.example/Encounter/e7"}]}, "e7"),
        ({"encounter": {"display": "a visit"}}, ""),
        ({}, ""),
    ],
)
def test_the_encounter_of_an_order(more: Any, id: str) -> None:
    """STU3 calls it context."""
    assert of.encounter_of(dated(order(LORAZEPAM, **more))) == id


@pytest.mark.parametrize(
    ("more", "who"),
    [
        ({"requester": {"reference": "Practitioner/7"}}, "Practitioner/7"),
        ({"requester": {"agent": {"reference": "Practitioner/7"}}}, "Practitioner/7"),
        ({"prescriber": {"reference": "Practitioner/7"}}, "Practitioner/7"),
        ({}, ""),
    ],
)
def test_the_author_of_an_order(more: Any, who: str) -> None:
    """Each version has its own place for who wrote an order."""
    assert of.author(dated(dstu2_order(LORAZEPAM, **more))) == who


def test_what_cannot_be_read() -> None:
    """A shape that no version has is told at once, also where it is only read late, or in what is held; its type is
    known."""
    odd, late = order(LORAZEPAM, medicationReference=[5]), order(LORAZEPAM, dosageInstruction=[5])
    for broken in (odd, late, order(LORAZEPAM, contained=[late])):
        assert of.read(json.dumps(broken).encode()) is None
    assert of.read(json.dumps(order(LORAZEPAM, contained=[order(LORAZEPAM)])).encode()) is not None
    assert of.type_of(json.dumps(odd).encode()) == "MedicationRequest"
