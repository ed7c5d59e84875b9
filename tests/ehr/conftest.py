"""Every test starts with no connection and nothing remembered of a server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cds_service.ehr import client, sessions
from tests.support.loopback import CERTIFICATE


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> Iterator[None]:
    client._WANTS_GET.clear()
    yield
    sessions.close()


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The site's own authority is the one of the test's server."""
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
