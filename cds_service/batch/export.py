"""Export: Bulk Data NDJSON or Bundles, plain or gzip, as resources with whose they are and how much of them matters."""

from __future__ import annotations

import gzip
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BufferedReader
from itertools import compress, count
from operator import attrgetter, itemgetter
from pathlib import Path
from typing import IO, TypeVar, cast

import msgspec

from cds_service.batch.dated import NOTHING
from cds_service.batch.files import MEDICATION, PACKED, READ, BadExport, Piece, blocks, kind
from cds_service.batch.sieve import Coded, Mark, are_results, is_asked, sift
from cds_service.fhir.elements import text
from cds_service.fhir.models import Leaf, Reference
from cds_service.fhir.references import target


class Held(msgspec.Struct, frozen=True, gc=False):
    """A resource of an export: its type, the id of the patient whose it is ("" for a Medication), how much of it is
    kept, its own id ("" if it has none), the address under which its Bundle holds it ("" in NDJSON), and what is kept
    of it, on one line."""

    type: str
    patient: str
    mark: Mark
    id: str
    full_url: str
    raw: bytes


class Bad(msgspec.Struct, frozen=True, gc=False):
    """A line, or an entry of a Bundle, that cannot be used: its number in the piece, and why."""

    number: int
    why: str
    is_entry: bool = False


class Passed(msgspec.Struct, frozen=True):
    """So many lines were looked at, and so many resources, by type, passed over because nobody asks for them."""

    lines: int
    resources: Mapping[str, int]


NO_JSON = "it is no JSON object of a resource"
NO_PATIENT = "it names no patient"
NO_ID = "it has no id that can be used"


class _Subject(msgspec.Struct, gc=False):
    reference: Leaf = None


class _Whose(Coded):
    """What of a resource tells whose it is; everything else is only looked at to see that it is JSON."""

    id: Leaf = None
    subject: _Subject | None = None
    patient: _Subject | None = None


class _Odd(Coded):
    """The same of one whose subject has a shape of its own."""

    id: Leaf = None
    subject: msgspec.Raw = NOTHING
    patient: msgspec.Raw = NOTHING


class _Entry(msgspec.Struct, rename="camel"):
    full_url: Leaf = None
    resource: msgspec.Raw = msgspec.Raw(b"{}")


class _Bundle(msgspec.Struct, rename="camel"):
    resource_type: str = ""
    entry: list[_Entry | None] | None = None


_WHOSE = msgspec.json.Decoder(_Whose)
_ODD = msgspec.json.Decoder(_Odd)
_SUBJECT: msgspec.json.Decoder[_Subject | None] = msgspec.json.Decoder(_Subject | None)
_BUNDLE = msgspec.json.Decoder(_Bundle)
T = TypeVar("T")
_RESULT = "Observation"
_FIRST, _LAST = itemgetter(0), itemgetter(-1)
_TYPE, _CODE, _SUBJECT_OF, _REFERENCE = map(attrgetter, ("resource_type", "code", "subject", "reference"))
_BRACE, _END = set(b"{"), set(b"}")
# So many references are remembered; the lines of a patient often stand together.
_MOST = 20_000
_NO_PATIENTS: Mapping[str, str] = {}


def read(folder: Path, piece: Piece, sifted: bool = True) -> Iterator[Held | Bad | Passed]:
    """What a piece of a file holds of the types that are read; all of it is kept unless it is sifted.

    Raises BadExport for one that ends in the middle or cannot be read.
    """
    path, name = folder / piece.name, piece.name
    reader = Reader(sifted)
    try:
        with _opened(path) as file:
            if kind(name) == "whole":
                yield from reader.whole(file.read())
            else:
                packed = name.lower().endswith(PACKED)
                for block in blocks(file, piece.start, None if packed else piece.end):
                    yield from reader.block(block)
    except EOFError:
        raise BadExport(f"{name}: the file ends in the middle of its gzip stream. Copy it again.") from None
    except (zlib.error, gzip.BadGzipFile) as error:
        raise BadExport(f"{name}: it is no gzip, or it is damaged ({error}). Copy it again.") from None
    except OSError as error:
        raise BadExport(f"{name}: {error.strerror}.") from None


def _opened(path: Path) -> IO[bytes]:
    if path.name.lower().endswith(PACKED):
        return cast("IO[bytes]", BufferedReader(gzip.open(path)))
    return path.open("rb")


