"""Codes decide which concept a coding stands for; names are a weaker second."""

from __future__ import annotations

import pytest

from cds_service.terminology import (
    ATC,
    ICD_9_CM,
    ICD_10,
    ICD_10_CM,
    LOINC,
    RXNORM,
    SNOMED_CT,
    SYSTEMS,
    V3_ROUTES,
    Coding,
    Content,
    Entry,
    by_code,
    by_name,
    by_phrase,
    valueset,
)
from tests.support.valuesets import sets_of

ROUTE_TEXT = "urn:cds-service:route-text"


@pytest.mark.parametrize(
    ("system", "code", "entry"),
    [
        (RXNORM, "197901", Entry("benzodiazepines", "lorazepam", "oral")),
        (RXNORM, "104706", Entry("benzodiazepines", "diazepam", "rectal")),
        (RXNORM, "197696", Entry("opioids", "fentanyl", "transdermal")),
        (RXNORM, "1010600", Entry("opioid-use-disorder-medications", "buprenorphine", "sublingual")),
        (RXNORM, "828348", Entry("cyclobenzaprine", "cyclobenzaprine", "oral")),
        (RXNORM, "197391", Entry("baclofen", "baclofen", "oral", Content(10, "1"))),
        (RXNORM, "8591", Entry("potassium-supplements", "potassium")),
        (RXNORM, "628953", Entry("potassium-supplements", "potassium", "oral")),
        (RXNORM, "204520", Entry("potassium-supplements", "potassium", "parenteral")),
        (ATC, "N05BA06", Entry("benzodiazepines", "lorazepam")),
        (SNOMED_CT, "55300003", Entry("muscle-cramp")),
        (ICD_10_CM, "G47.62", Entry("muscle-cramp")),
        (SNOMED_CT, "26643006", Entry("routes", "", "oral")),
        (V3_ROUTES, "PR", Entry("routes", "", "rectal")),
        (ROUTE_TEXT, "by mouth", Entry("routes", "", "oral")),
    ],
)
def test_a_code_has_its_entry(system: str, code: str, entry: Entry) -> None:
    """A code of a value set tells its set, its ingredient and its route."""
    assert entry in by_code(system, code)


@pytest.mark.parametrize(
    ("oid", "system", "code"),
    [
        ("urn:oid:2.16.840.1.113883.6.88", RXNORM, "197901"),
        ("urn:oid:2.16.840.1.113883.6.96", SNOMED_CT, "55300003"),
        ("urn:oid:2.16.840.1.113883.6.3", ICD_10, "R25.2"),
        ("urn:oid:2.16.840.1.113883.6.90", ICD_10_CM, "G47.62"),
        ("urn:oid:2.16.840.1.113883.6.103", ICD_9_CM, "729.82"),
        ("http://hl7.org/fhir/sid/icd-9-cm/diagnosis", ICD_9_CM, "729.82"),
        ("urn:oid:2.16.840.1.113883.6.73", ATC, "N05BA06"),
    ],
)
def test_an_oid_names_the_same_system(oid: str, system: str, code: str) -> None:
    """A code under the OID of its system is the same code."""
    assert by_code(oid, code) == by_code(system, code) != ()


def test_every_other_spelling_leads_to_a_system_of_ours() -> None:
    """The table of spellings ends in the addresses that the value sets use, LOINC included."""
    assert set(SYSTEMS.values()) == {RXNORM, SNOMED_CT, ICD_10, ICD_10_CM, ICD_9_CM, ATC, LOINC, V3_ROUTES}
    assert all(SYSTEMS[system] == system for system in SYSTEMS.values())


@pytest.mark.parametrize(
    ("system", "dotted", "plain"),
    [
        (ICD_10_CM, "G47.62", "G4762"),
        (ICD_10_CM, "R25.2", "r252"),
        (ICD_10, "Z51.5", "Z515"),
        (ICD_9_CM, "729.82", "72982"),
        ("urn:oid:2.16.840.1.113883.6.90", "R25.2", "R252"),
    ],
)
def test_icd_codes_are_known_without_their_dot(system: str, dotted: str, plain: str) -> None:
    """An ICD code means the same with and without its dot, in capitals or not."""
    assert by_code(system, plain) == by_code(system, dotted) != ()


def test_only_icd_codes_lose_their_dot() -> None:
    """A dot in a code of another system is part of the code."""
    assert by_code(RXNORM, "1979.01") == ()
    assert by_code(SNOMED_CT, "55300003.") == ()


@pytest.mark.parametrize("code", ["G47.62", "M62831", "F11.20"])
def test_icd_10_cm_under_the_address_of_icd_10(code: str) -> None:
    """Records send ICD-10-CM codes as ICD-10: they are understood."""
    assert by_code(ICD_10, code) == by_code(ICD_10_CM, code) != ()


@pytest.mark.parametrize(
    ("system", "code"),
    [
        (RXNORM, "723"),
        (RXNORM, ""),
        ("", "197901"),
        ("http://example.org/local", "197901"),
        (SNOMED_CT, "197901"),
        (ICD_10_CM, "N94.6"),
        (ICD_10_CM, "T67.2"),
        (ICD_10_CM, "R10.83"),
        (ICD_10_CM, "O26.89"),
    ],
)
def test_other_codes_mean_nothing_to_us(system: str, code: str) -> None:
    """Amoxicillin, a code of the wrong system, menstrual and heat cramps: nothing."""
    assert by_code(system, code) == ()


