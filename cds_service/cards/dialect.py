"""Dialect: what a client understands of suggestions, where that is less than CDS Hooks 2.0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Behavior = Literal["any", "at-most-one"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """`selection_behavior` is the only one that the client knows ("": both); with `one_action` it takes one action a
    suggestion; with `delete_as_string` a delete names its resource as CDS Hooks 1.0 did."""

    selection_behavior: Literal["", Behavior] = ""
    one_action: bool = False
    delete_as_string: bool = False


PLAIN = Dialect()
