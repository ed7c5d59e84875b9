"""Progress: how far a replay is, how fast it goes and how long it will take: a bar on a terminal, lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TextIO

import click

# Seconds between two lines where there is no terminal.
OFTEN = 10.0
_MB = 1_000_000
# In what each stage counts, and how many of it make one that is told.
_UNITS = {"read": ("MB", _MB), "read again": ("MB", _MB)}
_PATIENTS = ("patients", 1)


class Progress:
    """Tells how far each stage is. The first that it hears of a stage is how much was done before."""

    def __init__(self, file: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._file, self._clock = file, clock
        self._stage, self._begun, self._told = "", 0.0, 0.0
        self._at_first = self._done = 0
        self._bar: Any = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        """So much of a stage is done."""
        now = self._clock()
        if stage != self._stage:
            self._begin(stage, done, total, now)
        seconds = now - self._begun
        speed = (done - self._at_first) / seconds if seconds else 0.0
        if self._bar is not None:
            self._advance(done, total, self._rate(speed))
        elif done >= total or now - self._told >= OFTEN:
            self._told = now
            click.echo(self._words(done, total, speed), file=self._file)
        self._done = done

    def _begin(self, stage: str, done: int, total: int, now: float) -> None:
        self._stage, self._begun, self._told = stage, now, now
        self._at_first = self._done = done
        self._bar = None
        if self._file.isatty() and done < total:
            self._bar = click.progressbar(
                length=total - done, label=stage, item_show_func=_itself, show_percent=True, file=self._file
            )

    def _advance(self, done: int, total: int, rate: str) -> None:
        self._bar.update(done - self._done, rate)
        if done >= total:
            self._bar.render_finish()

    def _rate(self, speed: float) -> str:
        unit, size = _UNITS.get(self._stage, _PATIENTS)
        return f"{speed / size:,.0f} {unit}/s"

    def _words(self, done: int, total: int, speed: float) -> str:
        unit, size = _UNITS.get(self._stage, _PATIENTS)
        left = f", {_time((total - done) / speed)} left" if speed and done < total else ""
        return f"{self._stage}: {done / size:,.0f} of {total / size:,.0f} {unit}, {self._rate(speed)}{left}"


def _itself(told: str | None) -> str | None:
    return told


def _time(seconds: float) -> str:
    """A span of time as people say it."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"
