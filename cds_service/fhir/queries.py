"""Need -> FHIR search: one text that is the prefetch template and the live query alike.

Only what DSTU2 to R5 share is used: patient, code, status, date, _sort, _count. A need with several
queries has one per FHIR version; one of them answers it.
"""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.facts import (
    ALLERGIES,
    CARE_ORDERS,
    CONDITIONS,
    ENCOUNTER,
    MEDICATIONS,
    PATIENT,
    STATEMENTS,
    Need,
)
from cds_service.terminology import SYSTEMS, ValueSet, valueset

# Page size asked for: large enough that a page is the whole list of nearly every patient.
_COUNT = 1000
# Longest search that every server and proxy takes.
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Query:
    """A prefetch key with its need, the resource type that answers it, and the search itself."""

    key: str
    need: Need
    type: str
    search: str

    @property
    def answers(self) -> frozenset[str]:
        """The resource types that answer the need, in whatever version."""
        return _ANSWERS[self.need]


def _coded(type: str, *valuesets: ValueSet) -> str:
    """A search for codes; a list that no server would take raises ValueError at start."""
    codes = ",".join(
        f"{coding.system}|{coding.code}"
        for concepts in valuesets
        for coding in concepts.codings
        if coding.system in SYSTEMS
    )
    search = f"{type}?patient={{{{context.patientId}}}}&code={codes}&_count={_COUNT}"
    if len(search) > LONGEST:
        raise ValueError(f"{type}: the search is {len(search)} characters long, at most {LONGEST} are allowed")
    return search


def _list(type: str) -> str:
    return f"{type}?patient={{{{context.patientId}}}}&_count={_COUNT}"


_CARE = valueset("hospice"), valueset("palliative-care")

QUERIES = (
    Query("patient", PATIENT, "Patient", "Patient/{{context.patientId}}"),
    Query("encounter", ENCOUNTER, "Encounter", "Encounter/{{context.encounterId}}"),
    Query("conditions", CONDITIONS, "Condition", _list("Condition")),
    Query("medicationRequests", MEDICATIONS, "MedicationRequest", _list("MedicationRequest")),
    Query("medicationOrders", MEDICATIONS, "MedicationOrder", _list("MedicationOrder")),
    Query("medicationStatements", STATEMENTS, "MedicationStatement", _list("MedicationStatement")),
    Query("allergies", ALLERGIES, "AllergyIntolerance", _list("AllergyIntolerance")),
    Query("serviceRequests", CARE_ORDERS, "ServiceRequest", _coded("ServiceRequest", *_CARE)),
    Query("procedureRequests", CARE_ORDERS, "ProcedureRequest", _coded("ProcedureRequest", *_CARE)),
)

BY_KEY = {query.key: query for query in QUERIES}
BY_NEED = {query.need: [other for other in QUERIES if other.need is query.need] for query in QUERIES}
_ANSWERS = {need: frozenset(query.type for query in queries) for need, queries in BY_NEED.items()}
