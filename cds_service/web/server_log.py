"""The server's own lines, in the form of the service's: one JSON object a line."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any


class Line(logging.Formatter):
    """A record as JSON; of an error its type only, for a traceback may hold values of a request."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat().replace("+00:00", "Z")
        line: dict[str, Any] = {"event": record.getMessage(), "level": record.levelname.lower(), "timestamp": at}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
        return json.dumps(line)


# granian takes this in the place of its own formatters.
CONFIG = {"formatters": {name: {"()": f"{__name__}.Line"} for name in ("generic", "access")}}
