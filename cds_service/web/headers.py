"""What every answer carries beside its body: the id of its request, and what a browser may do with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import count
from secrets import token_hex
from typing import Any

from structlog.contextvars import bind_contextvars, clear_contextvars

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
Headers = list[tuple[str, str]]
# Everything that a page uses comes from the service itself, and nothing stands inline.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_PAGE = [
    ("Content-Security-Policy", _POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
]
# Cards name the icon: an EHR must be able to show it even where its own pages take only what allows that.
_ICON = [("Cross-Origin-Resource-Policy", "cross-origin")]
_BY_TYPE: dict[str, Headers] = {"text/html; charset=utf-8": _PAGE, "image/png": _ICON}


def marked(application: Callable[..., Iterable[bytes]], public_url: str) -> Callable[..., Iterable[bytes]]:
    """Gives each request an id, the caller's own if it is a plain one, and binds it to whatever is logged meanwhile.

    The headers are added here and not by Flask, where each would cost as much as all of them together."""
    made = map(f"{token_hex(8)}-{{:x}}".format, count(1))  # new in each process; a random one a request would cost more
    always: Headers = [("X-Content-Type-Options", "nosniff")]
    if public_url.startswith("https://"):
        always.append(("Strict-Transport-Security", "max-age=31536000"))

    def answered(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        given = environ.get("HTTP_X_REQUEST_ID", "")
        id = given if _ID.fullmatch(given) else next(made)
        clear_contextvars()
        bind_contextvars(request_id=id)

        def start(status: str, headers: Headers, exc_info: Any = None) -> Any:
            more = _BY_TYPE.get(next((value for name, value in headers if name == "Content-Type"), ""), [])
            return start_response(status, [*headers, ("X-Request-Id", id), *always, *more], exc_info)

        return application(environ, start)

    return answered
