"""Pool: work that is done piece by piece, in this process or in several at a time."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from threading import Thread
from typing import TypeVar

Piece = TypeVar("Piece")
Done = TypeVar("Done")
_KILLED = (
    "A process that replayed was killed, most likely for want of memory. What is finished is kept: run again, with "
    "fewer --processes."
)


class Killed(Exception):
    """A process ended in the middle of its work; the text says what to do."""


def done(work: Callable[[Piece], Done], pieces: Sequence[Piece], processes: int) -> Iterator[Done]:
    """What comes of each piece, as it is finished. Raises what the work raises, and Killed if a process was killed;
    nothing more is begun then."""
    if processes < 2 or len(pieces) < 2:
        yield from map(work, pieces)
        return
    with ProcessPoolExecutor(min(processes, len(pieces)), _context(), _begin) as pool:
        try:
            for future in as_completed([pool.submit(work, piece) for piece in pieces]):
                yield future.result()
        except BrokenProcessPool:
            raise Killed(_KILLED) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _context() -> multiprocessing.context.BaseContext:
    """On Linux processes begin as copies of this one, with everything loaded."""
    return multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")


def _begin() -> None:
    """An interrupt is left to the first process, which ends the others; if it is killed, they end by themselves."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    first = multiprocessing.parent_process()
    if first is not None:
        Thread(target=_end_after, args=(first.sentinel,), daemon=True).start()


def _end_after(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
