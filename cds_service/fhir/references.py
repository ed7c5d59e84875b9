"""References of every kind: relative, absolute, urn:uuid, contained; whose a resource is, and what it points to."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime

import msgspec

from cds_service.fhir.dates import moment
from cds_service.fhir.elements import many, number, text
from cds_service.fhir.models import Leaf, Located, Reference, Resource

# `Patient/1`, `https://ehr.example/fhir/Patient/1` and either with a version behind it.
_ADDRESS = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9.\-]+)(?:/_history/[A-Za-z0-9.\-]+)?$")

# Statuses that a later version of the same resource replaces.
_UNSETTLED = frozenset({"draft", "registered", "preliminary", "final", "active"})


def target(reference: Reference | str | None) -> tuple[str, str] | None:
    """Type and id that a reference points to; ("", address) if it has no type, None if it is empty."""
    if isinstance(reference, Reference):
        reference = text(reference.reference)
    if not reference:
        return None
    found = _ADDRESS.search(reference)
    return (found[1], found[2]) if found else ("", reference)


class _Meta(msgspec.Struct, rename="camel"):
    """What tells the versions of one resource apart."""

    version_id: Leaf = None
    last_updated: Leaf = None


_META: msgspec.json.Decoder[_Meta | None] = msgspec.json.Decoder(_Meta | None)


def _meta(resource: Resource) -> _Meta:
    try:
        return _META.decode(resource.meta) or _Meta()
    except msgspec.ValidationError:
        return _Meta()


def last_updated(resource: Resource) -> Leaf:
    """When the resource was changed last, as its server has it."""
    return _meta(resource).last_updated


def _version(resource: Resource) -> tuple[float, datetime, bool, datetime, bytes]:
    """What makes one version later than another; the last part only keeps the order of sending from deciding."""
    meta = _meta(resource)
    settled = text(resource.status) not in _UNSETTLED
    updated, issued = (moment(part, date.max) or datetime.min for part in (meta.last_updated, resource.issued))  # noqa: DTZ901
    return number(meta.version_id) or 0, updated, settled, issued, msgspec.json.encode(resource)


class Record:
    """The resources of one request, found by type or by reference."""

    def __init__(self, patient_id: str, listed: Iterable[Located], drafts: Iterable[Located] = ()) -> None:
        """`listed` is the patient's record, `drafts` are the unsigned orders and what came with them."""
        self.patient_id = patient_id
        self._own = f"Patient/{patient_id}"
        self.listed = list(listed)
        self._drafts = list(drafts)
        self._by_address: dict[tuple[str, str], Resource] | None = None
        self._by_type: defaultdict[str, list[Resource]] = defaultdict(list)
        for place in self.listed:
            self._by_type[place.resource.resource_type].append(place.resource)

    @property
    def drafts(self) -> list[Resource]:
        """The draft orders, and what came in their Bundle."""
        return [place.resource for place in self._drafts]

    @property
    def resources(self) -> list[Resource]:
        """Everything, drafts included."""
        return [place.resource for place in (*self._drafts, *self.listed)]

    @property
    def is_empty(self) -> bool:
        """Whether the patient's record holds nothing that can be read."""
        return not self._by_type.keys() - {"OperationOutcome"}

    def has_any(self, true: Callable[[Resource], bool], *types: str) -> bool:
        """Whether something is true of any resource of these types, of whatever version."""
        return any(true(resource) for type in types for resource in self._by_type.get(type, ()))

    def of(self, *types: str) -> list[Resource]:
        """The resources of these types, each id once: of several versions of one the latest."""
        every = [resource for type in types for resource in self._by_type.get(type, ())]
        if len(every) < 2:
            return every
        found: dict[tuple[str, str] | int, Resource] = {}
        for resource in every:
            id = text(resource.id)
            key = (resource.resource_type, id) if id else len(found)
            held = found.get(key)
            found[key] = resource if held is None else max(held, resource, key=_version)
        return list(found.values())

    def resolve(self, reference: Reference | str | None, source: Resource) -> Resource | None:
        """The resource that a reference points to: contained in its source, or anywhere in the request."""
        address = target(reference)
        if address is None:
            return None
        kind, id = address
        if not kind and id.startswith("#"):
            return next((held for held in many(source.contained) if text(held.id) in (id[1:], id)), None)
        return self._addresses().get(address)

    def _addresses(self) -> dict[tuple[str, str], Resource]:
        if self._by_address is None:
            self._by_address = {}
            for place in (*self.listed, *self._drafts):
                resource = place.resource
                self._by_address.setdefault((resource.resource_type, text(resource.id)), resource)
                if place.full_url:
                    self._by_address.setdefault(target(text(place.full_url)) or ("", ""), resource)
        return self._by_address

    def any_foreign(self, resources: Iterable[Resource]) -> bool:
        """Whether any of the resources names another patient."""
        own = self._own  # nearly every resource names it so, and is asked no more
        unclear = [
            resource
            for resource in resources
            if resource.subject is None or resource.subject.reference != own or resource.resource_type == "Patient"
        ]
        return any(self.is_foreign(resource) for resource in unclear)

    def is_foreign(self, resource: Resource) -> bool:
        """Whether the resource names another patient; one that names nobody is taken for the patient's."""
        if resource.resource_type == "Patient":
            return text(resource.id) != self.patient_id
        address = target(resource.subject) or target(resource.patient)
        if address is None or address == ("Patient", self.patient_id):
            return False
        kind, id = address
        if kind:
            return True
        if id.removeprefix("urn:uuid:") == self.patient_id:
            return False
        known = self._addresses().get(address)
        return known is None or known.resource_type != "Patient" or text(known.id) != self.patient_id
