"""What was not prefetched is asked of the FHIR server, and what that did not answer is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cds_service.ehr.gather import Gathered, gather
from cds_service.facts import ALLERGIES, CONDITIONS, ENCOUNTER, MEDICATIONS, PATIENT, Need
from cds_service.fhir.decode import value
from cds_service.fhir.models import Located
from cds_service.fhir.version import Version
from tests.ehr.asked import SLOW, Asked, answered
from tests.fhir.resources import BACLOFEN, CRAMP, Json, bundle, condition, draft, encounter, outcome, patient, read
from tests.fhir.resources import PATIENT as ID

NEEDS = (PATIENT, CONDITIONS, MEDICATIONS)
CRAMPS = condition(CRAMP)
OTHERS = condition(CRAMP) | {"id": "c2", "subject": {"reference": "Patient/somebody-else"}}
BROKEN = bundle(CRAMPS) | {"entry": [{"resource": CRAMPS}, {"resource": 1}]}
REFERRING = {key: part for key, part in draft(BACLOFEN).items() if key != "medicationCodeableConcept"}


def _gather(prefetch: Json, asked: Asked, *drafts: Json, needs: Any = NEEDS, encounter_id: str = "") -> Gathered:
    values = {key: value(json.dumps(part).encode()) for key, part in prefetch.items()}
    located = [Located(read(resource)) for resource in drafts]
    return gather(values, located, ID, encounter_id, needs, "", asked)


@pytest.mark.parametrize(
    ("supplied", "asks"),
    [
        (bundle(CRAMPS), False),
        (bundle(), False),
        (None, False),
        (bundle(OTHERS), False),
        (bundle(CRAMPS, link=[{"relation": "next", "url": "u"}]), True),
        (outcome("error"), True),
        ("<html>", True),
        ([1], True),
        (patient(), True),
    ],
)
def test_only_what_is_missing_is_asked_for(supplied: Any, asks: bool) -> None:
    """Supplied, empty and another patient's lists are left alone; absent, failed and partial ones are asked for."""
    asked = Asked()
    _gather({"patient": patient(), "conditions": supplied, "medicationRequests": bundle()}, asked)
    assert asked.queries == [{"conditions": f"Condition?patient={ID}&_count=1000"}][: int(asks)]


def test_templates_are_filled() -> None:
    """A read and a search name the patient and the encounter of the context."""
    asked = Asked()
    _gather({}, asked, needs=(PATIENT, ENCOUNTER), encounter_id="e1")
    assert asked.queries == [{"patient": f"Patient/{ID}", "encounter": "Encounter/e1"}]


def test_what_the_version_lacks_is_not_asked_for() -> None:
    """A server of R4 is not asked for MedicationOrder, one of an unknown version for either."""
    for version, keys in ((Version.R4, {"medicationRequests"}), (None, {"medicationRequests", "medicationOrders"})):
        asked = Asked(version=version)
        _gather({}, asked, needs=(MEDICATIONS,))
        assert asked.queries[0].keys() == keys


def test_what_was_fetched_counts() -> None:
    """Resources of the FHIR server join those of the prefetch, and the need is met."""
    asked = Asked({"conditions": answered(bundle(CRAMPS))})
    found = _gather({"patient": patient(), "medicationRequests": bundle()}, asked)
    assert found.unmet == {}
    assert [one.id for one in found.record.of("Condition")] == ["c1"]
    assert json.loads(found.pages[0]) == bundle(CRAMPS)


def test_a_partial_list_is_kept_beside_what_was_fetched() -> None:
    """A page that was prefetched is used although the rest could not be had, and the rest is told."""
    page = bundle(CRAMPS, link=[{"relation": "next", "url": "u"}])
    found = _gather({"patient": patient(), "conditions": page, "medicationRequests": bundle()}, Asked())
    assert len(found.record.of("Condition")) == 1
    assert found.unmet == {CONDITIONS: SLOW.why}
    assert found.details == {CONDITIONS: SLOW.detail}


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (answered(bundle(CRAMPS)), ""),
        (answered(bundle()), ""),
        (answered(bundle(CRAMPS), bundle(CRAMPS | {"id": "c2"})), ""),
        (answered(bundle(CRAMPS, total=2), bundle(CRAMPS | {"id": "c2"}, total=2)), ""),
        (answered(bundle(CRAMPS, total=3), bundle(CRAMPS | {"id": "c2"}, total=3)), "only a part of it was supplied"),
        (answered(bundle(CRAMPS), complete=False, why="late"), "late"),
        (answered(bundle(CRAMPS), complete=False), "only a part of it was supplied"),
        (answered(bundle(CRAMPS, OTHERS)), "the record system sent another patient's data"),
        (answered(bundle(OTHERS)), "the record system sent another patient's data"),
        (answered(bundle(patient())), "the EHR's answer could not be used"),
        (answered(CRAMPS, bundle()), "the EHR's answer could not be used"),
        (
            answered(BROKEN),
            "only a part of it was supplied",
        ),
        (answered(why="refused"), "refused"),
        (answered(), "the EHR's answer could not be used"),
    ],
)
def test_every_answer_is_judged(answer: Any, why: str) -> None:
    """Pages are one answer; nothing is concluded from one that is cut short, mixed with strangers or not asked for."""
    found = _gather({"patient": patient(), "medicationRequests": bundle()}, Asked({"conditions": answer}))
    assert found.unmet.get(CONDITIONS, "") == why


