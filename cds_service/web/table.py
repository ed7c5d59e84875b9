"""Tables for spreadsheets and programs, line by line."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from io import StringIO
from typing import Any

# What a spreadsheet would run as a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A head, and a line for each row, with text that a spreadsheet shows as it is and nothing for None."""
    yield _line(columns)
    for row in rows:
        yield _line([_cell(row[name]) for name in columns])


def ndjson_lines(columns: Sequence[str] | None, rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """A JSON object a row, of these columns or of all that the row has."""
    for row in rows:
        told = {name: _plain(row[name]) for name in columns or row}
        yield json.dumps(told, ensure_ascii=False) + "\n"


def _line(cells: Sequence[str]) -> str:
    line = StringIO(newline="")
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _plain(value: Any) -> Any:
    """As JSON can hold it; a time is UTC and says so, every time with as many digits."""
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='milliseconds')}Z"
    return value.isoformat() if isinstance(value, date) else value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(_plain(value))
    return f"'{text}" if isinstance(value, str) and text.startswith(_FORMULA) else text
