"""Which drug an order is for: by code, by its reference, by name, or not known."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.facts import Drug
from cds_service.fhir.drugs import UNKNOWN, drug, routes
from cds_service.fhir.later import dosages
from cds_service.terminology import valueset
from tests.fhir.resources import (
    AMOXICILLIN,
    LORAZEPAM,
    OXYCODONE,
    RXNORM,
    SNOMED_CT,
    Json,
    concept,
    dstu2_order,
    order,
    r5_order,
    read,
    record,
    statement,
)

BENZODIAZEPINES = valueset("benzodiazepines")
MEDICATION = {"resourceType": "Medication", "id": "med1", "code": LORAZEPAM}
UUID = "urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0"


def _drug(resource: Json, *held: Json) -> Drug:
    return drug(read(resource), record(*held))


def _to(reference: str, **more: Any) -> Json:
    return {"reference": reference} | more


@pytest.mark.parametrize(
    "resource",
    [
        order(LORAZEPAM),
        order([LORAZEPAM]),  # type: ignore[arg-type] - a list where an object belongs
        order({"coding": {"system": RXNORM, "code": "197901"}}),
        order({"coding": [None, {"system": None, "code": None}, {"system": RXNORM, "code": 197901}]}),
        order({"coding": [{"system": "urn:oid:2.16.840.1.113883.6.88", "code": "197901"}]}),
        order({"coding": [{"system": "http://local", "code": "9"}, {"system": RXNORM, "code": "197901"}]}),
        order(LORAZEPAM | {"text": "oxycodone"}),
        dstu2_order(LORAZEPAM),
        statement(LORAZEPAM),
        r5_order({"concept": LORAZEPAM}),
        r5_order(LORAZEPAM),
        order(None, medicationReference=_to("Medication/med1")),
        order(None, medicationReference=_to("Medication/med1/_history/2")),
        order(None, medicationReference=_to("https://ehr.example/fhir/Medication/med1", display="oxycodone")),
        order(None, medicationReference=_to("#held"), contained=[MEDICATION | {"id": "held"}]),
        order(None, medicationReference=_to("#held"), contained=MEDICATION | {"id": "#held"}),
        r5_order({"reference": _to("Medication/med1")}),
        r5_order({"reference": "Medication/med1"}),
        r5_order({"concept": LORAZEPAM, "reference": _to("Medication/else")}),
    ],
)
def test_a_drug_by_its_code(resource: Json) -> None:
    """A known code decides, in every shape and through every kind of reference, whatever the name says."""
    found = _drug(resource, MEDICATION)
    assert found.known
    assert not found.by_name
    assert found.ingredients == {"lorazepam"}


@pytest.mark.parametrize(
    "resource",
    [
        order({"text": "Lorazepam 1 MG"}),
        order({"coding": [{"display": "LORazepam"}]}),
        order(concept("9", "Lorazepam", "http://local")),
        order(None, medicationReference={"display": "Lorazepam 1 mg tablet"}),
        order(None, medicationReference=_to("Medication/else", display="Lorazepam")),
        r5_order({"concept": {"text": "lorazepam"}}),
        r5_order({"reference": {"display": "lorazepam"}}),
        order(None, medicationReference=_to("Medication/name")),
    ],
)
def test_a_drug_by_its_name(resource: Json) -> None:
    """Without a code that we know, the words of the name are read, and the drug says so (decisions 8)."""
    found = _drug(resource, {"resourceType": "Medication", "id": "name", "code": {"text": "lorazepam"}})
    assert found.by_name
    assert found.known
    assert BENZODIAZEPINES in found
    assert "lorazepam" in found.name.lower()


@pytest.mark.parametrize(
    "resource",
    [
        order(None, medicationReference=_to("Medication/else")),
        order(None, medicationReference=_to("Medication/else", display="")),
        order(None, medicationReference=_to("#else")),
        order(None, medicationReference=_to("Condition/med1")),
        r5_order({"reference": _to("Medication/else")}),
        r5_order({"reference": "Medication/else"}),
    ],
)
def test_an_unresolved_reference_is_not_known(resource: Json) -> None:
    """A reference that leads to no Medication and shows no name is a drug that we do not know."""
    assert _drug(resource, {"resourceType": "Condition", "id": "med1", "code": LORAZEPAM}) == UNKNOWN


@pytest.mark.parametrize(
    "resource",
    [
        order(None),
        order({}),
        order(None, medicationReference=None),
        order(AMOXICILLIN),
        order({"text": "something for sleep"}),
        order(concept("197901", system="http://local")),
        order({"coding": [{"system": RXNORM}]}),
        r5_order({}),
        order(None, medicationReference={"display": "amoxicillin"}),
        order(None, medicationReference=_to("Medication/bare")),
    ],
)
def test_any_other_drug_is_simply_another_drug(resource: Json) -> None:
    """Free text, foreign codes and an order without a drug yet are known, and nothing to us (decisions 8)."""
    found = _drug(resource, {"resourceType": "Medication", "id": "bare"})
    assert found.known
    assert not found.by_name
    assert found.entries == ()


@pytest.mark.parametrize(
    "name", ["penicillin V potassium 500 MG", "esomeprazole magnesium 20 MG", "losartan potassium"]
)
def test_look_alike_names_are_other_drugs(name: str) -> None:
    """A name that only looks like one of our drugs matches nothing."""
    assert _drug(order({"text": name})).entries == ()


def test_a_look_alike_code_decides_against_its_name() -> None:
    """The code of a look-alike is that of another drug, whatever words its name holds."""
    code = valueset("drug-lookalikes").codings[0].code
    found = _drug(order(concept(code, "lorazepam")))
    assert not found.by_name
    assert BENZODIAZEPINES not in found


def test_the_name_of_a_drug_is_its_first_text() -> None:
    """A drug is told by the text of its concept; a code alone has no name."""
    assert _drug(order(LORAZEPAM)).name == "lorazepam 1 MG Oral Tablet"
    assert _drug(order(concept("197901"))).name == ""


def test_two_codes_of_one_drug_are_one_drug() -> None:
    """Several codings of the same product give each entry once; those of different drugs give both."""
    twice = {"coding": [*LORAZEPAM["coding"], *LORAZEPAM["coding"]]}
    assert len(_drug(order(twice)).entries) == 1
    both = {"coding": [*LORAZEPAM["coding"], *OXYCODONE["coding"]]}
    assert _drug(order(both)).ingredients == {"lorazepam", "oxycodone"}


V3 = "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration"


@pytest.mark.parametrize(
    ("route", "found"),
    [
        (None, set()),
        ([], set()),
        ({}, set()),
        (concept("26643006", system=SNOMED_CT), {"oral"}),
        ([concept("37161004", system=SNOMED_CT)], {"rectal"}),
        (concept("46713006", system="urn:oid:2.16.840.1.113883.6.96"), {"nasal"}),
        (concept("IV", system=V3), {"parenteral"}),
        (concept("SL", system=V3), {"sublingual"}),
        (concept("PR", system="http://hl7.org/fhir/v3/RouteOfAdministration"), {"rectal"}),
        ({"text": "By Mouth "}, {"oral"}),
        ({"text": "per rectum"}, {"rectal"}),
        ({"text": "buccal"}, {"buccal"}),
        ({"text": "epidural"}, {"intrathecal"}),
        ({"coding": [{"display": "Oral"}]}, {"oral"}),
        ({"text": "into the oral cavity, rectal if needed"}, set()),
        (concept("26643006", system="http://local"), set()),
        (concept("55300003", system=SNOMED_CT), set()),
        ({"text": "patch", "coding": [{"system": SNOMED_CT, "code": "45890007"}]}, {"transdermal"}),
    ],
)
@pytest.mark.parametrize("element", ["dosageInstruction", "dosage"])
def test_routes(element: str, route: Any, found: set[str]) -> None:
    """A route is known by its code or by its whole text; one that we do not know counts as none."""
    assert routes(dosages(read(order(LORAZEPAM) | {element: [{"route": route}]}))) == found


def test_routes_of_several_lines() -> None:
    """Every dosage line tells its route."""
    lines = [{"route": {"text": "oral"}}, None, {"route": {"text": "iv"}}]
    assert routes(dosages(read(order(LORAZEPAM, dosageInstruction=lines)))) == {"oral", "parenteral"}
