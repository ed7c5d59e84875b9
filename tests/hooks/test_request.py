"""A call is checked field by field; what is wrong is refused with the field and the remedy."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.hooks.refusal import Refusal
from cds_service.hooks.request import HookRequest, parse
from tests.fhir.resources import LORAZEPAM, PATIENT, Json, bundle, draft, patient, who
from tests.hooks.calls import INSTANCE, request, sent

GONE = object()


def _parse(call: Any, hook: str = "order-sign") -> HookRequest:
    return parse(sent(call), hook)


def _with(**more: Any) -> Json:
    """An order-sign call with these members; GONE takes one away."""
    call = request("order-sign", draft(LORAZEPAM)) | more
    return {key: part for key, part in call.items() if part is not GONE}


def _in_context(**more: Any) -> Json:
    context = request("order-sign", draft(LORAZEPAM))["context"] | more
    return _with(context={key: part for key, part in context.items() if part is not GONE})


def test_a_good_call() -> None:
    """A call is read with its patient, encounter, drafts, prefetch and server."""
    call = _in_context(encounterId="e1") | {"fhirServer": "https://ehr.example/r4/"}
    found = _parse(call)
    assert (found.hook, found.instance) == ("order-sign", INSTANCE)
    assert (found.patient_id, found.encounter_id, found.server) == (PATIENT, "e1", "https://ehr.example/r4/")
    assert [place.resource.id for place in found.drafts or ()] == ["d1"]
    assert found.values["patient"].resource is not None
    assert (found.selections, found.unreadable_drafts, found.explain) == (None, 0, False)
    assert found.body == sent(call)


def test_a_call_that_is_printed_tells_nobody() -> None:
    """What stands for a call in a message or a traceback holds neither the patient nor the token."""
    authorization = {"access_token": "secret", "token_type": "Bearer"}
    call = _with(fhirServer="https://ehr.example/r4", fhirAuthorization=authorization)
    shown = repr(_parse(call))
    assert INSTANCE in shown
    assert not any(mark in shown for mark in ("secret", PATIENT, "Patient"))


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"nonsense", b'{"hook": "order-sign"', b"\xff\xfe", b'{"hook": "\xff"}', b"[" * 5000, b'{"a":' * 5000],
)
def test_no_json(body: bytes) -> None:
    """A body that is no JSON, or nested beyond reason, is refused."""
    with pytest.raises(Refusal) as refused:
        parse(body, "order-sign")
    assert refused.value.status == 400
    assert "body" in refused.value.text


def test_no_text_where_nobody_looks() -> None:
    """A member that is not read must be text in UTF-8 all the same."""
    body = sent(_with(invented="x")).replace(b'"x"', b'"\xff"')
    with pytest.raises(Refusal, match="UTF-8"):
        parse(body, "order-sign")
    assert parse(sent(_with(invented="x")).replace(b'"x"', '"é"'.encode()), "order-sign").drafts


@pytest.mark.parametrize("id", [f"Patient/{PATIENT}", "", 5, None, "a" * 65, "<p1>", f"{PATIENT}\n"])
def test_a_patient_id_is_a_bare_id(id: Any) -> None:
    """Where no drafts can be compared, a patient id of another form is refused too (conformance R9)."""
    with pytest.raises(Refusal, match="bare FHIR id"):
        _parse(request("patient-view", context={"patientId": id}), "patient-view")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"5", b"null", b"true"])
def test_no_object(body: bytes) -> None:
    """A body of another JSON type is refused."""
    with pytest.raises(Refusal, match="not a JSON object"):
        parse(body, "order-sign")


TOKEN = {"access_token": "t", "token_type": "Bearer"}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"hook": "patient-view"}, "hook"),
        ({"hook": GONE}, "hook"),
        ({"hook": 5}, "hook"),
        ({"hookInstance": GONE}, "hookInstance"),
        ({"hookInstance": ""}, "hookInstance"),
        ({"hookInstance": 5}, "hookInstance"),
        ({"context": GONE}, "context"),
        ({"context": None}, "context"),
        ({"context": []}, "context"),
        ({"context": "x"}, "context"),
        ({"prefetch": []}, "prefetch"),
        ({"prefetch": "x"}, "prefetch"),
        ({"prefetch": 5}, "prefetch"),
        ({"fhirServer": "ehr"}, "fhirServer"),
        ({"fhirServer": "file:///etc/passwd"}, "fhirServer"),
        ({"fhirServer": "https://"}, "fhirServer"),
        ({"fhirServer": "https://[::1"}, "fhirServer"),
        ({"fhirServer": "https://ehr example/r4"}, "fhirServer"),
        ({"fhirServer": "https://ehr.example/\n"}, "fhirServer"),
        ({"fhirServer": 5}, "fhirServer"),
        ({"fhirAuthorization": "t", "fhirServer": "https://e/r4"}, "fhirAuthorization"),
        ({"fhirAuthorization": {}, "fhirServer": "https://e/r4"}, "fhirAuthorization"),
        ({"fhirAuthorization": TOKEN | {"access_token": 5}, "fhirServer": "https://e/r4"}, "fhirAuthorization"),
        ({"fhirAuthorization": TOKEN | {"token_type": "bearer"}, "fhirServer": "https://e/r4"}, "fhirAuthorization"),
        ({"fhirAuthorization": TOKEN}, "fhirServer"),
    ],
)
def test_a_wrong_member(more: Json, field: str) -> None:
    """A missing or wrong member is refused by its name (conformance R1 to R6, T1, T2)."""
    with pytest.raises(Refusal, match=f"`{field}`") as refused:
        _parse(_with(**more))
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "more",
    [
        {"prefetch": GONE},
        {"prefetch": None},
        {"prefetch": {}},
        {"fhirServer": None},
        {"fhirServer": "http://127.0.0.1:8080/baseDstu2"},
        {"fhirAuthorization": None},
        {"fhirAuthorization": TOKEN | {"scope": 5}, "fhirServer": "https://ehr.example/r4"},
        {"hookInstance": "no uuid"},
        {"extension": []},
        {"extension": {"x": None}},
        {"invented": {"a": [1]}},
    ],
)
def test_a_member_that_may_be_so(more: Json) -> None:
    """Optional members may be missing or null, unknown ones may be there (conformance R7, R8)."""
    assert _parse(_with(**more)).drafts


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"patientId": GONE}, "patientId"),
        ({"patientId": ""}, "patientId"),
        ({"patientId": 5}, "patientId"),
        ({"patientId": f"Patient/{PATIENT}"}, "patientId"),
        ({"patientId": "a" * 65}, "patientId"),
        ({"patientId": f"{PATIENT}\n"}, "patientId"),
        ({"patientId": "<p1>"}, "patientId"),
        ({"userId": GONE}, "userId"),
        ({"userId": "1"}, "userId"),
        ({"userId": "Device/1"}, "userId"),
        ({"userId": "Practitioner/"}, "userId"),
        ({"userId": 5}, "userId"),
        ({"encounterId": "Encounter/1"}, "encounterId"),
        ({"encounterId": 5}, "encounterId"),
        ({"encounterId": ""}, "encounterId"),
        ({"selections": "MedicationRequest/d1"}, "selections"),
        ({"draftOrders": []}, "draftOrders"),
        ({"draftOrders": "x"}, "draftOrders"),
        ({"draftOrders": {}}, "draftOrders"),
        ({"draftOrders": draft(LORAZEPAM)}, "draftOrders"),
    ],
)
def test_a_wrong_field_of_the_context(more: Json, field: str) -> None:
    """A missing or wrong field of the context is refused by its name (conformance R9 to R12, K)."""
    hook = "order-select" if field == "selections" else "order-sign"
    with pytest.raises(Refusal, match=f"`context.{field}`") as refused:
        _parse(_in_context(**more) | {"hook": hook}, hook)
    assert refused.value.status == 400


@pytest.mark.parametrize(
    "more",
    [
        {"userId": "PractitionerRole/" + "a" * 200},
        {"userId": "Patient/1"},
        {"userId": "RelatedPerson/1"},
        {"encounterId": None},
        {"encounterId": "e." + "a" * 200},
        {"patientId": PATIENT, "invented": None},
    ],
)
def test_a_field_that_may_be_so(more: Json) -> None:
    """Users of every kind, long ids and unknown fields are taken."""
    assert _parse(_in_context(**more)).drafts


def test_the_user_of_old_requests() -> None:
    """Before version 1.0 the user stood beside the context (conformance K7)."""
    call = _in_context(userId=GONE)
    assert _parse(call | {"user": "Practitioner/1"}).drafts
    with pytest.raises(Refusal, match="userId"):
        _parse(call | {"user": "me"})


@pytest.mark.parametrize(
    ("hook", "field"),
    [("order-select", "draftOrders"), ("order-sign", "draftOrders"), ("medication-prescribe", "medications")],
)
def test_where_the_drafts_are(hook: str, field: str) -> None:
    """Each order hook has its field; without it there are no drafts at all (decisions 7)."""
    call = request(hook, draft(LORAZEPAM))
    assert [place.resource.id for place in _parse(call, hook).drafts or ()] == ["d1"]
    for nothing in ({}, {field: None}):
        call["context"] = {"userId": "Practitioner/1", "patientId": PATIENT} | nothing
        assert _parse(call, hook).drafts is None


def test_patient_view_has_no_drafts() -> None:
    """At patient-view drafts are no part of the context, and what stands there is passed over."""
    assert _parse(request("patient-view", context={"draftOrders": 5}), "patient-view").drafts == ()


@pytest.mark.parametrize(
    ("entries", "ids", "unreadable"),
    [
        ([], [], 0),
        ([{"resource": draft(LORAZEPAM)}, "junk", None], ["d1"], 2),
        ([{"resource": {"resourceType": "ServiceRequest", "id": "s1", "code": {"coding": [{}]}}}], ["s1"], 0),
    ],
)
def test_drafts_of_any_kind(entries: list[Any], ids: list[str], unreadable: int) -> None:
    """A Bundle needs no type; other orders are taken along, junk is counted (conformance K9, K11)."""
    found = _parse(_in_context(draftOrders={"resourceType": "Bundle", "entry": entries}))
    assert [place.resource.id for place in found.drafts or ()] == ids
    assert found.unreadable_drafts == unreadable


@pytest.mark.parametrize("resource", [draft(LORAZEPAM, subject=who("p2")), patient(id="p2")])
def test_drafts_of_another_patient(resource: Json) -> None:
    """An order of another patient is refused (conformance S14)."""
    with pytest.raises(Refusal, match="another patient"):
        _parse(_in_context(draftOrders=bundle(draft(LORAZEPAM), resource)))


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (GONE, None),
        (None, None),
        ([], frozenset()),
        (["MedicationRequest/d1"], frozenset({"MedicationRequest/d1"})),
        (["https://ehr.example/fhir/MedicationRequest/d1"], frozenset({"MedicationRequest/d1"})),
        (["MedicationRequest/d1/_history/2"], frozenset({"MedicationRequest/d1"})),
        (["d1"], frozenset({"d1"})),
        (["MedicationRequest/d1", None, 5, ""], frozenset({"MedicationRequest/d1"})),
    ],
)
def test_selections(chosen: Any, found: frozenset[str] | None) -> None:
    """The selected drafts are told by reference, relative or absolute; without the field all are selected."""
    call = _in_context(selections=chosen) | {"hook": "order-select"}
    assert _parse(call, "order-select").selections == found


@pytest.mark.parametrize("hook", ["order-sign", "medication-prescribe"])
@pytest.mark.parametrize("chosen", [[], ["MedicationRequest/else"], "x"])
def test_every_draft_is_signed(hook: str, chosen: Any) -> None:
    """Selections belong to order-select: elsewhere they are a stray member, and every draft counts (rules 1.3)."""
    assert _parse(request(hook, draft(LORAZEPAM), context={"selections": chosen}), hook).selections is None


@pytest.mark.parametrize(
    ("extension", "explain"),
    [
        ({"io.cds-service.explain": True}, True),
        ({"io.cds-service.explain": "true"}, False),
        ({}, False),
        ([], False),
        (None, False),
    ],
)
def test_asking_for_an_explanation(extension: Any, explain: bool) -> None:
    """Only a client that says so gets the trace."""
    assert _parse(_with(extension=extension)).explain is explain


def test_a_prefetch_told_twice() -> None:
    """Of a member told twice the last counts, and nothing raises."""
    body = sent(_with(prefetch=None)).replace(b'"prefetch": null', b'"prefetch": "odd", "prefetch": null')
    assert parse(body, "order-sign").values == {}


@pytest.mark.parametrize("odd", ["text", [], 5, True, {}, {"resourceType": "Patient", "birthDate": []}])
def test_one_odd_prefetch_value_costs_its_key_only(odd: Any) -> None:
    """A prefetch value of a wrong type leaves the other keys as they are (conformance P15)."""
    found = _parse(_with(prefetch={"patient": patient(), "odd": odd, "none": None})).values
    assert {key: value.usable for key, value in found.items()} == {"patient": True, "odd": False, "none": True}
    assert found["none"].resource is None
