"""Export: what a folder holds, whose it is, and what in it cannot be used."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from cds_service.batch import export, files, whose
from cds_service.batch.export import Bad, Found, Held
from cds_service.batch.files import BadExport
from cds_service.batch.sieve import Mark
from tests.fhir.resources import LORAZEPAM, bundle, condition, encounter, order, patient

GOOD = json.dumps(order(LORAZEPAM))


def _read(folder: Path) -> list[Held | Bad]:
    tasks = files.tasks(folder, files.files(folder))
    found = [one for task in tasks for piece in task for one in export.read(folder, piece)]
    return [one for part in found for one in (*part.held, *part.bad)]


def _whole(folder: Path, name: str, sifted: bool = True) -> Found:
    (found,) = export.read(folder, files.Piece(name, 0, 10_000), sifted)
    return found


def _bad(folder: Path) -> list[tuple[int, str]]:
    return [(one.number, one.why) for one in _read(folder) if isinstance(one, Bad)]


def _held(folder: Path) -> list[tuple[str, str]]:
    return [(one.type, one.patient) for one in _read(folder) if isinstance(one, Held)]


def test_lines(tmp_path: Path) -> None:
    """Each line is a resource; empty ones are none, and types that nothing asks for are passed over."""
    lines = [GOOD, "", json.dumps({"resourceType": "Claim", "id": "c"}), json.dumps(patient()), " ", GOOD]
    (tmp_path / "a.ndjson").write_text("\r\n".join(lines), encoding="utf-8")
    (tmp_path / "b.ndjson.gz").write_bytes(gzip.compress(GOOD.encode()))
    order_ = ("MedicationRequest", "p1")
    assert _held(tmp_path) == [order_, ("Patient", "p1"), order_, order_]
    assert _bad(tmp_path) == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", export.NO_JSON),
        ("[]", export.NO_JSON),
        ("5", export.NO_JSON),
        ('{"id": "x"}', export.NO_JSON),
        ('{"resourceType": 5}', export.NO_JSON),
        (GOOD[: len(GOOD) // 2], export.NO_JSON),
        ("[" * 100_000, export.NO_JSON),
        ('{"resourceType": "Condition", "id": "c"}', export.NO_PATIENT),
        ('{"resourceType": "Condition", "id": "c", "subject": 5, "patient": {"reference": ""}}', export.NO_PATIENT),
        ('{"resourceType": "Condition", "id": "c", "subject": {"reference": "Group/1"}}', export.NO_PATIENT),
        ('{"resourceType": "Patient"}', export.NO_ID),
        ('{"resourceType": "Medication"}', export.NO_ID),
        ('{"resourceType": "Patient", "id": "a\\tb"}', export.NO_ID),
    ],
)
def test_a_bad_line(line: str, why: str, tmp_path: Path) -> None:
    """It is named with its file and number, and the others are read."""
    (tmp_path / "a.ndjson").write_text(f"{GOOD}\n{line}\n{GOOD}\n", encoding="utf-8")
    assert _bad(tmp_path) == [(2, why)]
    assert len(_held(tmp_path)) == 2


@pytest.mark.parametrize("who", ["Patient/p1", "https://ehr.example/Patient/p1", "urn:uuid:p1"])
@pytest.mark.parametrize("name", ["subject", "patient"])
def test_whose_a_resource_is(who: str, name: str, tmp_path: Path) -> None:
    """However the patient is named."""
    found = {"resourceType": "Condition", "id": "c", name: {"reference": who}}
    (tmp_path / "a.ndjson").write_text(json.dumps(found), encoding="utf-8")
    assert _held(tmp_path) == [("Condition", "p1")]


def _bundle(tmp_path: Path, body: Any) -> None:
    (tmp_path / "a.json").write_text(json.dumps(body, indent=1), encoding="utf-8")


def test_a_bundle(tmp_path: Path) -> None:
    """Its resources name the patient by the address under which it holds him, and stand on one line each."""
    who = {"subject": {"reference": "urn:uuid:1"}}
    entries = [
        {"fullUrl": "urn:uuid:1", "resource": patient(id="p9")},
        {"fullUrl": "urn:uuid:2", "resource": condition(LORAZEPAM) | who},
        None,
        {"fullUrl": "urn:uuid:3"},
        {"fullUrl": "urn:uuid:4", "resource": {"resourceType": "Medication", "code": LORAZEPAM}},
        {"fullUrl": "urn:uuid:5", "resource": 5},
        {"fullUrl": "urn:uuid:6", "resource": encounter(id="e", subject=None)},
    ]
    _bundle(tmp_path, bundle() | {"entry": entries})
    held = [one for one in _read(tmp_path) if isinstance(one, Held)]
    assert [(one.type, one.patient, one.full_url) for one in held] == [
        ("Patient", "p9", "urn:uuid:1"),
        ("Condition", "p9", "urn:uuid:2"),
        ("Medication", "", "urn:uuid:4"),
    ]
    assert not any(b"\n" in one.raw for one in held)
    assert [one for one in _read(tmp_path) if isinstance(one, Bad)] == [
        Bad(3, export.NO_JSON, is_entry=True),
        Bad(5, export.NO_JSON, is_entry=True),
        Bad(6, export.NO_PATIENT, is_entry=True),
    ]


def test_other_json(tmp_path: Path) -> None:
    """A resource alone is one; a manifest, or an empty Bundle, is no part of a record; what is no JSON is told."""
    _bundle(tmp_path, patient())
    assert _held(tmp_path) == [("Patient", "p1")]
    for nothing in ({"transactionTime": "2026-01-01"}, {"resourceType": "Bundle"}):
        _bundle(tmp_path, nothing)
        assert _read(tmp_path) == []
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    assert _bad(tmp_path) == [(1, export.NO_JSON)]


def test_a_gzip_that_ends_in_the_middle(tmp_path: Path) -> None:
    """Nothing is concluded from the half of a file."""
    packed = gzip.compress((GOOD + "\n").encode() * 100)
    (tmp_path / "a.ndjson.gz").write_bytes(packed[:-9])
    with pytest.raises(BadExport, match=r"a.ndjson.gz: the file ends in the middle"):
        _read(tmp_path)


@pytest.mark.parametrize(
    "body", [b"no gzip at all", gzip.compress(b"x" * 1000)[:15] + b"\xff" * 40], ids=["none", "damaged"]
)
def test_a_gzip_that_is_damaged(body: bytes, tmp_path: Path) -> None:
    """It is told which file."""
    (tmp_path / "a.ndjson.gz").write_bytes(body)
    with pytest.raises(BadExport, match=r"a.ndjson.gz: it is no gzip, or it is damaged"):
        _read(tmp_path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """It is told which, and why."""
    with pytest.raises(BadExport, match=r"a.ndjson: No such file"):
        list(export.read(tmp_path, files.Piece("a.ndjson", 0, 10)))


RESULT: Any = {"resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/p1"}}


def _result(code: str, id: str, **more: Any) -> str:
    coding = {"system": "http://loinc.org", "code": code}
    return json.dumps(RESULT | {"id": id, "code": {"coding": [coding]}} | more)


SODIUM, GLUCOSE = _result("2951-2", "o1"), _result("2345-7", "o2")


def test_results_for_which_nobody_asks(tmp_path: Path) -> None:
    """They are passed over, and counted with the others, whether they stand alone or among other resources."""
    for others in ([], [GOOD]):
        lines = [SODIUM, GLUCOSE, GLUCOSE, *others]
        (tmp_path / "a.ndjson").write_text("\n".join(lines), encoding="utf-8")
        found = _whole(tmp_path, "a.ndjson")
        assert [one.id for one in found.held] == ["o1", *(["m1"] if others else [])]
        assert (found.lines, +Counter(found.passed), found.bad) == (len(lines), {"Observation": 2}, [])


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"subject": None}, export.NO_PATIENT),
        ({"subject": {"reference": 5}}, ""),
        ({"subject": {"reference": "Group/1"}}, export.NO_PATIENT),
        ({"subject": {"reference": "Group/1"}, "patient": {"reference": "Patient/p1"}}, ""),
        ({"subject": {"reference": "https://ehr.example/Patient/p1"}}, ""),
    ],
)
def test_whose_a_result_is(more: Any, why: str, tmp_path: Path) -> None:
    """Among results alone, too, one that is nobody's is told, and one that names its patient in another way is not; of
    a result for which nobody asks it does not matter."""
    lines = [GLUCOSE, _result("2951-2", "o3", **more), SODIUM, _result("2345-7", "o4", **more)]
    (tmp_path / "a.ndjson").write_text("\n".join(lines), encoding="utf-8")
    assert _bad(tmp_path) == ([(2, why)] if why else [])


@pytest.mark.parametrize(
    "lines",
    [
        '{"resourceType": "Claim"} {"resourceType": "Claim"}\n{"resourceType":\n"Claim"}',
        '{"resourceType": "Claim"}\n\n{"resourceType": "Claim"} {"resourceType": "Claim"}',
        '{"resourceType": "Claim", "a": [{}\n,{}]}',
    ],
)
def test_one_line_is_one_resource(lines: str, tmp_path: Path) -> None:
    """Several on a line, or one on several lines, are bad lines, even if their number is right."""
    (tmp_path / "a.ndjson").write_text(lines, encoding="utf-8")
    assert {why for _, why in _bad(tmp_path)} == {export.NO_JSON}


def test_results_in_a_bundle(tmp_path: Path) -> None:
    """There, too, nobody's results are passed over and counted, and other types left out."""
    held = [json.loads(SODIUM), json.loads(GLUCOSE), {"resourceType": "Claim", "id": "c"}]
    _bundle(tmp_path, bundle(*held))
    found = _whole(tmp_path, "a.json")
    assert [one.id for one in found.held] == ["o1"]
    assert (found.lines, found.passed) == (0, {"Observation": 1})


def test_many_patients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many there are, each resource is its patient's."""
    monkeypatch.setattr(whose, "_MOST", 2)
    orders = [json.dumps(order(LORAZEPAM) | {"subject": {"reference": f"Patient/{number % 5}"}}) for number in range(9)]
    (tmp_path / "a.ndjson").write_text("\n".join(orders), encoding="utf-8")
    assert [patient for _, patient in _held(tmp_path)] == [str(number % 5) for number in range(9)]


def test_nothing_is_left_out(tmp_path: Path) -> None:
    """Where nothing is sifted everything that is asked for is kept whole."""
    lines = [GOOD, json.dumps(order({"text": "vitamin"})), GLUCOSE]
    (tmp_path / "a.ndjson").write_text("\n".join(lines), encoding="utf-8")
    marks = [[one.mark for one in _whole(tmp_path, "a.ndjson", sifted).held] for sifted in (True, False)]
    assert marks == [[Mark.WHOLE, Mark.COUNTED], [Mark.WHOLE, Mark.WHOLE]]
