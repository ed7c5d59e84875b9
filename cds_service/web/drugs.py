"""The products that the playground offers while somebody types: RxNorm names of what can be swallowed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from cds_service.terminology import Coding, Entry, named

MOST = 12
# The form at the end of a product's name, before its brand, and the piece in which it is dosed. Names that a source cut
# off end otherwise.
_FORMS = re.compile(r"(Tablet|Capsule|Oral Solution|Oral Suspension)(?: \[[^\]]+\])?$")
_STRENGTH = re.compile(r"(\d+(?:\.\d+)?) (?:MG|MEQ)")
_PIECES = {"Tablet": "tablet", "Capsule": "capsule", "Oral Solution": "mL", "Oral Suspension": "mL"}


@dataclass(frozen=True, slots=True)
class Drug:
    """A product with the name that it has in RxNorm and the piece in which it is dosed; an ingredient in mg."""

    code: str
    name: str
    piece: str


@cache
def _drugs() -> dict[str, Drug]:
    """All of them by code: those without a brand first, of few ingredients first, weak ones before strong ones."""
    return {drug.code: drug for _, drug in sorted(_ordered(), key=lambda one: one[0])}


def _ordered() -> Iterator[tuple[tuple[bool, int, str, float, int, str], Drug]]:
    for coding, entry in named():
        piece = _piece(coding, entry)
        if piece:
            yield _rank(coding.display, entry.ingredient), Drug(coding.code, coding.display, piece)


def _rank(name: str, ingredient: str) -> tuple[bool, int, str, float, int, str]:
    strength = _STRENGTH.search(name)
    return "[" in name, name.count("/"), ingredient, float(strength[1]) if strength else 0, len(name), name


def _piece(coding: Coding, entry: Entry) -> str:
    """How the product is dosed, "" if it is none that can be ordered here."""
    if coding.display.lower() == entry.ingredient:
        return "mg"
    form = _FORMS.search(coding.display)
    return _PIECES[form[1]] if form and any(letter.isdigit() for letter in coding.display) else ""


def drug(code: str) -> Drug | None:
    """The product of that code."""
    return _drugs().get(code)


def search(text: str) -> list[Drug]:
    """The products in whose names every word of the text begins a word; those that begin with it go first."""
    words = text.lower().split()
    if not words:
        return []
    found = [one for one in _drugs().values() if _matches(one.name.lower(), words)]
    return sorted(found, key=lambda one: not one.name.lower().startswith(words[0]))[:MOST]


def _matches(name: str, words: list[str]) -> bool:
    return all(name.startswith(word) or f" {word}" in name or f"[{word}" in name for word in words)
