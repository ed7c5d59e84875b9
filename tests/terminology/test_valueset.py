"""A FHIR ValueSet file is read as groups of codes, or refused at start."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any

import pytest

from cds_service.terminology.valueset import ALONE, INGREDIENT, PHRASE, ROUTE, Concept, Group, load

INCLUDE = {"system": "urn:s", "concept": [{"code": "1", "display": "one"}, {"code": "2"}]}
DOCUMENT = {"resourceType": "ValueSet", "title": "Ones", "compose": {"include": [INCLUDE]}}


def _load(document: dict[str, Any]) -> Any:
    return load(json.dumps(document).encode())


def test_groups_codes_and_displays() -> None:
    """A group holds its system and codes; a name that may not ship is empty."""
    assert _load(DOCUMENT).groups == (Group("urn:s", "", "", (Concept("1", "one"), Concept("2", ""))),)
    assert _load(DOCUMENT).title == "Ones"
    assert _load(DOCUMENT).phrases == ()


def test_ingredient_route_and_phrases_come_from_extensions() -> None:
    """Ingredient and route belong to a group, phrases to the whole; foreign extensions are passed over."""
    extensions = [
        {"url": "urn:other", "valueString": "x"},
        {"url": INGREDIENT, "valueString": "drug"},
        {"url": ROUTE, "valueCode": "nasal"},
    ]
    phrases = [{"url": PHRASE, "valueString": "a phrase"}, {"url": PHRASE, "valueString": "another"}]
    include = INCLUDE | {"extension": extensions}
    document = _load(DOCUMENT | {"extension": phrases, "compose": {"include": [include]}})
    assert (document.groups[0].ingredient, document.groups[0].route) == ("drug", "nasal")
    assert document.phrases == ("a phrase", "another")


@pytest.mark.parametrize(("extensions", "alone"), [([], False), ([{"url": ALONE, "valueBoolean": True}], True)])
def test_a_set_may_ask_to_be_named_alone(extensions: list[dict[str, Any]], alone: bool) -> None:
    """A set of which no other ingredient may be named beside it says so."""
    assert _load(DOCUMENT | {"extension": extensions}).alone is alone


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"title": "Ones"},
        {"title": "Ones", "compose": {}},
        {"compose": {"include": []}},
        {"title": "Ones", "compose": {"include": [{"system": "urn:s"}]}},
        {"title": "Ones", "compose": {"include": [{"system": "urn:s", "concept": [{"display": "no code"}]}]}},
        {"title": "Ones", "compose": {"include": [INCLUDE | {"extension": [{"url": INGREDIENT}]}]}},
    ],
)
def test_a_file_of_another_shape_is_refused(document: dict[str, Any]) -> None:
    """A value set without title, groups, codes or a value of its extension stops the start."""
    with pytest.raises(KeyError):
        _load(document)


def test_no_json_is_refused() -> None:
    """A broken file stops the start."""
    with pytest.raises(ValueError, match="Expecting"):
        load(b"{")


def test_every_shipped_value_set_can_be_read() -> None:
    """Every file of the package is a value set with codes, and its id is its file's name."""
    for path in files("cds_service.terminology").joinpath("valuesets").iterdir():
        raw = path.read_bytes()
        assert json.loads(raw)["id"] + ".json" == path.name
        assert all(group.concept for group in load(raw).groups)
