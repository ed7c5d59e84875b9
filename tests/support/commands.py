"""The command line as tests call it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from cds_service import cli


def run(*arguments: object) -> Result:
    """One command; an exception that is not click's own fails the test."""
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments], catch_exceptions=False)


def written(folder: Path, body: Any) -> Path:
    """A hook request in a file."""
    path = folder / "request.json"
    path.write_text(json.dumps(body), encoding="utf-8")
    return path
