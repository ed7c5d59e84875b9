"""The laboratory of a case: its results and tests under way as facts.

A row of `labs` has: test (magnesium, potassium, sodium, creatinine, egfr), value, unit, days_ago; and may have status,
hour (0 unless given), low, high, range_unit, flag, comparator, equation ("older"), specimen, note, and `unused`: that
it does not count, and why.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from cds_service.facts import ANALYTES, Analyte, Level, Pending, Reading, Results, Unused
from cds_service.terminology.units import convert, scaled, unit
from cds_service.web.examples.cases import Case, day

Json = dict[str, Any]
_UNDER_WAY = ("preliminary", "registered")
_ERRORS = ("entered-in-error", "cancelled")
_FLAGS = {"L": Level.LOW, "H": Level.HIGH, "N": Level.NORMAL}
EGFR_UNIT = "mL/min/{1.73_m2}"


def analyte(row: Json) -> Analyte:
    """The test of a row."""
    name = "egfr-older-equation" if row.get("equation") == "older" else None
    found = (one for one in ANALYTES if one.key == row["test"] and (name is None or one.valueset == name))
    return next(found)


def moment(row: Json) -> datetime:
    """When a row was taken."""
    return datetime.combine(day(row["days_ago"]), time(row.get("hour", 0)))


def readings(case: Case) -> Iterator[Reading]:
    """The results that count."""
    for number, row in enumerate(case.labs):
        if "unused" not in row and row.get("status") not in (*_UNDER_WAY, *_ERRORS):
            yield _reading(row, number)


def _reading(row: Json, number: int) -> Reading:
    of = unit(row["test"], row.get("unit", EGFR_UNIT))
    assert of is not None, row
    return Reading(
        analyte=analyte(row),
        value=scaled(row["value"], of),
        unit=of.name,
        moment=moment(row),
        reference=f"Observation/lab-{number}",
        comparator=row.get("comparator", ""),
        low=_limit(row, "low"),
        high=_limit(row, "high"),
        flag=_FLAGS.get(row.get("flag", "")),
        haemolysed="haemolysed" in row.get("note", ""),
    )


def _limit(row: Json, name: str) -> float | None:
    if name not in row:
        return None
    key = row["test"]
    own, of = unit(key, row.get("range_unit", row["unit"])), unit(key, row["unit"])
    assert own is not None
    assert of is not None
    return convert(key, scaled(row[name], own), own.name, of.name)


def unused(case: Case) -> Iterator[Unused]:
    """The results that were read and do not count."""
    for number, row in enumerate(case.labs):
        if "unused" in row:
            elsewhere = "specimen" in row["unused"]
            yield Unused(analyte(row), row["unused"], day(row["days_ago"]), f"Observation/lab-{number}", elsewhere)


def pending(case: Case) -> Iterator[Pending]:
    """The tests under way: results that are not final, and orders."""
    for row in case.labs:
        if row.get("status") in _UNDER_WAY:
            yield Pending(row["test"], day(row["days_ago"]))
    for row in case.ordered:
        yield Pending(row["test"], day(row.get("days_ago", 2)))


def results(case: Case, supplied: bool) -> Results:
    """All of it; without the results if the EHR did not supply them."""
    under_way = list(pending(case))
    return Results(list(readings(case)), list(unused(case)), under_way) if supplied else Results(pending=under_way)
