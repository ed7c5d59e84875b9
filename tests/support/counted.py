"""A service that counts, and what it counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from unittest.mock import patch

from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry, generate_latest

from cds_service.web import metrics
from cds_service.web.app import create_app
from cds_service.web.settings import Settings
from cds_service.witness import appoint
from tests.fhir.resources import TODAY


class Numbers:
    """What was counted, by the name of a metric and its labels."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()

    def of(self, name: str) -> dict[tuple[str, ...], float]:
        """What is not 0 of one metric, by its labels in the order of their names."""
        found = (sample for family in self.registry.collect() for sample in family.samples if sample.name == name)
        return {tuple(value for _, value in sorted(one.labels.items())): one.value for one in found if one.value}

    def words(self) -> dict[str, set[str]]:
        """Every value of every label but the bounds of histograms."""
        found: dict[str, set[str]] = {}
        for family in self.registry.collect():
            for label, value in (
                pair for sample in family.samples for pair in sample.labels.items() if pair[0] != "le"
            ):
                found.setdefault(label, set()).add(value)
        return found

    def text(self) -> str:
        """As Prometheus reads it."""
        return generate_latest(self.registry).decode()


@contextmanager
def counting(memory: Any = None, **settings: Any) -> Iterator[tuple[FlaskClient, Numbers]]:
    """A client of a service with this memory that counts, and its numbers."""
    numbers = Numbers()
    try:
        with patch.object(metrics, "Counted", partial(metrics.Counted, numbers.registry)):
            app = create_app(Settings(metrics=True, as_of=TODAY, **settings), memory)
        yield app.test_client(), numbers
    finally:
        appoint()
