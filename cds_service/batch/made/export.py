"""A made export as files: NDJSON, one of each type."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import IO

import msgspec

from cds_service.batch.made.chart import Json, chart, medications
from cds_service.batch.whole import written

TYPES = (
    *("Patient", "Encounter", "Condition", "Observation", "Procedure", "ServiceRequest", "AllergyIntolerance"),
    *("Medication", "MedicationRequest", "MedicationStatement"),
)
_ENCODER = msgspec.json.Encoder()
# After so many patients it is told how many there are.
OFTEN = 500


def make(folder: Path, patients: int, seed: str, last: date, tell: Callable[[str, int, int], None]) -> list[Path]:
    """Write so many patients whose past ends on the last day. Raises OSError where the disk is full."""
    paths = {kind: folder / f"{kind}.ndjson" for kind in TYPES}
    with ExitStack() as stack:
        files = {kind: stack.enter_context(written(path, "wb")) for kind, path in paths.items()}
        for medication in medications():
            _write(files, medication)
        for number in range(patients):
            for resource in chart(number, seed, last):
                _write(files, resource)
            if (number + 1) % OFTEN == 0 or number + 1 == patients:
                tell("make", number + 1, patients)
    return list(paths.values())


def _write(files: dict[str, IO[bytes]], resource: Json) -> None:
    files[resource["resourceType"]].write(_ENCODER.encode(resource) + b"\n")
