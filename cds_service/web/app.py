"""create_app: the Flask application, everything wired in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

import structlog
from flask import Flask, Response, request

from cds_service.store.memory import Memory
from cds_service.web import cds, errors, evidence, health, playground, remember
from cds_service.web.callers import Callers
from cds_service.web.settings import Settings, from_environment

_SLASHES = re.compile(r"/{2,}")
_LOG = structlog.get_logger()


def create_app(settings: Settings | None = None, memory: Memory | None = None) -> Flask:
    """The application; settings come from the environment unless given, and with them the memory. Raises BadSetting."""
    app = Flask(__name__)
    if settings is None:
        settings = from_environment()
        memory = remember.memory(settings.store)
    app.extensions["cds_settings"], app.extensions["cds_memory"] = settings, memory
    app.extensions["cds_figures"] = None if memory is None else memory.figures
    app.extensions["cds_callers"] = callers = Callers(settings, memory)
    callers.prepare()
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.url_map.strict_slashes = False
    # The attribute is the place that Flask offers for a wrapper.
    app.wsgi_app = _one_slash(app.wsgi_app)  # type: ignore[method-assign]
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=True,
    )
    for blueprint in (cds.blueprint, health.blueprint, evidence.blueprint, playground.blueprint):
        app.register_blueprint(blueprint)
    errors.register(app)
    if memory is not None:
        memory.start()
    app.after_request(_cross_origin(settings.cors_origins))
    if settings.as_of is not None:
        _LOG.warning("EVALUATION DATE IS FIXED: not for patients", as_of=settings.as_of.isoformat())
    return app


def _one_slash(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Clients glue a service id to a discovery address that ends in a slash, and cannot follow a redirect."""

    def collapsed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if "//" in path:
            path = _SLASHES.sub("/", path)
        environ["PATH_INFO"] = path.rstrip("/") or "/"
        return application(environ, start_response)

    return collapsed


def _cross_origin(origins: tuple[str, ...]) -> Callable[[Response], Response]:
    """CORS on every answer, errors included, because the browser hides an error without it. No cookies."""

    def allow(response: Response) -> Response:
        if "*" in origins:
            response.headers["Access-Control-Allow-Origin"] = "*"
        else:
            origin = request.headers.get("Origin", "")
            response.vary.add("Origin")
            if origin in origins:
                response.headers["Access-Control-Allow-Origin"] = origin
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
            response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
            response.headers["Access-Control-Max-Age"] = "600"
        return response

    return allow
