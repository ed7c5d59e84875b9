"""Observations: results that are not of blood, and specimens that were haemolysed."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.facts import Results
from cds_service.fhir.observations import HAEMOLYSED, NOT_BLOOD
from tests.fhir.observed import found_in, loinc, observation, quantity, reading, unused
from tests.fhir.resources import SNOMED_CT, Json, day

FLUIDS = [
    "Urine",
    "24 h URINE",
    "urine, random",
    "Peritoneal fluid",
    "Dialysate",
    "Stool",
    "Faeces",
    "feces",
    "CSF",
    "Cerebrospinal fluid",
    "Saliva",
    "sweat",
]
SERA = ["Serum", "Plasma specimen", "Blood", "Venous blood", "serum or plasma", "Murine serum", ""]


def _specimen(type: Any, id: str = "s1") -> Json:
    return {"resourceType": "Specimen", "id": id, "type": type}


def _coded(display: str) -> Json:
    return {"coding": [{"system": SNOMED_CT, "code": "1", "display": display}]}


def _ways(word: str) -> list[list[Json]]:
    """Every way in which a record says of what a result is: the resources, the result first."""
    by_reference: Json = {"specimen": {"reference": "Specimen/s1"}}
    inside: Json = {"specimen": {"reference": "#s1"}}
    return [
        [observation(specimen={"display": word})],
        [observation(specimen={"reference": "Specimen/s9", "display": word})],
        [observation(**by_reference), _specimen({"text": word})],
        [observation(**by_reference), _specimen(_coded(word))],
        [observation(**by_reference), _specimen([{"text": word}])],
        [observation(specimen="Specimen/s1"), _specimen({"text": word})],
        [observation(specimen={"reference": "https://ehr.example/Specimen/s1"}), _specimen({"text": word})],
        [observation(**inside, contained=[_specimen({"text": word})])],
        [observation(**inside, contained=_specimen(_coded(word)))],
        [observation(code=loinc("19123-9", f"Magnesium {word}"))],
        [observation(code={"coding": [loinc("19123-9")["coding"][0] | {"display": f"Mg, {word}"}]})],
    ]


@pytest.mark.parametrize("word", FLUIDS)
def test_a_result_of_another_fluid_does_not_count(word: str) -> None:
    """What is of urine or another fluid is unused and said to be from elsewhere, whatever its code says."""
    for resources in _ways(word):
        found = unused(*resources)
        assert (found.why, found.elsewhere, found.reference) == (NOT_BLOOD, True, "Observation/o1")


@pytest.mark.parametrize("word", SERA)
def test_a_result_of_blood_counts(word: str) -> None:
    """What is of serum, plasma or blood counts."""
    for resources in _ways(word):
        assert reading(*resources).value == 2.0


@pytest.mark.parametrize("specimen", [None, {}, "", "#s1", {"reference": "Specimen/missing"}, {"reference": 7}])
def test_a_specimen_that_is_not_known(specimen: Any) -> None:
    """A specimen that the record does not hold says nothing."""
    assert reading(observation(specimen=specimen), _specimen({"text": "Urine"})).value == 2.0


@pytest.mark.parametrize("type", [None, "serum", {}, [], [None]])
def test_a_specimen_without_a_type(type: Any) -> None:
    """A specimen that does not say what it is says nothing."""
    assert reading(observation(specimen={"reference": "Specimen/s1"}), _specimen(type)).value == 2.0


@pytest.mark.parametrize("status", ["preliminary", "registered"])
def test_another_fluid_is_never_pending(status: str) -> None:
    """A result under way that is not of blood is nothing to wait for."""
    for resources in _ways("Urine"):
        assert found_in(resources[0] | {"status": status}, *resources[1:]) == Results()


@pytest.mark.parametrize(
    "more",
    [
        {"effectiveDateTime": None},
        {"effectiveDateTime": day(-9)},
        {"valueQuantity": None},
        {"valueQuantity": {"value": 900, "unit": "mg"}},
    ],
)
def test_the_specimen_goes_before_every_other_reason(more: Json) -> None:
    """A result of another fluid is told as such, whatever else is wrong with it."""
    assert unused(observation(specimen={"display": "Urine"}, **more)).why == NOT_BLOOD


def _notes(said: str) -> list[Json]:
    """Every place in which the versions keep such a remark."""
    return [
        {"note": [{"text": said}]},
        {"note": [{"text": "phoned"}, {"text": said}]},
        {"note": [None, {"text": said}]},
        {"note": {"text": said}},
        {"note": said},
        {"note": [said]},
        {"comment": said},
        {"comments": said},
        {"interpretation": {"text": said}},
        {"interpretation": [{"coding": [{"code": "L"}], "text": said}]},
        {"interpretation": [{"coding": [{"code": "HX", "display": said}]}]},
    ]


@pytest.mark.parametrize(
    "said",
    ["haemolysed", "Hemolyzed specimen", "HEMOLYSIS 2+", "Sample is slightly haemolysed.", "hemolysed", "haemolyzed"],
)
def test_a_haemolysed_specimen(said: str) -> None:
    """A remark in any version's place says that the specimen was haemolysed (rules 11.11)."""
    for more in _notes(said):
        assert reading(observation("potassium", **more)).haemolysed, more


@pytest.mark.parametrize(
    ("test", "value", "counts"),
    [
        ("potassium", 5.5, True),
        ("potassium", 5.6, False),
        ("potassium", 3.1, True),
        ("sodium", 150, True),
        ("creatinine", 3.0, True),
    ],
)
def test_a_high_potassium_of_a_haemolysed_specimen(test: str, value: float, counts: bool) -> None:
    """Broken cells give potassium: such a high one does not count, any other result does (rules 3.2)."""
    of = "mg/dL" if test == "creatinine" else "mmol/L"
    found = found_in(observation(test, valueQuantity=quantity(value, of), note=[{"text": "haemolysed"}]))
    assert [one.value for one in found.readings] == ([value] if counts else [])
    assert [one.why for one in found.unused] == ([] if counts else [HAEMOLYSED])


@pytest.mark.parametrize("said", ["phoned to the ward", "lipaemic", "haematoma", ""])
def test_any_other_remark(said: str) -> None:
    """A remark on something else says nothing of haemolysis."""
    for more in [*_notes(said), {}]:
        assert not reading(observation("potassium", **more)).haemolysed, more


@pytest.mark.parametrize(
    "more",
    [
        {"note": 7},
        {"note": True},
        {"note": [7]},
        {"note": [[{"text": "haemolysed"}]]},
        {"note": {"text": {"value": "haemolysed"}}},
        {"note": {}},
        {"note": []},
        {"note": [None]},
        {"note": None},
        {"comment": 7},
        {"comments": True},
        {"interpretation": "H"},
        {"interpretation": [None]},
    ],
)
def test_a_note_of_no_known_shape(more: Json) -> None:
    """A note that cannot be read never crashes and says nothing."""
    assert not reading(observation("potassium", **more)).haemolysed
