"""Room: how many requests may be judged at once, and a place to wait for others outside of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore


class Room:
    """Judging is pure Python: more threads than this would only fight for the interpreter. A request that waits for
    a FHIR server steps outside, so that those that need none go on."""

    def __init__(self, places: int) -> None:
        self.inside = BoundedSemaphore(places)  # held for as long as a request is judged

    @contextmanager
    def outside(self) -> Iterator[None]:
        """For as long as a request inside waits for others."""
        self.inside.release()
        try:
            yield
        finally:
            self.inside.acquire()
