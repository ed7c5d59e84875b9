"""One call from its body to its cards: what is read decides, what is missing is told, nothing raises."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.hooks.refusal import Refusal
from tests.fhir.resources import (
    AMOXICILLIN,
    CLONAZEPAM,
    CRAMP,
    CYCLOBENZAPRINE,
    DIAZEPAM,
    DIAZEPAM_RECTAL,
    HOSPICE,
    LORAZEPAM,
    OXYCODONE,
    PALLIATIVE,
    Json,
    bundle,
    care_order,
    condition,
    day,
    draft,
    dstu2_order,
    encounter,
    order,
    outcome,
    patient,
    r5_order,
    statement,
    timed,
    who,
)
from tests.hooks.calls import answered, cards, prefetch, request, told

PAIR, NOT_EVALUATED = "benzodiazepine-opioid-combination", "not-evaluated:info"
CRITICAL, WARNING = [f"{PAIR}:critical"], [f"{PAIR}:warning"]
OLD_AGE = "cyclobenzaprine-older-adult"
MEDICATION = {"resourceType": "Medication", "id": "med1", "code": OXYCODONE}
UNRESOLVED = order(None, medicationReference={"reference": "Medication/else"})
AGED = patient(birthDate="1950-01-01")


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        ([order(OXYCODONE)], CRITICAL),
        ([dstu2_order(OXYCODONE)], CRITICAL),
        ([r5_order({"concept": OXYCODONE})], CRITICAL),
        ([statement(OXYCODONE)], CRITICAL),
        ([order(None, medicationReference={"reference": "Medication/med1"}), MEDICATION], CRITICAL),
        ([order(None, medicationReference={"reference": "#x"}, contained=[MEDICATION | {"id": "x"}])], CRITICAL),
        ([order({"text": "Oxycodone 5 mg"})], WARNING),
        ([order(None, medicationReference={"display": "Oxycodone 5 mg"})], WARNING),
        ([order(OXYCODONE, status="on-hold")], WARNING),
        ([order(OXYCODONE, authoredOn=day(365))], CRITICAL),
        ([order(OXYCODONE, authoredOn=day(366))], WARNING),
        ([order(OXYCODONE, authoredOn=day(731))], []),
        ([order(OXYCODONE, status="entered-in-error")], []),
        ([order(OXYCODONE, intent="plan")], []),
        ([order(AMOXICILLIN)], []),
        ([UNRESOLVED], [NOT_EVALUATED]),
        ([UNRESOLVED, order(OXYCODONE, "m2")], [*CRITICAL, NOT_EVALUATED]),
    ],
)
def test_a_partner_on_the_list(listed: list[Json], expected: list[str]) -> None:
    """A new benzodiazepine meets the opioids of the list, in whatever shape they are told."""
    held = prefetch(*listed, extra=bundle(MEDICATION) if MEDICATION in listed else None)
    assert told(request("order-sign", draft(LORAZEPAM)) | {"prefetch": held}) == expected


@pytest.mark.parametrize(
    "stop",
    [
        order(OXYCODONE, status="stopped"),
        order(OXYCODONE, status="cancelled"),
        order(OXYCODONE, status="completed"),
        draft(OXYCODONE, "x", doNotPerform=True),
        draft(
            OXYCODONE,
            "x",
            priorPrescription={"reference": "MedicationRequest/m1"},
            dosageInstruction=[timed(boundsPeriod={"end": day(0)})],
        ),
    ],
)
def test_a_partner_that_is_being_stopped(stop: Json) -> None:
    """A drug stopped in the same session is a possible partner only (rules 5.1, 11.6)."""
    assert told(request("order-sign", stop, draft(LORAZEPAM), held=[order(OXYCODONE)])) == WARNING
    assert told(request("order-sign", stop, held=[order(OXYCODONE)])) == []


@pytest.mark.parametrize(
    ("draft_", "held", "expected"),
    [
        (draft(CLONAZEPAM), [order(CLONAZEPAM, "m2")], WARNING),
        (draft(DIAZEPAM_RECTAL), [], WARNING),
        (draft(DIAZEPAM, dosageInstruction=[{"route": {"text": "rectal"}}]), [], WARNING),
        (draft(LORAZEPAM), [condition(HOSPICE)], []),
        (draft(LORAZEPAM), [care_order(HOSPICE)], []),
        (draft(LORAZEPAM), [condition(PALLIATIVE, recordedDate=day(90))], []),
        (draft(LORAZEPAM), [condition(PALLIATIVE, recordedDate=day(91))], CRITICAL),
        (draft(LORAZEPAM), [patient(deceasedBoolean=True)], []),
        (draft(LORAZEPAM), [patient(birthDate="2008-11-23")], []),
        (draft(LORAZEPAM), [patient(birthDate="2008-11-22")], CRITICAL),
        (draft(LORAZEPAM), [patient(birthDate="2008")], []),
        (draft(LORAZEPAM), [patient(birthDate=None)], CRITICAL),
        (draft(LORAZEPAM, status="entered-in-error"), [], []),
        (draft(AMOXICILLIN), [], []),
        (draft(None), [], []),
    ],
)
def test_when_a_pair_speaks(draft_: Json, held: list[Json], expected: list[str]) -> None:
    """Renewal and rescue soften; hospice, death, childhood and other drugs silence (rules 1.1, 1.2, D1)."""
    assert told(request("order-sign", draft_, held=[order(OXYCODONE), *held])) == expected


@pytest.mark.parametrize(
    "kind", ["inpatient", {"code": "IMP"}, [{"coding": [{"code": "IMP"}]}]], ids=["DSTU2", "R4", "R5"]
)
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (timed(count=1), []),
        ({"timing": {"event": [day(0)]}}, []),
        ({"doseAndRate": [{"rateQuantity": {"value": 1}}]}, []),
        ({"rateRatio": {"numerator": {"value": 1}}}, []),
        (timed(frequency=1), CRITICAL),
    ],
)
def test_what_is_given_at_the_bedside(kind: Any, line: Json, expected: list[str]) -> None:
    """A single dose or an infusion in the present inpatient encounter is no combination (rules 1.11, 11.12, 11.24)."""
    drafts = [draft(LORAZEPAM, dosageInstruction=[line])]
    held = [order(OXYCODONE), encounter(kind)]
    assert told(request("order-sign", *drafts, held=held, context={"encounterId": "e1"})) == expected
    assert told(request("order-sign", *drafts, held=held, context={"encounterId": "e2"})) == CRITICAL


@pytest.mark.parametrize(
    ("selections", "expected"), [(["MedicationRequest/d1"], CRITICAL), (["MedicationRequest/else"], []), ([], [])]
)
def test_only_selected_drafts_trigger(selections: list[str], expected: list[str]) -> None:
    """At order-select a card is about selected drafts; the others are context (rules 1.3)."""
    drafts = [draft(LORAZEPAM), draft(OXYCODONE, "d2")]
    assert told(request("order-select", *drafts, context={"selections": selections})) == expected


@pytest.mark.parametrize("hook", ["order-select", "order-sign", "medication-prescribe"])
def test_an_order_hook_without_its_drafts(hook: str) -> None:
    """A real client sends order hooks without drafts: no cards, no error (decisions 7)."""
    call = request(hook)
    call["context"] = {"userId": "Practitioner/1", "patientId": "p1"}
    assert cards(call) == cards(call | {"prefetch": {}}) == []


@pytest.mark.parametrize("hook", ["order-select", "order-sign", "medication-prescribe"])
def test_an_order_hook_without_data(hook: str) -> None:
    """Without prefetch an order hook answers, with a card that says what could not be checked (decisions 7)."""
    call = request(hook, draft(LORAZEPAM)) | {"prefetch": None}
    assert told(call) == [NOT_EVALUATED]
    assert told(request(hook, draft(AMOXICILLIN)) | {"prefetch": None}) == []


@pytest.mark.parametrize("found", [None, bundle(), {"resourceType": "Bundle", "type": "searchset", "total": 0}])
@pytest.mark.parametrize(("drug", "also"), [(LORAZEPAM, CRITICAL), (CYCLOBENZAPRINE, []), (AMOXICILLIN, None)])
def test_a_patient_who_was_not_found_is_not_known(found: Any, drug: Any, also: list[str] | None) -> None:
    """A null list is an empty list, but a null patient has an age all the same: what hangs on it was not checked."""
    alone, beside = (prefetch(*held, patient=found) for held in ([], [order(OXYCODONE)]))
    call = request("order-sign", draft(drug))
    assert told(call | {"prefetch": alone}) == ([] if also is None else [NOT_EVALUATED])
    assert told(call | {"prefetch": beside}) == ([] if also is None else [*also, NOT_EVALUATED])


@pytest.mark.parametrize(
    "prefetch_", [None, {}, {"patient": outcome()}, {"patient": "x", "conditions": patient(id="p2")}]
)
def test_patient_view_with_nothing_at_all(prefetch_: Any) -> None:
    """Where not one datum can be used, the call is refused with 412 and the keys (conformance P14)."""
    with pytest.raises(Refusal, match="medicationRequests") as refused:
        answered(request("patient-view") | {"prefetch": prefetch_})
    assert (refused.value.status, refused.value.code) == (412, "required")


@pytest.mark.parametrize(
    ("supplied", "expected"),
    [
        ({"patient": patient()}, [NOT_EVALUATED]),
        ({"patient": patient(), "conditions": bundle()}, [NOT_EVALUATED]),
        ({"patient": patient(), "conditions": bundle(), "medicationRequests": bundle()}, []),
        ({"patient": patient(deceasedBoolean=True)}, []),
        ({"patient": patient(birthDate="2016-01-01")}, []),
        ({"conditions": bundle(), "medicationRequests": bundle(order(CYCLOBENZAPRINE))}, [NOT_EVALUATED]),
    ],
)
def test_patient_view_without_the_lists(supplied: Json, expected: list[str]) -> None:
    """At patient-view an unknown medication or problem list is told, unless nobody is covered (decisions 2)."""
    assert told(request("patient-view") | {"prefetch": supplied}) == expected


def test_what_was_not_checked_stands_last_and_outside_the_caps() -> None:
    """The card about missing data follows all others (decisions 2)."""
    held = prefetch(AGED)
    del held["medicationRequests"]
    call = request("order-sign", draft(LORAZEPAM), draft(CYCLOBENZAPRINE, "d2")) | {"prefetch": held}
    assert told(call) == ["benzodiazepine-older-adult:warning", f"{OLD_AGE}:warning", NOT_EVALUATED]


@pytest.mark.parametrize(
    "draft_", [draft(None, medicationReference={"reference": "Medication/else"}), "junk", {"resourceType": 5}]
)
def test_a_draft_that_is_not_known(draft_: Any) -> None:
    """A draft that cannot be read, or whose drug is not known, is told; the others are judged."""
    assert told(request("order-sign", draft_, held=[order(OXYCODONE)])) == [NOT_EVALUATED]
    both = told(request("order-sign", draft_, draft(LORAZEPAM, "d2"), held=[order(OXYCODONE)]))
    assert both == [*CRITICAL, NOT_EVALUATED]


def test_a_drug_in_the_bundle_of_drafts() -> None:
    """A Medication that comes with the drafts names its order's drug (conformance K12)."""
    named = draft(None, medicationReference={"reference": "Medication/med1"})
    assert told(request("order-sign", named, MEDICATION, held=[order(LORAZEPAM)])) == CRITICAL


