"""Where a statement comes from: the guideline's lines, the few other sources, and where the two differ."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from cds_service.evidence.edition import PUBLISHED, Edition, SignOff, Stage, applied, in_force
from cds_service.evidence.threshold import FIXED, Switch, Threshold, Words, settable, told

__all__ = [
    "FIXED",
    "PUBLISHED",
    "SEEN",
    "VERDICTS",
    "Edition",
    "Line",
    "Note",
    "Reference",
    "SignOff",
    "Stage",
    "Switch",
    "Threshold",
    "Words",
    "applied",
    "guideline",
    "in_force",
    "note",
    "notes",
    "reference",
    "references",
    "settable",
    "told",
]

_FOLDER = files("cds_service.evidence")

# How far a source was read, as its page says it.
SEEN = {
    "whole": "the guideline's own words",
    "verified": "seen",
    "title only": "known by title only: not yet verified",
    "own": "our own decision",
}
# What independent evidence says of a statement of the guideline, as its page says it.
VERDICTS = {
    "agrees": "independent evidence agrees",
    "incomplete": "independent evidence agrees, and says more",
    "partly": "independent evidence agrees in part",
    "plausible": "plausible, with evidence of low certainty",
    "weak": "the evidence is weak",
    "indirect": "the evidence is about something else",
    "stricter": "stricter than independent evidence",
    "at odds": "independent evidence is at odds with the guideline",
    "internal": "the guideline contradicts itself",
    "displaced": "the sentence belongs elsewhere in the literature",
    "silent": "the guideline does not say",
    "provenance": "where the guideline has it from",
}


@dataclass(frozen=True, slots=True)
class Reference:
    """A citation: id, what it is, the words quoted or summed up, how far it was read (SEEN), and where to find it."""

    id: str
    title: str
    says: str
    seen: str
    url: str = ""

    @property
    def seen_words(self) -> str:
        """How far it was read, in plain words."""
        return SEEN[self.seen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line(Reference):
    """A line of the guideline, the section in which it stands, and its own citation numbers, which nothing resolves.

    `level` is that of a heading: 1 for the title, 3 for a part of a section. `not_computable` says why no rule can
    carry it; it is empty for a line that one carries.
    """

    number: int
    section: str
    kind: str
    level: int = 2
    numbers: str = ""
    not_computable: str = ""

    @property
    def text(self) -> str:
        """The line word for word, citation numbers included."""
        return f"{self.says} {self.numbers}".rstrip()


@dataclass(frozen=True, slots=True)
class Note:
    """Where the guideline and independent evidence meet: a verdict (VERDICTS), the lines of the guideline that it is
    about, a paragraph, and the ids of the references on which that rests."""

    id: str
    verdict: str
    lines: tuple[str, ...]
    text: str
    references: tuple[str, ...]

    def __post_init__(self) -> None:
        VERDICTS[self.verdict]  # an unknown one raises, and so does an unknown reference
        for cited in (*self.lines, *self.references):
            reference(cited)

    @property
    def verdict_words(self) -> str:
        """The verdict in plain words."""
        return VERDICTS[self.verdict]


def _rows(file: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(_FOLDER.joinpath(file).read_bytes())
    return rows


def _reference(row: dict[str, Any]) -> Reference:
    if "section" not in row:
        return Reference(**row)
    number = int(row["id"].removeprefix("cramp:L"))
    return Line(title=f"Guideline, line {number}", seen="whole", number=number, **row)


@cache
def references() -> dict[str, Reference]:
    """Every known reference by id; `cramp:L26` is line 26 of the guideline."""
    return {row["id"]: _reference(row) for row in _rows("references.json")}


@cache
def guideline() -> tuple[Line, ...]:
    """The guideline's lines in order; line 1 is the first."""
    return tuple(known for known in references().values() if isinstance(known, Line))


def reference(id: str) -> Reference:
    """The reference of that id; an unknown one raises KeyError, at import of the rule that cites it."""
    return references()[id]


@cache
def notes() -> dict[str, Note]:
    """Every evidence note by id, in order."""
    return {
        row["id"]: Note(**row | {"lines": tuple(row["lines"]), "references": tuple(row["references"])})
        for row in _rows("notes.json")
    }


def note(id: str) -> Note:
    """The evidence note of that id; an unknown one raises KeyError, at import of the rule that carries it."""
    return notes()[id]
