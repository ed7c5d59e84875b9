"""Resources as lines of an export, and what a replay makes of one patient."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from cds_service.batch.call import Call, Terms
from cds_service.batch.dated import Dated, read
from cds_service.batch.lines import Line
from cds_service.batch.play import Played, play
from tests.fhir.resources import PATIENT, TODAY, Json, concept, condition, order, patient, who

BORN_EARLY = patient(birthDate="1950-01-01")


def line(resource: Json, full_url: str = "") -> Line:
    """A resource as a line."""
    return "", full_url, json.dumps(resource).encode()


def dated(resource: Json) -> Dated:
    """A resource as replay reads it."""
    found = read(json.dumps(resource).encode())
    assert found is not None
    return found


def nothing(address: str) -> None:
    """An export without Medications."""


def played(*resources: Json, terms: Terms | None = None) -> Played:
    """What is played of one patient."""
    return play(PATIENT, [line(one) for one in resources], nothing, terms or Terms(TODAY))


def at_order(*resources: Json, **terms: Any) -> list[Call]:
    """The orders of one patient as they were signed."""
    return list(played(*resources, terms=Terms(TODAY, **{"hooks": ("order-sign",), **terms})).calls)


def shown(calls: Iterable[Call]) -> list[list[str]]:
    """Of each call `rule:indicator` of its cards."""
    return [[f"{one.rule}:{one.indicator}" for one in call.said if one.became == "shown"] for call in calls]


def written(drug: Json, on: str, id: str = "m1", **more: Any) -> Json:
    """An order of that moment."""
    return order(drug, id, authoredOn=on, **more)


def lab(code: str, value: float, unit: str, on: str, id: str = "o1", **more: Any) -> Json:
    """A result of that moment."""
    found = {"resourceType": "Observation", "id": id, "status": "final", "subject": who(), "effectiveDateTime": on}
    found["code"] = concept(code, system="http://loinc.org")
    return found | {"valueQuantity": {"value": value, "unit": unit}} | more


__all__ = ["BORN_EARLY", "TODAY", "condition", "date"]
