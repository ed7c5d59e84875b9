"""GET /openapi.json: the whole surface of the service in OpenAPI 3.1, worked out from the code that serves it."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response

from cds_service.web import cds

if TYPE_CHECKING:  # worked out when somebody asks for it, for no hook needs it
    from cds_service.web.openapi.document import Surface

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The document of this site: what its settings turn off is not in it."""
    from cds_service.web.openapi.document import Surface

    site = cds.settings()
    keeps = cds.remembered() is not None
    return cds.json(_document(Surface(site.public_url or "/", site.authenticated, keeps, site.plays, site.today)))


@lru_cache(maxsize=2)  # the examples are rolled to the day, and a process serves one site
def _document(surface: Surface) -> dict[str, Any]:
    from cds_service.web.openapi.document import document

    return document(surface)