class Reader:
    """Reads one piece, block by block, or a whole file."""

    def __init__(self, sifted: bool) -> None:
        """All is kept of what is asked for unless it is sifted."""
        self._sifted = sifted
        self._lines = 0
        self._owners: dict[Leaf, str] = {}
        self._passed: Counter[str] = Counter()

    def block(self, block: bytes) -> Iterator[Held | Bad | Passed]:
        """The lines of a block. They are decoded at once; where that fails, one by one."""
        lines = block.split(b"\n")
        whole = _at_once(block, lines)
        found: Iterable[tuple[int, bytes, _Whose | None]] = zip(
            count(self._lines + 1), lines, whole or map(_whose, lines)
        )
        for number, raw, whose in self._asked(whole, found) if whole else found:
            held = NO_JSON if whose is None else self._held(whose, raw, "", _NO_PATIENTS)
            if isinstance(held, Held):
                yield held
            elif held is not None and raw.strip():
                yield Bad(number, held)
        self._lines += len(lines)
        yield Passed(len(lines), self._let_go())

    def _asked(self, whole: Sequence[_Whose], found: Iterable[T]) -> Iterable[T]:
        """Without the results for which nobody asks, if there is nothing but results and each tells whose it is."""
        if {*map(_TYPE, whole)} != {_RESULT}:
            return found
        subjects = [*map(_SUBJECT_OF, whole)]
        if None in subjects or not {*map(_refers_plainly, {*map(_REFERENCE, subjects)})} <= {True}:
            return found
        asked = [*map(are_results.__getitem__, map(bytes, map(_CODE, whole)))]
        self._passed[_RESULT] += asked.count(False)
        return compress(found, asked)

    def _let_go(self) -> Mapping[str, int]:
        passed, self._passed = self._passed, Counter()
        return passed

    def whole(self, body: bytes) -> Iterator[Held | Bad | Passed]:
        """A Bundle, or one resource; anything else is no part of a record."""
        try:
            bundle = _BUNDLE.decode(body)
        except (msgspec.DecodeError, RecursionError):
            yield Bad(1, NO_JSON)
            return
        if bundle.resource_type == "Bundle":
            yield from self._entries([entry for entry in bundle.entry or [] if entry is not None])
        elif bundle.resource_type:
            yield from self._alone(_on_one_line(body), "", _NO_PATIENTS, Bad(1, ""))
        yield Passed(0, self._let_go())

    def _entries(self, entries: Sequence[_Entry]) -> Iterator[Held | Bad]:
        patients = _patients(entries)
        for number, entry in enumerate(entries, start=1):
            raw = _on_one_line(bytes(entry.resource))
            yield from self._alone(raw, text(entry.full_url), patients, Bad(number, "", is_entry=True))

    def _alone(self, raw: bytes, full_url: str, patients: Mapping[str, str], place: Bad) -> Iterator[Held | Bad]:
        whose = _whose(raw)
        held = NO_JSON if whose is None else self._held(whose, raw, full_url, patients)
        if isinstance(held, Held):
            yield held
        elif held is not None:
            yield msgspec.structs.replace(place, why=held)

    def _held(self, whose: _Whose, raw: bytes, full_url: str, patients: Mapping[str, str]) -> Held | str | None:
        """A resource of a type that is read, None for another one; if it cannot be used, why."""
        kind, id = whose.resource_type, whose.id
        if kind not in READ:
            return None if kind else NO_JSON
        if not isinstance(id, str):
            id = text(id)
        if kind == "Patient" or kind == MEDICATION:
            patient = id if kind == "Patient" else ""
        else:
            patient = self._owner(whose, patients)
        if not (id or full_url or patient) or not f"{id}{full_url}{patient}".isprintable():
            return NO_ID
        if not patient and kind != MEDICATION:
            return NO_PATIENT
        if not is_asked(whose):
            self._passed[kind] += 1
            return None
        mark, kept = sift(whose, raw, self._sifted)
        return Held(kind, patient, mark, id, full_url, kept)

    def _owner(self, whose: _Whose, patients: Mapping[str, str]) -> str:
        """The id of the patient whose a resource is, "" if it names none: a group or a device is nobody's."""
        told = whose.subject.reference if whose.subject is not None and whose.patient is None else None
        found = None if patients else self._owners.get(told)
        if found is not None:
            return found
        found = _owner(whose, patients)
        if isinstance(told, str) and not patients:
            if len(self._owners) >= _MOST:
                self._owners.clear()
            self._owners[told] = found
        return found


def _owner(whose: _Whose, patients: Mapping[str, str]) -> str:
    for subject in (whose.subject, whose.patient):
        address = target(Reference(subject.reference)) if subject is not None else None
        if address is not None and address[0] in ("Patient", ""):
            return patients.get(address[1]) or address[1].removeprefix("urn:uuid:") if not address[0] else address[1]
    return ""


def _refers_plainly(reference: Leaf) -> bool:
    return isinstance(reference, str) and reference.startswith("Patient/")


def _at_once(block: bytes, lines: Sequence[bytes]) -> list[_Whose] | None:
    """The lines of a block, each of which begins and ends an object; None if one of them cannot be read."""
    if not all(lines) or {*map(_FIRST, lines)} != _BRACE or {*map(_LAST, lines)} != _END:
        return None
    try:
        found = _WHOSE.decode_lines(block)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found if len(found) == len(lines) else None


def _whose(raw: bytes | msgspec.Raw) -> _Whose | None:
    """What a line tells, None if it is no JSON object."""
    try:
        return _WHOSE.decode(raw)
    except msgspec.ValidationError:
        return _whose_odd(raw)
    except (msgspec.DecodeError, RecursionError):
        return None


def _whose_odd(raw: bytes | msgspec.Raw) -> _Whose | None:
    """The same of one whose subject, or patient, is none."""
    try:
        odd = _ODD.decode(raw)
    except msgspec.ValidationError:
        return None
    parts = {name: getattr(odd, name) for name in Coded.__struct_fields__}
    return _Whose(**parts, id=odd.id, subject=_subject(odd.subject), patient=_subject(odd.patient))


def _subject(raw: msgspec.Raw) -> _Subject | None:
    try:
        return _SUBJECT.decode(raw)
    except msgspec.ValidationError:
        return None


def _on_one_line(raw: bytes) -> bytes:
    return msgspec.json.format(raw, indent=-1) if b"\n" in raw else raw


def _patients(entries: Sequence[_Entry]) -> dict[str, str]:
    """The addresses of a Bundle's patients with their ids."""
    read = ((entry, _whose(entry.resource)) for entry in entries)
    return {text(entry.full_url): text(found.id) for entry, found in read if found and found.resource_type == "Patient"}
