"""What the FHIR server answered for one key: its pages as one answer, and which of its resources may be used."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from cds_service.ehr.reply import Fetched
from cds_service.ehr.supply import Supply, judged
from cds_service.ehr.words import TOO_MUCH
from cds_service.fhir.decode import Value, contents, value
from cds_service.fhir.models import Link, Located, Resource
from cds_service.fhir.queries import Query
from cds_service.fhir.references import Record

# More entries of one kind than this are not judged: the rest of the budget would go into them.
_MOST = 2000
_STRANGER = "the record system sent another patient's data"


class Part(msgspec.Struct, frozen=True):
    """What is known under one key: how it was answered, and the resources that may be used.

    `why` is the FHIR server's reason for not answering, `detail` the technical one, for the trace; `pages` are what it
    sent, as it sent it.
    """

    supply: Supply
    places: list[Located] = msgspec.field(default_factory=list)
    why: str = ""
    detail: str = ""
    unreadable: int = 0
    pages: tuple[bytes, ...] = ()


def part(query: Query, answer: Fetched, patient_id: str) -> Part:
    """The answer to a query. Another patient's resources are dropped, and then nothing is concluded from what is
    missing: a server that ignores one filter may ignore another."""
    pages = [value(page) for page in answer.pages]
    too_many = sum(len(page.resource.entry or []) for page in pages if page.resource is not None) > _MOST
    found = _together(pages, answer.complete and not too_many)
    places = contents(found)
    record = Record(patient_id, places)
    own = [place for place in places if not record.is_foreign(place.resource)]
    supply = judged(query, found, own) if answer.pages else Supply.FAILED
    why = answer.why or (TOO_MUCH if too_many else "")
    if len(own) < len(places):
        supply, why = (Supply.PARTIAL if own else Supply.FAILED), why or _STRANGER
    kept = [place for place in own if place.resource.resource_type in query.answers]
    return Part(supply, kept, "" if supply.answered else why, answer.detail, found.unreadable, answer.pages)


def _together(pages: list[Value], complete: bool) -> Value:
    """Pages of a search as one Bundle, with a `next` link if it goes on; one page alone is as it is."""
    bundles = [page.resource for page in pages if page.resource is not None and page.resource.resource_type == "Bundle"]
    if not bundles or len(bundles) < len(pages):
        return pages[0] if len(pages) == 1 else Value(usable=False)
    entries = [entry for bundle in bundles for entry in bundle.entry or []][:_MOST]
    goes_on = [] if complete else [Link(relation="next")]
    whole = Resource(resource_type="Bundle", total=bundles[0].total, entry=entries, link=[*goes_on])
    return Value(whole, sum(page.unreadable for page in pages))


def medications(answer: Fetched, asked: Iterable[str]) -> list[Located]:
    """The Medications that were asked for by id."""
    ids = set(asked)
    places = [place for page in answer.pages for place in contents(value(page))]
    return [place for place in places if place.resource.resource_type == "Medication" and place.resource.id in ids]
