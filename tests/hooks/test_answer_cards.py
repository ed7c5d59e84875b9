"""The cards of a call as they are sent: suggestions that may be clicked safely, uuids, and nothing empty."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from tests.fhir.resources import (
    BUPRENORPHINE_SL,
    CLONAZEPAM,
    CRAMP,
    CYCLOBENZAPRINE,
    DIAZEPAM,
    DIAZEPAM_RECTAL,
    LORAZEPAM,
    MORPHINE,
    NALOXONE,
    OXYCODONE,
    Json,
    bundle,
    concept,
    condition,
    draft,
    dstu2_order,
    order,
    outcome,
    patient,
    r5_order,
    statement,
    timed,
    who,
)
from tests.hooks.calls import INSTANCE, cards, prefetch, request

AGED = patient(birthDate="1950-01-01")
METHADONE = concept("6813", "methadone")
LONG = timed(boundsDuration={"value": 60, "unit": "days", "code": "d"})
NEW_PAIR = request("order-sign", draft(LORAZEPAM), held=[order(OXYCODONE)])
# Calls in which every kind of suggestion and every group of cards is found.
CALLS = {
    "new pair": NEW_PAIR,
    "two drafts": request("order-sign", draft(LORAZEPAM), draft(OXYCODONE, "d2")),
    "renewed pair": request("order-sign", draft(CLONAZEPAM), held=[order(CLONAZEPAM, "m1"), order(MORPHINE, "m2")]),
    "rescue": request("order-sign", draft(DIAZEPAM_RECTAL), held=[order(OXYCODONE)]),
    "old age": request("order-sign", draft(CYCLOBENZAPRINE), draft(LORAZEPAM, "d2"), held=[AGED]),
    "two of one drug": request("order-sign", draft(CYCLOBENZAPRINE), draft(CYCLOBENZAPRINE, "d2"), held=[AGED]),
    "cramps": request("order-sign", draft(CYCLOBENZAPRINE), held=[condition(CRAMP)]),
    "long course": request("order-sign", draft(DIAZEPAM, reasonCode=[CRAMP], dosageInstruction=[LONG])),
    "OUD": request("order-sign", draft(BUPRENORPHINE_SL), held=[order(CLONAZEPAM)]),
    "on OUD treatment": request("order-sign", draft(CLONAZEPAM), held=[order(BUPRENORPHINE_SL)]),
    "methadone": request("order-sign", draft(METHADONE), held=[order(LORAZEPAM)]),
    "by name": request("order-sign", draft({"text": "lorazepam"}), held=[order(OXYCODONE)]),
    "DSTU2": request("order-sign", dstu2_order(LORAZEPAM, "d1", status="draft"), held=[dstu2_order(OXYCODONE)]),
    "R5": request("order-sign", r5_order({"concept": LORAZEPAM}, "d1", status="draft"), held=[order(OXYCODONE)]),
    "on the list": request("patient-view", held=[AGED, order(LORAZEPAM), order(OXYCODONE, "m2")]),
    "listed cyclobenzaprine": request("patient-view", held=[AGED, order(CYCLOBENZAPRINE)]),
    "reported": request("patient-view", held=[AGED, statement(CYCLOBENZAPRINE)]),
    "not evaluated": request("order-sign", draft(LORAZEPAM)) | {"prefetch": {"patient": outcome()}},
    "partly unread": NEW_PAIR | {"prefetch": prefetch(order(OXYCODONE), extra=bundle(None))},
}
each_call = pytest.mark.parametrize("call", CALLS.values(), ids=list(CALLS))


def _empty(part: Any, path: str = "") -> list[str]:
    inside = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    return ([path] if part in (None, "", [], {}) else []) + [
        one for key, value in inside for one in _empty(value, f"{path}/{key}")
    ]


def _actions(call: Json) -> list[Json]:
    offers = [offer for card in cards(call) for offer in card.get("suggestions", [])]
    return [action for offer in offers for action in offer["actions"]]


def _offers(call: Json) -> list[str]:
    """`type reference-or-drug` of every action."""
    return [
        f"{action['type']} {action.get('resourceId') or action['resource'].get('id', 'new')}"
        for action in _actions(call)
    ]


@each_call
def test_every_card_keeps_the_rules_of_cds_hooks(call: Json) -> None:
    """Summary, members, uuids, suggestions and reasons are as the specification asks (conformance C, S)."""
    found = cards(call)
    assert found
    assert _empty(found) == []
    uuids = [card["uuid"] for card in found]
    uuids += [offer["uuid"] for card in found for offer in card.get("suggestions", [])]
    assert len(uuids) == len(set(uuids))
    assert all(str(UUID(uuid)) == uuid for uuid in uuids)
    for card in found:
        assert 0 < len(card["summary"]) < 140
        assert "\n" not in card["summary"]
        offers = card.get("suggestions", [])
        assert len(offers) <= 3
        assert ("selectionBehavior" in card) is bool(offers)
        recommended = [offer for offer in offers if offer.get("isRecommended")]
        assert len(recommended) <= (card["indicator"] != "info")
        assert len(card.get("overrideReasons", [])) <= 5
        assert card["extension"]["io.cds-service.explanation"]["rule"] == card["source"]["topic"]["code"]


@each_call
def test_only_drafts_are_deleted_and_only_the_patients_resources_written(call: Json) -> None:
    """A delete names a draft of the call, an update its id, and both belong to the patient (S14, S16, 10.10)."""
    entries = call["context"].get("draftOrders", {"entry": []})["entry"]
    drafts = {f"{entry['resource']['resourceType']}/{entry['resource']['id']}" for entry in entries}
    for action in _actions(call):
        assert action["description"]
        if action["type"] == "delete":
            assert action["resourceId"] in drafts
            assert "resource" not in action
        else:
            resource = action["resource"]
            assert (resource.get("subject") or resource["patient"]) == who()
            assert ("id" in resource) is (action["type"] == "update")


@each_call
def test_a_retry_gives_the_same_and_another_call_other_uuids(call: Json) -> None:
    """The same call twice is the same answer; another hookInstance shares no uuid with it (C12, R13)."""
    first = cards(call)
    assert first == cards(call)
    other = cards(call | {"hookInstance": INSTANCE.replace("1", "2")})
    assert [card["summary"] for card in first] == [card["summary"] for card in other]
    uuids = {offer["uuid"] for card in first for offer in [card, *card.get("suggestions", [])]}
    assert not uuids & {offer["uuid"] for card in other for offer in [card, *card.get("suggestions", [])]}


@pytest.mark.parametrize("drug", [CYCLOBENZAPRINE, LORAZEPAM])
def test_the_order_of_the_list_does_not_matter(drug: Json) -> None:
    """Two orders of one drug may stand in either order: the answer is the same to the letter (rules 10.3)."""
    held = [order(drug, "m1"), order(drug, "m2"), order(OXYCODONE, "m3")]
    turned = cards(request("patient-view", held=[AGED, *reversed(held)]))
    assert cards(request("patient-view", held=[AGED, *held])) == turned


@pytest.mark.parametrize(
    ("name", "offers"),
    [
        ("new pair", ["delete MedicationRequest/d1", "create new"]),
        ("two drafts", ["delete MedicationRequest/d1", "delete MedicationRequest/d2", "create new"]),
        ("renewed pair", ["create new"]),
        ("old age", ["delete MedicationRequest/d2", "delete MedicationRequest/d1"]),
        ("cramps", ["delete MedicationRequest/d1", *["create new"] * 4]),  # the tests that nobody did, one click
        ("long course", ["update d1"]),
        ("OUD", ["create new"]),
        ("on OUD treatment", ["delete MedicationRequest/d1", "create new"]),
        ("methadone", ["create new"]),
        ("on the list", ["create new"]),
        ("listed cyclobenzaprine", ["update m1"]),
        ("reported", []),
        ("not evaluated", []),
    ],
)
def test_what_is_offered(name: str, offers: list[str]) -> None:
    """New drafts may be removed; renewals and methadone never; reports cannot be stopped (rules 11.17)."""
    assert _offers(CALLS[name]) == offers


def test_two_first_choices_are_none() -> None:
    """Of two new drafts that make a pair none is recommended (rules 11.17)."""
    (card,) = cards(CALLS["two drafts"])
    assert card["selectionBehavior"] == "at-most-one"
    assert not any("isRecommended" in offer for offer in card["suggestions"])


@pytest.mark.parametrize(
    "held",
    [order(NALOXONE, "m2"), statement(NALOXONE), order(NALOXONE, "m2", status="on-hold")],
)
def test_naloxone_is_offered_once(held: Json) -> None:
    """Who has naloxone, or gets it in this session, is not offered another (rules 11.17)."""
    with_draft = request("order-sign", draft(LORAZEPAM), draft(NALOXONE, "d2"), held=[order(OXYCODONE)])
    for call in (request("order-sign", draft(LORAZEPAM), held=[order(OXYCODONE), held]), with_draft):
        assert _offers(call) == ["delete MedicationRequest/d1"]


def test_naloxone_beside_a_combination_told_by_name() -> None:
    """The naloxone inside an opioid combination is no rescue medicine: naloxone is still offered."""
    held = [order({"text": "buprenorphine/naloxone 8/2 film"})]
    assert "create new" in _offers(request("order-sign", draft(CLONAZEPAM), held=held))


@pytest.mark.parametrize(
    ("draft_", "kind", "drug"),
    [
        (draft(LORAZEPAM), "MedicationRequest", "medicationCodeableConcept"),
        (dstu2_order(LORAZEPAM, "d1", status="draft"), "MedicationOrder", "medicationCodeableConcept"),
        (r5_order({"concept": LORAZEPAM}, "d1", status="draft"), "MedicationRequest", "medication"),
    ],
)
def test_naloxone_in_the_version_of_the_request(draft_: Json, kind: str, drug: str) -> None:
    """What is created has the shape of the client's FHIR version (conformance S13)."""
    created = _actions(request("order-sign", draft_, held=[order(OXYCODONE)]))[1]["resource"]
    assert created["resourceType"] == kind
    assert drug in created