@pytest.mark.parametrize("kind", ["ServiceRequest", "NutritionOrder", "DeviceRequest", "VisionPrescription"])
def test_orders_of_other_kinds(kind: str) -> None:
    """Orders that are no medicines are passed over (conformance K11)."""
    other = {"resourceType": kind, "id": "x", "status": "draft", "intent": "plan", "code": {"coding": [{}]}}
    assert told(request("order-sign", other, held=[order(OXYCODONE)])) == []


@pytest.mark.parametrize(("born", "words"), [(None, "age unknown"), ("1961", "birth date incomplete")])
def test_an_age_that_is_not_certain_is_told(born: str | None, words: str) -> None:
    """The detail says that the age is unknown, or the birth date incomplete (rules 1.2)."""
    held = [patient(birthDate=born), condition(CRAMP)]
    (card,) = cards(request("order-sign", draft(CYCLOBENZAPRINE), held=held))
    assert words in card["detail"].lower()


def test_other_patients_data_are_never_used() -> None:
    """A list that holds another patient's order is not used, and that is told (conformance P16)."""
    held = [order(OXYCODONE, subject=who("p2"))]
    assert told(request("order-sign", draft(LORAZEPAM), held=held)) == [NOT_EVALUATED]


@pytest.mark.parametrize("element", ["extension", "note", "dosageInstruction"])
def test_a_resource_nested_beyond_reason(element: str) -> None:
    """A draft that is nested deeply is judged like any other, and never raises."""
    deep: Any = {"text": "x"}
    for _ in range(300):
        deep = {"extension": [deep]}
    drug = draft(DIAZEPAM, reasonCode=[CRAMP], dosageInstruction=[timed(boundsDuration={"value": 60, "code": "d"})])
    drug[element] = [*drug.get(element, []), deep]
    assert told(request("order-sign", drug)) == ["benzodiazepine-cramps-second-line:info"]


@pytest.mark.parametrize(
    "chosen", ["MedicationRequest/d1", "d1", "https://ehr.example/MedicationRequest/d1/_history/3"]
)
def test_a_draft_is_selected_by_any_reference(chosen: str) -> None:
    """However the selected draft is named, it is judged."""
    call = request("order-select", draft(LORAZEPAM), held=[order(OXYCODONE)])
    call["context"]["selections"] = [chosen]
    assert told(call) == CRITICAL
