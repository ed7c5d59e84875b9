"""The document: every address with what it takes and what it answers."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import Any

from cds_service import __version__
from cds_service.hooks.catalogue import SERVICES, Service
from cds_service.hooks.request import DRAFTS_IN
from cds_service.rules import RULES
from cds_service.store.memory import STATES
from cds_service.web.fixtures import Fixture, fixtures, rolled
from cds_service.web.openapi import answers, errors, requests

Json = dict[str, Any]

_TITLE = "Decision support for muscle cramps"
_WHAT = (
    "A CDS Hooks service that carries one guideline. Every address answers OPTIONS for browsers, and HEAD where it "
    "answers GET."
)
_SCHEME = "ehr"
_JWT = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "A token that the EHR signs for each call, as CDS Hooks describes it.",
}


@dataclass(frozen=True, slots=True)
class Surface:
    """What of the service depends on the site: its address, whether only listed clients may call, whether anything is
    kept, whether there is a playground, and the day to which examples are rolled."""

    address: str
    authenticated: bool
    keeps: bool
    plays: bool
    today: date


def document(surface: Surface) -> Json:
    """The whole document."""
    schemas = answers.schemas() | requests.schemas()
    schemas |= {_call_of(service): requests.call(service) for service in SERVICES.values()}
    paths = _services(surface) | _health() | _evidence() | _start(surface) | _files() | _itself()
    components: Json = {"schemas": schemas, "responses": errors.responses(paths)}
    if surface.authenticated:
        components["securitySchemes"] = {_SCHEME: _JWT}
    return {
        "openapi": "3.1.0",
        "info": {"title": _TITLE, "version": __version__, "description": _WHAT},
        "servers": [{"url": surface.address}],
        "paths": paths,
        "components": components,
    }


def _get(name: str, summary: str, content: Json, *statuses: int, parameters: Iterable[Json] = ()) -> Json:
    """One address that is only read."""
    ok = {"description": "Found.", "content": content}
    found: Json = {"operationId": name, "summary": summary, "responses": {"200": ok} | errors.refused(*statuses)}
    listed = list(parameters)
    return {"get": found | ({"parameters": listed} if listed else {})}


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _call_of(service: Service) -> str:
    return "".join(part.capitalize() for part in service.hook.split("-"))


# The protocol


def _services(surface: Surface) -> Json:
    paths = {"/cds-services": _get("discovery", "The services on offer.", _json(_ref("Discovery")))}
    for service in SERVICES.values():
        paths[f"/cds-services/{service.id}"] = _hook(service, surface)
        paths[f"/cds-services/{service.id}/feedback"] = _feedback(service, surface)
    return paths


def _hook(service: Service, surface: Surface) -> Json:
    example = next(one for one in fixtures() if one.service == service.id)
    taken = _json(_ref(_call_of(service)))
    taken["application/json"]["example"] = rolled(example, surface.today)
    statuses = () if service.hook in DRAFTS_IN else (412,)
    return _post(service.id, service.description, taken, _ref("Answer"), surface, *statuses)


def _feedback(service: Service, surface: Surface) -> Json:
    statuses = (503,) if surface.keeps else (404,)
    taken, done = _json(_ref("Feedback")), {"type": "object", "maxProperties": 0}
    return _post(f"{service.id}-feedback", "What clinicians did with cards.", taken, done, surface, *statuses)


def _post(name: str, summary: str, taken: Json, answered: Json, surface: Surface, *statuses: int) -> Json:
    known = (401, 403, 503) if surface.authenticated else ()
    ok = {"200": {"description": "Done.", "content": _json(answered)}}
    operation: Json = {
        "operationId": name,
        "summary": summary,
        "requestBody": {"required": True, "content": taken},
        "responses": ok | errors.refused(400, 413, 415, *known, *statuses),
    }
    return {"post": operation | ({"security": [{_SCHEME: []}]} if surface.authenticated else {})}


# What people and machines read


def _health() -> Json:
    counts = {"services": {"const": len(SERVICES)}, "rules": {"const": len(RULES)}, "version": {"const": __version__}}
    ready = {"status": {"const": "ready"}, "database": {"enum": [*STATES, "none"]}, **counts}
    return {
        "/healthz": _get(
            "healthz", "The process answers.", _json(answers.closed({"status": {"const": "ok"}}, "status"))
        ),
        "/readyz": _get("readyz", "It can judge requests.", _json(answers.closed(ready, *ready))),
    }


def _evidence() -> Json:
    rule = {"name": "rule", "in": "path", "required": True, "schema": {"enum": [rule.id for rule in RULES]}}
    client = {
        "name": "client",
        "in": "query",
        "schema": {"type": "string"},
        "description": "The name of a client: with the numbers that hold for it.",
    }
    query = {"name": "q", "in": "query", "schema": {"type": "string"}, "description": "A code or a part of a name."}
    return {
        "/evidence": _get("rules", "All rules.", _page(), 404, parameters=[client]),
        "/evidence/coverage": _get("coverage", "The guideline line by line.", _page(), 404, parameters=[client]),
        "/evidence/codes": _get("codes", "The value sets.", _page(), 404, parameters=[query, client]),
        "/evidence/{rule}": _get(
            "rule", "What a rule does, and on what it rests.", _page(), 404, parameters=[rule, client]
        ),
    }


def _page() -> Json:
    return {"text/html": {"schema": {"type": "string"}}}


def _start(surface: Surface) -> Json:
    """The start page, and what the playground needs where it is one."""
    return {"/": _get("start", "Where to begin.", _page())} | (_playground() if surface.plays else {})


def _playground() -> Json:
    folders: dict[str, list[Fixture]] = {}
    for fixture in fixtures():
        folders.setdefault(fixture.file.rpartition("/")[0], []).append(fixture)
    requests_ = {f"/fixtures/{folder}/{{file}}": _fixture(folder, found) for folder, found in folders.items()}
    query = {"name": "q", "in": "query", "schema": {"type": "string"}, "description": "The beginnings of words."}
    listed: Json = {"type": "array", "items": {"type": "object"}}
    texts: Json = {"type": "array", "items": {"type": "string", "maxLength": 50_000}, "maxItems": 100}
    return requests_ | {
        "/playground/words": _get("words", "What rules and data are called.", _json({"type": "object"})),
        "/playground/drugs": _get("drugs", "The products that letters may mean.", _json(listed), parameters=[query]),
        "/playground/draft": _sent("draft", "A typed order as a draft.", {"type": "object"}, {"type": "object"}),
        "/playground/markdown": _sent("markdown", "Texts of cards as safe HTML.", texts, texts),
    }


def _sent(name: str, summary: str, taken: Json, answered: Json) -> Json:
    ok = {"200": {"description": "Done.", "content": _json(answered)}}
    body = {"required": True, "content": _json(taken)}
    responses = ok | errors.refused(400, 413, 415)
    return {"post": {"operationId": name, "summary": summary, "requestBody": body, "responses": responses}}


def _fixture(folder: str, found: Iterable[Fixture]) -> Json:
    name = {"enum": [fixture.file.rpartition("/")[2] for fixture in found]}
    file = {"name": "file", "in": "path", "required": True, "schema": name}
    content = _json({"type": "object", "required": ["hook", "hookInstance", "context"]})
    summary = "A synthetic request, rolled to today."
    return _get(f"fixture-{folder.rpartition('/')[2]}", summary, content, 404, parameters=[file])


def _files() -> Json:
    folder = Path(str(files("cds_service.web").joinpath("static")))
    held = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    return {f"/static/{name}": _file(name) for name in held}


def _file(name: str) -> Json:
    """The web framework answers conditions and ranges, too."""
    whole: Json = {mimetypes.guess_type(name)[0] or "application/octet-stream": {"schema": {}}}
    found = _get(name, "A part of the pages and cards.", whole)
    found["get"]["responses"] |= {
        "206": {"description": "The part that was asked for.", "content": whole},
        "304": {"description": "It has not changed."},
        "412": {"description": "It is another one than was expected.", "content": whole},
        "416": {"description": "It has no such part.", "content": errors.OUTCOME},
    }
    return found


def _itself() -> Json:
    content = _json({"type": "object", "required": ["openapi", "info", "paths"]})
    return {"/openapi.json": _get("openapi", "This document.", content)}
