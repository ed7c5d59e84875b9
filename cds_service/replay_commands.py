"""The command of replay: `cds replay`, how often the rules would have fired on a hospital's own patients."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cds_service import __version__
from cds_service.options import DAY, chosen
from cds_service.store.snooze import SNOOZE
from cds_service.web.settings import BadSetting, Settings

if TYPE_CHECKING:
    from cds_service.batch.call import Terms
    from cds_service.batch.figures import Figures
    from cds_service.batch.local import Replay
    from cds_service.batch.reading import Input
    from cds_service.batch.spark import SparkReplay
    from cds_service.web.site import Site

_HOOKS = ("order-sign", "patient-view", "order-select", "medication-prescribe")
_WORK = ".work"


def _hooks(context: click.Context, parameter: click.Parameter, value: str) -> tuple[str, ...]:
    """The hooks that are named, in the order in which they are offered."""
    named = set(value.split(","))
    if not named <= set(_HOOKS):
        raise click.BadParameter(f"{value!r} is no list of hooks. Name some of {', '.join(_HOOKS)}, comma separated.")
    return tuple(hook for hook in _HOOKS if hook in named)


def _processors() -> int:
    """As many as this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@click.command()
@click.argument("export_dir")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("replay"), show_default=True,
    help="The folder for the results.",
)  # fmt: skip
@click.option("--hooks", callback=_hooks, default="order-sign,patient-view", show_default=True, help="What is played.")
@click.option("--from", "first", type=DAY, help="The first day whose orders are played; all unless given.")
@click.option("--to", "last", type=DAY, help="The last such day, on which each chart is opened; today unless given.")
@click.option(
    "--site", "site_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="By the numbers, stages and caps of this site's file; those of CDS_SITE unless given.",
)  # fmt: skip
@click.option(
    "--compare", "other_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Play once more, by this site's file, and show both beside each other.",
)  # fmt: skip
@click.option(
    "--override-rate", type=click.FloatRange(0, 1), default=0.0, show_default=True,
    help="The share of info and warning cards that clinicians are taken to override, each not repeated for a time.",
)  # fmt: skip
@click.option("--seed", default="0", show_default=True, help="From which is drawn what is overridden, or made.")
@click.option(
    "--processes", type=click.IntRange(1), default=_processors, show_default="as many as there are processors",
    help="So many read and play at a time, each with up to 300 MB of memory.",
)  # fmt: skip
@click.option(
    "--engine", "engine_name", type=click.Choice(("local", "spark")), default="local", show_default=True,
    help="In processes here, or on Spark (extra `spark`), where EXPORT_DIR is any path that Spark reads.",
)  # fmt: skip
@click.option("--master", default="local[*]", show_default=True, help="The cluster of Spark.")
@click.option("--orders/--no-orders", default=True, show_default=True, help="Keep the ids of the orders, too.")
@click.option(
    "--make", "patients", type=click.IntRange(1),
    help="Play nothing: write an export of so many made patients, whose past ends on --to, into EXPORT_DIR.",
)  # fmt: skip
def replay(
    export_dir: str,
    out: Path,
    hooks: tuple[str, ...],
    first: datetime | None,
    last: datetime | None,
    site_file: Path | None,
    other_file: Path | None,
    override_rate: float,
    seed: str,
    processes: int,
    engine_name: str,
    master: str,
    orders: bool,
    patients: int | None,
) -> None:
    """Play what the rules would have said of the orders and charts of a FHIR Bulk Data export.

    EXPORT_DIR holds NDJSON files, or Bundles, of any FHIR version, plain or packed with gzip. Each order is signed at
    the moment at which it was written, with nothing known that was dated or recorded later.
    """
    try:
        if patients is not None:
            written = _made(Path(export_dir), patients, seed, last.date() if last else Settings().today)
        else:
            files = [site_file] if other_file is None else [site_file, other_file]
            terms = [_terms(_site(file), hooks, (first, last), override_rate, seed) for file in files]
            engine = Engine(engine_name, export_dir, out, processes, master)
            written = _replayed(engine, terms, [file.name if file else "" for file in files], orders)
    except OSError as error:
        where = error.filename or (out if patients is None else export_dir)
        raise click.ClickException(
            f"{where}: {error.strerror}. No result was written; mend it and run again."
        ) from None
    for path in written:
        click.echo(path)


