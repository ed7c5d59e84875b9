"""Lines: a patient's resources, read as far as somebody needs them."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.batch.lines import LATER, Line, Lines
from tests.batch.lines import line, nothing
from tests.fhir.resources import CRAMP, LORAZEPAM, Json, condition, encounter, order, statement


def _aside(resource: Json, full_url: str = "") -> Line:
    return (f"{resource['resourceType']}/{resource['id']}", *line(resource, full_url)[1:])


def _read(*lines: Line) -> list[str]:
    return [f"{one.resource.resource_type}/{one.resource.id}" for one in Lines(lines, nothing).places]


REFERENCE = {"reference": "Condition/c1"}


@pytest.mark.parametrize(
    "more",
    [
        {"reasonReference": [{"reference": "Condition/c9"}, REFERENCE]},
        {"reasonCode": [{"text": "pain"}, {"reference": REFERENCE}]},
        {"reason": [{"reference": REFERENCE}]},
        {"reasonCodeableConcept": {"reference": REFERENCE}},
        {"reasonForUseCodeableConcept": {"reference": REFERENCE}},
        {"reasonReference": {"reference": "urn:uuid:7"}},
    ],
)
@pytest.mark.parametrize("make", [order, statement])
def test_a_reason(make: Any, more: Json) -> None:
    """A condition that was set aside is read where an order or a statement refers to it."""
    aside = _aside(condition(CRAMP), "urn:uuid:7"), _aside(condition(CRAMP, "c2"))
    assert _read(*aside, line(make(LORAZEPAM, "x", **more)))[1:] == ["Condition/c1"]
    assert len(_read(*aside, line(make(LORAZEPAM, "x")))) == 1


def test_what_was_set_aside() -> None:
    """It is found by its name in all its versions, once; one that cannot be read is counted then."""
    lines = Lines([_aside(encounter()), _aside(encounter()), _aside(encounter(id="e2", status=[]))], nothing)
    assert lines.places == []
    assert len(lines.recall("Encounter/e1")) == 2
    assert lines.recall("Encounter/e1") == lines.recall("Encounter/e2") == []
    assert lines.unread == {"Encounter": 1}


def test_what_is_read_later() -> None:
    """Results are only read when a rule looks at the patient; one that is strange is counted then."""
    strange, result = {"resourceType": "Observation", "status": []}, {"resourceType": "Observation", "id": "2"}
    lines = Lines([(LATER, *line(one)[1:]) for one in (strange, result)], nothing)
    assert (lines.places, lines.unread) == ([], {})
    assert [one.resource.id for one in lines.later()] == ["2"]
    assert lines.unread == {"Observation": 1}


def test_medications() -> None:
    """Those to which orders and statements refer are looked up, each once; one that is strange is none."""
    asked: list[str] = []

    def lookup(address: str) -> Line | None:
        asked.append(address)
        held = {"Medication/1": LORAZEPAM, "Medication/2": [5]}
        return line({"resourceType": "Medication", "id": "1", "code": held[address]}) if address in held else None

    named = [{"reference": f"Medication/{number}"} for number in (3, 1, 2)]
    orders = [order(None, str(at), medicationReference=one) for at, one in enumerate((*named, *named))]
    lines = Lines([*map(line, orders)], lookup)
    assert asked == ["Medication/1", "Medication/2", "Medication/3"]
    assert [one.resource.resource_type for one in lines.places[len(orders) :]] == ["Medication"]
    assert lines.unread == {}
