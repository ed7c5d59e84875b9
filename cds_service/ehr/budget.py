"""What one request may spend on the record system: time, calls, bytes and pages; spent, never reset."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

from cds_service.ehr.words import NOT_IN_TIME, TOO_MUCH, Failed

_SIZE = 20 * 1024 * 1024


class Spent(Failed):
    """Nothing is left of the budget."""


class Budget:
    """The budget of one request, shared by all its calls. Bytes count as they arrive, and once more as they
    are unpacked; the first page of a search is a call, every further one a page too."""

    def __init__(
        self,
        milliseconds: int,
        calls: int = 40,
        size: int = _SIZE,
        pages: int = 20,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.milliseconds = milliseconds
        self._most = {"calls": calls, "bytes": size, "pages": pages}
        self._left = dict(self._most)
        self._clock = clock
        self._end = clock() + milliseconds / 1000
        self._lock = Lock()

    @property
    def seconds_left(self) -> float:
        """Time until the end, never below 0."""
        return max(0.0, self._end - self._clock())

    @property
    def largest_answer(self) -> int:
        """The bytes that one answer may have: half of all, so that one huge answer leaves the others room."""
        return self._most["bytes"] // 2

    def seconds(self) -> float:
        """The time left, for something that takes time. Raises Spent if there is none."""
        left = self.seconds_left
        if not left:
            raise Spent(NOT_IN_TIME, f"{self.milliseconds} ms are over")
        return left

    def spend_call(self) -> None:
        """One call; not even that without time."""
        self.seconds()
        self._spend("calls", 1)

    def spend_page(self) -> None:
        """One page after the first of a search."""
        self._spend("pages", 1)

    def spend_bytes(self, count: int) -> None:
        """So many bytes."""
        self._spend("bytes", count)

    def _spend(self, what: str, count: int) -> None:
        with self._lock:
            self._left[what] -= count
            left = self._left[what]
        if left < 0:
            raise Spent(TOO_MUCH, f"more than {self._most[what]} {what}")
