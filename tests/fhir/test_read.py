"""A record becomes facts: who the patient is, what is ordered, and what is not known."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.facts import CONDITIONS, DRUG, MEDICATIONS, PATIENT, Age, Snapshot, State
from cds_service.fhir.read import snapshot
from tests.fhir.resources import (
    AMOXICILLIN,
    CRAMP,
    HOSPICE,
    LORAZEPAM,
    OXYCODONE,
    TODAY,
    Json,
    care_order,
    condition,
    day,
    draft,
    dstu2_order,
    encounter,
    order,
    patient,
    record,
    statement,
)

UNRESOLVED = {"medicationReference": {"reference": "Medication/else"}}


def _facts(*held: Json, drafts: Any = (), **more: Any) -> Snapshot:
    return snapshot(record(*held, drafts=drafts), TODAY, **more)


def test_a_whole_record() -> None:
    """Patient, problems, medications, drafts, intolerances, care and encounter all become facts."""
    allergy = {"resourceType": "AllergyIntolerance", "id": "a1", "code": {"coding": [{"code": "1292"}]}}
    allergy["code"]["coding"][0]["system"] = "http://www.nlm.nih.gov/research/umls/rxnorm"  # type: ignore[index]
    held = [patient(), condition(CRAMP), order(OXYCODONE), statement(LORAZEPAM), allergy, encounter()]
    found = _facts(*held, care_order(HOSPICE), drafts=[draft(LORAZEPAM)], encounter_id="e1")
    assert found.age == Age(50, 50)
    assert len(found.problems) == len(found.intolerances) == len(found.orders) == 1
    assert len(list(found.medications)) == 2
    assert found.encounter_class == "IMP"
    assert found.in_hospice
    assert found.unmet == {}


def test_an_empty_record() -> None:
    """Nothing found gives no facts and no error; a list may be empty, but who the patient is stays unknown."""
    found = _facts()
    assert found == Snapshot(TODAY, TODAY, unmet={PATIENT: "the EHR found no record of the patient"})


def test_the_first_reason_why_the_patient_is_unknown_stands() -> None:
    """What the EHR did not supply is told as that, not as a record that it does not have."""
    assert _facts(unmet={PATIENT: "not supplied"}).unmet == {PATIENT: "not supplied"}


@pytest.mark.parametrize(
    ("more", "deceased"),
    [
        ({}, False),
        ({"deceasedBoolean": False}, False),
        ({"deceasedBoolean": None, "deceasedDateTime": None}, False),
        ({"deceasedBoolean": True}, True),
        ({"deceasedDateTime": "2026-01"}, True),
        ({"deceasedDateTime": "2026-01-02T03:04:05Z"}, True),
        ({"deceasedDateTime": "last winter"}, True),
    ],
)
def test_who_has_died(more: Json, deceased: bool) -> None:
    """A death is told by a flag or by any death date (rules 1.1)."""
    person = _facts(patient(**more)).person
    assert person is not None
    assert person.deceased is deceased


@pytest.mark.parametrize("born", [None, "", "unknown", 1976])
def test_an_unreadable_birth_date(born: Any) -> None:
    """A patient without a readable birth date is known, and the age is not."""
    found = _facts(patient(birthDate=born))
    assert found.person is not None
    assert found.age is None


@pytest.mark.parametrize(
    ("written", "ago"),
    [
        ([0], 0),
        ([1], 1),
        ([-1], -1),
        ([2], 0),
        ([-2], 0),
        ([None], 0),
        ([0, 1], 1),
        ([1, -1], 1),
        ([], 0),
    ],
)
def test_the_day_of_the_order_tells_the_age(written: list[int | None], ago: int) -> None:
    """A draft written within a day of now tells the day of the age; else it is today (rules 1.2)."""
    days = [None if number is None else day(number) for number in written]
    drafts = [draft(LORAZEPAM, f"d{n}", authoredOn=one) for n, one in enumerate(days)]
    assert _facts(drafts=drafts).age_on.isoformat() == day(ago)


@pytest.mark.parametrize(
    ("selected", "expected"),
    [
        (None, [True, True]),
        (frozenset({"MedicationRequest/d1"}), [True, False]),
        (frozenset({"MedicationRequest/d1", "MedicationRequest/d2"}), [True, True]),
        (frozenset({"MedicationOrder/d1"}), [False, False]),
        (frozenset(), [False, False]),
    ],
)
def test_selected_drafts(selected: frozenset[str] | None, expected: list[bool]) -> None:
    """The references of the context say which drafts are selected; without them all are."""
    found = _facts(drafts=[draft(LORAZEPAM), draft(OXYCODONE, "d2")], selected=selected)
    assert [one.selected for one in found.orders] == expected


def test_which_drafts_are_orders_of_medicines() -> None:
    """Other kinds of orders and what was entered in error are no proposed orders; DSTU2's are."""
    others = [care_order(HOSPICE, status="draft"), {"resourceType": "NutritionOrder", "id": "n1"}]
    wrong = draft(OXYCODONE, status="entered-in-error")
    found = _facts(drafts=[*others, wrong, dstu2_order(LORAZEPAM, "d1", status="draft")])
    assert [one.reference for one in found.orders] == ["MedicationOrder/d1"]
    assert not found.in_hospice


