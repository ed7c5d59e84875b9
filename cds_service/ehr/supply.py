"""How one prefetch key was answered, by the EHR's prefetch or by its FHIR server."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from cds_service.fhir.decode import Value
from cds_service.fhir.elements import text
from cds_service.fhir.models import Located, Resource
from cds_service.fhir.queries import Query
from cds_service.fhir.references import Record


class Supply(Enum):
    """How one prefetch key was answered; the value says it in a clinician's words, "" if it was answered."""

    SUPPLIED = ""
    EMPTY = " "
    PARTIAL = "only a part of it was supplied"
    FOREIGN = "what was supplied belongs to another patient"
    FAILED = "the EHR's answer could not be used"
    ABSENT = "not supplied by the EHR"

    @property
    def answered(self) -> bool:
        """Whether absence may be concluded from this key."""
        return self is Supply.SUPPLIED or self is Supply.EMPTY

    @property
    def may_be_fetched(self) -> bool:
        """Whether the FHIR server is asked for it; another patient's data under a key are a fault, not a gap."""
        return self in (Supply.PARTIAL, Supply.FAILED, Supply.ABSENT)


_OUTCOME = "OperationOutcome"
_ERRORS = frozenset({"error", "fatal"})


def judged(query: Query | None, value: Value, places: Sequence[Located], suspect: Record | None = None) -> Supply:
    """The supply of a key (None for one that is not ours) by its value and the resources in it. If something in the
    whole record is another patient's, that record tells whether these resources are."""
    if suspect is not None and suspect.any_foreign(place.resource for place in places):
        return Supply.FOREIGN
    if not value.usable:
        return Supply.FAILED
    if value.resource is None:
        return Supply.EMPTY
    if query is None:
        return Supply.SUPPLIED
    return _answer(query, value, value.resource, places)


def _answer(query: Query, value: Value, resource: Resource, found: Sequence[Located]) -> Supply:
    if not (found or value.unreadable or resource.link or resource.total):
        return Supply.EMPTY  # half of the keys of nearly every call
    kinds = {place.resource.resource_type for place in found}
    wanted = bool(kinds & query.answers)
    if resource.resource_type != "Bundle":
        if not wanted:
            return Supply.FAILED
        return Supply.SUPPLIED if query.search.startswith(f"{query.type}/") else Supply.PARTIAL
    outcomes = [one.resource for one in found if one.resource.resource_type == _OUTCOME] if _OUTCOME in kinds else []
    if _cut_short(resource, value, len(found) - len(outcomes)):
        return Supply.PARTIAL
    if any(_reports_error(outcome) for outcome in outcomes):
        return Supply.PARTIAL if wanted else Supply.FAILED
    if len(found) == len(outcomes):
        return Supply.EMPTY
    return Supply.SUPPLIED if wanted else Supply.FAILED


def _cut_short(bundle: Resource, value: Value, found: int) -> bool:
    """A page of several, an entry that could not be read, or fewer entries than the search says it found."""
    if value.unreadable or (bundle.link and any(link is not None and link.relation == "next" for link in bundle.link)):
        return True
    return isinstance(bundle.total, int) and bundle.total > found


def _reports_error(outcome: Resource) -> bool:
    return any(text(issue.severity) in _ERRORS for issue in outcome.issue or [] if issue is not None)
