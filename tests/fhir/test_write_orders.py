"""Orders that are written: tests and education in each version's shape, a hold, a new dose; valid and whole."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.fhir.check import problems
from cds_service.fhir.version import Version
from cds_service.fhir.write import TESTS, Visit, baclofen, education, held, magnesium_oxide, ordered_test
from cds_service.fhir.write_doses import at_night, weekly
from tests.fhir.resources import PATIENT, Json, concept, draft, dstu2_order, order, who
from tests.support.valuesets import sets_of

OXIDE = concept("198741", "Magnesium Oxide 400 MG Oral Tablet")
TYPES = {Version.DSTU2: "DiagnosticOrder", Version.STU3: "ProcedureRequest"}
each_version = pytest.mark.parametrize("version", list(Version))
WORDS = "2 tablets (800 mg magnesium oxide) once daily at night"


def _visit(version: Version, encounter: str = "e1") -> Visit:
    return Visit(version, PATIENT, encounter)


def _coding(resource: Json, version: Version) -> Json:
    code = resource["item"][0]["code"] if "item" in resource else resource["code"]
    concept_ = code["concept"] if version is Version.R5 else code
    assert concept_["text"]
    (coding,) = concept_["coding"]
    assert isinstance(coding, dict)
    return coding


@pytest.mark.parametrize("test", TESTS)
@each_version
def test_a_test_is_ordered_in_the_clients_version(version: Version, test: str) -> None:
    """The order is a valid draft for this patient and encounter, with the code that is ordered first."""
    found = ordered_test(_visit(version), test)
    assert found["resourceType"] == TYPES.get(version, "ServiceRequest")
    assert (found["status"], found["subject"]) == ("draft", who())
    assert found.get("intent") == (None if version is Version.DSTU2 else "order")
    assert found["context" if version is Version.STU3 else "encounter"] == {"reference": "Encounter/e1"}
    coding = _coding(found, version)
    assert f"{test}-order" in sets_of(coding["system"], coding["code"])
    assert problems(found, version) == []


@pytest.mark.parametrize(
    ("test", "code"),
    [
        ("magnesium", "19123-9"),
        ("potassium", "2823-3"),
        ("sodium", "2951-2"),
        ("creatinine", "2160-0"),
        ("urine-sodium", "2955-3"),
    ],
)
def test_the_code_of_a_test(test: str, code: str) -> None:
    """Each test is ordered by its own LOINC code, never as a panel: none of them holds magnesium."""
    assert _coding(ordered_test(_visit(Version.R4), test), Version.R4)["code"] == code


@each_version
def test_a_test_without_an_encounter_names_none(version: Version) -> None:
    """An order of no encounter has no empty reference."""
    assert not {"encounter", "context"} & ordered_test(_visit(version, ""), "magnesium").keys()


@pytest.mark.parametrize("version", [Version.STU3, Version.R4, Version.R5])
def test_a_test_of_a_later_day_says_so(version: Version) -> None:
    """A check that is due in two weeks carries its day."""
    found = ordered_test(_visit(version), "creatinine", date(2026, 12, 6))
    assert found["occurrenceDateTime"] == "2026-12-06"
    assert problems(found, version) == []


def test_dstu2_has_no_place_for_a_later_day() -> None:
    """A DiagnosticOrder stays valid without the day; the label of the suggestion tells it."""
    found = ordered_test(_visit(Version.DSTU2), "creatinine", date(2026, 12, 6))
    assert "occurrenceDateTime" not in found
    assert problems(found, Version.DSTU2) == []


@each_version
def test_education_is_ordered_in_the_clients_version(version: Version) -> None:
    """A draft order of patient education, with its topic in words."""
    found = education(_visit(version), "stretching")
    assert found["resourceType"] == ("ServiceRequest" if version in (Version.R4, Version.R5) else "ProcedureRequest")
    assert _coding(found, version)["code"] == "311401005"
    assert "stretching" in str(found["code"])
    assert problems(found, version) == []


@each_version
def test_a_hold_carries_the_whole_order(version: Version) -> None:
    """On hold, with the reason where the version has a place for it, and everything else as it was."""
    received = dstu2_order(OXIDE) if version is Version.DSTU2 else order(OXIDE)
    found = held(received, version, "because")
    assert found["status"] == "on-hold"
    assert {key: part for key, part in found.items() if key not in ("status", "statusReason")} == {
        key: part for key, part in received.items() if key != "status"
    }
    assert ("statusReason" in found) is (version in (Version.R4, Version.R5))
    assert "reasonEnded" not in found


def _night(version: Version, received: Json) -> Json:
    (line,) = at_night(received, version, 2, "tablet", WORDS)["dosageInstruction"]
    assert isinstance(line, dict)
    return line


@each_version
def test_a_new_dose_replaces_every_line(version: Version) -> None:
    """One line is left: its words, its time at night, its dose in whole tablets where the version wants it."""
    lines = [{"text": "one"}, {"text": "two"}]
    received = dstu2_order(OXIDE) if version is Version.DSTU2 else draft(OXIDE)
    line = _night(version, received | {"dosageInstruction": lines})
    assert line["text"] == WORDS
    inside = version in (Version.DSTU2, Version.STU3)
    dose = line["doseQuantity"] if inside else line["doseAndRate"][0]["doseQuantity"]
    assert (dose["value"], dose["unit"], dose["code"]) == (2, "tablet", "{tablet}")
    repeat = line["timing"]["repeat"]
    assert repeat["when"] == ("HS" if version is Version.DSTU2 else ["HS"])
    assert (repeat["frequency"], repeat["period"]) == (1, 1)


@pytest.mark.parametrize("lines", [[{"route": {"text": "Oral"}}, {}], {"route": {"text": "Oral"}}])
def test_the_route_stays(lines: Any) -> None:
    """The route of the first line is kept, also where an object stands for the list."""
    assert _night(Version.R4, draft(OXIDE, dosageInstruction=lines))["route"] == {"text": "Oral"}
    assert "route" not in _night(Version.R4, draft(OXIDE))


def test_the_quantity_of_the_old_dose_goes() -> None:
    """A quantity to dispense is taken out, and nothing empty is left; the rest of the order is as it was."""
    supply = {"quantity": {"value": 30}, "numberOfRepeatsAllowed": 2}
    found = at_night(draft(OXIDE, dispenseRequest=supply, priority="routine"), Version.R4, 1, "tablet", WORDS)
    assert found["dispenseRequest"] == {"numberOfRepeatsAllowed": 2}
    assert found["priority"] == "routine"
    bare = at_night(draft(OXIDE, dispenseRequest={"quantity": {"value": 30}}), Version.R4, 1, "tablet", WORDS)
    assert "dispenseRequest" not in bare
    assert problems(bare, Version.R4) == []


@pytest.mark.parametrize(("times", "words"), [(1, "5 mg by mouth once daily"), (2, "5 mg by mouth twice daily")])
@each_version
def test_baclofen_is_a_draft_of_the_patient(version: Version, times: int, words: str) -> None:
    """A 5 mg tablet by mouth, so many times a day, for this patient, with text and code, in the client's version."""
    found = baclofen(version, PATIENT, 5, times)
    old = version is Version.DSTU2
    assert found["resourceType"] == ("MedicationOrder" if old else "MedicationRequest")
    assert (found["status"], found["patient" if old else "subject"]) == ("draft", who())
    concept_ = found["medication"]["concept"] if version is Version.R5 else found["medicationCodeableConcept"]
    assert concept_["coding"][0]["code"] == "430902"
    (line,) = found["dosageInstruction"]
    assert line["text"] == words
    assert line["route"]["coding"][0]["code"] == "26643006"
    repeat = line["timing"]["repeat"]
    assert (repeat["frequency"], repeat["period"]) == (times, 1)
    assert repeat["periodUnits" if old else "periodUnit"] == "d"
    dose = line["doseQuantity"] if version in (Version.DSTU2, Version.STU3) else line["doseAndRate"][0]["doseQuantity"]
    assert (dose["value"], dose["code"]) == (5, "mg")
    assert problems(found, version) == []


