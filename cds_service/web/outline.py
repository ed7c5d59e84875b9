"""The guideline as one reads it: headings, paragraphs and lists, each line with the rules that carry it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from cds_service.rules import Carried

Kind = Literal["heading", "list", "paragraph"]
_BULLET = "- "


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together: one heading, one paragraph, or the items of a list."""

    kind: Kind
    lines: tuple[Carried, ...]


def outline(lines: Iterable[Carried]) -> Iterator[Block]:
    """The lines in order, items that follow one another together."""
    for kind, found in groupby(lines, key=_kind):
        if kind == "list":
            yield Block(kind, tuple(found))
        else:
            yield from (Block(kind, (one,)) for one in found)


def words(text: str) -> str:
    """A line without the mark of its list."""
    return text.removeprefix(_BULLET)


def _kind(carried: Carried) -> Kind:
    if carried.line.kind == "heading":
        return "heading"
    return "list" if carried.line.says.startswith(_BULLET) else "paragraph"
