"""The document: sound in itself, whole, and true of the service that publishes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from flask import Flask

from cds_service import __version__
from cds_service.cards.card import Card
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.request import DRAFTS_IN, EXPLAIN
from cds_service.web.app import create_app
from cds_service.web.fixtures import fixtures, rolled
from cds_service.web.settings import Settings, from_environment
from tests.fhir.resources import TODAY
from tests.support.notes import Notes
from tests.support.published import Published
from tests.support.trusting import service as trusting
from tests.web.bodies import Json, address, request
from tests.web.site.made import written

HOOKS = [f"/cds-services/{id}" for id in SERVICES]
POSTED = ("/playground/draft", "/playground/markdown")
KEPT = [*HOOKS, *(f"{path}/feedback" for path in HOOKS)]


@pytest.fixture
def keeping() -> Flask:
    """A service that keeps something."""
    return create_app(Settings(as_of=TODAY), Notes())  # type: ignore[arg-type]


@pytest.fixture
def published(keeping: Flask) -> Published:
    """Its document."""
    return Published(keeping)


def _everything(part: Any) -> Iterator[Json]:
    """Every object in a document."""
    if isinstance(part, dict):
        yield part
    for inside in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _everything(inside)


# Sound


def test_it_is_openapi_3_1_of_this_version(published: Published) -> None:
    """The document says which OpenAPI it is written in, and of which version of the service it tells."""
    assert published.document["openapi"] == "3.1.0"
    assert published.document["info"]["version"] == __version__


def test_every_schema_is_sound(published: Published) -> None:
    """Each component is a JSON Schema of 2020-12, the dialect of OpenAPI 3.1."""
    for schema in published.document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema, registry=None)


def test_every_reference_leads_somewhere_and_every_component_is_referred_to(published: Published) -> None:
    """Nothing is missing among the components, and nothing lies there unused."""
    referred = {part["$ref"] for part in _everything(published.document) if "$ref" in part}
    components = published.document["components"]
    held = {f"#/components/{kind}/{name}" for kind, parts in components.items() for name in parts}
    assert referred == held


def test_every_operation_has_a_name_of_its_own(published: Published) -> None:
    """A program that is generated from the document has one function for each operation."""
    names = [part["operationId"] for part in _everything(published.document) if "operationId" in part]
    assert len(names) == len(set(names)) >= len(published.document["paths"])


# Whole


def _served(app: Flask, path: str) -> tuple[str, set[str]]:
    """The route that serves an address, and its methods but those of the framework itself."""
    adapter = app.url_map.bind("localhost")
    rules = {rule.rule: rule for rule in app.url_map.iter_rules()}
    method = "POST" if path.startswith("/cds-services/") or path in POSTED else "GET"
    rule = adapter.match(path.replace("{rule}", "quinine-cramps").replace("{file}", "x"), method, return_rule=True)[0]
    return rule.rule, set(rules[rule.rule].methods or ()) - {"HEAD", "OPTIONS"}


def test_every_route_is_told_of(keeping: Flask, published: Published) -> None:
    """What the application routes is in the document with its methods, and the document has nothing else."""
    told = {path: {method.upper() for method in item} for path, item in published.document["paths"].items()}
    served = {path: _served(keeping, path) for path in told}
    assert {path: methods for path, (_, methods) in served.items()} == told
    assert {route for route, _ in served.values()} == {rule.rule for rule in keeping.url_map.iter_rules()}


def test_every_service_is_told_with_its_own_request(published: Published) -> None:
    """Each hook's context has the field of its own drafts, and the prefetch keys of discovery."""
    schemas = published.document["components"]["schemas"]
    for service in SERVICES.values():
        body = published.document["paths"][f"/cds-services/{service.id}"]["post"]["requestBody"]
        name = body["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        told = schemas[name]["properties"]
        drafted = {DRAFTS_IN[service.hook]} if service.hook in DRAFTS_IN else set()
        assert told["hook"] == {"const": service.hook}
        assert set(told["context"]["properties"]) & {*DRAFTS_IN.values()} == drafted
        assert set(told["prefetch"]["properties"]) == set(service.prefetch)


def test_every_member_of_a_card_is_told_of(published: Published) -> None:
    """The card of the document has the members of the card that is sent."""
    told = published.document["components"]["schemas"]["Card"]["properties"]
    assert set(told) == set(Card.__struct_encode_fields__)


# True


def _answers(app: Flask, published: Published) -> Iterator[Json]:
    """Every synthetic request, explained: its answer, after it and the request were held against the document."""
    client = app.test_client()
    for fixture in fixtures():
        path = f"/cds-services/{fixture.service}"
        body = rolled(fixture, TODAY) | {"extension": {EXPLAIN: True}}
        taken = published.document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert published.body(taken, body) == "", fixture.file
        response = client.post(path, json=body)
        assert response.status_code == 200
        assert published.wrong(path, "post", response) == "", fixture.file
        yield response.get_json()


def test_every_synthetic_request_and_its_answer_are_as_the_document_says(keeping: Flask, published: Published) -> None:
    """All fixtures are requests of the document, and their answers are answers of it; of what a card and a trace may
    hold nothing is told of that is never sent."""
    text = json.dumps(list(_answers(keeping, published)))
    parts = ("Card", "Source", "Suggestion", "Action", "Link", "Explanation", "Trace", "Line", "Missing", "ToldFact")
    members = {member for part in parts for member in published.document["components"]["schemas"][part]["properties"]}
    # No fixture comes to a site with numbers of its own.
    assert {member for member in members if f'"{member}"' not in text} == {"siteValues"}


def test_an_answer_on_a_sites_own_terms_is_as_the_document_says(tmp_path: Path) -> None:
    """Numbers that a site has changed, and a delete as CDS Hooks 1.0 wants it, are in the document, too."""
    text = '[settings]\n"age.olderMin" = 70\n[cards]\ndelete_as_string = true\n'
    environment = {"CDS_SITE": str(written(tmp_path, text)), "CDS_DATABASE_URL": "none", "CDS_AS_OF": "2026-11-22"}
    app = create_app(from_environment(environment))
    response = app.test_client().post(address("order-sign"), json=request())
    [card] = response.get_json()["cards"]
    assert card["extension"]["io.cds-service.explanation"]["siteValues"]
    assert any(isinstance(one["actions"][0]["resource"], str) for one in card["suggestions"])
    assert Published(app).wrong(address("order-sign"), "post", response) == ""


def test_every_address_answers_options_and_head(keeping: Flask, published: Published) -> None:
    """What is not told for each address is true of all: OPTIONS for browsers, and HEAD where there is GET."""
    client = keeping.test_client()
    for path, item in published.document["paths"].items():
        asked = path.replace("{rule}", "quinine-cramps").replace("{file}", fixtures()[0].file.rpartition("/")[2])
        assert client.options(asked).status_code == 200
        if "get" in item and "{file}" not in path:
            with client.head(asked) as response:
                assert response.status_code == 200


def test_only_where_clients_are_listed_a_token_is_asked_for(published: Published) -> None:
    """Where anybody may call the document tells of no token; else of one at the hooks and their feedback only."""
    document = trusting().get("/openapi.json").get_json()
    assert set(document["components"]["securitySchemes"]) == {"ehr"}
    operations = {(path, op["operationId"]) for path, item in document["paths"].items() for op in item.values()}
    asked = {path for path, item in document["paths"].items() if "security" in next(iter(item.values()))}
    assert asked == set(KEPT)
    assert len(operations) > len(asked)
    assert "securitySchemes" not in published.document["components"]
    assert not any("401" in published.responses(path, "post") for path in KEPT)


def test_its_address_is_the_public_one() -> None:
    """Clients are sent to the address that the site names; without one, to where the document came from."""
    named = create_app(Settings(public_url="https://cds.example.org/cramps"))
    assert Published(named).document["servers"] == [{"url": "https://cds.example.org/cramps"}]
    assert Published(create_app(Settings())).document["servers"] == [{"url": "/"}]
