"""Orders and statements of every version become medications."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from cds_service.facts import Listing, Medication, Reason, State
from cds_service.fhir.medications import listed
from cds_service.fhir.references import Record
from tests.fhir.resources import (
    AMOXICILLIN,
    CRAMP,
    OXYCODONE,
    TODAY,
    Json,
    day,
    dstu2_order,
    order,
    r5_order,
    record,
    statement,
    timed,
)

UNRESOLVED = {"reference": "Medication/else"}


def _listed(found: Record) -> list[Medication]:
    return list(Listing(partial(listed, found)))


def _one(*resources: Json) -> Medication:
    (found,) = _listed(record(*resources))
    return found


def test_an_order_with_everything() -> None:
    """An order is read with its day, end, length, route, reason, and the shape of its dose."""
    line = timed(boundsPeriod={"start": day(20), "end": day(10)}, count=1)
    line |= {"route": {"text": "IV"}, "doseAndRate": [{"rateQuantity": {"value": 1}}]}
    found = _one(order(OXYCODONE, dosageInstruction=[line], reasonCode=[CRAMP]))
    assert found.drug.ingredients == {"oxycodone"}
    assert (found.status, found.reference, found.stated) == ("active", "MedicationRequest/m1", False)
    assert (found.written, found.end) == (TODAY - timedelta(20), TODAY - timedelta(10))
    assert found.routes == {"parenteral"}
    assert found.reason == Reason(frozenset({"muscle-cramp"}), coded=True, given=True)
    assert found.single
    assert found.infusion


@pytest.mark.parametrize(
    ("resource", "reference", "written"),
    [
        (dstu2_order(OXYCODONE), "MedicationOrder/m1", 20),
        (order(OXYCODONE), "MedicationRequest/m1", 20),
        (r5_order({"concept": OXYCODONE}), "MedicationRequest/m1", 20),
        (order(OXYCODONE, authoredOn=None), "MedicationRequest/m1", None),
    ],
)
def test_an_order_of_every_version(resource: Json, reference: str, written: int | None) -> None:
    """An order is found in each version's resource with the day on which it was written."""
    found = _one(resource)
    assert found.reference == reference
    assert found.written == (None if written is None else TODAY - timedelta(days=written))
    assert found.state(TODAY) is State.ACTIVE


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, State.ACTIVE),
        ({"intent": "original-order"}, State.ACTIVE),
        ({"intent": "reflex-order"}, State.ACTIVE),
        ({"intent": "instance-order"}, State.ACTIVE),
        ({"intent": "filler-order"}, State.ACTIVE),
        ({"intent": None}, State.ACTIVE),
        ({"intent": "proposal"}, None),
        ({"intent": "plan"}, None),
        ({"intent": "option"}, None),
        ({"doNotPerform": True}, None),
        ({"doNotPerform": False}, State.ACTIVE),
        ({"status": "draft"}, None),
        ({"status": "cancelled"}, None),
        ({"status": "entered-in-error"}, None),
        ({"status": "stopped"}, State.PAST),
        ({"status": "completed"}, State.PAST),
        ({"status": "on-hold"}, State.POSSIBLE),
        ({"status": "unknown"}, State.POSSIBLE),
        ({"status": None}, State.POSSIBLE),
        ({"status": "completed", "dosageInstruction": [timed(boundsPeriod={"end": day(7)})]}, State.POSSIBLE),
        ({"status": "completed", "dosageInstruction": [timed(boundsPeriod={"end": day(8)})]}, State.PAST),
        ({"dosageInstruction": [timed(boundsPeriod={"end": day(0)})]}, State.ACTIVE),
        ({"dosageInstruction": [timed(boundsPeriod={"end": day(1)})]}, State.POSSIBLE),
        ({"dispenseRequest": {"expectedSupplyDuration": {"value": 5, "unit": "d"}}}, State.ACTIVE),
        ({"authoredOn": day(730)}, State.ACTIVE),
        ({"authoredOn": day(731)}, State.PAST),
    ],
)
def test_which_orders_count(more: Json, state: State | None) -> None:
    """What is no order, or was never one, is not on the list; the rest has its state (rules 1.4)."""
    found = _listed(record(order(OXYCODONE, **more)))
    assert [medication.state(TODAY) for medication in found] == ([] if state is None else [state])


