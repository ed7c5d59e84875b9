"""Spasticity and its causes: what baclofen is also given for, and what only looks like it."""

from __future__ import annotations

import pytest

from cds_service.terminology import ICD_9_CM, ICD_10, ICD_10_CM, SNOMED_CT
from tests.support.valuesets import sets_of

CRAMPS = {"muscle-cramp", "cramp-and-spasm"}


@pytest.mark.parametrize(
    ("system", "code"),
    [
        pytest.param(SNOMED_CT, "221360009", id="spasticity"),
        pytest.param(ICD_10_CM, "G35.A", id="multiple sclerosis"),
        pytest.param(ICD_10_CM, "G04.1", id="tropical spastic paraplegia"),
        pytest.param(ICD_10_CM, "G11.4", id="hereditary spastic paraplegia"),
        pytest.param(ICD_9_CM, "334.1", id="hereditary spastic paraplegia, ICD-9-CM"),
        pytest.param(ICD_10_CM, "G12.23", id="primary lateral sclerosis"),
        pytest.param(ICD_9_CM, "335.24", id="primary lateral sclerosis, ICD-9-CM"),
        pytest.param(SNOMED_CT, "81211007", id="primary lateral sclerosis, SNOMED CT"),
        pytest.param(ICD_10_CM, "G24.9", id="dystonia"),
        pytest.param(SNOMED_CT, "15802004", id="dystonia, SNOMED CT"),
        pytest.param(ICD_10, "G24.3", id="dystonia of the neck"),
        pytest.param(ICD_10_CM, "G24.02", id="dystonia by a drug"),
        pytest.param(ICD_10_CM, "G25.82", id="stiff-person syndrome"),
        pytest.param(ICD_10_CM, "G80.1", id="cerebral palsy"),
        pytest.param(ICD_10_CM, "G81.91", id="hemiplegia"),
        pytest.param(ICD_10, "G82.1", id="spastic paraplegia"),
        pytest.param(ICD_10_CM, "G82.50", id="quadriplegia"),
        pytest.param(ICD_10_CM, "G95.9", id="disease of the spinal cord"),
        *(
            pytest.param(ICD_10_CM, f"I69.{kind}5{side}", id=f"hemiplegia after a stroke, I69.{kind}5{side}")
            for kind in "012389"
            for side in "12349"
        ),
        pytest.param(ICD_9_CM, "438.21", id="hemiplegia after a stroke, ICD-9-CM"),
        pytest.param(SNOMED_CT, "441991000", id="hemiparesis after a stroke, SNOMED CT"),
    ],
)
def test_spasticity(system: str, code: str) -> None:
    """A disease that baclofen is given for beside cramps is of the spasticity type, and no cramp."""
    assert sets_of(system, code) & {"spasticity", *CRAMPS} == {"spasticity"}


@pytest.mark.parametrize(
    ("system", "code"),
    [
        pytest.param(ICD_10_CM, "G12.21", id="amyotrophic lateral sclerosis"),
        pytest.param(SNOMED_CT, "86044005", id="amyotrophic lateral sclerosis, SNOMED CT"),
        pytest.param(ICD_9_CM, "335.20", id="amyotrophic lateral sclerosis, ICD-9-CM"),
        pytest.param(ICD_10_CM, "G12.20", id="motor neurone disease"),
        pytest.param(ICD_10, "G12.2", id="motor neurone disease, ICD-10"),
        pytest.param(SNOMED_CT, "37340000", id="motor neurone disease, SNOMED CT"),
        pytest.param(ICD_10_CM, "I69.320", id="aphasia after a stroke"),
        pytest.param(ICD_10_CM, "I69.392", id="facial weakness after a stroke"),
        pytest.param(ICD_10_CM, "I69.30", id="effects of a stroke"),
        pytest.param(ICD_10_CM, "Z86.73", id="history of stroke"),
        pytest.param(ICD_10_CM, "I63.9", id="stroke"),
        pytest.param(ICD_10_CM, "F48.8", id="writer's cramp"),
        pytest.param(ICD_9_CM, "333.84", id="writer's cramp, ICD-9-CM"),
        pytest.param(SNOMED_CT, "191744004", id="writer's cramp, SNOMED CT"),
        pytest.param(ICD_10_CM, "G24.01", id="tardive dyskinesia"),
        pytest.param(ICD_10_CM, "G24.5", id="blepharospasm"),
        pytest.param(ICD_10_CM, "G51.31", id="hemifacial spasm"),
        pytest.param(ICD_10_CM, "R29.0", id="tetany"),
        pytest.param(ICD_10_CM, "M62.838", id="muscle spasm"),
        pytest.param(ICD_10_CM, "G20.A1", id="Parkinson's disease"),
        pytest.param(ICD_10_CM, "G04.90", id="encephalitis"),
        pytest.param(ICD_10, "G82.8", id="an operation on the ileum"),
    ],
)
def test_neither_spasticity_nor_cramp(system: str, code: str) -> None:
    """Motor neurone disease, a stroke without hemiplegia and writer's cramp are no spasticity, and no muscle cramp."""
    assert sets_of(system, code).isdisjoint({"spasticity", *CRAMPS})
