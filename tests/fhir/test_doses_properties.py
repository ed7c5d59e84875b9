"""Whatever a sender writes into the places of a dosage, its line is told without a crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.fhir.doses import lines
from cds_service.fhir.later import Unreadable
from cds_service.fhir.models import Resource
from cds_service.terminology import Content
from tests.fhir.resources import LORAZEPAM, Json, order, read

AMOUNT = {"value": 1, "unit": "mg", "code": "mg"}
RANGE = {"low": AMOUNT, "high": AMOUNT}
DAYS = {"value": 1, "unit": "d", "code": "d"}
REPEAT = {
    "boundsPeriod": {"start": "2026-11-01", "end": "2026-11-30"},
    "boundsDuration": DAYS,
    "boundsQuantity": DAYS,
    "count": 1,
    "frequency": 1,
    "frequencyMax": 2,
    "period": 1,
    "periodUnit": "d",
    "periodUnits": "d",
    "timeOfDay": ["08:00:00"],
    "when": ["HS"],
    "dayOfWeek": ["mon"],
}
# Every element that a dosage line is read from.
FULL: Json = {
    "sequence": 1,
    "doseAndRate": [{"doseQuantity": AMOUNT, "doseRange": RANGE}],
    "doseQuantity": AMOUNT,
    "doseRange": RANGE,
    "quantityQuantity": AMOUNT,
    "quantityRange": RANGE,
    "maxDosePerPeriod": [{"numerator": AMOUNT, "denominator": DAYS}],
    "timing": {"code": {"coding": [{"system": "s", "code": "BID", "display": "b"}], "text": "BID"}, "repeat": REPEAT},
}
Path = tuple[str | int, ...]


def _places(part: Any, path: Path = ()) -> Iterator[tuple[Path, bool]]:
    """Every path inside of the dosage, and whether a leaf stands there."""
    children = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, child in children:
        yield (*path, key), not isinstance(child, dict | list)
        yield from _places(child, (*path, key))


def _with(changes: dict[Path, Any]) -> Json:
    """An order of which these places hold something else, the deepest changed first."""
    dosage = json.loads(json.dumps(FULL))
    for path in sorted(changes, key=len, reverse=True):
        part = dosage
        for key in path[:-1]:
            part = part[key]
        part[path[-1]] = changes[path]
    return order(LORAZEPAM, dosageInstruction=[dosage])


def _told(resource: Resource, content: Content | None) -> None:
    """The resource has its one line, and what that tells is of the right kind."""
    (line,) = lines(resource, content)
    assert line.evening in (True, False, None)
    assert line.sequence is None or isinstance(line.sequence, int)
    assert all(dose is None or not dose < 0 for dose in (line.mg, line.mmol))


LEAF_PLACES = [path for path, is_leaf in _places(FULL) if is_leaf]
OTHER_PLACES = [path for path, is_leaf in _places(FULL) if not is_leaf]
_WORDS = ["", "mg", "{tbl}", "mL", "L", "mmol", "d", "s", "a", "QD", "HS", "C", "0", "-1", "1e308", "1e-320", "NaN"]
WORDS = [*_WORDS, "Infinity", "9" * 400, "9999-12-31", "0001-01-01T00:00:00+14:00", "18", ":", ".", "\u00b5g", "\ud7ff"]
SENT = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(WORDS)
)
LEAVES = SENT | st.text()
CONTENTS = [None, Content(400, "1"), Content(80, "mL"), Content(formula="MgO"), Content(5e-324, "1", combination=True)]


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(LEAF_PLACES), LEAVES, max_size=8), st.sampled_from(CONTENTS))
def test_no_leaf_of_a_request_is_a_surprise(changes: dict[Path, Any], content: Content | None) -> None:
    """Any text, number or nothing in any place of a dosage that JSON can hold leaves one line."""
    _told(read(_with(changes)), content)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(OTHER_PLACES), SENT | st.just([]) | st.just({}) | st.just([None]), st.sampled_from(CONTENTS))
def test_a_leaf_in_the_place_of_an_object_is_refused_or_read(path: Path, leaf: Any, content: Content | None) -> None:
    """What stands where an object belongs is refused by the model as a whole, or leaves one line."""
    try:
        _told(read(_with({path: leaf})), content)
    except (msgspec.ValidationError, Unreadable):
        return


@pytest.mark.parametrize("path", LEAF_PLACES, ids=lambda path: "-".join(map(str, path)))
def test_every_place_may_be_empty(path: Path) -> None:
    """A null in any place leaves one line."""
    _told(read(_with({path: None})), Content(400, "1"))
