"""A worker's beginning is the application itself, and leaves the collector as it must be."""

from __future__ import annotations

import gc

import pytest

from cds_service.web import app, worker
from cds_service.web.settings import BadSetting


def test_a_worker_serves_the_application() -> None:
    """It answers, and garbage is collected from then on."""
    assert worker.create_app().test_client().get("/healthz").status_code == 200
    assert gc.isenabled()


def test_garbage_is_not_looked_for_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it loads the collector rests; where the start fails it works again."""
    seen: list[bool] = []

    def fail() -> None:
        seen.append(gc.isenabled())
        raise BadSetting("wrong")

    monkeypatch.setattr(app, "create_app", fail)
    with pytest.raises(BadSetting):
        worker.create_app()
    assert (seen, gc.isenabled()) == ([False], True)
