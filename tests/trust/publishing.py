"""An EHR on loopback that publishes its keys as a test tells it to, and a clock that a test moves on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cds_service.trust.published import Published
from tests.support.loopback import CLOSE, Asked, Ehr, Line, Script, answer
from tests.support.tokens import jwks

LOADED = ("es384-first", "ES384")
NEW = ("es384-second", "ES384")
# A site's key set, before and after its keys were changed.
FIRST, SECOND = jwks(LOADED[0]), jwks(NEW[0])
# What an answer may take beyond the time of a loading on a busy machine.
SLACK = 0.7


class Clock:
    """Stands still until it is moved on."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Keys:
    """What the EHR answers now: a key set, or a script that does something else."""

    def __init__(self, says: Any = None) -> None:
        self.says = says if says is not None else FIRST

    def __call__(self, line: Line, asked: Asked) -> object:
        if callable(self.says):
            return self.says(line, asked)
        line.send(answer(self.says, Connection="close"))
        return CLOSE


def hang(line: Line, asked: Asked) -> object:
    """Take the question and never answer."""
    line.hang()
    return CLOSE


@contextmanager
def publishing(keys: Script, clock: Clock) -> Iterator[tuple[Ehr, Published]]:
    """An EHR that publishes, and its key set as the service sees it; nothing is under way when it ends."""
    with Ehr(keys, "/jwks.json") as ehr:
        source = Published("ehr", ehr.server.base, clock)
        yield ehr, source
        finished(source)


def finished(source: Published) -> None:
    """Wait until nothing is being loaded."""
    if source._thread is not None:
        source._thread.join(10)
        assert not source._thread.is_alive()


def knows(source: Published, key: tuple[str, str]) -> bool:
    """Whether it has this key."""
    return source.find(*key) is not None