def _made(folder: Path, patients: int, seed: str, last: date) -> Sequence[Path]:
    from cds_service.batch.made.export import make
    from cds_service.batch.progress import Progress

    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise click.BadParameter(f"{folder} is not empty. Name a folder of its own.", param_hint="EXPORT_DIR")
    return make(folder, patients, seed, last, Progress(sys.stderr))


def _site(file: Path | None) -> Site | None:
    if file is None:
        return chosen().site
    from cds_service.web.site import load

    try:
        return load(file)
    except BadSetting as error:
        raise click.UsageError(str(error)) from None


def _terms(
    site: Site | None, hooks: tuple[str, ...], days: tuple[datetime | None, datetime | None], rate: float, seed: str
) -> Terms:
    from cds_service.batch.call import Terms

    first, last = days
    to = last.date() if last else Settings().today
    begin = first.date() if first else date.min
    if begin > to:
        raise click.BadParameter("it is after --to.", param_hint="--from")
    plain = Terms(to, begin, hooks, override_rate=rate, seed=seed, days=SNOOZE.value)
    if site is None:
        return plain
    snooze = float(site.environment.get("CDS_SNOOZE_DAYS", SNOOZE.value))
    return replace(plain, edition=site.edition, caps=site.caps, days=snooze)


@dataclass(frozen=True, slots=True)
class Engine:
    """Where an export is played, and in which folder what is finished on the way is kept."""

    name: str
    export: str
    out: Path
    processes: int
    master: str

    def replay(self, number: int, terms: Terms) -> Replay | SparkReplay:
        """The export by the terms of that number. Raises BadExport."""
        if self.name == "spark":
            return self._on_spark(terms)
        from cds_service.batch.local import Replay

        replay = Replay(Path(self.export), self.out / f"{_WORK}{number or ''}", terms, self.processes)
        if replay.begin():
            click.echo("Going on where an earlier run was stopped.", err=True)
        return replay

    def _on_spark(self, terms: Terms) -> SparkReplay:
        try:
            from cds_service.batch.spark import SparkReplay, connected
        except ImportError:
            raise click.UsageError(
                "--engine spark needs PySpark and Java. Install requirements-spark.lock, and a Java of 17 or newer."
            ) from None
        return SparkReplay(connected(self.master), self.export, terms)


def _replayed(engine: Engine, terms: Sequence[Terms], names: Sequence[str], with_orders: bool) -> Sequence[Path]:
    """The results. What is finished on the way is kept until they are there; of a bad export nothing is."""
    from cds_service.batch import results

    engine.out.mkdir(parents=True, exist_ok=True)
    with _refusing(engine):
        played = [_played(engine, number, one) for number, one in enumerate(terms)]
        told = [one[1] | {"site": name} for one, name in zip(played, names, strict=True)]
        (replay, _, figures), compared = played[0], told[1] if len(told) > 1 else None
        written = results.write(engine.out, figures, told[0], replay.orders() if with_orders else None, compared)
        for one, *_ in played:
            one.remove()
    _clean(engine.out)
    return written


def _clean(out: Path) -> None:
    """Nothing stays of what was finished on the way, of an earlier run neither: it holds patients' data."""
    for work in out.glob(f"{_WORK}*"):
        shutil.rmtree(work, ignore_errors=True)


def _played(engine: Engine, number: int, terms: Terms) -> tuple[Replay | SparkReplay, dict[str, Any], Figures]:
    from cds_service.batch.progress import Progress
    from cds_service.batch.summary import summary

    replay = engine.replay(number, terms)
    found, figures = replay.run(Progress(sys.stderr))
    return replay, _told(found, terms) | summary(figures, terms), figures


@contextmanager
def _refusing(engine: Engine) -> Iterator[None]:
    """What is wrong with an export, and what stopped a process, are told without a traceback."""
    from cds_service.batch.files import BadExport
    from cds_service.batch.pool import Killed

    try:
        yield
    except BadExport as error:
        _clean(engine.out)
        raise click.ClickException(str(error)) from None
    except Killed as error:
        raise click.ClickException(str(error)) from None


def _told(found: Input, terms: Terms) -> dict[str, Any]:
    """What was played, and by which program."""
    return {
        "program": __version__,
        "from": None if terms.first == date.min else terms.first.isoformat(),
        "to": terms.last.isoformat(),
        "overrideRate": terms.override_rate,
        "input": {
            "files": found.files,
            "bytes": found.bytes,
            "resources": found.resources,
            "badLines": found.bad,
            "firstBadLines": found.places,
        },
    }
