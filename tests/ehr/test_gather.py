"""What the EHR supplied: which keys are answered, which needs follow, and which resources may be used."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.ehr.gather import Gathered, Supply, gather
from cds_service.facts import (
    ALLERGIES,
    CARE_ORDERS,
    CONDITIONS,
    ENCOUNTER,
    MEDICATIONS,
    PATIENT,
    STATEMENTS,
    Need,
)
from cds_service.fhir.decode import value
from cds_service.fhir.models import Located
from cds_service.fhir.version import Version
from tests.fhir.resources import (
    CRAMP,
    LORAZEPAM,
    OXYCODONE,
    PALLIATIVE,
    Json,
    bundle,
    care_order,
    condition,
    draft,
    dstu2_order,
    encounter,
    order,
    outcome,
    patient,
    r5_order,
    read,
    who,
)
from tests.fhir.resources import PATIENT as ID

ALL = (PATIENT, ENCOUNTER, CONDITIONS, MEDICATIONS, STATEMENTS, ALLERGIES, CARE_ORDERS)
PARTIAL, FOREIGN = Supply.PARTIAL.value, Supply.FOREIGN.value
FAILED, ABSENT = Supply.FAILED.value, Supply.ABSENT.value
EPIC_NOTHING = bundle(outcome("warning"), total=0) | {"type": "searchset"}
OLD = condition(CRAMP, clinicalStatus="active", recordedDate=None)


def _gather(prefetch: Json, *drafts: Json, needs: Any = ALL, encounter_id: str = "", server: str = "") -> Gathered:
    values = {key: value(json.dumps(part).encode()) for key, part in prefetch.items()}
    located = [Located(read(resource)) for resource in drafts]
    return gather(values, located, ID, encounter_id, needs, server)


def _why(need: Need, prefetch: Json, *drafts: Json, **more: Any) -> str:
    """Why a need was not met, "" if it was."""
    return _gather(prefetch, *drafts, needs=(need,), **more).unmet.get(need, "")


@pytest.mark.parametrize(
    ("supplied", "why"),
    [
        (bundle(condition(CRAMP)), ""),
        (bundle(condition(CRAMP), total=1), ""),
        (bundle(condition(CRAMP), total="2"), ""),
        (bundle(condition(CRAMP), outcome("information")), ""),
        (bundle(condition(CRAMP), link=[{"relation": "self"}, None]), ""),
        (bundle(), ""),
        ({"resourceType": "Bundle"}, ""),
        (bundle(total=0), ""),
        (EPIC_NOTHING, ""),
        (None, ""),
        (bundle(outcome("error"), total=0), FAILED),
        (bundle(outcome("fatal")), FAILED),
        (bundle(condition(CRAMP), outcome("error")), PARTIAL),
        (bundle(condition(CRAMP), link=[{"relation": "next", "url": "u"}]), PARTIAL),
        (bundle(link=[{"relation": "next"}]), PARTIAL),
        (bundle(condition(CRAMP), total=2), PARTIAL),
        (bundle(total=3), PARTIAL),
        (bundle(condition(CRAMP)) | {"entry": [{"resource": condition(CRAMP)}, "junk"]}, PARTIAL),
        (bundle(condition(CRAMP), None), PARTIAL),
        (condition(CRAMP), PARTIAL),
        (outcome(), FAILED),
        (outcome("information"), FAILED),
        (patient(), FAILED),
        (bundle(patient()), FAILED),
        (bundle(order(LORAZEPAM)), FAILED),
        ("truncated", FAILED),
        ([condition(CRAMP)], FAILED),
        (5, FAILED),
        ({}, FAILED),
        ({"resourceType": "Bundle", "entry": "x"}, FAILED),
        (bundle(condition(CRAMP, subject=who("p2"))), FOREIGN),
        (bundle(condition(CRAMP), condition(CRAMP, "c2", subject=who("p2"))), FOREIGN),
    ],
)
def test_how_a_list_was_answered(supplied: Any, why: str) -> None:
    """Absence is concluded from a whole answer only; anything else tells why not (conformance P9 to P16)."""
    assert _why(CONDITIONS, {"conditions": supplied}) == why


def test_an_absent_key_was_not_supplied() -> None:
    """A key that is not there is not known; one that is null was looked for (conformance P9, P10)."""
    assert _why(CONDITIONS, {}) == ABSENT
    assert _why(CONDITIONS, {"conditions": None}) == ""


@pytest.mark.parametrize(
    ("supplied", "why"),
    [
        (patient(), ""),
        (bundle(patient()), ""),
        (None, ""),
        (patient(id="p2"), FOREIGN),
        (outcome(), FAILED),
        (condition(CRAMP), FAILED),
        (patient(birthDate=[]), FAILED),
    ],
)
def test_how_a_read_was_answered(supplied: Any, why: str) -> None:
    """A key that reads one resource is answered by it, also inside a Bundle."""
    assert _why(PATIENT, {"patient": supplied}) == why


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"issue": None}, ""),
        ({"issue": [None]}, ""),
        ({"issue": [{}]}, ""),
        ({"issue": [{"severity": "error"}]}, FAILED),
    ],
)
def test_only_an_error_is_an_error(more: Json, why: str) -> None:
    """An outcome without an error in a Bundle says that nothing was found (conformance P12)."""
    assert _why(CONDITIONS, {"conditions": bundle(outcome() | more)}) == why


REQUESTS = {"medicationRequests": bundle(order(OXYCODONE))}
ORDERS = {"medicationOrders": bundle(dstu2_order(OXYCODONE))}


@pytest.mark.parametrize(
    ("prefetch", "why"),
    [
        (REQUESTS, ""),
        (ORDERS, ""),
        ({"medicationRequests": bundle()}, ""),
        ({"medicationOrders": bundle()}, ""),
        ({"medicationOrders": bundle(), "conditions": bundle(OLD)}, ""),
        ({"medicationRequests": bundle(), "conditions": bundle(OLD)}, ""),
        (REQUESTS | {"medicationOrders": outcome()}, ""),
        ({"medicationRequests": bundle(dstu2_order(OXYCODONE))}, ""),
        ({"medicationRequests": bundle(), "other": bundle(dstu2_order(OXYCODONE))}, ABSENT),
        (ORDERS | {"medicationRequests": None}, ""),
        ({"medicationRequests": outcome()}, FAILED),
        ({"medicationRequests": outcome(), "medicationOrders": bundle(total=4)}, PARTIAL),
        ({"medicationRequests": bundle(order(OXYCODONE, subject=who("p2")))}, FOREIGN),
        ({}, ABSENT),
    ],
)
def test_one_sibling_answers_a_need(prefetch: Json, why: str) -> None:
    """A need with a key for each version is met by one; else the nearest miss tells why (decisions 4)."""
    assert _why(MEDICATIONS, prefetch) == why


@pytest.mark.parametrize(
    ("drafts", "prefetch", "why"),
    [
        ([r5_order({"concept": LORAZEPAM})], {"medicationRequests": outcome()}, FAILED),
        ([dstu2_order(LORAZEPAM)], {"medicationOrders": outcome()}, FAILED),
        ([dstu2_order(LORAZEPAM)], {"medicationOrders": bundle()}, ""),
        ([], {"serviceRequests": bundle(care_order(PALLIATIVE))}, ABSENT),
    ],
)
def test_keys_of_other_versions_are_not_missed(drafts: list[Json], prefetch: Json, why: str) -> None:
    """A key of a type that the request's version lacks is no unanswered one (decisions 4)."""
    assert _why(MEDICATIONS, prefetch, *drafts) == why


