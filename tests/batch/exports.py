"""Small exports, and what a replay makes of them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from cds_service.batch import local
from cds_service.batch.call import Terms
from cds_service.batch.figures import Figures
from cds_service.batch.local import Input
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


def replayed(folder: Path, resources: Iterable[Json] = (), terms: Terms | None = None) -> tuple[Figures, Input]:
    """The figures of an export, which these resources are added to, and what was read."""
    export, work = folder / "export", folder / "work"
    export.mkdir(exist_ok=True)
    work.mkdir()
    write(export, resources)
    found = local.read(export, work, quietly)
    return local.work_off(work, found, terms or Terms(TODAY), quietly), found


def said(folder: Path) -> list[dict[str, Any]]:
    """The orders behind the figures."""
    return list(csv.DictReader(local.orders(folder / "work")))
