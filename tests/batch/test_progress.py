"""Progress: how far, how fast and how long, on a terminal and elsewhere."""

from __future__ import annotations

from io import StringIO

import pytest

from cds_service.batch import progress
from cds_service.batch.progress import Progress


class _Clock:
    """Moves on by so many seconds at each look."""

    def __init__(self, step: float) -> None:
        self.now, self.step = 0.0, step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


class _Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_lines_where_there_is_no_terminal() -> None:
    """Now and then one, and one at the end of each stage."""
    file = StringIO()
    tell = Progress(file, _Clock(3))
    for done in range(0, 90, 10):
        tell("read", done * 1_000_000, 80_000_000)
    tell("play", 0, 500)
    tell("play", 500, 500)
    assert file.getvalue().splitlines() == [
        "read: 40 of 80 MB, 3 MB/s, 12 s left",
        "read: 80 of 80 MB, 3 MB/s",
        "play: 500 of 500 patients, 167 patients/s",
    ]


def test_going_on() -> None:
    """What was done before is no part of the rate; a stage of which nothing is left is told, too."""
    file = StringIO()
    tell = Progress(file, _Clock(20))
    tell("read again", 80_000_000, 80_000_000)
    tell("play", 400, 500)
    tell("play", 450, 500)
    assert file.getvalue().splitlines() == [
        "read again: 80 of 80 MB, 0 MB/s",
        "play: 450 of 500 patients, 2 patients/s, 20 s left",
    ]


def test_a_clock_that_stands_still() -> None:
    """There is no rate yet."""
    file = StringIO()
    tell = Progress(file, _Clock(0))
    tell("make", 0, 5)
    tell("make", 5, 5)
    assert file.getvalue() == "make: 5 of 5 patients, 0 patients/s\n"


def test_a_bar_on_a_terminal() -> None:
    """It has the stage, the rate, and the time left until it is full."""
    file = _Terminal()
    tell = Progress(file)
    for done in (40, 70, 100):
        tell("play", done, 100)
    told = file.getvalue()
    assert "play" in told
    assert "patients/s" in told
    assert "100%" in told
    assert told.endswith("\n")
    tell("read", 7, 7)
    assert file.getvalue().endswith("read: 0 of 0 MB, 0 MB/s\n")


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.4, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (3599.6, "1 h 0 min"), (7300, "2 h 1 min")]
)
def test_a_span_of_time(seconds: float, words: str) -> None:
    """As people say it."""
    assert progress._time(seconds) == words
