"""The CDS Hooks protocol: GET /cds-services, POST /cds-services/<id>, and feedback."""

from __future__ import annotations

import msgspec
import structlog
from flask import Blueprint, Response, current_app, request

from cds_service.hooks.answer import Answered, answer, failed
from cds_service.hooks.catalogue import SERVICES, Service, discovery
from cds_service.hooks.refusal import Refusal
from cds_service.web.settings import Settings

blueprint = Blueprint("cds", __name__)
_LOG = structlog.get_logger()
_JSON = "application/json"
_ENCODER = msgspec.json.Encoder()


def settings() -> Settings:
    """The settings of the running application."""
    found: Settings = current_app.extensions["cds_settings"]
    return found


def base_url() -> str:
    """The service's own address as clients see it."""
    return settings().public_url or f"{request.scheme}://{request.host}"


def json(body: object) -> Response:
    """A body as JSON."""
    return Response(_ENCODER.encode(body), content_type=_JSON)


@blueprint.get("/cds-services")
def services() -> Response:
    """Discovery."""
    return json(discovery())


@blueprint.post("/cds-services/<service_id>")
def call(service_id: str) -> Response:
    """One firing of a hook -> cards."""
    service = _service(service_id)
    if request.content_type != _JSON and request.mimetype not in ("", _JSON):
        raise Refusal("Send the body as application/json.", status=415, code="not-supported")
    site = settings()
    answered = _answered(service, _body(site.max_body), site)
    if answered.implausible:
        _LOG.info("implausible laboratory results were not used", service=service.id, count=answered.implausible)
    if answered.cards:
        _record(service, answered, site)
    rules = [card.source.topic.code for card in answered.cards]
    _LOG.debug("hook answered", service=service.id, cards=len(rules), rules=rules)
    return json(answered.to_json())


def _record(service: Service, answered: Answered, site: Settings) -> None:
    """Tell what is shown; that it could not be kept costs no card."""
    try:
        site.recorder(service, answered)
    except Exception as error:
        _LOG.error("the cards shown were not recorded", service=service.id, error=type(error).__name__)


def _answered(service: Service, body: bytes, site: Settings) -> Answered:
    """The answer; a failure of our own becomes a card, because clients show an error as "all clear"."""
    try:
        return answer(service, body, site.today, base_url(), site.access)
    except Refusal:
        raise
    except Exception as error:
        # The type only: a message or a traceback may hold values of the request.
        _LOG.error("hook failed", service=service.id, error=type(error).__name__)
        return failed(base_url())


def _body(limit: int) -> bytes:
    """The body, read at once if it says how long it is: Flask's own stream copies it several times.

    One that comes in chunks is cut at the limit without a word, so one byte more is asked for.
    """
    length = request.content_length
    if length is not None and length <= limit:
        sent: bytes = request.environ["wsgi.input"].read(length)
        return sent
    body = request.get_data(cache=False)  # raises 413 above the limit
    if len(body) >= limit:
        request.stream.read(1)  # raises 413 at the limit
    return body


@blueprint.post("/cds-services/<service_id>/feedback")
def feedback(service_id: str) -> Response:
    """Feedback is not kept yet, and the client is told so."""
    _service(service_id)
    raise Refusal("This service does not take feedback yet; nothing was stored.", 404, "not-supported")


def _service(service_id: str) -> Service:
    found = SERVICES.get(service_id)
    if found is None:
        raise Refusal("There is no such service. GET /cds-services lists them.", 404, "not-found")
    return found
