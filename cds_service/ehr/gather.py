"""What the EHR supplied, key by key, and what its FHIR server adds: which resources may be used, and which needs were
not met and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from cds_service.ehr.fetched import Part, medications, part
from cds_service.ehr.source import Source
from cds_service.ehr.supply import Supply, judged
from cds_service.facts import ENCOUNTER, Need
from cds_service.fhir.decode import Value, contents
from cds_service.fhir.drugs import unresolved
from cds_service.fhir.models import Located
from cds_service.fhir.queries import BY_KEY, BY_NEED, KEYS, Query
from cds_service.fhir.references import Record
from cds_service.fhir.version import Version, detect, lacks

# When several queries could have met a need and none did, the nearest miss tells why.
_NEAREST_MISS = (Supply.PARTIAL, Supply.FOREIGN, Supply.FAILED, Supply.ABSENT)
_NOT_ASKED = Part(Supply.ABSENT)
# More Medications than a patient's orders refer to are not looked up: the address must stay short.
_MOST_MEDICATIONS = 40
_ID = re.compile(r"[A-Za-z0-9.\-]{1,64}")


class Gathered(Struct, frozen=True):
    """The usable record, the needs that were not met, and how much could not be read."""

    record: Record
    unmet: Mapping[Need, str]
    unreadable: Mapping[str, int]  # by prefetch key
    nothing: bool  # not one usable datum was supplied, and none of our keys was answered
    details: Mapping[Need, str]  # technical reasons, for the trace
    pages: tuple[bytes, ...]  # what the FHIR server sent, to copy resources from
    version: Callable[[], Version | None]  # the record's; few calls ask


def gather(
    values: Mapping[str, Value],
    drafts: Collection[Located],
    patient_id: str,
    encounter_id: str,
    needs: Collection[Need],
    server: str = "",
    source: Source | None = None,
) -> Gathered:
    """Sort what was prefetched, and ask the FHIR server, if it may be called, for what is missing.

    Resources under any key are used once their patient is checked; that something is absent is concluded only from the
    service's own key.
    """
    parts, record = _prefetched(values, drafts, patient_id)
    if source is not None:
        wanted = _wanted(parts, needs, detect(record.resources, server) or source.version, encounter_id)
        _fetch(parts, wanted, patient_id, encounter_id, source)
        record = _record(patient_id, parts, drafts)
        referred = _look_up(record, source)
        record = _record(patient_id, parts, drafts, referred) if referred else record
    version = partial(_version, record, server, source)
    missed = _missed(needs, parts, version, encounter_id)
    return Gathered(
        record=record,
        unmet={need: found.why or found.supply.value for need, found in missed.items()},
        unreadable={key: found.unreadable for key, found in parts.items() if found.unreadable},
        nothing=record.is_empty and not any(parts[key].supply.answered for key in parts.keys() & BY_KEY.keys()),
        details={need: found.detail for need, found in missed.items() if found.detail},
        pages=tuple(page for found in parts.values() for page in found.pages),
        version=version,
    )


def _version(record: Record, server: str, source: Source | None) -> Version | None:
    """The version of the resources, else the one that the server speaks."""
    return detect(record.resources, server) or (source.version if source is not None else None)


def _prefetched(
    values: Mapping[str, Value], drafts: Collection[Located], patient_id: str
) -> tuple[dict[str, Part], Record]:
    """What is known under each key, and the record of it."""
    everything = {key: contents(value) for key, value in values.items()}
    whole = Record(patient_id, [place for places in everything.values() for place in places], drafts)
    suspect = whole if whole.any_foreign(place.resource for place in whole.listed) else None
    parts: dict[str, Part] = {}
    for key, places in everything.items():
        supply = judged(BY_KEY.get(key), values[key], places, suspect)
        usable = [] if supply is Supply.FOREIGN else places
        parts[key] = Part(supply, usable, unreadable=values[key].unreadable)
    return parts, whole if suspect is None else _record(patient_id, parts, drafts)


def _record(
    patient_id: str, parts: Mapping[str, Part], drafts: Collection[Located], referred: Collection[Located] = ()
) -> Record:
    return Record(patient_id, [*(place for found in parts.values() for place in found.places), *referred], drafts)


def _wanted(
    parts: Mapping[str, Part], needs: Collection[Need], version: Version | None, encounter_id: str
) -> dict[str, Query]:
    """The queries that may still answer a need: not those that the version lacks, or whose token has no value."""
    asked = {query.key: query for need in needs for query in BY_NEED[need]}
    return {
        key: query
        for key, query in asked.items()
        if parts.get(key, _NOT_ASKED).supply.may_be_fetched
        and not lacks(version, query.type)
        and (key != "encounter" or encounter_id)
    }


def _fetch(
    parts: dict[str, Part], wanted: Mapping[str, Query], patient_id: str, encounter_id: str, source: Source
) -> None:
    """Ask for what is wanted; what was prefetched in part is kept beside it."""
    asked = {key: query.filled(patient_id, encounter_id) for key, query in wanted.items()}
    for key, answer in (source.fetch(asked) if asked else {}).items():
        before, now = parts.get(key, _NOT_ASKED), part(wanted[key], answer, patient_id)
        supply = Supply.PARTIAL if before.places and not now.supply.answered else now.supply
        places = [*before.places, *now.places]
        parts[key] = replace(now, supply=supply, places=places, unreadable=before.unreadable + now.unreadable)


def _look_up(record: Record, source: Source) -> list[Located]:
    """The Medications that orders refer to and nobody sent, read all at once."""
    ids = [id for id in unresolved(record) if _ID.fullmatch(id)][:_MOST_MEDICATIONS]
    if not ids:
        return []
    key = "Medication"
    return medications(source.fetch({key: f"{key}?_id={','.join(ids)}&_count={len(ids)}"})[key], ids)


def _missed(
    needs: Collection[Need], parts: Mapping[str, Part], version: Callable[[], Version | None], encounter_id: str
) -> dict[Need, Part]:
    """The needs that no key answered; only if there may be any, the version has to be known."""
    if not encounter_id:
        needs = [need for need in needs if need is not ENCOUNTER]
    given = {key for key, part in parts.items() if part.supply is Supply.SUPPLIED}
    empty = {key for key, part in parts.items() if part.supply is Supply.EMPTY}
    open = [need for need in needs if given.isdisjoint(KEYS[need]) and not empty.issuperset(KEYS[need])]
    return _left(open, parts, version(), encounter_id) if open else {}


def _left(
    needs: Collection[Need], parts: Mapping[str, Part], version: Version | None, encounter_id: str
) -> dict[Need, Part]:
    """A key of a type that the version lacks counts only if it was used all the same; so does one without a token."""
    told = {
        key: part
        for key, query in BY_KEY.items()
        if (part := parts.get(key, _NOT_ASKED)).supply is Supply.SUPPLIED
        or not (lacks(version, query.type) or (key == "encounter" and not encounter_id))
    }
    answered = {key for key, part in told.items() if part.supply.answered}
    missed: dict[Need, Part] = {}
    for need in needs:
        keys = KEYS[need]
        if answered.isdisjoint(keys) and not told.keys().isdisjoint(keys):
            missed[need] = min((told[key] for key in keys if key in told), key=_near)
    return missed


def _near(part: Part) -> int:
    return _NEAREST_MISS.index(part.supply)
