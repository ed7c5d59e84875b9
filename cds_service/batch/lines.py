"""Lines: what an export holds of one patient, read as far as it is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

from cds_service.batch import dated
from cds_service.fhir.drugs import referred
from cds_service.fhir.elements import many
from cds_service.fhir.medications import ORDER_TYPES, STATEMENT_TYPES
from cds_service.fhir.models import Located, Reference, Resource
from cds_service.fhir.references import target

# What a resource is called, "" unless it only matters where another one refers to it; the address under which a Bundle
# holds it ("" in NDJSON); and the resource as it was sent.
Line = tuple[str, str, bytes]
# Where a Medication is found by the address with which an order names it: `Medication/1` or `urn:uuid:...`.
Lookup = Callable[[str], Line | None]


_TAKEN = frozenset((*ORDER_TYPES, *STATEMENT_TYPES))


class Lines:
    """A patient's resources; `unread` counts by type those of a shape that cannot be read."""

    def __init__(self, lines: Iterable[Line], medications: Lookup) -> None:
        self._aside: list[Line] = []
        self.unread: Counter[str] = Counter()
        self.places = self._read(lines)
        taken = [one.resource for one in self.places if one.resource.resource_type in _TAKEN]
        named = {_name(reference) for one in taken if (reference := referred(one)) is not None} - {""}
        self.places += [found for name in sorted(named) if (found := self._medication(medications(name)))]
        if self._aside:
            reasons = {name for one in taken for name in _reasons(one)}
            self.places += [found for name in sorted(reasons) for found in self.recall(name)]

    def _read(self, lines: Iterable[Line]) -> list[Located]:
        places: list[Located] = []
        for line in lines:
            if line[0]:
                self._aside.append(line)
                continue
            found = dated.read(line[2])
            if found is None:
                self.unread[dated.type_of(line[2])] += 1
            else:
                places.append(Located(found, line[1]))
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
        found = None if line is None else dated.read(line[2])
        return None if line is None or found is None else Located(found, line[1])

    def recall(self, name: str) -> list[Located]:
        """What was set aside under that name, in all its versions; once, for then it is a resource like the others."""
        return self._read([("", *line[1:]) for line in self._referred.pop(name, ())])


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
