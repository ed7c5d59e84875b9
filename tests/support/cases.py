"""What tests need of the cases beside what the package reads of them."""

from __future__ import annotations

import cds_service.rules
from cds_service.terminology import Coding, valueset
from cds_service.web.examples.cases import Case, read


def all_cases() -> list[Case]:
    """Every case of every rule."""
    return [case for rule in cds_service.rules.RULES for case in read(rule.id)]


def concept(name: str) -> Coding:
    """The first code of a condition value set."""
    return valueset(name).codings[0]


# FHIR's codes for the routes and encounter classes that cases use.
ROUTES = {
    "oral": "26643006",
    "topical": "6064005",
    "rectal": "37161004",
    "sublingual": "37839007",
    "transdermal": "45890007",
    "intrathecal": "72607000",
    "parenteral": "47625008",
}
