"""The command line: `cds serve`, and the other commands of commands.py."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from threading import Event

import click

from cds_service import __version__
from cds_service.options import DAY, address, chosen, is_loopback
from cds_service.web.settings import Settings

# Threads of a worker beside those that may wait for FHIR servers, keys or the database: they tell a call beyond that
# bound to come again.
_SPARE = 8
_ANYBODY_MAY_READ = click.option(
    "--anybody-may-read-metrics", is_flag=True, help="Serve the metrics on a public address, where nobody is asked."
)


class _Commands(click.Group):
    """Loads the other commands when one of them is asked for: the process that `serve` starts only watches its workers,
    and loading the rules there would take longer than everything else it does."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted({*super().list_commands(context), *_others().list_commands(context)})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of that name."""
        if name == "replay":  # its processes need nothing of the other commands
            return _replay()
        return super().get_command(context, name) or _others().get_command(context, name)


def _replay() -> click.Command:
    from cds_service.replay_commands import replay

    return replay


def _others() -> click.Group:
    from cds_service.commands import commands

    return commands


@click.group(cls=_Commands)
@click.version_option(__version__)
def main() -> None:
    """Muscle-cramp decision support over CDS Hooks and FHIR."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=1, show_default=True)
@click.option("--as-of", type=DAY, help="Fix the day of evaluation: for demonstrations, on loopback only.")
@click.option("--anybody-may-call", is_flag=True, help="Serve on a public address without authenticating callers.")
@click.option("--playground/--no-playground", default=None, help="The start page tries the service out, or does not.")
@click.option("--metrics", type=address, envvar="CDS_METRICS", help="Count, and serve it to Prometheus there.")
@_ANYBODY_MAY_READ
def serve(
    host: str,
    port: int,
    workers: int,
    as_of: datetime | None,
    anybody_may_call: bool,
    playground: bool | None,
    metrics: tuple[str, int] | None,
    anybody_may_read_metrics: bool,
) -> None:
    """Start the service."""
    _fix_day(as_of, host)
    if playground is not None:
        os.environ["CDS_PLAYGROUND"] = "yes" if playground else "no"
    elif not is_loopback(host):
        os.environ.setdefault("CDS_PLAYGROUND", "no")
    settings = chosen()
    if not (settings.authenticated or anybody_may_call or is_loopback(host)):
        raise click.UsageError(
            f"Whoever reaches {host} could call, for no client is listed. List them in a site file (CDS_SITE), or say "
            "--anybody-may-call."
        )
    with _counting(metrics, anybody_may_read_metrics):
        # For a reader; what the log is made of goes to the other stream, one JSON object a line.
        click.echo("\n".join(_welcome(host, port)), err=True)
        from cds_service.web.server import run

        run(host, port, workers, _threads(settings, host), tell=settings.log_level == "DEBUG")


def _welcome(host: str, port: int) -> tuple[str, str, str]:
    """Where to look, how to point the CDS Hooks Sandbox here, and where it is explained."""
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    # A page that was loaded over https may call http only where the browser is sure that it is this machine.
    seen = f"http://localhost:{port}" if is_loopback(host) else address
    return (
        f"Look:    {address}/",
        f"Sandbox: paste {seen}/cds-services under `Add CDS Services` at https://sandbox.cds-hooks.org"
        " (a browser may need http://localhost, or https)",
        f"Docs:    README.md, and {address}/evidence for every rule",
    )


def _threads(settings: Settings, host: str) -> int:
    """One request is judged at a time (ehr/room.py), and one thread is the fastest; but it must not be held by a FHIR
    server, by who asks to be let in, by a page that counts a year, or by a stranger who sends slowly: on loopback a
    proxy takes the whole body first."""
    waits = settings.access.servers or settings.authenticated or settings.staff or not is_loopback(host)
    return settings.max_waiting + _SPARE if waits else 1


def _fix_day(as_of: datetime | None, host: str) -> None:
    """The workers read it from the environment."""
    if as_of is not None:
        if not is_loopback(host):
            raise click.UsageError("--as-of is for demonstrations and is refused on a public address.")
        os.environ["CDS_AS_OF"] = as_of.date().isoformat()
    elif os.environ.get("CDS_AS_OF") and not is_loopback(host):
        raise click.UsageError("CDS_AS_OF is set: unset it to serve on a public address.")


@contextmanager
def _counting(where: tuple[str, int] | None, anybody: bool) -> Iterator[None]:
    """Meanwhile the workers count and the metrics are served, if an address is named for them."""
    with ExitStack() as stack:
        if where is not None:
            _check_readers(where, anybody)
            from cds_service.web.folder import counting

            _open(stack, counting(*where), where)
        yield


@main.command()
@click.option("--listen", type=address, default="127.0.0.1:9464", show_default=True, help="Where Prometheus reads.")
@_ANYBODY_MAY_READ
def metrics(listen: tuple[str, int], anybody_may_read_metrics: bool) -> None:
    """Serve what workers count that `cds serve` did not start."""
    _check_readers(listen, anybody_may_read_metrics)
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
    if not os.path.isdir(folder):
        raise click.UsageError("PROMETHEUS_MULTIPROC_DIR must name the folder into which the workers count.")
    from cds_service.web.exposition import served

    with ExitStack() as stack:
        _open(stack, served(*listen, Path(folder)), listen)
        Event().wait()  # until it is ended


def _open(stack: ExitStack, metrics: AbstractContextManager[object], where: tuple[str, int]) -> None:
    """Serve the metrics until the stack ends; that nothing can listen there is told without a traceback."""
    host, port = where
    named = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        stack.enter_context(metrics)
    except OSError as error:
        raise click.UsageError(f"Metrics cannot be served on {named}: {error.strerror}.") from None
    click.echo(f"Metrics:    http://{named}/metrics", err=True)


def _check_readers(where: tuple[str, int], anybody: bool) -> None:
    if not (anybody or is_loopback(where[0])):
        raise click.UsageError(
            f"Whoever reaches {where[0]} could read the metrics, for nobody is asked there who he is. Name a "
            "loopback address, or say --anybody-may-read-metrics."
        )