R5 = {"medication": {"concept": OXYCODONE}, "medicationCodeableConcept": None, "status": "recorded"}


def _adherence(code: str) -> Json:
    return R5 | {"adherence": {"code": {"coding": [{"code": code}]}}}


@pytest.mark.parametrize(
    ("more", "state"),
    [
        ({}, State.ACTIVE),
        ({"status": "on-hold"}, State.POSSIBLE),
        ({"status": "unknown"}, State.POSSIBLE),
        ({"status": None}, State.POSSIBLE),
        ({"status": "completed"}, State.PAST),
        ({"status": "completed", "effectivePeriod": {"end": day(-1)}}, State.ACTIVE),
        ({"status": "completed", "effectivePeriod": {"end": day(0)}}, State.PAST),
        ({"status": "stopped"}, State.PAST),
        ({"status": "not-taken"}, None),
        ({"status": "intended"}, None),
        ({"status": "entered-in-error"}, None),
        ({"wasNotTaken": True}, None),
        ({"wasNotTaken": False}, State.ACTIVE),
        ({"taken": "y"}, State.ACTIVE),
        ({"taken": "n"}, None),
        ({"taken": "na"}, State.ACTIVE),
        ({"taken": "unk"}, State.POSSIBLE),
        ({"taken": "unk", "status": "entered-in-error"}, None),
        ({"taken": "unk", "status": "intended"}, None),
        ({"taken": "unk", "status": "stopped"}, State.PAST),
        (R5, State.ACTIVE),
        (R5 | {"adherence": {}}, State.POSSIBLE),
        (_adherence("taking"), State.ACTIVE),
        (_adherence("taking-as-directed"), State.ACTIVE),
        (_adherence("taking-not-as-directed"), State.ACTIVE),
        (_adherence("not-taking"), None),
        (_adherence("on-hold"), State.POSSIBLE),
        (_adherence("on-hold-as-directed"), State.POSSIBLE),
        (_adherence("stopped"), State.PAST),
        (_adherence("stopped-as-directed"), State.PAST),
        (_adherence("unknown"), State.POSSIBLE),
        (_adherence("taking") | {"status": "entered-in-error"}, None),
        (_adherence("taking") | {"status": "draft"}, None),
    ],
)
def test_a_statement_in_the_words_of_its_version(more: Json, state: State | None) -> None:
    """DSTU2's wasNotTaken, STU3's taken, R4's status and R5's adherence all say whether a drug is taken."""
    found = _listed(record(statement(OXYCODONE, **more)))
    assert [medication.state(TODAY) for medication in found] == ([] if state is None else [state])
    assert all(medication.stated for medication in found)


@pytest.mark.parametrize(
    ("more", "written", "ended"),
    [
        ({"effectivePeriod": {"start": day(30), "end": day(3)}}, 30, 3),
        ({"effectivePeriod": {}}, None, None),
        ({"effectiveDateTime": day(30)}, 30, None),
        ({}, None, None),
    ],
)
def test_since_when_a_statement_holds(more: Json, written: int | None, ended: int | None) -> None:
    """A statement has the days of its period, or its one day."""
    found = _one(statement(OXYCODONE, dosage={"route": {"text": "oral"}}, reasonCode=CRAMP, **more))
    assert found.reference == "MedicationStatement/s1"
    assert found.written == (None if written is None else TODAY - timedelta(days=written))
    assert found.end == (None if ended is None else TODAY - timedelta(days=ended))
    assert found.routes == {"oral"}
    assert found.reason.coded


def test_other_drugs_are_not_listed() -> None:
    """A drug that no value set knows is left out; one that is not known at all is kept."""
    others = [order(AMOXICILLIN, "a"), statement({"text": "vitamin"}, "b")]
    unknown = [order(None, "c", medicationReference=UNRESOLVED), statement({}, "d")]
    unknown[1] |= {"medicationCodeableConcept": None, "medicationReference": UNRESOLVED}
    found = _listed(record(*others, *unknown))
    assert [medication.reference for medication in found] == ["MedicationRequest/c", "MedicationStatement/d"]
    assert not any(medication.drug.known for medication in found)
