"""Small exports, and what a replay makes of them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cds_service.batch.call import Terms
from cds_service.batch.figures import Figures
from cds_service.batch.local import Replay
from cds_service.batch.reading import Input
from tests.fhir.resources import (
    AMOXICILLIN,
    CRAMP,
    CYCLOBENZAPRINE,
    LORAZEPAM,
    OXYCODONE,
    TODAY,
    Json,
    condition,
    order,
    patient,
)
from tests.support.bulk import write

__all__ = ["write"]


def small(folder: Path) -> Path:
    """The folder of a small export, made in that of a test."""
    export = folder / "export"
    export.mkdir()
    write(export, ward(3))
    return export


def csv_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a table."""
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def summary_of(out: Path) -> Any:
    """The summary that a replay left."""
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))


def quietly(*told: object) -> None:
    """Nobody looks on."""


def ward(patients: int) -> list[Json]:
    """So many patients, each with the same orders: one drug of a pair, then the other one, and one of no interest."""
    return [resource for number in range(patients) for resource in _patient(number)]


def _patient(number: int) -> Iterable[Json]:
    who = {"subject": {"reference": f"Patient/p{number}"}}
    yield patient(id=f"p{number}", birthDate=f"{1930 + number % 70}-01-01")
    for day, drug in enumerate((OXYCODONE, LORAZEPAM, AMOXICILLIN, CYCLOBENZAPRINE), start=1):
        yield order(drug, f"m{number}.{day}", authoredOn=f"2026-03-0{day}") | who
    yield condition(CRAMP, f"c{number}") | who


def played(export: Path, work: Path, terms: Terms | None = None, **more: Any) -> tuple[Replay, Input, Figures]:
    """An export played in a folder, and what came of it."""
    replay = Replay(export, work, terms or Terms(TODAY), **more)
    replay.begin()
    return (replay, *replay.run(quietly))


def replayed(folder: Path, resources: Iterable[Json] = (), **more: Any) -> tuple[Replay, Input, Figures]:
    """The same of an export in a folder of tests, which these resources are added to."""
    export = folder / "export"
    export.mkdir(exist_ok=True)
    write(export, resources)
    return played(export, folder / "work", **more)


def said(replay: Replay) -> list[dict[str, Any]]:
    """The orders behind the figures."""
    return list(csv.DictReader(replay.orders()))
