"""Whose: what of a line of an export tells whose the resource is, and whether it matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import attrgetter, itemgetter

import msgspec

from cds_service.batch.dated import NOTHING
from cds_service.batch.sieve import Coded
from cds_service.fhir.models import Leaf, Reference
from cds_service.fhir.references import target

_FIRST, _LAST = itemgetter(0), itemgetter(-1)
_BRACE, _END = set(b"{"), set(b"}")
_SUBJECT_OF, _PATIENT_OF, _REFERENCE = map(attrgetter, ("subject", "patient", "reference"))
# So many references are remembered; the lines of a patient often stand together.
_MOST = 20_000
NO_PATIENTS: Mapping[str, str] = {}


class _Subject(msgspec.Struct, gc=False):
    reference: Leaf = None


class Whose(Coded):
    """What of a resource tells whose it is; everything else is only looked at to see that it is JSON."""

    id: Leaf = None
    subject: _Subject | None = None
    patient: _Subject | None = None


class _Odd(Coded):
    """The same of one whose subject has a shape of its own."""

    id: Leaf = None
    subject: msgspec.Raw = NOTHING
    patient: msgspec.Raw = NOTHING


_WHOSE = msgspec.json.Decoder(Whose)
_ODD = msgspec.json.Decoder(_Odd)
_SUBJECT: msgspec.json.Decoder[_Subject | None] = msgspec.json.Decoder(_Subject | None)


def at_once(block: bytes, lines: Sequence[bytes]) -> list[Whose] | None:
    """The lines of a block, each of which begins and ends an object; None if one of them cannot be read."""
    if not all(lines) or {*map(_FIRST, lines)} != _BRACE or {*map(_LAST, lines)} != _END:
        return None
    try:
        found = _WHOSE.decode_lines(block)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found if len(found) == len(lines) else None


def of_line(raw: bytes | msgspec.Raw) -> Whose | None:
    """What a line tells, None if it is no JSON object."""
    try:
        return _WHOSE.decode(raw)
    except msgspec.ValidationError:
        return _odd(raw)
    except (msgspec.DecodeError, RecursionError):
        return None


def _odd(raw: bytes | msgspec.Raw) -> Whose | None:
    """The same of one whose subject, or patient, is none."""
    try:
        odd = _ODD.decode(raw)
    except msgspec.ValidationError:
        return None
    parts = {name: getattr(odd, name) for name in Coded.__struct_fields__}
    return Whose(**parts, id=odd.id, subject=_subject(odd.subject), patient=_subject(odd.patient))


def _subject(raw: msgspec.Raw) -> _Subject | None:
    try:
        return _SUBJECT.decode(raw)
    except msgspec.ValidationError:
        return None


def references(whole: Sequence[Whose]) -> list[str] | None:
    """What each of several resources names as its subject, or each as its patient; None if one names none, or both."""
    for one, other in ((_SUBJECT_OF, _PATIENT_OF), (_PATIENT_OF, _SUBJECT_OF)):
        if not any(map(other, whole)):
            found = [subject and subject.reference for subject in map(one, whole)]
            return found if {*map(type, found)} <= {str} else None
    return None


class Owners(dict[str, str]):
    """Patients' ids by the references that name them, outside of Bundles; "" for what is nobody's."""

    def __missing__(self, told: str) -> str:
        if len(self) >= _MOST:
            self.clear()
        found = self[told] = _named(told, NO_PATIENTS)
        return found


def owner(whose: Whose, patients: Mapping[str, str]) -> str:
    """The id of the patient whose a resource is, "" if it names none: a group or a device is nobody's. `patients` are
    the addresses of a Bundle's patients with their ids."""
    named = (_named(subject.reference, patients) for subject in (whose.subject, whose.patient) if subject is not None)
    return next(filter(None, named), "")


def _named(told: Leaf, patients: Mapping[str, str]) -> str:
    kind, id = target(told if isinstance(told, str) else Reference(told)) or ("", "")
    if kind:
        return id if kind == "Patient" else ""
    return patients.get(id) or id.removeprefix("urn:uuid:")
