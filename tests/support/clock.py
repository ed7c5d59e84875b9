"""A clock that shows one moment only."""

from __future__ import annotations

from datetime import datetime, tzinfo

import pytest

from cds_service.web import settings


def stop(monkeypatch: pytest.MonkeyPatch, year: int, month: int, day: int) -> None:
    """From now on it is noon of that day, as far as the service is concerned."""

    class Clock:
        @staticmethod
        def now(zone: tzinfo) -> datetime:
            return datetime(year, month, day, 12, tzinfo=zone)

    monkeypatch.setattr(settings, "datetime", Clock)