@pytest.mark.parametrize(
    ("server", "prefetch", "why"),
    [
        ("https://e/dstu2", {"procedureRequests": None}, ""),
        ("https://e/r4", {"serviceRequests": None}, ""),
        ("https://e/r4", {"serviceRequests": outcome()}, FAILED),
        ("https://e/r4", {}, ABSENT),
    ],
)
def test_care_orders_by_version(server: str, prefetch: Json, why: str) -> None:
    """Orders for care are ServiceRequests from R4 on, ProcedureRequests before."""
    assert _why(CARE_ORDERS, prefetch, server=server) == why


@pytest.mark.parametrize(
    ("encounter_id", "prefetch", "why"),
    [
        ("", {}, ""),
        ("e1", {}, ABSENT),
        ("e1", {"encounter": encounter()}, ""),
        ("e1", {"encounter": None}, ""),
        ("e1", {"encounter": encounter(subject=who("p2"))}, FOREIGN),
    ],
)
def test_without_an_encounter_its_key_is_not_missed(encounter_id: str, prefetch: Json, why: str) -> None:
    """A search whose token has no value is no unanswered one (decisions 4)."""
    assert _why(ENCOUNTER, prefetch, encounter_id=encounter_id) == why


def test_only_asked_needs_are_told() -> None:
    """A need that no rule of the service has is not missed."""
    assert _gather({}, needs=()).unmet == {}
    assert set(_gather({}, needs=(PATIENT,)).unmet) == {PATIENT}


