"""Refusal: a request that cannot be answered, with what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Sequence


class Refusal(Exception):
    """Raised for a request that is refused. `status` is the HTTP status, `code` FHIR's issue type, `details` what is
    wrong with each part, `after` the seconds in which to try again."""

    def __init__(
        self, text: str, status: int = 400, code: str = "invalid", details: Sequence[str] = (), after: int = 0
    ) -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
        self.details = details
        self.after = after
