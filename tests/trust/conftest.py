"""Databases and memories as the tests of the store have them, and no connection that is left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cds_service.ehr import sessions
from tests.store.conftest import address, postgres, remembering

__all__ = ["address", "postgres", "remembering"]


@pytest.fixture(autouse=True)
def _nothing_stays_open() -> Iterator[None]:
    yield
    sessions.close()
