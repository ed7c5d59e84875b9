"""The application of the staff: its pages, its door, and nothing that a hook answers."""

from __future__ import annotations

from datetime import timedelta

import structlog
from flask import Flask, render_template
from flask_wtf import CSRFProtect
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from cds_service.store.memory import Site
from cds_service.web.callers import Callers
from cds_service.web.settings import Settings
from cds_service.web.site.staff import Staff
from cds_service.web.staff import PLACE, door, pages
from cds_service.web.staff.filters import BadFilter

_LOG = structlog.get_logger()


def make(settings: Settings, staff: Staff, kept: Site, callers: Callers) -> Flask:
    """The application; sessions are signed with keys that follow from the secrets of the store, which all workers
    share."""
    app = Flask("cds_service.web")
    newest, *older = kept.keys.all("staff", "session")
    app.config.update(
        PLAYGROUND=settings.plays,
        STAFF=True,
        SECRET_KEY=newest,
        SECRET_KEY_FALLBACKS=older,
        SESSION_COOKIE_NAME="cds_staff",
        SESSION_COOKIE_PATH=PLACE,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.public_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(minutes=staff.minutes),
        MAX_CONTENT_LENGTH=10_000,
        # A token lives as long as its session; and the pages send no address along by which it could be checked.
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
    )
    app.extensions.update(cds_door=door.Door(staff), cds_callers=callers, cds_address=kept.address)
    app.url_map.strict_slashes = False
    CSRFProtect(app)
    app.before_request(door.guard)
    app.after_request(door.unkept)
    for blueprint in (door.blueprint, pages.blueprint):
        app.register_blueprint(blueprint)
    _register_errors(app)
    return app


def _register_errors(app: Flask) -> None:
    app.register_error_handler(BadFilter, lambda error: _told(str(error), 400))
    app.register_error_handler(CSRFError, lambda error: _told("The form was open for too long. Send it again.", 400))
    app.register_error_handler(SQLAlchemyError, _unreadable)
    app.register_error_handler(HTTPException, lambda error: _told(str(error.description), error.code or 500))
    app.register_error_handler(Exception, _failed)


def _unreadable(error: SQLAlchemyError) -> tuple[str, int]:
    _LOG.warning("figures cannot be read", error=type(error).__name__)
    return _told("The database cannot be read now. Try again in a minute.", 503)


def _failed(error: Exception) -> tuple[str, int]:
    """A failure of ours: the log has its kind, and nothing that it may hold."""
    _LOG.error("a page of the staff failed", error=type(error).__name__)
    return _told("Something failed in this service. Its log has the request's id.", 500)


def _told(what: str, status: int) -> tuple[str, int]:
    return render_template("staff/error.html", what=what), status
