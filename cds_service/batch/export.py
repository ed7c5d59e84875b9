"""Export: Bulk Data NDJSON or Bundles, plain or gzip, as resources with whose they are and how much of them matters."""

from __future__ import annotations

import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import BufferedReader
from itertools import compress, count
from operator import attrgetter
from pathlib import Path
from typing import IO, TypeGuard, cast

import msgspec

from cds_service.batch.files import MEDICATION, PACKED, BadExport, Piece, blocks, kind
from cds_service.batch.known import RESULT
from cds_service.batch.sieve import Kept, Mark, are_results, sieves
from cds_service.batch.whose import NO_PATIENTS, Owners, Whose, at_once, of_line, owner, references
from cds_service.fhir.elements import text
from cds_service.fhir.models import Leaf


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


class Found(msgspec.Struct, gc=False):
    """What stands in so many lines (0 of a Bundle): resources that are kept, what cannot be used, and by type how many
    resources were passed over because nobody asks for them."""

    lines: int = 0
    held: list[Held] = msgspec.field(default_factory=list)
    bad: list[Bad] = msgspec.field(default_factory=list)
    passed: defaultdict[str, int] = msgspec.field(default_factory=lambda: defaultdict(int))


NO_JSON = "it is no JSON object of a resource"
NO_PATIENT = "it names no patient"
NO_ID = "it has no id that can be used"


class _Entry(msgspec.Struct, rename="camel"):
    full_url: Leaf = None
    resource: msgspec.Raw = msgspec.Raw(b"{}")


class _Bundle(msgspec.Struct, rename="camel"):
    resource_type: str = ""
    entry: list[_Entry | None] | None = None


_BUNDLE = msgspec.json.Decoder(_Bundle)
_TYPE, _CODE, _ID = map(attrgetter, ("resource_type", "code", "id"))
# Resources that name no patient.
_NOBODYS = frozenset({"Patient", MEDICATION})


def read(folder: Path, piece: Piece, sifted: bool = True) -> Iterator[Found]:
    """What a piece of a file holds of the types that are read, block by block; all of it is kept unless it is sifted.

    Raises BadExport for one that ends in the middle or cannot be read.
    """
    path, name = folder / piece.name, piece.name
    reader = Reader(sifted)
    try:
        with _opened(path) as file:
            if kind(name) == "whole":
                yield reader.whole(file.read())
            else:
                packed = name.lower().endswith(PACKED)
                yield from map(reader.block, blocks(file, piece.start, None if packed else piece.end))
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
        self._sieves = sieves(sifted)
        self._lines = 0
        self._owners = Owners()

    def block(self, block: bytes) -> Found:
        """The lines of a block. They are decoded at once; where that fails, one by one."""
        lines = block.split(b"\n")
        found = Found(len(lines))
        whole = at_once(block, lines)
        if whole is None or not self._all_plain(whole, lines, found):
            for number, raw, whose in zip(count(self._lines + 1), lines, whole or map(of_line, lines)):
                why = NO_JSON if whose is None else self._hold(whose, raw, "", NO_PATIENTS, found)
                if why and raw.strip():
                    found.bad.append(Bad(number, why))
        self._lines += len(lines)
        return found

    def _all_plain(self, whole: Sequence[Whose], lines: Sequence[bytes], found: Found) -> bool:
        """The same in fewer steps, if they are all of one type and those that are kept tell plainly whose they are, as
        in nearly all blocks; whether that is so."""
        kinds = {*map(_TYPE, whole)}
        kind = kinds.pop()
        if kinds or kind not in self._sieves or kind in _NOBODYS:
            return False
        if kind == RESULT:  # most of them are passed over
            asked = [*map(are_results.__getitem__, map(bytes, map(_CODE, whole)))]
            whole, lines = [*compress(whole, asked)], [*compress(lines, asked)]
        told, ids = references(whole), [*map(_ID, whole)]
        if told is None or not _are_plain(ids):
            return False
        patients = [*map(self._owners.__getitem__, told)]
        if not _are_plain(patients):
            return False
        self._sift(kind, zip(patients, ids, map(self._sieves[kind], whole, lines), strict=True), found)
        found.passed[kind] += found.lines - len(lines)
        return True

    def _sift(self, kind: str, sifted: Iterable[tuple[str, str, Kept | None]], found: Found) -> None:
        for patient, id, kept in sifted:
            if kept is None:
                found.passed[kind] += 1
            else:
                found.held.append(Held(kind, patient, kept[0], id, "", kept[1]))

    def whole(self, body: bytes) -> Found:
        """A Bundle, or one resource; anything else is no part of a record."""
        found = Found()
        try:
            bundle = _BUNDLE.decode(body)
        except (msgspec.DecodeError, RecursionError):
            found.bad.append(Bad(1, NO_JSON))
            return found
        if bundle.resource_type == "Bundle":
            self._entries([entry for entry in bundle.entry or [] if entry is not None], found)
        elif bundle.resource_type:
            self._alone(_on_one_line(body), "", NO_PATIENTS, Bad(1, ""), found)
        return found

    def _entries(self, entries: Sequence[_Entry], found: Found) -> None:
        patients = _patients(entries)
        for number, entry in enumerate(entries, start=1):
            raw = _on_one_line(bytes(entry.resource))
            self._alone(raw, text(entry.full_url), patients, Bad(number, "", is_entry=True), found)

    def _alone(self, raw: bytes, full_url: str, patients: Mapping[str, str], place: Bad, found: Found) -> None:
        whose = of_line(raw)
        why = NO_JSON if whose is None else self._hold(whose, raw, full_url, patients, found)
        if why:
            found.bad.append(msgspec.structs.replace(place, why=why))

    def _hold(self, whose: Whose, raw: bytes, full_url: str, patients: Mapping[str, str], found: Found) -> str:
        """Keep a resource of a type that is read, if somebody asks for it; if it cannot be used, why."""
        kind, id = whose.resource_type, text(whose.id)
        sieve = self._sieves.get(kind)
        if sieve is None:
            return "" if kind else NO_JSON
        kept = sieve(whose, raw)
        if kept is None:
            found.passed[kind] += 1
            return ""
        patient = self._patient(whose, patients) if kind not in _NOBODYS else id if kind == "Patient" else ""
        if not (id or full_url or patient) or not f"{id}{full_url}{patient}".isprintable():
            return NO_ID
        if not patient and kind != MEDICATION:
            return NO_PATIENT
        found.held.append(Held(kind, patient, kept[0], id, full_url, kept[1]))
        return ""

    def _patient(self, whose: Whose, patients: Mapping[str, str]) -> str:
        subject = whose.subject
        if patients or subject is None or whose.patient is not None or not isinstance(subject.reference, str):
            return owner(whose, patients)
        return self._owners[subject.reference]


def _are_plain(ids: Sequence[Leaf]) -> TypeGuard[list[str]]:
    """Whether all of them are ids that can be used as they are."""
    return all(ids) and {*map(type, ids)} <= {str} and "".join(cast("list[str]", ids)).isprintable()


def _on_one_line(raw: bytes) -> bytes:
    return msgspec.json.format(raw, indent=-1) if b"\n" in raw else raw


def _patients(entries: Sequence[_Entry]) -> dict[str, str]:
    """The addresses of a Bundle's patients with their ids."""
    read = ((entry, of_line(entry.resource)) for entry in entries)
    return {text(entry.full_url): text(found.id) for entry, found in read if found and found.resource_type == "Patient"}
