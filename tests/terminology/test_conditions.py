"""The conditions that a drug may cause: the codes that belong, and those that only look like it."""

from __future__ import annotations

import pytest

from cds_service.terminology import ICD_9_CM, ICD_10, ICD_10_CM, SNOMED_CT, valueset
from tests.support.valuesets import sets_of

SETS = (
    "dizziness",
    "somnolence",
    "muscle-weakness",
    "urinary-retention",
    "urinary-dysfunction",
    "confusion",
    "cognitive-impairment",
    "gastrointestinal-upset",
    "falls",
    "coma",
)


@pytest.mark.parametrize(
    ("system", "code", "name"),
    [
        (ICD_10, "R42", "dizziness"),
        (ICD_9_CM, "780.4", "dizziness"),
        (SNOMED_CT, "404640003", "dizziness"),
        (ICD_10_CM, "R40.0", "somnolence"),
        (ICD_10_CM, "R40.1", "somnolence"),
        (SNOMED_CT, "271782001", "somnolence"),
        (SNOMED_CT, "91471000119102", "somnolence"),
        (ICD_10_CM, "M62.81", "muscle-weakness"),
        (SNOMED_CT, "26544005", "muscle-weakness"),
        (SNOMED_CT, "713514005", "muscle-weakness"),
        (ICD_10_CM, "R33.9", "urinary-retention"),
        (ICD_9_CM, "788.20", "urinary-retention"),
        (SNOMED_CT, "267064002", "urinary-retention"),
        (ICD_10_CM, "R32", "urinary-dysfunction"),
        (ICD_10_CM, "R39.11", "urinary-dysfunction"),
        (ICD_10_CM, "N39.490", "urinary-dysfunction"),
        (SNOMED_CT, "165232002", "urinary-dysfunction"),
        (ICD_10_CM, "R41.0", "confusion"),
        (ICD_10_CM, "F05", "confusion"),
        (ICD_10_CM, "R41.82", "confusion"),
        (ICD_10_CM, "G92", "confusion"),
        (ICD_9_CM, "293.0", "confusion"),
        (SNOMED_CT, "286933003", "confusion"),
        (SNOMED_CT, "2776000", "confusion"),
        (ICD_10_CM, "G31.84", "cognitive-impairment"),
        (SNOMED_CT, "386806002", "cognitive-impairment"),
        (ICD_10_CM, "R11.2", "gastrointestinal-upset"),
        (ICD_10_CM, "R19.7", "gastrointestinal-upset"),
        (SNOMED_CT, "422587007", "gastrointestinal-upset"),
        (SNOMED_CT, "62315008", "gastrointestinal-upset"),
        (ICD_10_CM, "W19.XXXA", "falls"),
        (ICD_10_CM, "W06.XXXD", "falls"),
        (ICD_10_CM, "R29.6", "falls"),
        (ICD_9_CM, "E888.9", "falls"),
        (SNOMED_CT, "1912002", "falls"),
        (SNOMED_CT, "33036003", "falls"),
        (ICD_10_CM, "R40.20", "coma"),
        (ICD_10, "R40.2", "coma"),
        (SNOMED_CT, "371632003", "coma"),
    ],
)
def test_a_code_belongs_to_one_adverse_effect(system: str, code: str, name: str) -> None:
    """A code of an adverse effect stands in its value set and in no other."""
    assert sets_of(system, code) == {name}


