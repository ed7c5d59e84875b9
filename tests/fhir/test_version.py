"""The FHIR version of a request is told by its resources, then by the server's address."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.fhir.version import Version, detect, lacks
from tests.fhir.resources import (
    CRAMP,
    LORAZEPAM,
    Json,
    care_order,
    condition,
    dstu2_order,
    order,
    patient,
    r5_order,
    read,
    statement,
)

DSTU2, STU3, R4, R5 = Version.DSTU2, Version.STU3, Version.R4, Version.R5
DOSE = {"doseQuantity": {"value": 1}}


@pytest.mark.parametrize(
    ("resources", "server", "version"),
    [
        ([condition(CRAMP)], "https://ehr/r5", R5),
        ([condition(CRAMP)], "https://ehr/stu3", R4),
        ([condition(CRAMP, clinicalStatus="active")], "https://ehr/dstu2", DSTU2),
        ([condition(CRAMP, clinicalStatus="active")], "https://ehr/r4", STU3),
        ([condition(CRAMP), care_order(CRAMP)], "https://ehr/r5", R4),
    ],
)
def test_the_address_tells_versions_of_one_shape_apart(resources: list[Json], server: str, version: Version) -> None:
    """A condition's status leaves two versions open: the address decides between them, and only between them."""
    assert detect([read(resource) for resource in resources], server) is version


def _old(status: str = "active", **more: Any) -> Json:
    return condition(CRAMP, clinicalStatus=status) | more


@pytest.mark.parametrize(
    ("resources", "version"),
    [
        ([], None),
        ([patient()], None),
        ([order(LORAZEPAM)], None),
        ([dstu2_order(LORAZEPAM)], DSTU2),
        ([{"resourceType": "DiagnosticOrder"}], DSTU2),
        ([{"resourceType": "DeviceUseRequest"}], DSTU2),
        ([{"resourceType": "ReferralRequest"}], STU3),
        ([care_order(CRAMP)], R4),
        ([care_order({"concept": CRAMP})], R5),
        ([care_order({"concept": CRAMP}), condition(CRAMP)], R5),
        ([{"resourceType": "ServiceRequest"}], R4),
        ([order(LORAZEPAM, dosageInstruction=[DOSE])], STU3),
        ([order(LORAZEPAM, dosageInstruction=[{"text": "daily"}, DOSE])], STU3),
        ([order(LORAZEPAM, dosageInstruction=[{"doseAndRate": [DOSE]}])], R4),
        ([order(LORAZEPAM, dosageInstruction={"doseAndRate": DOSE})], R4),
        ([order(LORAZEPAM, dosageInstruction=[{"text": "daily"}])], None),
        ([r5_order({"concept": LORAZEPAM})], R5),
        ([r5_order({"reference": {"reference": "Medication/1"}})], R5),
        ([statement({}, medication={"concept": LORAZEPAM})], R5),
        ([condition(CRAMP)], R4),
        ([_old()], STU3),
        ([_old(dateRecorded="2026-01-01")], DSTU2),
        ([condition(CRAMP, clinicalStatus=None)], None),
        ([condition(CRAMP, clinicalStatus=None, dateRecorded="2026-01-01")], DSTU2),
        ([order(LORAZEPAM, dosageInstruction=[{"doseAndRate": [DOSE]}]), _old()], R4),
        (
            [order(LORAZEPAM, dosageInstruction=[{"doseAndRate": [DOSE]}]), order(LORAZEPAM, dosageInstruction=[DOSE])],
            R4,
        ),
        ([r5_order({"concept": LORAZEPAM}), order(LORAZEPAM, dosageInstruction=[{"doseAndRate": [DOSE]}])], R5),
        ([r5_order({"concept": LORAZEPAM}), care_order(CRAMP)], R5),
        ([dstu2_order(LORAZEPAM), condition(CRAMP)], DSTU2),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_resources_give_their_version_away(resources: list[Json], version: Version | None, turned: bool) -> None:
    """A type or a shape of one version decides, whatever the order of the resources."""
    found = [read(resource) for resource in (reversed(resources) if turned else resources)]
    assert detect(found) is version


@pytest.mark.parametrize(
    ("server", "version"),
    [
        ("https://ehr.example/fhir/DSTU2", DSTU2),
        ("https://ehr.example/stu3/", STU3),
        ("https://ehr.example/r4b", R4),
        ("https://ehr.example/R4/base", R4),
        ("https://ehr.example/r5", R5),
        ("https://ehr.example/fhir", None),
        ("", None),
    ],
)
def test_the_server_tells_where_no_resource_does(server: str, version: Version | None) -> None:
    """The FHIR server's address is asked last, and may tell nothing."""
    assert detect([read(patient())], server) is version
    assert detect([read(dstu2_order(LORAZEPAM))], server) is DSTU2


@pytest.mark.parametrize(
    ("version", "kind", "lacking"),
    [
        (None, "MedicationOrder", False),
        (DSTU2, "MedicationOrder", False),
        (DSTU2, "MedicationRequest", True),
        (DSTU2, "ServiceRequest", True),
        (STU3, "MedicationOrder", False),
        (STU3, "ProcedureRequest", False),
        (R4, "ProcedureRequest", True),
        (R4, "ServiceRequest", False),
        (R5, "MedicationOrder", True),
        (R5, "Condition", False),
    ],
)
def test_a_version_lacks_the_types_of_others(version: Version | None, kind: str, lacking: bool) -> None:
    """A key of a type that the version does not have is no unanswered key."""
    assert lacks(version, kind) is lacking
