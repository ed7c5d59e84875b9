"""Export: what a folder holds, whose it is, and what in it cannot be used."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from cds_service.batch import export
from cds_service.batch.export import Bad, BadExport, Held
from tests.fhir.resources import LORAZEPAM, bundle, condition, encounter, order, patient

GOOD = json.dumps(order(LORAZEPAM))


def _read(folder: Path) -> list[Held | Bad]:
    return [one for path in export.files(folder) for one in export.read(path, path.relative_to(folder).as_posix())]


def _bad(folder: Path) -> list[tuple[str, str]]:
    return [(one.place, one.why) for one in _read(folder) if isinstance(one, Bad)]


def _held(folder: Path) -> list[tuple[str, str]]:
    return [(one.type, one.patient) for one in _read(folder) if isinstance(one, Held)]


def test_the_files_of_a_folder(tmp_path: Path) -> None:
    """NDJSON and JSON, packed or not, in folders too, by name; hidden and other files are none."""
    for name in ("b.ndjson", "a.JSON", "x/c.jsonl", "d.ndjson.gz", "e.json.gz", ".hidden.json", "f.txt", "g.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in export.files(tmp_path)]
    assert found == ["a.JSON", "b.ndjson", "d.ndjson.gz", "e.json.gz", "x/c.jsonl"]


def test_a_folder_without_an_export(tmp_path: Path) -> None:
    """It is told what was looked for."""
    with pytest.raises(BadExport, match=r"no \.ndjson, \.jsonl or \.json file"):
        export.files(tmp_path)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("Observation.ndjson", "Observation"), ("1.Observation.000.ndjson.gz", "Observation"), ("mine.ndjson", "")],
)
def test_a_type_in_the_name_of_a_file(name: str, kind: str) -> None:
    """Bulk Data servers name files by type; one that is empty says that there is nothing of it."""
    assert export.named_type(Path(name)) == kind


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
    assert _bad(tmp_path) == [("a.ndjson:2", why)]
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
    assert _bad(tmp_path) == [
        ("a.json:entry 3", export.NO_JSON),
        ("a.json:entry 5", export.NO_JSON),
        ("a.json:entry 6", export.NO_PATIENT),
    ]


def test_other_json(tmp_path: Path) -> None:
    """A resource alone is one; a manifest, or an empty Bundle, is no part of a record; what is no JSON is told."""
    _bundle(tmp_path, patient())
    assert _held(tmp_path) == [("Patient", "p1")]
    for nothing in ({"transactionTime": "2026-01-01"}, {"resourceType": "Bundle"}):
        _bundle(tmp_path, nothing)
        assert _read(tmp_path) == []
    (tmp_path / "a.json").write_text("{", encoding="utf-8")
    assert _bad(tmp_path) == [("a.json:1", export.NO_JSON)]


def test_a_gzip_that_ends_in_the_middle(tmp_path: Path) -> None:
    """Nothing is concluded from the half of a file."""
    packed = gzip.compress((GOOD + "\n").encode() * 100)
    (tmp_path / "a.ndjson.gz").write_bytes(packed[:-9])
    with pytest.raises(BadExport, match=r"a.ndjson.gz: the file ends in the middle"):
        _read(tmp_path)


@pytest.mark.parametrize("body", [b"no gzip at all", gzip.compress(b"x" * 1000)[:15] + b"\xff" * 40])
def test_a_gzip_that_is_damaged(body: bytes, tmp_path: Path) -> None:
    """It is told which file."""
    (tmp_path / "a.ndjson.gz").write_bytes(body)
    with pytest.raises(BadExport, match=r"a.ndjson.gz: it is no gzip, or it is damaged"):
        _read(tmp_path)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """It is told which, and why."""
    with pytest.raises(BadExport, match=r"a.ndjson: No such file"):
        list(export.read(tmp_path / "a.ndjson", "a.ndjson"))
