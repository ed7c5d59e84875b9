"""Results: what a replay leaves in its folder, each file there only when it is whole."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cds_service.batch.figures import Cell, Figures
from cds_service.batch.whole import written

SUMMARY, TABLE, ORDERS = "summary.json", "figures.csv", "orders.csv"


def write(out: Path, figures: Figures, told: dict[str, Any], orders: Iterable[str] | None) -> list[Path]:
    """Write the table of figures, the orders behind them if they are wanted, and last the summary. Raises OSError."""
    with written(out / TABLE) as file:
        writer = csv.writer(file)
        writer.writerow((*Cell._fields, "number"))
        writer.writerows(figures.rows())
    if orders is None:
        (out / ORDERS).unlink(missing_ok=True)  # of an earlier run: it would tell of other figures
    else:
        with written(out / ORDERS) as file:
            file.writelines(orders)
    with written(out / SUMMARY) as file:
        json.dump(told, file, indent=1, ensure_ascii=False)
        file.write("\n")
    return [out / name for name in (SUMMARY, TABLE, *([] if orders is None else [ORDERS]))]
