"""Fetched: what a FHIR server replied to one question."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of one question: the JSON text of each page in order, and, unless it is complete, why not.
    `why` is for clinicians; `detail` is for the trace and holds no token, query, id or content. It took so many
    `seconds`."""

    pages: tuple[bytes, ...]
    complete: bool
    why: str = ""
    detail: str = ""
    seconds: float = field(default=0.0, compare=False)
