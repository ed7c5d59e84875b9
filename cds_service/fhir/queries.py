"""Need -> FHIR search: one text that is the prefetch template and the live query alike.

Only what DSTU2 to R5 share is used: patient, code, _sort, _count. A need with several queries has one per
FHIR version; one of them answers it. A query may answer several needs: one search finds every laboratory test.
"""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.facts import (
    ALLERGIES,
    ANALYTES,
    CARE_ORDERS,
    CONDITIONS,
    ENCOUNTER,
    MEDICATIONS,
    PATIENT,
    STATEMENTS,
    TEST_ORDERS,
    Need,
)
from cds_service.terminology import SYSTEMS, ValueSet, valueset

# Page size asked for: large enough that a page is the whole list of nearly every patient.
_COUNT = 1000
# Longest search that every server and proxy takes.
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Query:
    """A prefetch key with its needs, the resource type that answers them, and the search itself."""

    key: str
    needs: tuple[Need, ...]
    type: str
    search: str

    @property
    def answers(self) -> frozenset[str]:
        """The resource types that answer one of the needs, in whatever version."""
        return _ANSWERS[self.key]

    def filled(self, patient_id: str, encounter_id: str) -> str:
        """The search for one patient, as it goes to a FHIR server."""
        told = self.search.replace("{{context.patientId}}", patient_id)
        return told.replace("{{context.encounterId}}", encounter_id)


def _coded(type: str, *valuesets: ValueSet, sort: str = "") -> str:
    """A search for codes; a list that no server would take raises ValueError at start."""
    codes = dict.fromkeys(
        f"{coding.system}|{coding.code}"
        for concepts in valuesets
        for coding in concepts.codings
        if coding.system in SYSTEMS
    )
    search = f"{type}?patient={{{{context.patientId}}}}&code={','.join(codes)}{sort}&_count={_COUNT}"
    if len(search) > LONGEST:
        raise ValueError(f"{type}: the search is {len(search)} characters long, at most {LONGEST} are allowed")
    return search


def _list(type: str) -> str:
    return f"{type}?patient={{{{context.patientId}}}}&_count={_COUNT}"


_CARE = valueset("hospice"), valueset("palliative-care")
_TESTS = tuple(valueset(f"{test}-order") for test in ("magnesium", "potassium", "sodium", "creatinine", "urine-sodium"))
_LABS = tuple(valueset(analyte.valueset) for analyte in ANALYTES)
_LAB_NEEDS = tuple(dict.fromkeys(analyte.need for analyte in ANALYTES))
_ORDERED = CARE_ORDERS, TEST_ORDERS

QUERIES = (
    Query("patient", (PATIENT,), "Patient", "Patient/{{context.patientId}}"),
    Query("encounter", (ENCOUNTER,), "Encounter", "Encounter/{{context.encounterId}}"),
    Query("conditions", (CONDITIONS,), "Condition", _list("Condition")),
    Query("observations", _LAB_NEEDS, "Observation", _coded("Observation", *_LABS, sort="&_sort=-date")),
    Query("medicationRequests", (MEDICATIONS,), "MedicationRequest", _list("MedicationRequest")),
    Query("medicationOrders", (MEDICATIONS,), "MedicationOrder", _list("MedicationOrder")),
    Query("medicationStatements", (STATEMENTS,), "MedicationStatement", _list("MedicationStatement")),
    Query("allergies", (ALLERGIES,), "AllergyIntolerance", _list("AllergyIntolerance")),
    Query("serviceRequests", _ORDERED, "ServiceRequest", _coded("ServiceRequest", *_CARE, *_TESTS)),
    Query("procedureRequests", _ORDERED, "ProcedureRequest", _coded("ProcedureRequest", *_CARE, *_TESTS)),
    Query("diagnosticOrders", (TEST_ORDERS,), "DiagnosticOrder", _coded("DiagnosticOrder", *_TESTS)),
)

BY_KEY = {query.key: query for query in QUERIES}
BY_NEED = {need: [query for query in QUERIES if need in query.needs] for query in QUERIES for need in query.needs}
KEYS = {need: tuple(query.key for query in queries) for need, queries in BY_NEED.items()}
_ANSWERS = {query.key: frozenset(other.type for need in query.needs for other in BY_NEED[need]) for query in QUERIES}
