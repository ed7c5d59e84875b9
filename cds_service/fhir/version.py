"""Which FHIR version a request is written in: no field says so, its resources do."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from cds_service.fhir.models import Resource, many


class Version(Enum):
    """A FHIR version as far as we read and write it; R4 covers R4B."""

    DSTU2 = "DSTU2"
    STU3 = "STU3"
    R4 = "R4"
    R5 = "R5"


# Types that exist in one version only, of those that we ask for or may be sent.
_TYPES = {
    "MedicationOrder": Version.DSTU2,
    "DiagnosticOrder": Version.DSTU2,
    "DeviceUseRequest": Version.DSTU2,
    "ReferralRequest": Version.STU3,
    "ServiceRequest": Version.R4,
}
_LACKS = {
    Version.DSTU2: {"MedicationRequest", "ServiceRequest"},
    Version.STU3: {"MedicationOrder", "ServiceRequest"},
    Version.R4: {"MedicationOrder", "ProcedureRequest"},
    Version.R5: {"MedicationOrder", "ProcedureRequest"},
}
# A type that only DSTU2 has decides; then the newer shape, because older ones linger in newer records.
_STRONGEST_FIRST = (Version.DSTU2, Version.R5, Version.R4, Version.STU3)


def lacks(version: Version | None, resource_type: str) -> bool:
    """Whether the version has no such resource; of an unknown version nothing is known to be lacking."""
    return version is not None and resource_type in _LACKS[version]


def detect(resources: Iterable[Resource], server: str = "") -> Version | None:
    """The version that the resources give away, else the FHIR server's address, else None."""
    found = {sign for resource in resources if (sign := _sign(resource)) is not None}
    for version in _STRONGEST_FIRST:
        if version in found:
            return version
    lowered = server.lower()
    return next((version for version in Version if f"/{version.value.lower()}" in lowered), None)


def _sign(resource: Resource) -> Version | None:
    kind = resource.resource_type
    if kind in _TYPES:
        return _TYPES[kind]
    if kind in ("MedicationRequest", "MedicationStatement"):
        return _dosage_sign(resource)
    if kind == "Condition" and resource.clinical_status is not None and resource.date_recorded is None:
        return Version.STU3 if isinstance(resource.clinical_status, str) else Version.R4
    return Version.DSTU2 if kind == "Condition" and resource.date_recorded is not None else None


def _dosage_sign(resource: Resource) -> Version | None:
    if resource.medication is not None:
        return Version.R5
    for dosage in many(resource.dosage_instruction):
        if dosage.dose_and_rate is not None:
            return Version.R4
        if dosage.dose_quantity is not None:
            return Version.STU3
    return None