@pytest.mark.parametrize("lines", [[LONG], LONG, [None, LONG], None])
def test_a_limited_draft_is_whole(lines: Any) -> None:
    """An update of a draft carries all of it but what was null or empty, however its dosage was sent."""
    supply = {"expectedSupplyDuration": {"value": 60, "unit": "days"}, "quantity": {"value": 120}}
    more = {"note": [{"text": "keep me"}], "category": [], "encounter": None, "dispenseRequest": supply}
    received = draft(DIAZEPAM, reasonCode=[CRAMP], dosageInstruction=lines, **more)
    (action,) = _actions(request("order-sign", received))
    resource = action["resource"]
    assert resource["note"] == [{"text": "keep me"}]
    assert "category" not in resource
    assert "quantity" not in resource["dispenseRequest"]
    assert resource["dosageInstruction"][0]["timing"]["repeat"]["boundsDuration"]["value"] == 28
    assert {key: resource[key] for key in ("id", "status", "subject", "reasonCode")} == {
        key: received[key] for key in ("id", "status", "subject", "reasonCode")
    }


@pytest.mark.parametrize(
    "junk",
    [
        {"resourceType": "Bundle", "entry": 5},
        bundle(order(CYCLOBENZAPRINE, subject={"reference": 5})),
        bundle(order(CYCLOBENZAPRINE, subject={"reference": {"a": 1}})),
        bundle(order(LORAZEPAM, subject=who("p2"))),
        "text",
    ],
)
def test_junk_beside_the_order_to_stop(junk: Any) -> None:
    """Whatever lies beside it, an order is stopped as the patient's own, whole."""
    held = {"aaa": junk} | prefetch(AGED, order(CYCLOBENZAPRINE))
    (action,) = _actions(request("patient-view") | {"prefetch": held})
    assert action["resource"]["medicationCodeableConcept"] == CYCLOBENZAPRINE
    assert action["resource"]["subject"] == who()


def test_a_draft_without_an_id() -> None:
    """A draft that has no id is judged, and not offered for removal."""
    nameless = {key: part for key, part in draft(LORAZEPAM).items() if key != "id"}
    call = request("order-sign", nameless, held=[order(OXYCODONE)])
    assert _offers(call) == ["create new"]
