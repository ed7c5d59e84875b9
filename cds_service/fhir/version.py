"""Which FHIR version a request is written in: no field says so, its resources do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from enum import Enum

from cds_service.fhir.elements import many
from cds_service.fhir.later import Unreadable, clinical, dosages
from cds_service.fhir.models import Resource


class Version(Enum):
    """A FHIR version as far as we read and write it; R4 covers R4B."""

    DSTU2 = "DSTU2"
    STU3 = "STU3"
    R4 = "R4"
    R5 = "R5"


# Types that exist in one version only, or from one version on, of those that we ask for or may be sent.
_ONLY_DSTU2 = frozenset({"MedicationOrder", "DiagnosticOrder", "DeviceUseRequest"})
_ORDERS = frozenset({"MedicationRequest", "MedicationStatement"})
# Conditions of these pairs have one shape.
_SAME_STATUS = ((Version.R4, Version.R5), (Version.STU3, Version.DSTU2))
_LACKS = {
    Version.DSTU2: {"MedicationRequest", "ServiceRequest"},
    # Not MedicationOrder: what looks like STU3 may be DSTU2, whose conditions have the same shape.
    Version.STU3: {"ServiceRequest", "DiagnosticOrder"},
    Version.R4: {"MedicationOrder", "ProcedureRequest", "DiagnosticOrder"},
    Version.R5: {"MedicationOrder", "ProcedureRequest", "DiagnosticOrder"},
}


def lacks(version: Version | None, resource_type: str) -> bool:
    """Whether the version has no such resource; of an unknown version nothing is known to be lacking."""
    return version is not None and resource_type in _LACKS[version]


def detect(resources: Iterable[Resource], server: str = "") -> Version | None:
    """The version that the resources give away, else the FHIR server's address, else None.

    A type that only one version has tells most; of several shapes the newest, because old ones linger. The status of
    a condition tells two versions apart from two others, and the address which of the two it is.
    """
    every = list(resources)
    found = _by_shape(every)
    if found in (Version.DSTU2, Version.R5):
        return found
    conditions = [resource for resource in every if resource.resource_type == "Condition"]
    told = {found, *[_by_status(condition) for condition in conditions]}
    version, address = next((one for one in (Version.R4, Version.STU3) if one in told), None), _by_address(server)
    shared = version is not found and (version, address) in _SAME_STATUS
    return address if version is None or shared else version


def _by_shape(resources: Sequence[Resource]) -> Version | None:
    """The newest version of which a resource has the type or the shape; DSTU2 before all, because it has most of its
    own."""
    kinds = {resource.resource_type for resource in resources}
    conditions = [resource for resource in resources if resource.resource_type == "Condition"]
    if kinds & _ONLY_DSTU2 or any(condition.date_recorded is not None for condition in conditions):
        return Version.DSTU2
    orders = [resource for resource in resources if resource.resource_type in _ORDERS]
    services = [resource for resource in resources if resource.resource_type == "ServiceRequest"]
    if any(order.medication is not None for order in orders) or any(map(_has_concept, services)):
        return Version.R5
    if services or any(_dosed(order) is Version.R4 for order in orders):
        return Version.R4
    old = "ReferralRequest" in kinds or any(_dosed(order) is Version.STU3 for order in orders)
    return Version.STU3 if old else None


def of_number(told: str) -> Version | None:
    """The version of a `fhirVersion` such as 4.0.1; R4B counts as R4."""
    starts = {"0.5": Version.DSTU2, "1.0": Version.DSTU2, "3.": Version.STU3, "4.": Version.R4, "5.": Version.R5}
    return next((version for start, version in starts.items() if told.startswith(start)), None)


def _by_address(server: str) -> Version | None:
    lowered = server.lower()
    return next((version for version in Version if f"/{version.value.lower()}" in lowered), None)


def _by_status(condition: Resource) -> Version | None:
    """A word before R4, a concept since."""
    with suppress(Unreadable):
        status = clinical(condition)
        if status is not None:
            return Version.STU3 if isinstance(status, str) else Version.R4
    return None


def _has_concept(service: Resource) -> bool:
    """Whether its code is a CodeableReference, as since R5."""
    return any(code.concept is not None for code in many(service.code))


def _dosed(order: Resource) -> Version | None:
    """Since R4 the dose stands a level deeper; a dosage that cannot be read tells nothing."""
    with suppress(Unreadable):
        for dosage in dosages(order):
            if dosage.dose_and_rate is not None:
                return Version.R4
            if dosage.dose_quantity is not None:
                return Version.STU3
    return None