def test_another_patients_resources_are_dropped() -> None:
    """A server that ignores the patient gets none of the strangers' data into the record."""
    found = _gather({}, Asked({"conditions": answered(bundle(CRAMPS, OTHERS))}), needs=(CONDITIONS,))
    assert [one.id for one in found.record.of("Condition")] == ["c1"]


def test_a_read_is_one_resource() -> None:
    """The patient and the encounter are read as they are; another patient is not taken for this one."""
    own, stranger = answered(patient()), answered(patient() | {"id": "somebody-else"})
    visit = answered(encounter())
    found = _gather({}, Asked({"patient": own, "encounter": visit}), needs=(PATIENT, ENCOUNTER), encounter_id="e1")
    assert found.unmet == {}
    found = _gather({}, Asked({"patient": stranger}), needs=(PATIENT,))
    assert found.unmet == {PATIENT: "the record system sent another patient's data"}
    assert found.nothing


@pytest.mark.parametrize(("asks", "known"), [(True, True), (False, False)])
def test_medications_are_looked_up_at_once(asks: bool, known: bool) -> None:
    """A Medication that nobody sent is read by one search, if the FHIR server may be asked."""
    order = REFERRING | {"medicationReference": {"reference": "Medication/m7"}}
    medication = {"resourceType": "Medication", "id": "m7", "code": {"text": "Baclofen"}}
    asked = Asked({"Medication": answered(bundle(medication, medication | {"id": "m8"}))})
    prefetch = {"patient": patient(), "conditions": bundle(), "medicationRequests": bundle()}
    values = {key: value(json.dumps(part).encode()) for key, part in prefetch.items()}
    found = gather(values, [Located(read(order))], ID, "", NEEDS, "", asked if asks else None)
    assert [one.id for one in found.record.of("Medication")] == (["m7"] if known else [])
    assert asked.queries == ([{"Medication": "Medication?_id=m7&_count=1"}] if asks else [])


@pytest.mark.parametrize("key", ["medications", "Medication"])
def test_a_look_up_loses_nothing_that_was_sent(key: str) -> None:
    """What a client sends under a key of its own is used, whatever the service asks for besides."""
    order = REFERRING | {"medicationReference": {"reference": "Medication/m7"}}
    sent = {"resourceType": "Condition", "id": "c9", "code": {"text": "Cramp"}}
    prefetch = {"patient": patient(), "conditions": bundle(), "medicationRequests": bundle(), key: bundle(sent)}
    looked_up = answered(bundle({"resourceType": "Medication", "id": "m7", "code": {"text": "Baclofen"}}))
    found = _gather(prefetch, Asked({"Medication": looked_up}), order)
    assert {one.id for one in found.record.of("Condition", "Medication")} == {"c9", "m7"}


def test_a_drug_that_is_known_is_not_looked_up() -> None:
    """An order that carries its drug's code beside a reference needs no call."""
    known = {"medicationCodeableConcept": {"text": "Baclofen"}, "medicationReference": {"reference": "Medication/m7"}}
    asked = Asked()
    _gather({"patient": patient(), "conditions": bundle(), "medicationRequests": bundle()}, asked, REFERRING | known)
    assert asked.queries == []


def test_odd_references_are_not_asked_for() -> None:
    """Contained, foreign and malformed references lead to no call."""
    odd = ("#med", "urn:uuid:3", "Medication/a b", "Practitioner/1", "")
    orders = [REFERRING | {"id": str(n), "medicationReference": {"reference": one}} for n, one in enumerate(odd)]
    asked = Asked()
    prefetch = {"patient": patient(), "conditions": bundle(), "medicationRequests": bundle()}
    _gather(prefetch, asked, *orders)
    assert asked.queries == []


def test_the_server_tells_the_version_where_nothing_else_does() -> None:
    """The version of the resources goes first, then the server's own word."""
    dstu2 = {"medicationOrders": bundle({"resourceType": "MedicationOrder"})}
    for prefetch, version in (({}, Version.R5), (dstu2, Version.DSTU2)):
        assert _gather(prefetch, Asked(version=Version.R5), needs=(ALLERGIES,)).version() is version


def test_without_a_server_nothing_is_asked() -> None:
    """The reasons are those of the prefetch, and there is no technical one."""
    found = gather({}, (), ID, "", NEEDS)
    why: dict[Need, str] = dict.fromkeys(NEEDS, "not supplied by the EHR")
    assert (found.unmet, found.details, found.pages) == (why, {}, ())


@pytest.mark.parametrize(("entries", "why"), [(2000, ""), (2001, "the record system holds more than could be read")])
def test_no_endless_list_is_judged(entries: int, why: str) -> None:
    """Of a list beyond measure the first entries are used, and that there are more is told."""
    half = entries // 2
    every = [CRAMPS | {"id": f"c{number}"} for number in range(entries)]
    answer = answered(bundle(*every[:half]), bundle(*every[half:]))
    found = _gather({"patient": patient(), "medicationRequests": bundle()}, Asked({"conditions": answer}))
    assert len(found.record.of("Condition")) == 2000
    assert found.unmet.get(CONDITIONS, "") == why
