"""/healthz: the process answers. /readyz: it can judge requests."""

from __future__ import annotations

from flask import Blueprint, Response

from cds_service import __version__
from cds_service.hooks.catalogue import SERVICES
from cds_service.rules import RULES
from cds_service.web.cds import json, remembered

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """200 as long as the process answers."""
    return json({"status": "ok"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 once rules and value sets are loaded, which happens before the first request is taken; hooks are answered
    without a database, too: what it says of that is opening, ready, outdated, unavailable or none."""
    memory = remembered()
    database = memory.state if memory is not None else "none"
    counts = {"services": len(SERVICES), "rules": len(RULES)}
    return json({"status": "ready", "database": database, **counts, "version": __version__})
