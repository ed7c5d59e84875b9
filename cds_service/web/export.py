"""The evidence pages as files that need no service: the same templates, with links from file to file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlencode

from flask import Flask
from markupsafe import escape

from cds_service.rules import RULES
from cds_service.web import evidence, remember
from cds_service.web.callers import Callers
from cds_service.web.settings import Settings

_INDEX = "index"
# What the pages are made of beside text.
_STATIC = ("style.css", "filter.js", "fold.js", "icon.png")
_ADDRESS = re.compile(r'\b(href|src|action)="(/[^"#?]*)(?:\?[^"#]*)?(#[^"]*)?"')


def addresses() -> dict[str, str]:
    """By the address of each page the name of its file."""
    pages = {"/evidence": _INDEX} | {f"/evidence/{name}": name for name in ("coverage", "codes", "all")}
    return pages | {f"/evidence/{rule.id}": rule.id for rule in RULES}


def write(settings: Settings, folder: Path, client: str = "") -> int:
    """Write all pages of the site, or of one client of it -> how many. Raises OSError."""
    app = _application(settings)
    (folder / "static").mkdir(parents=True, exist_ok=True)
    written = 0
    for name, text in _pages(app, client):
        (folder / f"{name}.html").write_text(text, encoding="utf-8")
        written += 1
    for name in _STATIC:
        content = files("cds_service.web").joinpath("static", name).read_bytes()
        (folder / "static" / name).write_bytes(content)
    return written


def _application(settings: Settings) -> Flask:
    """What the pages need and no more: nothing is opened that a service would write, and no key is loaded."""
    app = Flask("cds_service.web")
    app.config["CDS_OFFLINE"] = True
    app.extensions["cds_settings"] = settings
    app.extensions["cds_callers"] = Callers(settings, None)
    app.extensions["cds_figures"] = remember.figures(settings.store)
    app.register_blueprint(evidence.blueprint)
    app.register_blueprint(evidence.printed)
    return app


def _pages(app: Flask, client: str) -> Iterator[tuple[str, str]]:
    asking, query = app.test_client(), {"client": client} if client else {}
    for address, name in addresses().items():
        response = asking.get(address, query_string=urlencode(query))
        yield name, _ADDRESS.sub(_beside, response.get_data(as_text=True))


def _beside(found: re.Match[str]) -> str:
    """An address of the service as the name of a file in the same folder; one that is not written raises KeyError."""
    path = found[2]
    file = path.removeprefix("/") if path.startswith("/static/") else f"{addresses()[path]}.html"
    return f'{found[1]}="{escape(file)}{found[3] or ""}"'
