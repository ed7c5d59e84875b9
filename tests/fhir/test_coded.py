"""What the codes of concepts stand for."""

from __future__ import annotations

from cds_service.fhir.coded import entries
from cds_service.fhir.models import Coding, Concept
from cds_service.terminology import RXNORM

BACLOFEN = Coding(system=RXNORM, code="1292")
OTHER = Coding(system=RXNORM, code="723")


def test_every_coding_of_every_concept_counts() -> None:
    """A known code is found beside an unknown one, in whichever concept it stands, and holes are passed over."""
    concepts = [None, Concept(coding=[OTHER]), Concept(coding=[OTHER, BACLOFEN])]
    assert {entry.valueset for entry in entries(concepts)} == {"baclofen", "baclofen-intolerance"}


def test_what_has_no_code_stands_for_nothing() -> None:
    """No concept, a text and a code that no value set holds give no entry."""
    assert entries(None) == entries(Concept(text="baclofen")) == entries([Concept(coding=[OTHER])]) == []
