"""Lines: what an export holds of one patient, read as far as it is needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, lru_cache

from cds_service.batch import dated
from cds_service.batch.dated import Counted
from cds_service.batch.sieve import Mark
from cds_service.fhir.drugs import referred
from cds_service.fhir.elements import many
from cds_service.fhir.medications import ORDER_TYPES, STATEMENT_TYPES
from cds_service.fhir.models import Located, Reference, Resource
from cds_service.fhir.references import target

# What a resource is called, if it only matters where another one refers to it; LATER, if it is only read when a rule
# looks at the patient; else ""; the address under which a Bundle holds it ("" in NDJSON); and the resource as it was
# sent, or what is kept of an order that is only counted.
Line = tuple[str, str, bytes]
LATER = Mark.LATER.value
# Where a Medication is found by the address with which an order names it: `Medication/1` or `urn:uuid:...`.
Lookup = Callable[[str], Line | None]


_TAKEN = frozenset((*ORDER_TYPES, *STATEMENT_TYPES))


class Lines:
    """A patient's resources; `unread` counts by type those of a shape that cannot be read."""

    def __init__(self, lines: Iterable[Line], medications: Lookup) -> None:
        self._aside: list[Line] = []
        self._later: list[Line] = []
        self.unread: defaultdict[str, int] = defaultdict(int)
        self.counted: list[Counted] = []
        self.places: list[Located] = []
        for line in lines:
            name, full_url, raw = line
            if name:
                (self._later if name == LATER else self._aside).append(line)
            elif raw.startswith(dated.ARRAY):
                self.counted.append(dated.counted(raw))
            else:
                self._read(full_url, raw, self.places)
        taken = [place.resource for place in self.places if place.resource.resource_type in _TAKEN]
        if taken:
            self._add_named(taken, medications)

    def _add_named(self, taken: Sequence[Resource], medications: Lookup) -> None:
        """To what orders and statements refer: their drugs, and as their reasons what was set aside."""
        named = {_name(reference) for one in taken if (reference := referred(one)) is not None} - {""}
        self.places += [found for name in sorted(named) if (found := self._medication(medications(name)))]
        if self._aside:
            reasons = {name for one in taken for name in _reasons(one)}
            self.places += [found for name in sorted(reasons) for found in self.recall(name)]

    def _read(self, full_url: str, raw: bytes, places: list[Located]) -> None:
        found = dated.read(raw)
        if found is None:
            self.unread[dated.type_of(raw)] += 1
        else:
            places.append(Located(found, full_url))

    def later(self) -> list[Located]:
        """What is read when a rule looks at the patient."""
        places: list[Located] = []
        for _, full_url, raw in self._later:
            self._read(full_url, raw, places)
        return places

    @cached_property
    def _referred(self) -> dict[str, list[Line]]:
        """What was set aside, by its name and by the address under which its Bundle holds it."""
        found: dict[str, list[Line]] = {}
        for line in self._aside:
            name, full_url, _ = line
            for called in (name, *([_name(full_url)] if full_url else ())):
                found.setdefault(called, []).append(line)
        return found

    def _medication(self, line: Line | None) -> Located | None:
        """One that cannot be read is as good as none."""
        found = None if line is None else _medication(line[2])
        return None if line is None or found is None else Located(found, line[1])

    def recall(self, name: str) -> list[Located]:
        """What was set aside under that name, in all its versions; once, for then it is a resource like the others."""
        places: list[Located] = []
        for _, full_url, raw in self._referred.pop(name, ()):
            self._read(full_url, raw, places)
        return places


# Many patients have the same ones.
_medication = lru_cache(maxsize=256)(dated.read)


def _name(reference: Reference | str) -> str:
    return "/".join(target(reference) or ()).lstrip("/")


def _reasons(resource: Resource) -> Iterator[str]:
    """To what an order or a statement refers as its reason."""
    if resource.reason_reference is not None:
        yield from map(_name, many(resource.reason_reference))
    told = resource.reason_code, resource.reason, resource.reason_codeable_concept
    for concepts in (*told, resource.reason_for_use_codeable_concept):
        if concepts is not None:
            yield from (_name(one.reference) for one in many(concepts) if one.reference is not None)
