"""What the server says is one JSON object a line, and tells of an error its type only."""

from __future__ import annotations

import json
import logging
import sys

import pytest

from cds_service.web.server_log import CONFIG, Line


def _record(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("_granian", logging.WARNING, "", 0, message, values, None)


@pytest.mark.parametrize("said", ["plain", 'with "quotes"', "two\nlines", "{}"])
def test_a_line_is_one_json_object(said: str) -> None:
    """Whatever the server says, a line stays a line and can be read by a machine."""
    line = Line().format(_record("%s", said))
    assert "\n" not in line
    found = json.loads(line)
    assert found.pop("timestamp").endswith("Z")
    assert found == {"event": said, "level": "warning"}


def test_an_error_is_told_by_its_type() -> None:
    """A message and a traceback may hold values of a request: neither is in the line."""
    record = _record("the application failed")
    try:
        raise ValueError("a patient's name")
    except ValueError:
        record.exc_info = sys.exc_info()
    line = Line().format(record)
    assert "patient" not in line
    assert json.loads(line)["error"] == "ValueError"


def test_an_error_without_one_is_no_error() -> None:
    """A record that was made outside of any exception has no type to tell."""
    record = _record("x")
    record.exc_info = (None, None, None)
    assert "error" not in json.loads(Line().format(record))


def test_the_server_finds_its_lines() -> None:
    """What stands in the configuration is where it says."""
    assert {told["()"] for told in CONFIG["formatters"].values()} == {f"{Line.__module__}.{Line.__name__}"}
