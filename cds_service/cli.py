"""The command line: `cds serve`, and the other commands of commands.py."""

from __future__ import annotations

import ipaddress
import os
from datetime import datetime

import click
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from cds_service import __version__
from cds_service.options import DAY, chosen

# Threads of a worker that may wait for FHIR servers, keys or the database, beside those that judge.
_WAITING = 64


class _Commands(click.Group):
    """Loads the other commands when one of them is asked for: the process that `serve` starts only watches its workers,
    and loading the rules there would take longer than everything else it does."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The names of all commands."""
        return sorted({*super().list_commands(context), *_others().list_commands(context)})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of that name."""
        return super().get_command(context, name) or _others().get_command(context, name)


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
def serve(
    host: str, port: int, workers: int, as_of: datetime | None, anybody_may_call: bool, playground: bool | None
) -> None:
    """Start the service."""
    if as_of is not None:
        if not _is_loopback(host):
            raise click.UsageError("--as-of is for demonstrations and is refused on a public address.")
        os.environ["CDS_AS_OF"] = as_of.date().isoformat()
    elif os.environ.get("CDS_AS_OF") and not _is_loopback(host):
        raise click.UsageError("CDS_AS_OF is set: unset it to serve on a public address.")
    if playground is not None:
        os.environ["CDS_PLAYGROUND"] = "yes" if playground else "no"
    elif not _is_loopback(host):
        os.environ.setdefault("CDS_PLAYGROUND", "no")
    settings = chosen()
    if not (settings.authenticated or anybody_may_call or _is_loopback(host)):
        raise click.UsageError(
            f"Whoever reaches {host} could call, for no client is listed. List them in a site file (CDS_SITE), or say "
            "--anybody-may-call."
        )
    click.echo("\n".join(_welcome(host, port)))
    Granian(
        "cds_service.web.app:create_app",
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        # One request is judged at a time (ehr/room.py); those that wait for a FHIR server, or to be let
        # in, are not in its way.
        blocking_threads=_WAITING if settings.access.servers or settings.authenticated else 1,
        respawn_failed_workers=True,  # without it the death of one worker ends the service
        log_access=False,
        log_level=LogLevels.info if settings.log_level == "DEBUG" else LogLevels.warning,
        websockets=False,
    ).serve()


def _welcome(host: str, port: int) -> tuple[str, str, str]:
    """Where to look, how to point the CDS Hooks Sandbox here, and where it is explained."""
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    # A page that was loaded over https may call http only where the browser is sure that it is this machine.
    seen = f"http://localhost:{port}" if _is_loopback(host) else address
    return (
        f"Look:    {address}/",
        f"Sandbox: paste {seen}/cds-services under `Add CDS Services` at https://sandbox.cds-hooks.org"
        " (a browser may need http://localhost, or https)",
        f"Docs:    README.md, and {address}/evidence for every rule",
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