@pytest.mark.parametrize(
    ("text", "valuesets"),
    [
        ("Lorazepam 1 MG Oral Tablet", {"benzodiazepines"}),
        ("LORAZEPAM", {"benzodiazepines"}),
        ("oxycodone (IR) 5mg", {"opioids"}),
        ("acetaminophen/oxycodone", {"opioids"}),
        ("hydrocodone-acetaminophen 5-325 MG per tablet", {"opioids"}),
        ("Cyclobenzaprine 10mg", {"cyclobenzaprine"}),
        ("buprenorphine 2 mg SL", {"opioid-use-disorder-medications", "opioids"}),
        ("buprenorphine slow release patch", {"opioids"}),
        ("naloxone 4 mg nasal spray", {"naloxone", "naloxone-nasal-spray"}),
        ("amoxicillin 500 mg", set()),
        ("", set()),
        ("5 mg", set()),
        ("lorazepamine", set()),
        ("opioid", set()),
    ],
)
def test_a_name_is_found_by_its_words(text: str, valuesets: set[str]) -> None:
    """A whole word that names an ingredient gives its sets; parts of words and class words do not."""
    assert {entry.valueset for entry in by_name(text)} == valuesets


@pytest.mark.parametrize(
    ("text", "replaces"),
    [
        ("Potassium chloride 20 mEq tablet", True),
        ("potassium bicarbonate, effervescent", True),
        ("potassium 500 mg", False),
        ("potassium citrate 10 mEq", False),
        ("potassium iodide 65 mg", False),
        ("amoxicillin / clavulanate potassium", False),
        ("furosemide / potassium chloride", False),
        ("magnesium aspartate / potassium aspartate", False),
    ],
)
def test_potassium_that_replaces_potassium(text: str, replaces: bool) -> None:
    """By name only a salt that replaces potassium counts, and it alone: not the salt of another drug, nor a part."""
    assert ("potassium-supplements" in {entry.valueset for entry in by_name(text)}) is replaces


@pytest.mark.parametrize("code", ["199381", "54993", "431740", "392464", "199612", "309786", "904253"])
def test_potassium_that_replaces_none(code: str) -> None:
    """Potassium citrate, tablets with a diuretic or magnesium, infusions and traces are no potassium supplement."""
    assert "potassium-supplements" not in sets_of(RXNORM, code)


@pytest.mark.parametrize("text", ["buprenorphine/naloxone 8/2 film", "oxycodone/naloxone 10/5"])
def test_naloxone_inside_an_opioid_is_no_rescue_medicine(text: str) -> None:
    """A combination of an opioid with naloxone is not in the naloxone set, as by code (its description)."""
    assert "naloxone" not in {entry.valueset for entry in by_name(text)}


@pytest.mark.parametrize(
    "text",
    ["penicillin V potassium 500 mg", "Esomeprazole Magnesium 20 MG", "losartan potassium", "WARFARIN POTASSIUM"],
)
def test_look_alikes_never_match(text: str) -> None:
    """A name that only looks like a drug of the guideline matches nothing."""
    assert by_name(text) == ()


def test_look_alike_codes_are_no_drug_of_a_rule() -> None:
    """The codes of look-alikes stand in no other value set."""
    lookalikes = valueset("drug-lookalikes").codings
    assert lookalikes
    for coding in lookalikes:
        assert sets_of(coding.system, coding.code) == {"drug-lookalikes"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Procedural sedation for endoscopy", {"procedural-sedation"}),
        ("induction of ANAESTHESIA", {"procedural-sedation"}),
        ("seizure rescue", {"seizure-rescue"}),
        ("anxiety", set()),
        ("pain at the subcutaneous implant", set()),
        ("esomeprazole magnesium", set()),
        ("", set()),
    ],
)
def test_a_phrase_names_a_condition_set(text: str, found: set[str]) -> None:
    """A phrase of a condition set is found anywhere in a text; the phrases of drug sets name nothing."""
    assert by_phrase(text) == found


def test_a_value_set_tells_its_codes_and_ingredients() -> None:
    """A value set knows its title, its codings with their names, and its ingredients in order."""
    baclofen = valueset("baclofen")
    assert baclofen.title == "Baclofen"
    assert Coding(RXNORM, "197391", "baclofen 10 MG Oral Tablet") in baclofen.codings
    assert baclofen.ingredients == ("baclofen",)
    assert valueset("muscle-cramp").ingredients == ()
    assert list(valueset("opioids").ingredients) == sorted(valueset("opioids").ingredients)


def test_a_value_set_is_itself_only() -> None:
    """The same name is the same value set, also as a key; another name is another one."""
    assert {valueset("baclofen"): 1}[valueset("baclofen")] == 1
    assert valueset("baclofen") != valueset("baclofen-intolerance")


def test_an_unknown_value_set_is_an_error() -> None:
    """A rule that asks for a value set that does not exist fails at import."""
    with pytest.raises(KeyError):
        valueset("paracetamol")


def test_the_nasal_spray_is_one_product() -> None:
    """The product that a suggestion orders is one RxNorm code that the naloxone set holds too."""
    (spray,) = valueset("naloxone-nasal-spray").codings
    assert spray.system == RXNORM
    assert sets_of(spray.system, spray.code) >= {"naloxone"}
