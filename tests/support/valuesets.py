"""Where a code stands."""

from __future__ import annotations

from cds_service.terminology import by_code


def sets_of(system: str, code: str) -> set[str]:
    """The value sets that hold a code."""
    return {entry.valueset for entry in by_code(system, code)}
