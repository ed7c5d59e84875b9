"""Sieve: what is left out of an export changes nothing of what is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from cds_service.batch import dated, play, sieve
from cds_service.batch.call import Terms
from cds_service.batch.lines import Line
from cds_service.batch.made.chart import chart
from cds_service.batch.sieve import Coded, Mark, sieves
from cds_service.terminology import LOINC, SNOMED_CT, valueset
from tests.batch.exports import replayed, said
from tests.batch.lines import nothing
from tests.fhir.resources import (
    AMOXICILLIN,
    CRAMP,
    LORAZEPAM,
    R25_2,
    TODAY,
    Json,
    concept,
    condition,
    encounter,
    order,
    patient,
    r5_order,
    statement,
)

_CODED = msgspec.json.Decoder(Coded)
ANOTHER = concept("38341003", "something else", SNOMED_CT)
SUBSTANCE, KNOWN_SUBSTANCE = (
    concept("1", system=SNOMED_CT),
    {"coding": [{"system": one.system, "code": one.code} for one in valueset("baclofen-intolerance").codings[:1]]},
)


def _sifted(resource: Json) -> tuple[Mark, Json]:
    raw = json.dumps(resource).encode()
    found = sieves()[resource["resourceType"]](_CODED.decode(raw), raw)
    assert found is not None
    mark, kept = found
    return mark, json.loads(kept or b"{}")


def _is_asked(resource: Json) -> bool:
    raw = json.dumps(resource).encode()
    return sieves(sifted=False)[resource["resourceType"]](_CODED.decode(raw), raw) is not None


def _allergy(code: Json | None, **more: Any) -> Json:
    return {"resourceType": "AllergyIntolerance", "id": "a", "code": code} | more


@pytest.mark.parametrize(
    ("resource", "mark"),
    [
        (patient(), Mark.WHOLE),
        ({"resourceType": "Observation", "code": concept("2951-2", system=LOINC)}, Mark.LATER),
        (order(LORAZEPAM), Mark.WHOLE),
        (order({"text": "magnesium from the shop"}), Mark.WHOLE),
        (order(None, medicationReference={"reference": "Medication/1"}), Mark.WHOLE),
        (order(None), Mark.WHOLE),
        (r5_order({"concept": LORAZEPAM}), Mark.WHOLE),
        (r5_order({"reference": {"reference": "Medication/1"}}), Mark.WHOLE),
        (order(AMOXICILLIN), Mark.COUNTED),
        (order({"text": "cream"}), Mark.COUNTED),
        (r5_order({"concept": AMOXICILLIN}), Mark.COUNTED),
        (order(AMOXICILLIN, authoredOn="2026-03"), Mark.WHOLE),
        (order(AMOXICILLIN, authoredOn="2026-02-31"), Mark.WHOLE),
        (order(AMOXICILLIN, authoredOn=None), Mark.WHOLE),
        (order(AMOXICILLIN, contained=[{"resourceType": "Medication", "id": "1"}]), Mark.WHOLE),
        (order(AMOXICILLIN, dosageInstruction=[5]), Mark.WHOLE),
        (order({"coding": 5}), Mark.WHOLE),
        (statement(LORAZEPAM), Mark.WHOLE),
        (statement(AMOXICILLIN), Mark.LEFT),
        (statement(AMOXICILLIN, status=[]), Mark.WHOLE),
        (condition(CRAMP), Mark.WHOLE),
        (condition(ANOTHER), Mark.REFERRED),
        (condition(ANOTHER, clinicalStatus=[[]]), Mark.WHOLE),
        (encounter(), Mark.REFERRED),
        (_allergy(ANOTHER), Mark.LEFT),
        (_allergy(ANOTHER, substance=SUBSTANCE), Mark.LEFT),
        (_allergy(None, substance=KNOWN_SUBSTANCE), Mark.WHOLE),
        (_allergy(KNOWN_SUBSTANCE), Mark.WHOLE),
        (_allergy(ANOTHER, status=[]), Mark.WHOLE),
    ],
)
def test_how_much_is_kept(resource: Json, mark: Mark) -> None:
    """What rules may speak of, what cannot be read, and what is not plain, whole; of the rest what is needed."""
    assert _sifted(resource)[0] == mark


def test_an_order_that_is_only_counted() -> None:
    """It keeps when, where and by whom it was signed, and its status."""
    more = {"encounter": {"reference": "Encounter/1"}, "requester": {"reference": "Practitioner/1"}}
    sent = order(AMOXICILLIN, dosageInstruction=[], **more)
    kept = dated.counted(json.dumps(_sifted(sent)[1]).encode())
    assert (kept.resource_type, kept.id, kept.status, kept.intent) == ("MedicationRequest", "m1", "active", "order")
    assert (kept.authored_on, kept.date_written) == (sent["authoredOn"], None)
    assert (dated.encounter_of(kept), dated.author(kept)) == ("1", "Practitioner/1")


@pytest.mark.parametrize(
    ("kind", "code", "asked"),
    [
        ("Observation", concept("2951-2", system=LOINC), True),
        ("Observation", concept("2345-7", system=LOINC), False),
        ("Observation", CRAMP, False),
        ("Observation", {"coding": {"code": [[]]}}, True),
        ("Observation", None, False),
        ("ServiceRequest", concept("2951-2", system=LOINC), True),
        ("ServiceRequest", ANOTHER, False),
        ("Procedure", ANOTHER, False),
        ("Condition", ANOTHER, True),
    ],
)
def test_what_is_asked_for(kind: str, code: Json | None, asked: bool) -> None:
    """Results, tests and care by code; one that cannot be read is not known not to be asked for, nor is one whose tests
    are its items."""
    found = {"resourceType": kind, "code": code}
    assert _is_asked(found) is asked
    assert _is_asked(found | {"item": [{}]}) is (asked or kind != "Observation")


def test_many_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of codes without end the answers are not kept without end."""
    monkeypatch.setattr(sieve, "_MOST", 3)
    for number in range(10):
        found = {"resourceType": "Procedure", "code": {"text": str(number)}}
        assert _is_asked(found) is False
    assert len(sieve._KNOWN) <= 3


