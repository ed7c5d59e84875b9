"""Drafts of every version become proposed orders, with their reason, or stops of an order."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cds_service.facts import ProposedOrder, Reason
from cds_service.fhir.medications import proposed
from tests.fhir.resources import (
    AMOXICILLIN,
    CRAMP,
    LORAZEPAM,
    OXYCODONE,
    SNOMED_CT,
    TODAY,
    Json,
    concept,
    condition,
    day,
    draft,
    read,
    record,
    timed,
)

SEDATION = concept("50697003", system=SNOMED_CT)


def _proposed(resource: Json, *held: Json) -> ProposedOrder:
    return proposed(read(resource), record(*held), True, TODAY)


@pytest.mark.parametrize(
    "reason",
    [
        {"reasonCode": [CRAMP]},
        {"reasonCode": CRAMP},
        {"reasonCode": [None, CRAMP]},
        {"reasonCodeableConcept": CRAMP},
        {"reasonForUseCodeableConcept": CRAMP},
        {"reason": [{"concept": CRAMP}]},
        {"reason": [{"reference": {"reference": "Condition/c1"}}]},
        {"reason": {"reference": "Condition/c1"}},
        {"reasonReference": [{"reference": "Condition/c1"}]},
        {"reasonReference": {"reference": "https://ehr.example/fhir/Condition/c1"}},
        {"reasonReference": [{"reference": "#held"}], "contained": [condition(CRAMP, "held")]},
    ],
)
def test_a_reason_of_every_version(reason: Json) -> None:
    """A coded reason is read as a concept and through the condition that it refers to."""
    found = _proposed(draft(LORAZEPAM, **reason), condition(CRAMP))
    assert found.reason == Reason(frozenset({"muscle-cramp"}), coded=True, given=True)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ({}, Reason()),
        ({"reasonCode": {}}, Reason()),
        ({"reasonCode": [{"coding": [{}]}]}, Reason()),
        ({"reasonCode": [{"text": "muscle cramps"}]}, Reason(given=True)),
        ({"reasonCode": [concept("48694002", "Anxiety", SNOMED_CT)]}, Reason(coded=True, given=True)),
        ({"reasonCode": [{"text": "procedural sedation"}]}, Reason(frozenset({"procedural-sedation"}), given=True)),
        ({"reasonCode": [SEDATION]}, Reason(frozenset({"procedural-sedation"}), coded=True, given=True)),
        ({"reasonReference": [{"reference": "Condition/else"}]}, Reason(given=True, unresolved=True)),
        ({"reasonReference": [{"reference": "Observation/o1"}]}, Reason(given=True)),
    ],
)
def test_what_is_no_coded_reason(reason: Json, expected: Reason) -> None:
    """Text is no code, though a declared phrase counts; a reference into the void or to no condition is no reason."""
    assert (
        _proposed(draft(LORAZEPAM, **reason), condition(CRAMP, "o1") | {"resourceType": "Observation"}).reason
        == expected
    )


@pytest.mark.parametrize(
    ("more", "stops", "reference"),
    [
        ({}, False, "MedicationRequest/d1"),
        ({"status": None}, False, "MedicationRequest/d1"),
        ({"status": "active"}, False, "MedicationRequest/d1"),
        ({"status": "stopped"}, True, "MedicationRequest/d1"),
        ({"status": "cancelled"}, True, "MedicationRequest/d1"),
        ({"status": "completed"}, True, "MedicationRequest/d1"),
        ({"doNotPerform": True}, True, "MedicationRequest/d1"),
        ({"doNotPerform": False}, False, "MedicationRequest/d1"),
    ],
)
def test_a_stop_by_its_status(more: Json, stops: bool, reference: str) -> None:
    """An order sent as stopped, cancelled, completed or not to be performed is a stop (rules 5.1 a, b)."""
    found = _proposed(draft(OXYCODONE, **more))
    assert (found.stops, found.reference) == (stops, reference)


PRIOR = {"priorPrescription": {"reference": "MedicationRequest/m1"}}


@pytest.mark.parametrize(("ends", "stops"), [(0, True), (1, True), (-1, False), (None, False)])
@pytest.mark.parametrize("prior", [True, False])
def test_a_stop_of_a_prior_prescription(prior: bool, ends: int | None, stops: bool) -> None:
    """A draft that replaces an order and ends today stops that one; a renewal with a later end does not (5.1 c)."""
    lines = [] if ends is None else [timed(boundsPeriod={"end": day(ends)})]
    found = _proposed(draft(OXYCODONE, dosageInstruction=lines, **(PRIOR if prior else {})))
    assert found.stops is (prior and stops)
    assert found.reference == ("MedicationRequest/m1" if prior and stops else "MedicationRequest/d1")


@pytest.mark.parametrize("prior", [PRIOR["priorPrescription"], "MedicationRequest/m1"])
def test_a_stop_names_its_prior_prescription(prior: Any) -> None:
    """A stop that names the order it ends carries that order's reference, also where a text stands for it."""
    stop = draft(OXYCODONE, status="stopped", priorPrescription=prior)
    assert _proposed(stop).reference == "MedicationRequest/m1"


