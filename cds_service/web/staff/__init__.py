"""The pages of a site's staff: an application of its own beside the hooks, made when somebody first asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any

WsgiApp = Callable[..., Iterable[bytes]]
# Everything below is for staff, and its cookie is sent nowhere else.
PLACE = "/dashboard"


class Beside:
    """Sends what is asked below PLACE to another application: what lets staff in there is never asked by a hook, and
    what lets an EHR in to a hook is never asked there."""

    def __init__(self, hooks: WsgiApp, make: Callable[[], WsgiApp]) -> None:
        """`make` is called once, at the first request for staff: no start waits for it."""
        self._hooks, self._make = hooks, make
        self._made: WsgiApp | None = None
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Whichever application is asked."""
        path: str = environ["PATH_INFO"]
        if path.startswith(PLACE) and path[len(PLACE) : len(PLACE) + 1] in ("", "/"):
            return self._staff()(environ, start_response)
        return self._hooks(environ, start_response)

    def _staff(self) -> WsgiApp:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made
