"""One table of errors: every one is an OperationOutcome that says what to mend, and nothing of the request."""

from __future__ import annotations

from http import HTTPStatus

import msgspec
import structlog
from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException

from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.refusal import Refusal

_LOG = structlog.get_logger()

# HTTP status -> FHIR issue type and text, for what the web framework refuses by itself.
_TEXTS = {
    404: ("not-found", "There is nothing at this address. GET /cds-services lists the services."),
    405: ("not-supported", "This address does not take that method. Services take POST, discovery GET."),
    413: ("too-long", "The body is larger than this service accepts. Send fewer resources."),
    415: ("not-supported", "Send the body as application/json."),
}


# Why somebody is not let in is logged where it is known.
_LOGGED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


def outcome(status: int, code: str, *texts: str) -> Response:
    """An error as an OperationOutcome with its HTTP status; several texts are several issues."""
    issues = [{"severity": "error", "code": code, "details": {"text": text}} for text in texts]
    body = msgspec.json.encode({"resourceType": "OperationOutcome", "issue": issues})
    return Response(body, status, content_type="application/json")


def _log(status: int, code: str) -> None:
    """The line of what was refused: never the address, in which anything may stand."""
    if status in _LOGGED or current_app.extensions["cds_settings"].log_calls == "none":
        return
    named = (request.view_args or {}).get("service_id", "")
    _LOG.info("request refused", status=status, code=code, service=named if named in SERVICES else "")


def _refused(error: Refusal) -> Response:
    _log(error.status, error.code)
    response = outcome(error.status, error.code, error.text, *error.details)
    if error.after:
        response.headers["Retry-After"] = str(error.after)
    if error.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    code, text = _TEXTS.get(status, ("processing", f"{HTTPStatus(status).phrase}: the request was not understood."))
    _log(status, code)
    response = outcome(status, code, text)
    for name, value in error.get_headers():
        if name == "Allow":
            response.headers[name] = value
    return response


def _unexpected(error: Exception) -> Response:
    # The type only: a message or a traceback may hold values of the request.
    _LOG.error("unexpected error", error=type(error).__name__)
    return outcome(500, "exception", "The service failed on this request. Nothing was checked.")


def register(app: Flask) -> None:
    """Answer every error of the application from here."""
    app.register_error_handler(Refusal, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