@each_version
def test_magnesium_oxide_is_a_draft_of_the_patient(version: Version) -> None:
    """One tablet of 500 mg of the oxide by mouth at night, for this patient, with text and code of that tablet."""
    found = magnesium_oxide(version, PATIENT, 500)
    old = version is Version.DSTU2
    assert found["resourceType"] == ("MedicationOrder" if old else "MedicationRequest")
    assert (found["status"], found["patient" if old else "subject"]) == ("draft", who())
    concept_ = found["medication"]["concept"] if version is Version.R5 else found["medicationCodeableConcept"]
    assert (concept_["coding"][0]["code"], concept_["text"]) == ("311431", "Magnesium oxide 500 mg tablet")
    (line,) = found["dosageInstruction"]
    assert line["text"] == "1 tablet (500 mg magnesium oxide) by mouth once daily at night"
    assert line["route"]["coding"][0]["code"] == "26643006"
    repeat = line["timing"]["repeat"]
    assert (repeat["frequency"], repeat["period"], repeat["when"]) == (1, 1, "HS" if old else ["HS"])
    dose = line["doseQuantity"] if version in (Version.DSTU2, Version.STU3) else line["doseAndRate"][0]["doseQuantity"]
    assert (dose["value"], dose["code"]) == (1, "{tablet}")
    assert problems(found, version) == []


def test_a_tablet_that_does_not_exist_is_not_made_up() -> None:
    """A strength that no tablet has is an error, and no order of another tablet; a capsule is no tablet either."""
    for write, mg in ((lambda mg: baclofen(Version.R4, PATIENT, mg, 1), 7), (_oxide, 123), (_oxide, 600)):
        with pytest.raises(KeyError):
            write(mg)


def _oxide(mg: int) -> Json:
    return magnesium_oxide(Version.R4, PATIENT, mg)


@each_version
def test_a_weekly_dose_keeps_the_rest(version: Version) -> None:
    """So many grams once a week, in the version's shape; the rest of the order is as it was, and it is valid."""
    albumin = concept("238643", "Albumin human, usp 250 MG/ML injectable solution")
    received = dstu2_order(albumin) if version is Version.DSTU2 else draft(albumin)
    if version is Version.R5:
        received = {"medication": {"concept": received.pop("medicationCodeableConcept")}} | received
    found = weekly(received, version, 20)
    (line,) = found["dosageInstruction"]
    dose = line["doseQuantity"] if version in (Version.DSTU2, Version.STU3) else line["doseAndRate"][0]["doseQuantity"]
    assert (dose["value"], dose["code"], line["text"]) == (20, "g", "20 g once a week")
    assert line["timing"]["repeat"]["periodUnits" if version is Version.DSTU2 else "periodUnit"] == "wk"
    assert {key: part for key, part in found.items() if key != "dosageInstruction"} == {
        key: part for key, part in received.items() if key != "dosageInstruction"
    }
    assert problems(found, version) == []
