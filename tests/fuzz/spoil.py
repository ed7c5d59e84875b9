"""Ways in which a body is spoiled as JSON: any value at any place, and what goes wrong with one kind of value."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator
from random import Random
from typing import Any, NamedTuple

from tests.web.bodies import Json

_ODD: list[Any] = [
    *(None, [], {}, "", "text", 5, 0, -1.5, True, False, "NaN", 10**30, 1e308, -0.0, 1e-320, [None], [[]], [[[5]]]),
    *(
        {"resourceType": "Patient"},
        {"resourceType": "Bundle"},
        {"": ""},
        "\x00",
        " ",
        "2026",
        "é",
        "😀",
        "\u202e",
        "\u2028",
    ),
    *("<script>x</script>", "*_[x](javascript:0)", "{0}", "%s", "../..", "null", "Patient/", "#", "\ud800"),
]
_UNITS = [
    "mg/dL",
    "mmol/L",
    "meq/L",
    "mg",
    "g",
    "µmol/L",
    "umol/l",
    "MG/DL",
    "1",
    "%",
    "",
    "[iU]",
    "tablet",
    "{pill}",
    "mL",
]
_SCALES = [-1, 0, 0.001, 0.0555, 10, 88.4, 1000, 1e12]
_DATES = [
    *("2026-11-22T10:00:00", "2026-11-22T10:00", "2026-11-22T10:00:00.123456789Z", "2026-11-22T24:00:00Z", "2026-11"),
    *("2026-11-22 10:00:00", "22.11.2026", "20261122", "2026-02-30", "0000-00-00", "0001-01-01T00:00:00+14:00"),
    *("9999-12-31T23:59:59-14:00", "2026-11-23", "2099-01-01", "1795348800", "2026-11-22T10:00:00+99:00", "2026-W47-7"),
]
_REFERENCES = [
    *("Patient/other", "https://ehr.example.org/fhir/Patient/other", "urn:uuid:0b6a7c1e-5d0f-4a52-9b5e-1f8f3f1f7a11"),
    *(
        "Patient/",
        "/",
        "",
        "#",
        "#x",
        "#m",
        "Patient/pat-1/_history/1",
        "patient/pat-1",
        "Medication/none",
        "urn:oid:1.2",
    ),
    *("http://[", "Patient?identifier=x", "Group/1", "Patient/pat-1 ", "https://ehr.example.org/fhir/Patient/pat-1"),
]
_DATED = re.compile(r"\d{4}(-\d\d|$)")
# Deeper than any record, and not so deep that the test itself could not write it; deeper still is done to the text.
_DEEP = 300


class Place(NamedTuple):
    """A member or a position, and what holds it."""

    inside: Any
    key: Any

    @property
    def value(self) -> Any:
        """What stands there."""
        return self.inside[self.key]

    def put(self, value: Any) -> None:
        """Let something else stand there."""
        self.inside[self.key] = value


def places(part: Any) -> Iterator[Place]:
    """Every place in a body."""
    for key in part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ():
        yield Place(part, key)
        yield from places(part[key])


def _odd(chance: Random, place: Place) -> None:
    place.put(copy.deepcopy(chance.choice(_ODD)))


def _gone(chance: Random, place: Place) -> None:
    del place.inside[place.key]


def _wrapped(chance: Random, place: Place) -> None:
    place.put([place.value] if chance.random() < 0.7 else {"value": place.value})


def _unwrapped(chance: Random, place: Place) -> None:
    value = place.value
    inside = list(value.values()) if isinstance(value, dict) else value
    place.put(chance.choice(inside) if isinstance(inside, list) and inside else value)


def _twice(chance: Random, place: Place) -> None:
    if isinstance(place.inside, list):
        place.inside.insert(place.key, copy.deepcopy(place.value))
    else:
        place.put([place.value, copy.deepcopy(place.value)])


def _many(chance: Random, place: Place) -> None:
    place.put([place.value] * chance.choice([3, 40, 400]))


def _other_container(chance: Random, place: Place) -> None:
    value = place.value
    if isinstance(value, list):
        place.put({str(number): part for number, part in enumerate(value)})
    elif isinstance(value, dict):
        place.put(list(value.values()))


def _long(chance: Random, place: Place) -> None:
    most = chance.choice([200, 5000, 5000, 60_000, 300_000])
    place.put(chance.choice(["x", "<b>", "a b ", "é", "*", "\\", "9"]) * (most // 2))


def _large(chance: Random, place: Place) -> None:
    place.put(chance.choice([10**19, -(10**19), 2**63, 10**400, 1e308, 5e-324, 0.1 + 0.2, 10**18 + 1]))


def _deep(chance: Random, place: Place) -> None:
    value = place.value
    for _ in range(chance.randint(5, _DEEP)):
        value = [value] if chance.random() < 0.5 else {"contained": value, "resourceType": "Basic"}
    place.put(value)


def _shuffled(chance: Random, place: Place) -> None:
    if isinstance(place.value, list):
        chance.shuffle(place.value)


def _renamed(chance: Random, place: Place) -> None:
    if isinstance(place.inside, dict):
        key = chance.choice([place.key.upper(), f"_{place.key}", f"{place.key}s", "", "value", "id", "subject"])
        place.inside[key] = place.inside.pop(place.key)


ANYWHERE: list[Callable[[Random, Place], None]] = [
    *(_odd, _odd, _odd, _gone, _gone, _wrapped, _unwrapped, _twice, _many, _other_container, _long, _large, _deep),
    *(_shuffled, _renamed),
]


def _another(values: list[Any]) -> Callable[[Random, Place], None]:
    return lambda chance, place: place.put(chance.choice(values))


def _scaled(chance: Random, place: Place) -> None:
    scaled = place.value * chance.choice(_SCALES)
    place.put(chance.choice([scaled, scaled, str(scaled), str(scaled).replace(".", ","), f"<{scaled}", [scaled]]))


def _is_number(place: Place) -> bool:
    return isinstance(place.value, int | float) and not isinstance(place.value, bool) and abs(place.value) < 1e6


def _is_date(place: Place) -> bool:
    return isinstance(place.value, str) and bool(_DATED.match(place.value))


# Which places, and what is done there.
OF_ITS_KIND: list[tuple[Callable[[Place], bool], Callable[[Random, Place], None]]] = [
    (_is_date, _another(_DATES)),
    (_is_number, _scaled),
    (lambda place: place.key in ("unit", "code", "system", "units"), _another(_UNITS)),
    (lambda place: place.key == "reference", _another(_REFERENCES)),
    (
        lambda place: place.key in ("status", "intent", "use"),
        _another(["x", "entered-in-error", "stopped", "unknown", ""]),
    ),
]


def one_fault(chance: Random, body: Json) -> None:
    """Spoil one place of a body: any of them, or one of a kind that goes wrong often."""
    every = list(places(body))
    wanted, spoil = chance.choice(OF_ITS_KIND)
    chosen = [place for place in every if wanted(place)] if chance.random() < 0.4 else []
    if chosen:
        spoil(chance, chance.choice(chosen))
    elif every:
        chance.choice(ANYWHERE)(chance, chance.choice(every))


def swapped(chance: Random, body: Json) -> None:
    """What stands under two prefetch keys changes places, or a resource lies under a key of another kind."""
    prefetch = body.get("prefetch")
    if not isinstance(prefetch, dict) or len(prefetch) < 2:
        return
    one, other = chance.sample(list(prefetch), 2)
    prefetch[one], prefetch[other] = prefetch[other], prefetch[one] if chance.random() < 0.7 else prefetch[other]
