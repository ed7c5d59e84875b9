"""Replay against a plain script, in turns, and its memory: `python -m benchmarks.replay`.

Each program is a process of its own. cpu is user and system time of the process and those that it began, memory the
peak of the largest of them, as the system counts both.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

import click

from benchmarks.measure import Ratio
from benchmarks.report import REPLAY, Row, table, written

_CDS = Path(sys.executable).with_name("cds")
_DAY = "2026-11-22"
# With the bytecode that an installed program has, whatever a developer's shell says.
_INSTALLED = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
_MANY = 10  # times as many patients, for the memory


@dataclass(frozen=True)
class Run:
    """What a program took: seconds of processor time and on the clock, MB of its largest process, and its output."""

    cpu: float
    clock: float
    memory: float
    told: str


@click.command()
@click.option("--patients", default=20_000, show_default=True, help="So many made ones.")
@click.option("--rounds", default=3, show_default=True, help="Turns of the plain script and replay.")
@click.option("--many/--not-many", default=True, show_default=True, help="Look at ten times as many, too.")
@click.option("--write", is_flag=True, help="Write the table into benchmarks/README.md.")
def main(patients: int, rounds: int, many: bool, write: bool) -> None:
    """Play a made export by the plain script, by one process and by two, in turns."""
    with TemporaryDirectory(prefix="cds-replay-") as folder:
        export = Path(folder) / "export"
        _run(str(_CDS), "replay", "--make", str(patients), str(export), "--to", _DAY)
        size = sum(path.stat().st_size for path in export.iterdir()) / 1e6
        turns = [_turn(export, Path(folder) / "out") for _ in range(rounds)]
        rows = _rows(turns, patients)
        if many:
            rmtree(export)
            _run(str(_CDS), "replay", "--make", str(_MANY * patients), str(export), "--to", _DAY)
            largest = _replayed(export, Path(folder) / "out", "--processes", "2").memory
            rows.append(Row(f"the same of {_MANY * patients:,} patients", Ratio.of([largest]), 300, unit=" MB"))
    made = table(rows)
    click.echo(made)
    if write:
        written(made, f"{patients:,} patients, {size:.0f} MB, {rounds} turns", REPLAY)


def _turn(export: Path, out: Path) -> tuple[Run, Run, Run, Run]:
    """The plain script, one process, two, and Spark on two threads."""
    plain = _run(sys.executable, "-m", "benchmarks.plain_replay", str(export), _DAY)
    spark = _replayed(export, out, "--engine", "spark", "--master", "local[2]")
    one, two = (_replayed(export, out, "--processes", number) for number in ("1", "2"))
    cpu = f"plain {plain.cpu:.1f}, one process {one.cpu:.1f}, two {two.cpu:.1f} cpu-seconds"
    click.echo(
        f"{cpu}; on the clock {plain.clock:.1f}, {one.clock:.1f}, {two.clock:.1f}, Spark {spark.clock:.1f} s", err=True
    )
    _compare(plain, out)
    return plain, one, two, spark


def _compare(plain: Run, out: Path) -> None:
    """Both must speak of the same: as many charts with as many cards, and about as many cards at orders, of which the
    plain script knows less exactly what was known then."""
    told, hooks = json.loads(plain.told), json.loads((out / "summary.json").read_text(encoding="utf-8"))["hooks"]
    view, sign = hooks["patient-view"], hooks["order-sign"]
    same = told["patient-view cards"] == view["cards"] and told["order-sign calls"] == sign["orders"]
    if not same or abs(told["order-sign cards"] / sign["cards"] - 1) > 0.1:
        raise RuntimeError(f"the plain script found {told}, replay {hooks}")


def _rows(turns: list[tuple[Run, Run, Run, Run]], patients: int) -> list[Row]:
    faster = Ratio.of([plain.cpu / one.cpu for plain, one, *_ in turns])
    shared = Ratio.of([one.clock / two.clock for _, one, two, _ in turns])
    slower = Ratio.of([spark.clock / two.clock for *_, two, spark in turns])
    memory = Ratio.of([max(one.memory, two.memory) for _, one, two, _ in turns])
    return [
        Row("patients a cpu-second, against the plain script", faster, 8, 15, rising=True),
        Row("patients a cpu-second", Ratio.of([patients / one.cpu for _, one, *_ in turns])),
        Row("patients a second by two processes, against one", shared, 1.7, rising=True),
        Row("clock of Spark on two threads, against two processes", slower),
        Row("peak memory of the plain script", Ratio.of([plain.memory for plain, *_ in turns]), unit=" MB"),
        Row("peak memory of a process of replay", memory, 300, unit=" MB"),
    ]


def _replayed(export: Path, out: Path, *how: str) -> Run:
    rmtree(out, ignore_errors=True)
    return _run(str(_CDS), "replay", str(export), "--out", str(out), "--to", _DAY, *how)


def _run(*command: str) -> Run:
    begun = time.perf_counter()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_INSTALLED
    ) as process:
        assert process.stdout is not None
        told = process.stdout.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
    clock = time.perf_counter() - begun
    return Run(used.ru_utime + used.ru_stime, clock, used.ru_maxrss / 1024, told)


if __name__ == "__main__":
    main()
