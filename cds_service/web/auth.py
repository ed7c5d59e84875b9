"""Every call of a hook, and its feedback, is let in here, or refused without a word of why: the log has the reason."""

from __future__ import annotations

import structlog
from flask import current_app, request

from cds_service.hooks.refusal import Refusal
from cds_service.hooks.terms import Terms
from cds_service.trust.distrust import FORBIDDEN, UNAVAILABLE, Distrust
from cds_service.web.callers import Callers

_LOG = structlog.get_logger()
# Seconds after which a client may call again while nobody can tell if its token was used before.
_AFTER = 5


def callers() -> Callers:
    """The clients of the running application."""
    found: Callers = current_app.extensions["cds_callers"]
    return found


def terms_for(service: str, base: str, *endings: str) -> Terms:
    """The terms of whoever calls this service; its token may name the service's address or one with such an ending.
    Raises Refusal."""
    addresses = [f"{base}/cds-services/{service}{ending}" for ending in ("", *endings)]
    try:
        return callers().terms(request.headers.get("Authorization"), addresses)
    except Distrust as distrust:
        # What a token says of itself proves nothing and may be anything: only words of ours are logged.
        _LOG.warning("call refused", service=service, client=distrust.client, reason=distrust.reason)
        if (counted := current_app.extensions["cds_counted"]) is not None:
            counted.refused(service, distrust)
        raise _refusal(distrust.status) from None


def _refusal(status: int) -> Refusal:
    if status == FORBIDDEN:
        return Refusal("This client may not call this service.", FORBIDDEN, "forbidden")
    if status == UNAVAILABLE:
        return Refusal(
            "The call cannot be let in now. Send it again with a new token.", status, "transient", after=_AFTER
        )
    return Refusal("The call is not authenticated. Send a JWT as CDS Hooks describes it.", status, "login")
