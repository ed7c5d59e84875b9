"""Export: the files of a folder, Bulk Data NDJSON or Bundles, plain or gzip, as resources with whose they are."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator, Sequence
from io import BufferedReader
from pathlib import Path
from typing import IO, cast

import msgspec

from cds_service.batch.known import TYPES
from cds_service.fhir.elements import text
from cds_service.fhir.models import Leaf, Reference
from cds_service.fhir.references import target

_LINES, _WHOLE, _PACKED = (".ndjson", ".jsonl"), (".json",), ".gz"
_MEDICATION = "Medication"
READ = frozenset((*TYPES, _MEDICATION))
# What a Bulk Data server writes beside its files; a log of it is no part of the record.
_BESIDE = frozenset({"OperationOutcome"})


class BadExport(Exception):
    """Files that cannot be used: the text says which, where, and what to do."""


class Held(msgspec.Struct, frozen=True):
    """A resource of an export: its type, the id of the patient whose it is ("" for a Medication), the address under
    which its Bundle holds it ("" in NDJSON), its own id, and the resource as it was sent, on one line."""

    type: str
    patient: str
    full_url: str
    id: str
    raw: bytes


class Bad(msgspec.Struct, frozen=True):
    """A line that cannot be used, and why."""

    place: str  # file:line
    why: str


NO_JSON = "it is no JSON object of a resource"
NO_PATIENT = "it names no patient"
NO_ID = "it has no id that can be used"


class _Subject(msgspec.Struct):
    reference: Leaf = None


class _Whose(msgspec.Struct, rename="camel"):
    """What of a resource tells whose it is; everything else is only looked at to see that it is JSON."""

    resource_type: str = ""
    id: Leaf = None
    subject: msgspec.Raw = msgspec.Raw(b"null")
    patient: msgspec.Raw = msgspec.Raw(b"null")


class _Entry(msgspec.Struct, rename="camel"):
    full_url: Leaf = None
    resource: msgspec.Raw = msgspec.Raw(b"{}")


class _Bundle(msgspec.Struct, rename="camel"):
    resource_type: str = ""
    entry: list[_Entry | None] | None = None


_WHOSE = msgspec.json.Decoder(_Whose)
_SUBJECT: msgspec.json.Decoder[_Subject | None] = msgspec.json.Decoder(_Subject | None)
_BUNDLE = msgspec.json.Decoder(_Bundle)


def files(folder: Path) -> list[Path]:
    """The files of an export, in the order of their names. Raises BadExport if there is none."""
    found = sorted(path for path in folder.rglob("*") if path.is_file() and kind(path))
    if not found:
        raise BadExport(f"{folder}: there is no .ndjson, .jsonl or .json file in it, packed with gzip or not.")
    return found


def kind(path: Path) -> str:
    """`lines` or `whole`, "" for a file of another kind; hidden files are none of an export."""
    name = path.name.lower().removesuffix(_PACKED)
    if name.startswith("."):
        return ""
    return "lines" if name.endswith(_LINES) else "whole" if name.endswith(_WHOLE) else ""


def named_type(path: Path) -> str:
    """The type of resource that the name of a file tells, "" if none: one without a line says that there are none."""
    return next((part for part in path.name.split(".") if part in READ), "")


def read(path: Path, name: str) -> Iterator[Held | Bad]:
    """What a file holds of the types that are read. `name` is what the file is called where something is wrong.

    Raises BadExport for one that ends in the middle or cannot be read.
    """
    try:
        with _opened(path) as file:
            yield from _lines(file, name) if kind(path) == "lines" else _whole(file.read(), name)
    except EOFError:
        raise BadExport(f"{name}: the file ends in the middle of its gzip stream. Copy it again.") from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise BadExport(f"{name}: it is no gzip, or it is damaged ({error}). Copy it again.") from None
    except OSError as error:
        raise BadExport(f"{name}: {error.strerror}.") from None


def _opened(path: Path) -> IO[bytes]:
    if path.name.lower().endswith(_PACKED):
        return cast("IO[bytes]", BufferedReader(gzip.open(path)))
    return path.open("rb")


def _lines(file: IO[bytes], name: str) -> Iterator[Held | Bad]:
    for number, line in enumerate(file, start=1):
        raw = line.strip()
        if raw:
            found = _held(raw, "", {})
            yield from _placed(found, f"{name}:{number}")


def _whole(body: bytes, name: str) -> Iterator[Held | Bad]:
    """A Bundle, or one resource; anything else is no part of a record."""
    try:
        bundle = _BUNDLE.decode(body)
    except (msgspec.DecodeError, RecursionError):
        yield Bad(f"{name}:1", NO_JSON)
        return
    if bundle.resource_type != "Bundle":
        yield from _placed(_held(_on_one_line(body), "", {}) if bundle.resource_type else None, f"{name}:1")
        return
    entries = [entry for entry in bundle.entry or [] if entry is not None]
    patients = _patients(entries)
    for number, entry in enumerate(entries, start=1):
        held = _held(_on_one_line(bytes(entry.resource)), text(entry.full_url), patients)
        yield from _placed(held, f"{name}:entry {number}")


def _placed(found: Held | str | None, place: str) -> Iterator[Held | Bad]:
    if isinstance(found, str):
        yield Bad(place, found)
    elif found is not None:
        yield found


def _on_one_line(raw: bytes) -> bytes:
    return msgspec.json.format(raw, indent=-1) if b"\n" in raw else raw


def _patients(entries: Sequence[_Entry]) -> dict[str, str]:
    """The addresses of a Bundle's patients with their ids."""
    found: dict[str, str] = {}
    for entry in entries:
        try:
            whose = _WHOSE.decode(entry.resource)
        except msgspec.DecodeError:
            continue
        if whose.resource_type == "Patient":
            found[text(entry.full_url)] = text(whose.id)
    return found


def _held(raw: bytes, full_url: str, patients: dict[str, str]) -> Held | str | None:
    """A resource of a type that is read, None for another one; if it cannot be used, why."""
    try:
        whose = _WHOSE.decode(raw)
    except (msgspec.DecodeError, RecursionError):
        return NO_JSON
    kind, id = whose.resource_type, text(whose.id)
    if kind not in READ:
        return None if kind else NO_JSON
    patient = "" if kind == _MEDICATION else id if kind == "Patient" else _owner(whose, patients)
    if not (id or full_url or patient) or not f"{id}{full_url}{patient}".isprintable():
        return NO_ID
    return Held(kind, patient, full_url, id, raw) if patient or kind == _MEDICATION else NO_PATIENT


def _owner(whose: _Whose, patients: dict[str, str]) -> str:
    """The id of the patient whose a resource is, "" if it names none: a group or a device is nobody's."""
    for raw in (whose.subject, whose.patient):
        try:
            subject = _SUBJECT.decode(raw)
        except msgspec.ValidationError:
            continue
        address = target(Reference(subject.reference)) if subject is not None else None
        if address is not None and address[0] in ("Patient", ""):
            return patients.get(address[1]) or address[1].removeprefix("urn:uuid:") if not address[0] else address[1]
    return ""