def _wild(random: Random, resource: Json) -> Json:
    """A resource with something in it that made ones have not, now and then."""
    if random.random() < 0.7 or resource["resourceType"] == "Patient":
        return resource
    return random.choice(_WILD)(random, resource)


def _reason(random: Random, resource: Json) -> Json:
    number = random.randint(1, 12)
    reason = {"reference": f"Condition/{resource['id'].rpartition('-')[0]}-{number}"}
    return resource | {"reasonReference": [reason], "reason": [{"reference": reason}]}


def _another_version(random: Random, resource: Json) -> Json:
    id = f"{resource['id'].rpartition('-')[0]}-{random.randint(1, 6)}"
    return resource | {"id": id, "meta": {"versionId": str(random.randint(1, 10_000))}}


_WILD: tuple[Callable[[Random, Json], Json], ...] = (
    _reason,
    _another_version,
    lambda random, one: one | {"status": []},
    lambda random, one: one | {"code": random.choice((CRAMP, R25_2, {"coding": 5}, {"text": "cramp"}))},
    lambda random, one: one | {"clinicalStatus": [[]], "dosageInstruction": [5]},
    lambda random, one: one | {"contained": [{"resourceType": "Medication", "id": "1", "code": LORAZEPAM}]},
    lambda random, one: one | {"authoredOn": None, "recordedDate": None, "issued": None},
    lambda random, one: {name: part for name, part in one.items() if name != "id"},
    lambda random, one: one | {"medicationCodeableConcept": None, "medication": {"concept": LORAZEPAM}},
    lambda random, one: one | {"medicationCodeableConcept": None, "medicationReference": {"reference": "#1"}},
)


def _wards(seed: int, patients: int) -> list[Json]:
    random = Random(seed)  # noqa: S311 - no secret hangs on it
    return [_wild(random, one) for number in range(patients) for one in chart(number, str(seed), TODAY)]


@pytest.mark.parametrize("seed", range(12))
def test_what_is_left_out_changes_nothing(seed: int, tmp_path: Path) -> None:
    """The same figures and the same orders, whether anything is left out or not."""
    resources = _wards(seed, 40)
    for name in ("some", "all"):
        (tmp_path / name).mkdir()
    some, found, figures = replayed(tmp_path / "some", resources)
    all_, found_of_all, figures_of_all = replayed(tmp_path / "all", resources, sifted=False)
    assert found == found_of_all
    assert figures.rows() == figures_of_all.rows()
    assert sorted(map(str, said(some))) == sorted(map(str, said(all_)))
    assert figures.number("shown") > 10


@pytest.mark.parametrize("seed", range(6))
def test_calls_that_are_not_even_looked_at(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing would have been said in them."""
    every = _wards(seed, 100)
    by_patient: dict[str, list[Line]] = {}
    for resource in every:
        who = resource.get("subject") or resource.get("patient") or {"reference": f"Patient/{resource.get('id')}"}
        by_patient.setdefault(who["reference"], []).append(("", "", json.dumps(resource).encode()))
    terms = Terms(TODAY, TODAY - timedelta(days=2000), supplied=frozenset({"Patient", "MedicationRequest"}))
    for supplied in (terms, Terms(TODAY)):
        few = [play.play(who[8:], lines, nothing, supplied).calls for who, lines in by_patient.items()]
        with monkeypatch.context() as patch:
            patch.setattr(play, "may_speak", lambda *asked: True)
            all_ = [play.play(who[8:], lines, nothing, supplied).calls for who, lines in by_patient.items()]
        assert few == all_
