"""One thing that cannot be read costs that thing only."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from cds_service.fhir.decode import UNUSABLE, Value, contents, value, values, whole
from cds_service.fhir.models import Resource
from tests.fhir.resources import LORAZEPAM, bundle, order, patient


def _value(found: Any) -> Value:
    return value(json.dumps(found).encode())


def _ids(found: Value) -> list[Any]:
    return [place.resource.id for place in contents(found)]


@pytest.mark.parametrize("raw", [b"null", b" null\n"])
def test_null_is_an_answer(raw: bytes) -> None:
    """A JSON null says that there is nothing: usable, without a resource."""
    assert value(raw) == Value(None, 0, True)
    assert list(contents(value(raw))) == []


@pytest.mark.parametrize(
    "found",
    ["text", 5, 1.5, True, [], [patient()], {}, {"id": "p1"}, {"resourceType": ""}, {"resourceType": 5}],
)
def test_what_is_no_resource_is_not_usable(found: Any) -> None:
    """Text, numbers, lists and objects without a type are no FHIR."""
    assert _value(found) == UNUSABLE
    assert list(contents(_value(found))) == []


def test_a_resource() -> None:
    """A single resource is its own content."""
    found = _value(patient())
    assert (found.usable, found.unreadable, _ids(found)) == (True, 0, ["p1"])


def test_a_bundle() -> None:
    """A Bundle gives its resources with their addresses; it needs neither type nor entries."""
    entry = {"fullUrl": "urn:uuid:1", "resource": order(LORAZEPAM)}
    found = _value({"resourceType": "Bundle", "entry": [entry, {"resource": patient()}]})
    assert [place.full_url for place in contents(found)] == ["urn:uuid:1", None]
    assert _ids(found) == ["m1", "p1"]
    for empty in ({"resourceType": "Bundle"}, bundle(), bundle() | {"entry": None}):
        assert _value(empty).usable
        assert _ids(_value(empty)) == []


@pytest.mark.parametrize(
    "junk",
    [
        None,
        {},
        {"resource": None},
        {"resource": {}},
        {"resource": {"id": "no type"}},
        {"resource": "text"},
        {"resource": []},
        {"resource": order(LORAZEPAM) | {"subject": "Patient/p1"}},
        {"resource": order(LORAZEPAM) | {"dosageInstruction": "one a day"}},
        {"fullUrl": []},
        "text",
        5,
        [],
    ],
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_junk_costs_itself_only(junk: Any, place: int) -> None:
    """An entry that cannot be read is skipped and counted; its neighbours are kept."""
    entries: list[Any] = [{"resource": order(LORAZEPAM, "a")}, {"resource": order(LORAZEPAM, "b")}]
    entries.insert(place, junk)
    found = _value({"resourceType": "Bundle", "entry": entries})
    assert found.usable
    assert (found.unreadable, _ids(found)) == (1, ["a", "b"])


def test_a_bundle_in_pieces_keeps_its_page_marks() -> None:
    """Beside an unreadable entry the total and the links of a Bundle are still read."""
    found = _value(bundle(patient(), total=7, link=[{"relation": "next"}]) | {"entry": ["junk"]})
    assert found.resource is not None
    assert found.resource.total == 7
    assert [link.relation for link in found.resource.link or [] if link] == ["next"]


def test_an_odd_member_of_a_bundle() -> None:
    """A Bundle with an odd member that nobody needs is usable, with or without entries."""
    assert _ids(_value(bundle(patient(), id={}))) == ["p1"]
    assert _value({"resourceType": "Bundle", "id": {}}).usable


@pytest.mark.parametrize(
    "found",
    [
        {"resourceType": "Bundle", "entry": 5},
        {"resourceType": "Bundle", "entry": {"resource": patient()}},
        {"resourceType": "Bundle", "link": "next"},
        patient(birthDate=["1976"]),
        patient(deceasedBoolean={}),
    ],
)
def test_what_cannot_be_read_at_all_is_not_usable(found: Any) -> None:
    """A Bundle whose entries are no list, and a resource with an element of a wrong type, are not usable."""
    assert _value(found) == UNUSABLE


@pytest.mark.parametrize("raw", [b"", b"{", b'{"a":}', b"\xff"])
def test_broken_json_is_broken(raw: bytes) -> None:
    """What is no JSON is an error of the whole request."""
    with pytest.raises((msgspec.DecodeError, UnicodeDecodeError)):
        value(raw)


def test_values_of_every_key() -> None:
    """Each prefetch key is read on its own."""
    found = values(json.dumps({"a": patient(), "b": None, "c": "text"}).encode())
    assert [found[key].usable for key in "abc"] == [True, True, False]
    assert found["b"].resource is None


@pytest.mark.parametrize("raw", [b"[]", b'"text"', b"5", b"null"])
def test_a_prefetch_is_an_object(raw: bytes) -> None:
    """A prefetch of another type is an error of the request."""
    with pytest.raises(msgspec.ValidationError):
        values(raw)


@pytest.mark.parametrize("strictly", [True, False])
def test_whole(strictly: bool) -> None:
    """A value that was decoded at once is judged like one that was decoded alone."""
    assert whole(None, strictly) == Value()
    assert whole(Resource(), strictly) == UNUSABLE
    assert whole(Resource(resource_type="Patient"), strictly).usable