@pytest.mark.parametrize(
    ("system", "code"),
    [
        pytest.param(ICD_10_CM, "H81.09", id="Meniere's disease"),
        pytest.param(ICD_10_CM, "H81.10", id="positional vertigo"),
        pytest.param(SNOMED_CT, "111541001", id="positional vertigo, SNOMED CT"),
        pytest.param(SNOMED_CT, "38403006", id="central vertigo"),
        pytest.param(ICD_10_CM, "G47.419", id="narcolepsy"),
        pytest.param(ICD_10_CM, "G47.33", id="sleep apnoea"),
        pytest.param(ICD_10_CM, "G47.11", id="idiopathic hypersomnia"),
        pytest.param(ICD_10_CM, "R53.83", id="fatigue"),
        pytest.param(ICD_10_CM, "G71.01", id="muscular dystrophy"),
        pytest.param(ICD_10_CM, "G70.00", id="myasthenia"),
        pytest.param(ICD_10_CM, "R29.810", id="facial weakness"),
        pytest.param(SNOMED_CT, "95666008", id="weak face"),
        pytest.param(SNOMED_CT, "13791008", id="asthenia"),
        pytest.param(ICD_10_CM, "N39.0", id="urinary infection"),
        pytest.param(ICD_10_CM, "N39.3", id="stress incontinence"),
        pytest.param(ICD_10_CM, "R35.89", id="polyuria"),
        pytest.param(ICD_10_CM, "R15.9", id="faecal incontinence"),
        pytest.param(ICD_10_CM, "F03.90", id="dementia"),
        pytest.param(ICD_10_CM, "R44.3", id="hallucinations"),
        pytest.param(ICD_10_CM, "R41.81", id="decline with age"),
        pytest.param(ICD_10_CM, "R41.3", id="amnesia"),
        pytest.param(SNOMED_CT, "1943009", id="left-right confusion"),
        pytest.param(ICD_10_CM, "R11.16", id="cannabis hyperemesis"),
        pytest.param(ICD_10_CM, "K58.0", id="irritable bowel with diarrhoea"),
        pytest.param(ICD_10_CM, "A09", id="infectious gastroenteritis"),
        pytest.param(ICD_10_CM, "Z91.81", id="history of falling"),
        pytest.param(SNOMED_CT, "428942009", id="history of falling, SNOMED CT"),
        pytest.param(SNOMED_CT, "129839007", id="risk of falling"),
        pytest.param(ICD_10_CM, "W19.XXXS", id="late effect of a fall"),
        pytest.param(ICD_10_CM, "W18.40XA", id="stumbling without a fall"),
        pytest.param(ICD_10_CM, "W16.512A", id="diving"),
        pytest.param(ICD_10_CM, "W20.8XXA", id="struck by a falling thing"),
        pytest.param(SNOMED_CT, "216154002", id="fall from aircraft"),
        pytest.param(SNOMED_CT, "214378004", id="driver falling asleep"),
        pytest.param(ICD_10_CM, "R40.3", id="vegetative state"),
        pytest.param(ICD_10_CM, "R40.241", id="coma scale 13 to 15"),
    ],
)
def test_a_look_alike_is_no_adverse_effect(system: str, code: str) -> None:
    """A disease, a history or an accident that shares a word with an adverse effect is in none of these sets."""
    assert sets_of(system, code).isdisjoint(SETS)


@pytest.mark.parametrize(
    ("system", "code", "name"),
    [
        (ICD_10_CM, "K76.82", "hepatic-encephalopathy"),
        (SNOMED_CT, "13920009", "hepatic-encephalopathy"),
        (SNOMED_CT, "232534061000119102", "hepatic-encephalopathy"),
        (ICD_10_CM, "K72.91", "hepatic-encephalopathy"),
        (ICD_10_CM, "F10.231", "alcohol-withdrawal"),
        (ICD_10_CM, "K59.00", "constipation"),
        (ICD_10_CM, "N31.9", "urinary-dysfunction"),
        (SNOMED_CT, "97391000119102", "spasticity"),
    ],
)
def test_a_near_condition_stays_in_its_own_set(system: str, code: str, name: str) -> None:
    """Coma of the liver is no coma, delirium of withdrawal no confusion, and a bladder of paraplegia is spasticity."""
    assert sets_of(system, code) & {name, *SETS} == {name}


@pytest.mark.parametrize("name", SETS)
def test_an_adverse_effect_fits_a_sentence(name: str) -> None:
    """A title can begin a card's sentence: one or two words, the first with a capital."""
    title = valueset(name).title
    assert title == title.capitalize()
    assert len(title.split()) in {1, 2}


@pytest.mark.parametrize("name", SETS)
def test_adverse_effects_are_told_apart(name: str) -> None:
    """No code means two adverse effects, so that a card names one."""
    found = [(coding.code, sets_of(coding.system, coding.code) & set(SETS)) for coding in valueset(name).codings]
    assert found
    assert [code for code, sets in found if sets != {name}] == []
