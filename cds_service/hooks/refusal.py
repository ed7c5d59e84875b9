"""Refusal: a request that cannot be answered, with what is wrong, where, and what to do."""

from __future__ import annotations


class Refusal(Exception):
    """Raised for a request that is refused. `status` is the HTTP status, `code` FHIR's issue type."""

    def __init__(self, text: str, status: int = 400, code: str = "invalid") -> None:
        super().__init__(text)
        self.status = status
        self.code = code
        self.text = text
