"""The start page: choose one of the fixtures, fire the real hook, read the cards."""

from __future__ import annotations

from flask import Blueprint, Response, abort, render_template

from cds_service.hooks.catalogue import SERVICES
from cds_service.web import cds
from cds_service.web.fixtures import fixtures, rolled

blueprint = Blueprint("playground", __name__)


@blueprint.get("/")
def start() -> str:
    """The page."""
    return render_template("start.html", fixtures=fixtures(), services=SERVICES.values())


@blueprint.get("/fixtures/<path:file>")
def fixture(file: str) -> Response:
    """One request, rolled to the day of evaluation."""
    found = next((known for known in fixtures() if known.file == file), None)
    if found is None:
        abort(404)
    return cds.json(rolled(found, cds.settings().today))
