"""JSON bytes -> resources: the whole at once, and piece by piece where something in it cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import msgspec

from cds_service.fhir.later import is_sound
from cds_service.fhir.models import Leaf, Link, Located, Resource

Prefetch = dict[str, Resource | None]


class _Pieces(msgspec.Struct, rename="camel"):
    """A Bundle whose entries are looked at one by one."""

    resource_type: str = ""
    link: list[Link | None] | None = None
    total: Leaf = None
    entry: list[msgspec.Raw] | None = None


class _Call(msgspec.Struct):
    """The parts of a hook request that hold resources; of one that is told twice the last counts, whatever the first
    was."""

    context: msgspec.Raw
    prefetch: msgspec.Raw = msgspec.Raw(b"null")


class _Holder(msgspec.Struct):
    """An entry of a Bundle, its resource as it was sent."""

    resource: msgspec.Raw = msgspec.Raw(b"null")


class _Held(msgspec.Struct):
    """A Bundle, or any resource, as far as it holds others."""

    entry: list[msgspec.Raw] | None = None


_RESOURCE = msgspec.json.Decoder(Resource)
_ENTRY = msgspec.json.Decoder(Located)
_PIECES = msgspec.json.Decoder(_Pieces)
_KEYS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw] | None)


class Value(msgspec.Struct, frozen=True, gc=False):
    """One prefetch value or Bundle: its resource (None for a JSON null), and how much of it was unreadable."""

    resource: Resource | None = None
    unreadable: int = 0
    usable: bool = True
    places: list[Located] | None = None  # what it holds, where that was worked out already


UNUSABLE = Value(usable=False)


def value(raw: bytes | msgspec.Raw, strictly: bool = True) -> Value:
    """A prefetch value of any JSON type; what is no resource (text, a list, a number) is not usable."""
    if bytes(raw).strip() == b"null":
        return Value()
    try:
        resource = _RESOURCE.decode(raw)
    except msgspec.ValidationError:
        return _in_pieces(raw)
    return whole(resource, strictly)


def whole(resource: Resource | None, strictly: bool) -> Value:
    """A value that was decoded at once; a resource without a type is none.

    Strictly: what has an element that cannot be read counts as unreadable now, and not when somebody asks for it.
    """
    if resource is None:
        return Value()
    if not resource.resource_type:
        return UNUSABLE
    if strictly and resource.resource_type == "Bundle":
        resource.entry = [entry and _sound(entry) for entry in resource.entry or []]
    elif strictly and not is_sound(resource):
        return UNUSABLE
    if resource.resource_type != "Bundle":
        return Value(resource, _unreadable(resource.entry or []))
    places = _places(resource)
    return Value(resource, len(resource.entry or []) - len(places), places=places)


def _sound(entry: Located) -> Located | None:
    return entry if is_sound(entry.resource) else None


def values(raw: bytes | msgspec.Raw) -> dict[str, Value]:
    """Every prefetch key with its value. Raises msgspec.ValidationError if the prefetch is no object."""
    return {key: value(piece) for key, piece in _KEYS.decode(raw).items()}


def contents(found: Value) -> list[Located]:
    """The resource itself, or the readable resources of a Bundle."""
    if found.places is not None:
        return found.places
    resource = found.resource
    if resource is None:
        return []
    return _places(resource) if resource.resource_type == "Bundle" else [Located(resource)]


def _places(bundle: Resource) -> list[Located]:
    return [entry for entry in bundle.entry or [] if entry is not None and entry.resource.resource_type]


def pieces(body: bytes) -> Iterator[msgspec.Raw]:
    """Every resource of a hook request as it was sent, those of the context first; junk is passed over."""
    call = msgspec.json.decode(body, type=_Call)
    for part in (call.context, call.prefetch):
        for one in (_MEMBERS.decode(part) or {}).values():
            yield from held(one)


def held(part: bytes | msgspec.Raw) -> Iterator[msgspec.Raw]:
    """A resource as it was sent and, if it is a Bundle, those in it."""
    yield msgspec.Raw(part)
    with suppress(msgspec.DecodeError):
        for entry in msgspec.json.decode(part, type=_Held).entry or []:
            yield from _inside(entry)


def _inside(entry: msgspec.Raw) -> Iterator[msgspec.Raw]:
    with suppress(msgspec.ValidationError):
        yield msgspec.json.decode(entry, type=_Holder).resource


def _unreadable(entries: list[Located | None]) -> int:
    return len([1 for entry in entries if entry is None or not entry.resource.resource_type])


def _in_pieces(raw: bytes | msgspec.Raw) -> Value:
    """A Bundle with an entry that cannot be read keeps its other entries; anything else is not usable."""
    try:
        pieces = _PIECES.decode(raw)
    except msgspec.ValidationError:
        return UNUSABLE
    if pieces.resource_type != "Bundle":
        return UNUSABLE
    entries = [_entry(piece) for piece in pieces.entry or []]
    bundle = Resource(resource_type="Bundle", link=pieces.link, total=pieces.total, entry=entries)
    return Value(bundle, _unreadable(entries))


def _entry(raw: msgspec.Raw) -> Located | None:
    try:
        return _sound(_ENTRY.decode(raw))
    except msgspec.ValidationError:
        return None