def test_a_resource_under_any_key_is_used() -> None:
    """Facts count whatever key they came under; absence is concluded from the own key only (decisions 6)."""
    found = _gather({"epicKey": bundle(condition(CRAMP)), "patient": bundle(order(OXYCODONE), patient())})
    assert len(found.record.of("Condition")) == len(found.record.of("MedicationRequest")) == 1
    assert found.unmet[CONDITIONS] == ABSENT
    assert found.unmet[MEDICATIONS] == ABSENT
    assert PATIENT not in found.unmet


def test_another_patients_data_are_not_used() -> None:
    """A key that holds another patient's resource is left out whole; the other keys stay (conformance P16)."""
    mixed = bundle(condition(CRAMP), condition(CRAMP, "c2", subject=who("p2")))
    found = _gather({"conditions": mixed, "medicationRequests": bundle(order(OXYCODONE))}, draft(LORAZEPAM))
    assert found.record.of("Condition") == []
    assert len(found.record.of("MedicationRequest")) == 1
    assert len(found.record.drafts) == 1
    assert found.unmet[CONDITIONS] == FOREIGN


def test_a_part_is_used() -> None:
    """What stands on a partial page counts; only absence stays unknown (decisions 5)."""
    found = _gather({"conditions": bundle(condition(CRAMP), link=[{"relation": "next"}])})
    assert len(found.record.of("Condition")) == 1
    assert found.unmet[CONDITIONS] == PARTIAL


def test_junk_is_counted() -> None:
    """Every entry that could not be read is counted, over all keys."""
    junk = bundle(condition(CRAMP)) | {"entry": [{"resource": condition(CRAMP)}, 5, None]}
    assert _gather({"conditions": junk, "other": bundle(None)}).unreadable == {"conditions": 2, "other": 1}
    assert _gather({"conditions": bundle(condition(CRAMP))}).unreadable == {}


@pytest.mark.parametrize(
    ("prefetch", "nothing"),
    [
        ({}, True),
        ({"patient": outcome(), "conditions": "x"}, True),
        ({"patient": patient(id="p2")}, True),
        ({"patient": patient()}, False),
        ({"other": patient()}, False),
        ({"other": bundle()}, True),
        ({"conditions": bundle(condition(CRAMP))}, False),
        ({"conditions": bundle(), "medicationRequests": bundle()}, False),
    ],
)
def test_nothing_at_all(prefetch: Json, nothing: bool) -> None:
    """Nothing was supplied if no resource can be used and no key was answered (decisions 7)."""
    assert _gather(prefetch).nothing is nothing


def test_an_answered_call_without_a_resource_is_not_nothing() -> None:
    """Where every need was answered with "none", the call was answered."""
    keys = ("patient", "conditions", "medicationRequests", "medicationStatements", "allergies", "serviceRequests")
    assert not _gather(dict.fromkeys(keys)).nothing


@pytest.mark.parametrize(
    ("prefetch", "drafts", "server", "version"),
    [
        ({}, [], "", None),
        ({}, [], "https://e/stu3", Version.STU3),
        (ORDERS, [], "https://e/r4", Version.DSTU2),
        ({}, [r5_order({"concept": LORAZEPAM})], "", Version.R5),
        ({"conditions": bundle(condition(CRAMP))}, [], "", Version.R4),
    ],
)
def test_the_version_of_the_request(prefetch: Json, drafts: list[Json], server: str, version: Version | None) -> None:
    """Drafts and record together tell the version, else the server does."""
    assert _gather(prefetch, *drafts, server=server).version() is version


def test_states_that_answer() -> None:
    """Only a supplied and an empty key answer; the others tell why not in words."""
    assert {state for state in Supply if state.answered} == {Supply.SUPPLIED, Supply.EMPTY}
    assert all(state.value.strip() for state in Supply if not state.answered)