def test_a_prior_prescription_without_a_reference() -> None:
    """A prior prescription that is only told in words names no order."""
    assert _proposed(draft(OXYCODONE, priorPrescription={"display": "?"})).reference == "MedicationRequest/d1"


@pytest.mark.parametrize(("lines", "several"), [([], False), ([{}], False), ([{}, None], False), ([{}, {}], True)])
def test_several_dosage_lines(lines: list[Any], several: bool) -> None:
    """A draft with more than one dosage line says so."""
    assert _proposed(draft(OXYCODONE, dosageInstruction=lines)).several is several


def test_how_long_a_draft_lasts() -> None:
    """A draft knows its length, by its supply where it has no bounds."""
    supply = {"expectedSupplyDuration": {"value": 30, "unit": "days"}, "numberOfRepeatsAllowed": 1}
    assert _proposed(draft(OXYCODONE, dispenseRequest=supply)).days == 60
    assert _proposed(draft(OXYCODONE)).days is None


def test_a_draft_of_another_drug_keeps_its_reference() -> None:
    """A draft that is nothing to us is still a draft, selected or not."""
    found = proposed(read(draft(AMOXICILLIN)), record(), False, TODAY)
    assert (found.reference, found.selected, found.status) == ("MedicationRequest/d1", False, "draft")
    assert found.drug.entries == ()


@pytest.mark.parametrize("id", ["long." + "a" * 200, 5])
def test_ids_of_any_form(id: Any) -> None:
    """Order ids may be long, or numbers sent without quotes."""
    assert _proposed(draft(LORAZEPAM, id=id)).reference == f"MedicationRequest/{id}"


@pytest.mark.parametrize(
    ("more", "start"),
    [
        ({}, 0),
        (PRIOR, 0),
        ({"dosageInstruction": [timed(boundsPeriod={"start": day(-3)})]}, -3),
        ({"status": "stopped", "authoredOn": day(80)}, 80),
        ({"status": "stopped", "authoredOn": day(80), **PRIOR}, 80),
        ({"doNotPerform": True}, None),
        ({"doNotPerform": True, **PRIOR}, None),
        ({"dosageInstruction": [timed(boundsPeriod={"end": day(0)})], **PRIOR}, None),
        ({"dosageInstruction": [timed(boundsPeriod={"end": day(-1)})], **PRIOR}, 0),
    ],
)
def test_the_start_of_a_draft(more: Json, start: int | None) -> None:
    """A draft begins when it says, else today; a stopped order began when it was written; a draft that only tells
    the end of another order tells no start."""
    expected = None if start is None else TODAY - timedelta(days=start)
    assert _proposed(draft(OXYCODONE, **more)).start == expected
