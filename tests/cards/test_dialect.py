"""A client of which nothing is known understands all of CDS Hooks 2.0."""

from __future__ import annotations

from cds_service.cards.dialect import PLAIN, Dialect
from cds_service.cards.suggest import Client
from cds_service.fhir.version import Version
from cds_service.fhir.write import Visit
from tests.fhir.resources import PATIENT, TODAY


def test_the_plain_dialect() -> None:
    """Unless told otherwise a client knows both selection behaviors, several actions, and a delete by resourceId."""
    assert (PLAIN.selection_behavior, PLAIN.one_action, PLAIN.delete_as_string) == ("", False, False)
    assert Dialect() == Client(Visit(Version.R4, PATIENT), TODAY, lambda reference: None).dialect == PLAIN
