"""The commands of the store: `cds db | purge | feedback | stats`. SQLAlchemy is loaded only where one of them runs."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, TYPE_CHECKING
from urllib.parse import unquote

import click

from cds_service.options import chosen
from cds_service.store.memory import Site
from cds_service.web import remember
from cds_service.web.settings import BadSetting
from cds_service.web.table import csv_lines, ndjson_lines

if TYPE_CHECKING:
    from cds_service.store.database import Database

# No statement of a command is ended for taking long: nobody waits for a card behind it.
_PATIENTLY = 0
_MOST_DAYS, _MOST_WEEKS = 36_500, 520


def _site() -> Site:
    """What the settings say of the store; told where they say that nothing is kept."""
    try:
        site = remember.site(chosen().store)
    except BadSetting as error:
        raise click.UsageError(str(error)) from None
    if site is None:
        raise click.ClickException("CDS_DATABASE_URL is none: nothing is kept. Set it to the address of a database.")
    return site


@contextmanager
def _any_version(site: Site) -> Iterator[Database]:
    """The database, of whatever version; what goes wrong with it is told without its address."""
    from sqlalchemy.exc import SQLAlchemyError

    from cds_service.store.database import Database, Outdated

    try:
        database = Database(site.address, _PATIENTLY)
    except (SQLAlchemyError, ValueError) as error:
        raise _unusable(error, site.address) from None
    try:
        with closing(database):
            yield database
    except Outdated as error:
        raise click.ClickException(str(error)) from None
    except SQLAlchemyError as error:
        raise _unusable(error, site.address) from None


@contextmanager
def _ready(site: Site) -> Iterator[Database]:
    """The database, if it is up to date."""
    with _any_version(site) as database:
        database.check()
        yield database


def _unusable(error: Exception, address: str) -> click.ClickException:
    """What the driver says, unless it repeats a part of the password, as it does of one that is not percent-encoded."""
    said = " ".join(str(getattr(error, "orig", None) or error).split())
    if any(part in said for part in _secret(address)):
        said = type(error).__name__
    return click.ClickException(
        f"The database cannot be used: {said}. Check that it can be reached from here, and CDS_DATABASE_URL: "
        "what is special in a password stands there percent-encoded."
    )


def _secret(address: str) -> list[str]:
    """The parts of the password, as it stands in the address and as it is meant."""
    user = address.rpartition("@")[0].partition("://")[2]
    asked = re.findall(r"[?&]password=([^&]*)", address)
    told = "@".join(f"{text}@{unquote(text)}" for text in (user.partition(":")[2], *asked))
    return [part for part in re.split(r"[:/@?#]", told) if part]


@click.group()
def db() -> None:
    """Bring the database up to date, or see whether it is."""


@db.command()
def upgrade() -> None:
    """Bring the database up to date."""
    with _any_version(_site()) as database:
        before = database.version()
        _upgrade(database, before)
        after = database.version()
    if before == after:
        return click.echo(f"The database is at {after}, which is up to date.")
    click.echo(f"The database was brought from {before or 'nothing'} to {after}.")


def _upgrade(database: Database, before: str) -> None:
    from alembic.util import CommandError

    try:
        database.upgrade()
    except CommandError:  # a migration that only a newer program has
        raise click.ClickException(
            f"The database is at {before}, which this program does not know. Install the newer program."
        ) from None
    except OSError as error:
        raise click.ClickException(
            f"{error.filename}: {error.strerror}. Name a file in CDS_DATABASE_URL that can be made."
        ) from None


@db.command()
def check() -> None:
    """Fail if the database is not up to date."""
    with _ready(_site()) as database:
        click.echo(f"The database is at {database.version()}, which is up to date.")


@click.command()
@click.option("--days", type=click.IntRange(1, _MOST_DAYS), help="How old; CDS_RETENTION_DAYS unless given.")
def purge(days: int | None) -> None:
    """Forget calls, cards, counts and feedback that are too old."""
    site = _site()
    kept = days or site.retention_days
    with _ready(site) as database:
        gone = sum(_forgotten(database, kept))
    click.echo(f"Calls and words of feedback forgotten, older than {kept:g} days: {gone}")


def _forgotten(database: Database, days: float) -> Iterator[int]:
    """How much in each piece; each is a transaction of its own, so that the service never waits long to write."""
    from cds_service.store import report

    now, piece = remember.now(), 1
    while piece:
        with database.writing() as connection:
            piece = report.purge(connection, now, days)
        yield piece


@click.group()
def feedback() -> None:
    """What clinicians did with cards."""


@feedback.command()
@click.option("--format", "form", type=click.Choice(("csv", "ndjson")), default="csv", show_default=True)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, resolve_path=True, path_type=Path),
    help="The file to write, readable by its owner; standard output unless given.",
)
def export(form: str, out: Path | None) -> None:
    """Write all feedback, the oldest first, each with the rule of its card."""
    from cds_service.store import report

    more = {"site": chosen().public_url}
    with _ready(_site()) as database, database.reading() as connection, _target(out) as file:
        rows = (row | more for row in report.export(connection))
        lines = csv_lines if form == "csv" else ndjson_lines
        file.writelines(lines((*report.EXPORTED, *more), rows))


@contextmanager
def _target(out: Path | None) -> Iterator[IO[str]]:
    """Standard output, or a file that is there only when it is whole."""
    if out is None:
        yield sys.stdout
        return
    if out.exists() and not out.is_file():  # a device would be replaced by a file
        raise click.BadParameter(f"{out} is no file. Name a file, or leave it out.", param_hint="--out")
    try:
        with _beside(out) as file:
            yield file
    except OSError as error:
        raise click.ClickException(
            f"{out}: {error.strerror}. Name a file in a folder that exists and may be written."
        ) from None


@contextmanager
def _beside(out: Path) -> Iterator[IO[str]]:
    """Written beside and moved into place: a reader never meets a half."""
    beside = NamedTemporaryFile(  # noqa: SIM115 - closed below, before it is moved
        "w", dir=out.parent, prefix=f".{out.name}.", encoding="utf-8", newline="", delete=False
    )
    try:
        with beside as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(beside.name, out)
    except BaseException:
        Path(beside.name).unlink(missing_ok=True)
        raise


@click.command()
@click.option(
    "--weeks",
    type=click.IntRange(1, _MOST_WEEKS),
    default=8,
    show_default=True,
    help="How many weeks, with the present one.",
)
def stats(weeks: int) -> None:
    """Show by rule and week what was shown, what was done with it, and what could not be checked."""
    from cds_service.store.weeks import told, weekly

    today = remember.now().date()
    days = [today - timedelta(days=today.weekday(), weeks=back) for back in range(weeks)]
    with _ready(_site()) as database, database.reading() as connection:
        found = weekly(connection, days[-1])
    for line in told(found, days) if found else (f"Nothing was recorded since {days[-1]}.",):
        click.echo(line)


COMMANDS = (db, purge, feedback, stats)
