"""How a worker begins: the application, loaded without the collector, for nothing of a start is garbage."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask


def create_app() -> Flask:
    """The application. Looking through a hundred thousand objects that all stay costs a tenth of the start. Raises
    BadSetting."""
    gc.disable()
    try:
        from cds_service.web import app

        return app.create_app()
    finally:
        gc.enable()
