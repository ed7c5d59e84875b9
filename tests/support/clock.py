"""A clock that shows one day only."""

from __future__ import annotations

from datetime import date

import pytest

from cds_service.web import settings


def stop(monkeypatch: pytest.MonkeyPatch, year: int, month: int, day: int) -> None:
    """From now on it is that day, as far as the service is concerned."""

    class Clock(date):
        @classmethod
        def today(cls) -> Clock:
            return cls(year, month, day)

    monkeypatch.setattr(settings, "date", Clock)