@pytest.mark.parametrize(
    ("more", "selected", "unmet"),
    [
        (UNRESOLVED, None, True),
        (UNRESOLVED, frozenset({"MedicationRequest/d1"}), True),
        (UNRESOLVED, frozenset(), False),
        (UNRESOLVED | {"status": "stopped"}, None, False),
        ({}, None, False),
    ],
)
def test_an_unresolved_draft(more: Json, selected: frozenset[str] | None, unmet: bool) -> None:
    """A selected draft whose drug is not known is told; one that is only context, or a stop, is not."""
    found = _facts(drafts=[draft(None, **more)], selected=selected)
    assert (DRUG in found.unmet) is unmet


@pytest.mark.parametrize(
    ("resource", "unmet"),
    [
        (order(None, **UNRESOLVED), True),
        (order(None, **UNRESOLVED, status="on-hold"), True),
        (order(None, **UNRESOLVED, status="stopped"), False),
        (statement({}) | {"medicationCodeableConcept": None} | UNRESOLVED, True),
        (order(AMOXICILLIN), False),
        (order({"text": "something"}), False),
    ],
)
def test_an_unresolved_entry_of_the_list(resource: Json, unmet: bool) -> None:
    """The list is not known whole while a drug that may be taken is not known."""
    found = _facts(resource)
    assert (MEDICATIONS in found.unmet) is unmet


@pytest.mark.parametrize("ended", [8, 400])
def test_an_unresolved_order_that_ended(ended: int) -> None:
    """An order that ended long ago leaves no doubt, even if its drug is not known."""
    line = {"timing": {"repeat": {"boundsPeriod": {"end": day(ended)}}}}
    assert MEDICATIONS not in _facts(order(None, **UNRESOLVED, dosageInstruction=[line])).unmet


def test_an_unresolved_order_that_is_list_rubbish() -> None:
    """An order without an end that is older than two years leaves no doubt either."""
    assert MEDICATIONS not in _facts(order(None, **UNRESOLVED, authoredOn=day(731))).unmet


def test_what_was_not_supplied_stays_told() -> None:
    """Needs that were not met keep their reason; the caller's mapping is left alone."""
    unmet = {MEDICATIONS: "not supplied", CONDITIONS: "not supplied"}
    found = _facts(patient(), order(None, **UNRESOLVED), unmet=unmet)
    assert found.unmet == {MEDICATIONS: "not supplied", CONDITIONS: "not supplied"}
    assert _facts(patient(), drafts=[draft(None, **UNRESOLVED)], unmet=unmet).unmet.keys() == {*unmet, DRUG}
    assert unmet.keys() == {MEDICATIONS, CONDITIONS}


def test_only_the_present_encounter_counts() -> None:
    """Another encounter than that of the context tells nothing."""
    held = [encounter(id="other", type=HOSPICE), encounter({"code": "EMER"})]
    assert _facts(*held, encounter_id="e1").encounter_class == "EMER"
    assert not _facts(*held, encounter_id="e1").in_hospice
    assert _facts(*held).encounter_class == ""
    assert _facts(*held, encounter_id="other").in_hospice


def test_erroneous_entries_change_nothing() -> None:
    """Conditions and medications entered in error leave no trace (rules 10.4)."""
    wrong = {"coding": [{"code": "entered-in-error"}]}
    held = [
        condition(HOSPICE, verificationStatus=wrong),
        order(OXYCODONE, status="entered-in-error"),
        statement(OXYCODONE, status="entered-in-error"),
        order(None, "m2", status="entered-in-error", **UNRESOLVED),
    ]
    assert _facts(patient(), *held) == _facts(patient())


def test_states_follow_the_day_of_evaluation() -> None:
    """The state of a medication is that of the day on which it is asked."""
    (found,) = _facts(order(OXYCODONE)).medications
    assert found.state(TODAY) is State.ACTIVE
