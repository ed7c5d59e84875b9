"""What is told to the store: a call with the cards that it was answered with, and feedback on a card."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class Subject(Struct, frozen=True):
    """Whom a call is about and who made it, as the EHR names them; only their keys reach the database."""

    patient: str
    user: str
    client: str = ""

    def __repr__(self) -> str:
        """Without the ids, which must reach no log."""
        return "Subject()"


class Identity(Struct, frozen=True):
    """What makes a card the same card, and a draft the same draft, as text to be hashed."""

    card: tuple[str, ...]
    order: tuple[str, ...]

    def __repr__(self) -> str:
        """Without its parts: they hold doses."""
        return "Identity()"


class ShownCard(Struct, frozen=True):
    """A card that was sent. `thresholds` is the version of the numbers by which its rule decided."""

    uuid: str
    rule: str
    message: str
    indicator: str
    thresholds: str
    identity: Identity
    suggestions: tuple[str, ...] = ()


class Count(Struct, frozen=True):
    """Something that is only counted: what was said by which rule, and why."""

    kind: str
    rule: str = ""
    why: str = ""


class CallEntry(Struct, frozen=True):
    """One call: when, to which service, how long it took, what was shown, and what is only counted."""

    at: datetime  # UTC, without naming it
    service: str
    subject: Subject
    milliseconds: float
    cards: tuple[ShownCard, ...] = ()
    counts: tuple[Count, ...] = ()


class FeedbackEntry(Struct, frozen=True):
    """What a clinician did with a card. `given` says that there was a reason, in a code or in words."""

    card: str
    outcome: str
    at: datetime  # UTC, without naming it
    received: datetime
    service: str
    client: str = ""
    reason_system: str = ""
    reason_code: str = ""
    given: bool = False
    comment: str = ""
    accepted: tuple[str, ...] = ()

    def __repr__(self) -> str:
        """Without the comment, in which anything may stand."""
        return f"FeedbackEntry(card={self.card!r}, outcome={self.outcome!r})"
