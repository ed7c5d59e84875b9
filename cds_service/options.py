"""What the commands have in common: a day and an address on the command line, and the settings of the environment."""

from __future__ import annotations

import ipaddress
import re

import click

from cds_service.web.settings import BadSetting, Settings, from_environment

DAY = click.DateTime(formats=["%Y-%m-%d"])
_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})")


def address(text: str) -> tuple[str, int]:
    """Host and port of an address such as 127.0.0.1:9464, localhost:9464 or [::1]:9464."""
    found = _ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found[3]) < 65_536:
        raise click.BadParameter(f"{text!r} is no address. Write it like 127.0.0.1:9464 or [::1]:9464.")
    return found[1] or found[2], int(found[3])


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def chosen() -> Settings:
    """The settings of the environment; a wrong one is told."""
    try:
        return from_environment()
    except BadSetting as error:
        raise click.UsageError(str(error)) from None
