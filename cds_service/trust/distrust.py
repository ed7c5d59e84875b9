"""Distrust: a call is not let in, and why."""

from __future__ import annotations

FORBIDDEN = 403
UNAVAILABLE = 503


class Distrust(Exception):
    """A token that is not accepted. `reason` is a short fixed word for the log and for counting, never for the caller;
    `client` names the client whose issuer the token names ("": none that is known), which proves nothing. No part of
    the token is in it. `status` is 401, or 403 where the client is known for sure and may not do this."""

    def __init__(self, reason: str, status: int = 401) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status
        self.client = ""
