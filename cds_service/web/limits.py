"""How many requests one worker takes at once: beyond that a call is told to come again, and waits for nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from flask import request

from cds_service.hooks.refusal import Refusal

_FULL = "cds_service.full"
# Seconds after which a call that was not taken may come again: what waits is done by then.
_AFTER = 1


def bounded(application: Callable[..., Iterable[bytes]], most: int) -> Callable[..., Iterable[bytes]]:
    """Counts the requests that are inside, each in a thread of its own, and marks a call beyond the bound. What is only
    read is always answered: who asks for health must not be told that a busy worker is dead."""
    inside: deque[None] = deque()  # of one length for all threads, without a lock

    def counted(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if len(inside) >= most and environ["REQUEST_METHOD"] == "POST":
            environ[_FULL] = True
            return application(environ, start_response)
        inside.append(None)
        try:
            return application(environ, start_response)
        finally:
            inside.pop()

    return counted


def refuse_if_full() -> None:
    """Raises Refusal (503) for a call beyond the bound, before anything of it is read."""
    if _FULL in request.environ:
        raise Refusal("Too many calls wait here. Send it again a moment later.", 503, "throttled", after=_AFTER)
