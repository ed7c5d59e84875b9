"""Text of a card: placeholders filled in, foreign text made harmless, the summary kept short enough."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from cds_service.cards.card import LONGEST_SUMMARY
from cds_service.evidence import told

_HTML = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_MARKDOWN = re.compile(r"[\\`*_{}\[\]()#+!|~]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+")
_PARENTHESIS = re.compile(r"\s*\([^()]*\)(?=[^()]*$)")


def escape(text: str) -> str:
    """Text from FHIR, safe inside GitHub Flavored Markdown: entities for HTML, a backslash for Markdown."""
    plain = _CONTROL.sub(" ", text)
    return _MARKDOWN.sub(r"\\\g<0>", "".join(_HTML.get(character, character) for character in plain))


def summary(template: str, values: Mapping[str, str], last_resort: str = "") -> str:
    """One line of plain text below 140 characters: the trailing parenthesis goes first (rules 0.7)."""
    line = told(template, values)
    while len(line) > LONGEST_SUMMARY and _PARENTHESIS.search(line):
        line = _PARENTHESIS.sub("", line)
    if len(line) <= LONGEST_SUMMARY:
        return line
    return told(last_resort) or line[: LONGEST_SUMMARY - 1].rstrip() + "\u2026"


def paragraphs(parts: Iterable[str]) -> str:
    """The parts that say something, each as its own paragraph and none twice."""
    return "\n\n".join(dict.fromkeys(part for part in parts if part))
