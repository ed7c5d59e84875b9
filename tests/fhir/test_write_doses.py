"""Dosage lines that are written: a dose so many times a day, and the steps of a taper, in each version's shape."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest

from cds_service.facts import Line
from cds_service.fhir.check import problems
from cds_service.fhir.doses import lines
from cds_service.fhir.medications import proposed
from cds_service.fhir.version import Version
from cds_service.fhir.write import REPLACES, taper, tapered
from cds_service.fhir.write_doses import Plan, redosed, stepwise
from tests.fhir.resources import BACLOFEN, PATIENT, TODAY, Json, draft, dstu2_order, r5_order, read, record, timed

each_version = pytest.mark.parametrize("version", list(Version))
DOWN = ((10, 2), (5, 2), (2.5, 1))
PRIOR = "MedicationRequest/m1"


def _plan(*steps: tuple[float, int], stays: bool = False) -> Plan:
    return Plan(steps or DOWN, 7, TODAY, stays)


def _draft(version: Version, **more: Any) -> Json:
    """A draft of baclofen as a client of that version sends it."""
    if version is Version.DSTU2:
        return dstu2_order(BACLOFEN, "d1", status="draft") | more
    if version is Version.R5:
        return r5_order({"concept": BACLOFEN}, "d1", status="draft") | more
    return draft(BACLOFEN, **more)


def _dose(line: Json, version: Version) -> Json:
    inside = line if version in (Version.DSTU2, Version.STU3) else line["doseAndRate"][0]
    dose = inside["doseQuantity"]
    assert isinstance(dose, dict)
    return dose


def _days(line: Json, version: Version) -> tuple[Any, Any]:
    """Since when and until when, or how long, a line is taken."""
    repeat = line["timing"]["repeat"]
    if version is Version.DSTU2:
        assert "boundsDuration" not in repeat
        return repeat["boundsPeriod"]["start"], repeat["boundsPeriod"].get("end")
    assert "boundsPeriod" not in repeat
    return None, repeat.get("boundsDuration", {}).get("value")


@each_version
def test_each_step_is_a_line(version: Version) -> None:
    """A step tells its words, dose, times, order and length; DSTU2, which has no sequence, tells days instead."""
    found = stepwise(version, _plan())
    old = version is Version.DSTU2
    assert [line["text"] for line in found] == [
        *("10 mg twice daily for 7 days", "5 mg twice daily for 7 days", "2.5 mg once daily for 7 days")
    ]
    assert [_dose(line, version)["value"] for line in found] == [10, 5, 2.5]
    assert {_dose(line, version)["code"] for line in found} == {"mg"}
    assert [line["timing"]["repeat"]["frequency"] for line in found] == [2, 2, 1]
    assert [line["timing"]["repeat"]["periodUnits" if old else "periodUnit"] for line in found] == ["d"] * 3
    assert [line.get("sequence") for line in found] == ([None] * 3 if old else [1, 2, 3])
    days = ["2026-11-22", "2026-11-29", "2026-12-06", "2026-12-13"]
    told = list(pairwise(days)) if old else [(None, 7)] * 3
    assert [_days(line, version) for line in found] == told


@each_version
def test_the_last_step_may_stay(version: Version) -> None:
    """A dose that is lowered to another one ends with a line without an end."""
    *_, before, last = stepwise(version, _plan((10, 2), (5, 3), stays=True))
    assert last["text"] == "5 mg three times daily"
    assert _days(last, version)[1] is None
    assert _days(before, version)[1] is not None


@each_version
def test_one_step_is_one_line(version: Version) -> None:
    """A taper of one step tells its length all the same."""
    (line,) = stepwise(version, _plan((2.5, 1)))
    assert _days(line, version)[1] == ("2026-11-29" if version is Version.DSTU2 else 7)


@pytest.mark.parametrize(("times", "words"), [(1, "once"), (2, "twice"), (3, "three times"), (4, "four times")])
@each_version
def test_another_dose(version: Version, times: int, words: str) -> None:
    """A draft with a new dose keeps everything but its lines, and is valid."""
    received = _draft(version, dosageInstruction=[{"text": "old"}, {"text": "older"}])
    found = redosed(received, version, 5, times)
    (line,) = found["dosageInstruction"]
    assert line["text"] == f"5 mg {words} daily"
    assert (_dose(line, version)["value"], _dose(line, version)["unit"]) == (5, "mg")
    assert line["timing"]["repeat"]["frequency"] == times
    assert "sequence" not in line
    rest = [{key: part for key, part in one.items() if key != "dosageInstruction"} for one in (found, received)]
    assert rest[0] == rest[1]
    assert problems(found, version) == []


@each_version
def test_another_dose_keeps_the_route_and_not_the_quantity(version: Version) -> None:
    """The route stays on every line; what was to be dispensed was for the old dose."""
    route = {"text": "Oral"}
    received = _draft(
        version, dosageInstruction=[{"route": route}], dispenseRequest={"quantity": {"value": 90}}, note=None
    )
    assert [line["route"] for line in redosed(received, version, 5, 2)["dosageInstruction"]] == [route]
    assert "dispenseRequest" not in redosed(received, version, 5, 2)
    assert [line["route"] for line in tapered(received, version, _plan(), PRIOR)["dosageInstruction"]] == [route] * 3


@pytest.mark.parametrize("stays", [True, False])
@each_version
def test_a_taper_is_a_draft_of_the_patient(version: Version, stays: bool) -> None:
    """A new order of baclofen by mouth that names what it replaces, says so in its note, and is valid."""
    found = taper(version, PATIENT, _plan(stays=stays), PRIOR)
    old = version is Version.DSTU2
    assert found["resourceType"] == ("MedicationOrder" if old else "MedicationRequest")
    assert (found["status"], found["patient" if old else "subject"]) == ("draft", {"reference": "Patient/p1"})
    concept_ = found["medication"]["concept"] if version is Version.R5 else found["medicationCodeableConcept"]
    assert (concept_["coding"][0]["code"], concept_["text"]) == ("1292", "Baclofen")
    assert found["priorPrescription"] == {"reference": PRIOR}
    assert found["note"] == (REPLACES if old else [{"text": REPLACES}])
    assert [line["route"]["coding"][0]["code"] for line in found["dosageInstruction"]] == ["26643006"] * 3
    assert problems(found, version) == []


@each_version
def test_a_draft_becomes_a_taper(version: Version) -> None:
    """A draft keeps its identity and what is not its dose, names what it replaces, and is valid."""
    received = _draft(version, dosageInstruction=[timed(frequency=3)])
    found = tapered(received, version, _plan(), PRIOR)
    kept = {key: part for key, part in received.items() if key != "dosageInstruction"}
    assert {key: part for key, part in found.items() if key in kept} == kept
    assert set(found) - set(received) == {"priorPrescription", "note"}
    assert found["priorPrescription"] == {"reference": PRIOR}
    assert len(found["dosageInstruction"]) == 3
    assert problems(found, version) == []


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ([{"text": "with food"}], ["with food", REPLACES]),
        ({"text": "with food"}, ["with food", REPLACES]),
        (None, [REPLACES]),
        ([], [REPLACES]),
    ],
)
def test_the_notes_of_a_draft_stay(note: Any, told: list[str]) -> None:
    """What was noted before stays, also where an object stands for the list."""
    found = tapered(_draft(Version.R4, note=note), Version.R4, _plan(), PRIOR)
    assert [one["text"] for one in found["note"]] == told


def test_the_note_of_dstu2_is_one() -> None:
    """DSTU2 has one note; what the order replaces is the one that matters."""
    found = tapered(_draft(Version.DSTU2, note="with food"), Version.DSTU2, _plan(), PRIOR)
    assert found["note"] == REPLACES
    assert problems(found, Version.DSTU2) == []


@pytest.mark.parametrize("stays", [True, False])
@each_version
def test_what_is_written_is_read_the_same(version: Version, stays: bool) -> None:
    """The steps of a written taper are read with their doses, days and lengths, and its end is the last one's."""
    resource = read(taper(version, PATIENT, _plan(stays=stays), PRIOR) | _written(version))
    order = proposed(resource, record(), True, TODAY)
    assert [(step.mg, step.days) for step in order.schedule()] == [(20, 7), (10, 7), (2.5, None if stays else 7)]
    assert [step.start for step in order.schedule()] == [date(2026, 11, 22), date(2026, 11, 29), date(2026, 12, 6)]
    assert order.end == (None if stays else date(2026, 12, 13))
    assert not order.stops
    assert lines(resource, None)[0] == _first(version)


def _written(version: Version) -> Json:
    return {"dateWritten" if version is Version.DSTU2 else "authoredOn": TODAY.isoformat()}


def _first(version: Version) -> Line:
    if version is Version.DSTU2:
        return Line(10, times=2, start=TODAY, end=date(2026, 11, 29))
    return Line(10, times=2, sequence=1, days=7)
