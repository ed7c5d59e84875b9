"""create_app: the Flask application, everything wired in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import structlog
from flask import Flask, Response, request

from cds_service.store.memory import Memory
from cds_service.web import cds, errors, evidence, health, openapi, playground, remember
from cds_service.web.callers import Callers
from cds_service.web.headers import marked
from cds_service.web.limits import bounded, refuse_if_full
from cds_service.web.settings import Settings, from_environment
from cds_service.web.staff import Beside, WsgiApp
from cds_service.witness import appoint

if TYPE_CHECKING:  # only a service that counts loads what counts
    from cds_service.web.metrics import Counted

_SLASHES = re.compile(r"/{2,}")
_LOG = structlog.get_logger()


def create_app(settings: Settings | None = None, memory: Memory | None = None) -> Flask:
    """The application; settings come from the environment unless given, and with them the memory. Raises BadSetting."""
    app = Flask(__name__)
    if settings is None:
        settings = from_environment()
        memory = remember.memory(settings.store)
    app.extensions["cds_settings"], app.extensions["cds_memory"] = settings, memory
    app.extensions["cds_counted"] = counted = _counted() if settings.metrics else None
    app.extensions["cds_figures"] = None if memory is None else memory.figures
    app.extensions["cds_callers"] = callers = Callers(settings, memory)
    callers.prepare()
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body
    app.url_map.strict_slashes = False
    # The attribute is the place that Flask offers for a wrapper.
    inside = marked(_one_slash(_with_staff(app, settings, memory, callers)), settings.public_url)
    app.wsgi_app = bounded(inside, settings.max_waiting)  # type: ignore[method-assign]
    app.before_request(refuse_if_full)
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level),
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        cache_logger_on_first_use=True,
    )
    app.config["PLAYGROUND"] = settings.plays
    start = playground.blueprint if settings.plays else playground.closed
    for blueprint in (cds.blueprint, health.blueprint, evidence.blueprint, start, openapi.blueprint):
        app.register_blueprint(blueprint)
    errors.register(app)
    if memory is not None:
        memory.start()
    app.after_request(_cross_origin(settings.cors_origins))
    if settings.as_of is not None:
        _LOG.warning("EVALUATION DATE IS FIXED: not for patients", as_of=settings.as_of.isoformat())
    if counted is not None:  # last of all, so that nothing is refused around it
        app.wsgi_app = counted.over(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _with_staff(app: Flask, settings: Settings, memory: Memory | None, callers: Callers) -> WsgiApp:
    """The hooks, and beside them the pages of the staff, if the site lets any in."""
    staff = settings.staff
    app.config["STAFF"] = staff is not None and memory is not None
    if staff is None or memory is None:
        return app.wsgi_app
    kept = memory.site

    def make() -> WsgiApp:
        from cds_service.web.staff.app import make as made

        return made(settings, staff, kept, callers)

    return Beside(app.wsgi_app, make)


def _counted() -> Counted:
    from cds_service.web.metrics import Counted

    found = Counted()
    appoint(found)
    return found


def _one_slash(application: WsgiApp) -> WsgiApp:
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
