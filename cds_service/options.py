"""What the commands have in common: a day on the command line, and the settings of the environment."""

from __future__ import annotations

import click

from cds_service.web.settings import BadSetting, Settings, from_environment

DAY = click.DateTime(formats=["%Y-%m-%d"])


def chosen() -> Settings:
    """The settings of the environment; a wrong one is told."""
    try:
        return from_environment()
    except BadSetting as error:
        raise click.UsageError(str(error)) from None
