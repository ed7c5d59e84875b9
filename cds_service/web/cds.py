"""The CDS Hooks protocol: GET /cds-services, POST /cds-services/<id>, and feedback."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING

import msgspec
import structlog
from flask import Blueprint, Response, current_app, request

from cds_service.hooks.answer import Answered, answer, failed
from cds_service.hooks.catalogue import SERVICES, Service, discovery
from cds_service.hooks.feedback import Feedback, parse
from cds_service.hooks.record import Told
from cds_service.hooks.refusal import Refusal
from cds_service.hooks.terms import Terms
from cds_service.store.entries import CallEntry, Subject
from cds_service.store.memory import Memory, Unavailable
from cds_service.web.auth import terms_for
from cds_service.web.settings import Settings

if TYPE_CHECKING:
    from cds_service.web.metrics import Counted

blueprint = Blueprint("cds", __name__)
_LOG = structlog.get_logger()
_JSON = "application/json"
_ENCODER = msgspec.json.Encoder()
# Seconds after which a client may send feedback again that could not be stored.
_AFTER = 5


def settings() -> Settings:
    """The settings of the running application."""
    found: Settings = current_app.extensions["cds_settings"]
    return found


def remembered() -> Memory | None:
    """The memory of the running application, None if it keeps nothing."""
    found: Memory | None = current_app.extensions["cds_memory"]
    return found


def counting() -> Counted | None:
    """What counts in the running application, None if nothing is counted."""
    found: Counted | None = current_app.extensions["cds_counted"]
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
    expect_json()
    begun = perf_counter()
    site, memory = settings(), remembered()
    terms = terms_for(service.id, base_url())
    answered = _answered(service, taken(site.max_body), site, terms, memory)
    if (counted := counting()) is not None:
        counted.answered(service.id, answered, terms)
    if answered.implausible:
        _LOG.info("implausible laboratory results were not used", service=service.id, count=answered.implausible)
    if memory is not None:
        _record(service, terms, answered.told, memory, perf_counter() - begun)
    response = json(answered.to_json())
    if site.log_calls == "all" or (answered.cards and site.log_calls == "shown"):
        _log(service, terms, answered, perf_counter() - begun)
    return response


def _log(service: Service, terms: Terms, answered: Answered, seconds: float) -> None:
    """The line of a call: who asked what, which rules spoke, how long it took; nothing of what was sent."""
    rules = [card.source.topic.code for card in answered.cards]
    told = {"service": service.id, "client": terms.client, "status": 200, "cards": len(rules), "rules": rules}
    _LOG.info("hook answered", **told, ms=round(seconds * 1000, 2))


def _record(service: Service, terms: Terms, told: Told, memory: Memory, seconds: float) -> None:
    """Tell the memory of the call; of one without a card only whose it was."""
    subject = told.subject if told.cards else Subject("", "", terms.client)
    memory.keep(CallEntry(memory.clock(), service.id, subject, seconds * 1000, told.cards, told.counts))


def _answered(service: Service, body: bytes, site: Settings, terms: Terms, memory: Memory | None) -> Answered:
    """The answer; a failure of our own becomes a card, because clients show an error as "all clear"."""
    try:
        return answer(service, body, site.today, base_url, terms, memory)
    except Refusal:
        raise
    except Exception as error:
        # The type only: a message or a traceback may hold values of the request.
        _LOG.error("hook failed", service=service.id, error=type(error).__name__)
        return failed(base_url())


def taken(limit: int) -> bytes:
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
    """What clinicians did with cards; an answer of success means that it is on disk."""
    service, memory = _service(service_id), remembered()
    if memory is None:
        raise Refusal("This service keeps no feedback; nothing was stored.", 404, "not-supported")
    expect_json()
    # Clients disagree on what a token of feedback names: its own address, or the service's.
    terms = terms_for(service.id, base_url(), "/feedback")
    found = parse(taken(settings().max_body), service.id, memory.clock(), terms.client)
    new = _learned(memory, found)
    if (counted := counting()) is not None:
        counted.feedback(service.id, found)
    _LOG.info(
        "feedback",
        service=service.id,
        client=terms.client,
        new=new,
        said_before=len(found.entries) - new,
        unknown_cards=found.strange,
    )
    if found.problems:
        kept = f"Entries that cannot be used: {len(found.problems)}; stored: {len(found.entries)}."
        raise Refusal(kept, details=found.problems)
    return json({})


def _learned(memory: Memory, found: Feedback) -> int:
    try:
        return memory.learn(found.entries) if found.entries else 0
    except Unavailable:
        raise Refusal("Feedback cannot be stored now. Send it again later.", 503, "transient", after=_AFTER) from None


def expect_json() -> None:
    """Refuse a body that says that it is something else."""
    if request.content_type != _JSON and request.mimetype not in ("", _JSON):
        raise Refusal("Send the body as application/json.", status=415, code="not-supported")


def _service(service_id: str) -> Service:
    found = SERVICES.get(service_id)
    if found is None:
        raise Refusal("There is no such service. GET /cds-services lists them.", 404, "not-found")
    return found
