"""A refusal says what is wrong, and how HTTP and FHIR name it."""

from __future__ import annotations

from cds_service.hooks.refusal import Refusal


def test_a_refusal() -> None:
    """A refusal is a 400 of type invalid unless told otherwise, and reads as its text."""
    plain, special = Refusal("Send more."), Refusal("Send less.", status=412, code="required")
    assert (plain.text, plain.status, plain.code, str(plain)) == ("Send more.", 400, "invalid", "Send more.")
    assert (special.status, special.code) == (412, "required")
    assert (plain.details, plain.after) == ((), 0)


def test_a_refusal_of_parts() -> None:
    """A refusal may tell what is wrong with each part, and when to try again."""
    refusal = Refusal("Two are wrong.", details=("one", "two"), after=5)
    assert (refusal.details, refusal.after) == (("one", "two"), 5)
