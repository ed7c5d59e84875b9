"""Results: what a replay leaves in its folder, each file there only when it is whole."""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from cds_service.batch.figures import Cell, Figures
from cds_service.batch.report import rendered
from cds_service.batch.whole import written

SUMMARY, TABLE, ORDERS, REPORT = "summary.json", "figures.csv", "orders.csv", "report.html"
# What the same patients would have been shown by other terms.
COMPARED = "compared.json"
_NUMBER = "number"
Json = dict[str, Any]


def write(
    out: Path, figures: Figures, told: Json, orders: Iterable[str] | None, compared: Json | None = None
) -> list[Path]:
    """Write the table of figures, the orders behind them if they are wanted, both packed if Parquet can be written, the
    report, the summary of other terms if there is one, and last the summary. Raises OSError."""
    _forget(out)
    tables = [_table(out / TABLE, figures)]
    if orders is not None:
        tables.append(_lines(out / ORDERS, orders))
    packed = [_packed(path) for path in tables] if find_spec("pyarrow") is not None else []
    report = _lines(out / REPORT, [rendered(told, compared)])
    others = [] if compared is None else [_json(out / COMPARED, compared)]
    return [_json(out / SUMMARY, told), report, *others, *tables, *packed]


def _forget(out: Path) -> None:
    """What an earlier run left would tell of other figures; the summary first, without which nothing counts."""
    for name in (SUMMARY, COMPARED, REPORT, TABLE, ORDERS):
        (out / name).unlink(missing_ok=True)
        (out / name).with_suffix(".parquet").unlink(missing_ok=True)


def _table(path: Path, figures: Figures) -> Path:
    with written(path) as file:
        writer = csv.writer(file)
        writer.writerow((*Cell._fields, _NUMBER))
        writer.writerows(figures.rows())
    return path


def _lines(path: Path, lines: Iterable[str]) -> Path:
    with written(path) as file:
        file.writelines(lines)
    return path


def _json(path: Path, told: Json) -> Path:
    return _lines(path, [json.dumps(told, indent=1, ensure_ascii=False), "\n"])


def _packed(path: Path) -> Path:
    """A table as Parquet: everything text, but for numbers."""
    from pyarrow import csv as tables
    from pyarrow import int64, parquet, string

    with path.open(encoding="utf-8") as file:
        names = next(csv.reader(file))
    types = {name: int64() if name == _NUMBER else string() for name in names}
    target = path.with_suffix(".parquet")
    alone = tables.ReadOptions(use_threads=False)  # more threads cost more than they bring
    reader = tables.open_csv(path, alone, convert_options=tables.ConvertOptions(column_types=types))
    with reader, _beside(target) as beside, parquet.ParquetWriter(beside, reader.schema) as writer:
        for batch in reader:
            writer.write_batch(batch)
    return target


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """A name to write to, which is the target's when it is whole."""
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        yield beside
        os.replace(beside, target)
    finally:
        beside.unlink(missing_ok=True)
