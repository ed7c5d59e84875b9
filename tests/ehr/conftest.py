"""Every test starts with no connection and nothing remembered of a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cds_service.ehr import client, sessions


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> Iterator[None]:
    client._WANTS_GET.clear()
    yield
    sessions.close()
