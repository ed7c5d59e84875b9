"""Where a statement comes from: lines of the guideline and the few other sources that rules cite."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from cds_service.evidence.threshold import Switch, Threshold

__all__ = ["Reference", "Switch", "Threshold", "guideline", "reference", "references"]

_FOLDER = files("cds_service.evidence")


@dataclass(frozen=True, slots=True)
class Reference:
    """A citation: id, what it is, the words quoted or summed up, where to find it, and how far it was read.

    `seen` is "whole" for the guideline, "verified" where the source itself was read,
    "title only" where its exact wording is still to be checked, "own" for our own decisions.
    """

    id: str
    title: str
    says: str
    seen: str
    url: str = ""


@cache
def guideline() -> tuple[str, ...]:
    """The guideline's lines in order; line 1 is the first."""
    return tuple(_FOLDER.joinpath("guideline.txt").read_text(encoding="utf-8").splitlines())


@cache
def references() -> dict[str, Reference]:
    """Every known reference by id; `cramp:L26` is line 26 of the guideline."""
    lines = {
        f"cramp:L{number}": Reference(f"cramp:L{number}", f"Guideline, line {number}", text, "whole")
        for number, text in enumerate(guideline(), start=1)
    }
    others = json.loads(_FOLDER.joinpath("references.json").read_bytes())
    return lines | {row["id"]: Reference(**row) for row in others}


def reference(id: str) -> Reference:
    """The reference of that id; an unknown one raises KeyError, at import of the rule that cites it."""
    return references()[id]
