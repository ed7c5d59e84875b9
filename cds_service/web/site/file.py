"""A site's own file as TOML, and where in it something stands: what is wrong is told with file, line and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args

import msgspec

from cds_service.web.settings import BadSetting

# The way to a member: keys of tables, and numbers of a list from 0.
Way = tuple[str | int, ...]
Form = TypeVar("Form")
_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `\$(?P<way>.*)`)?", re.S)
_STEP = re.compile(r"\.(\w+)|\[(\d+)\]")
_FIELD = re.compile(r"Object (?P<what>contains unknown|missing required) field `(?P<name>.*)`")
_GOT = re.compile(r"Expected `(?P<kind>\w+)")
_WRITE = {
    "str": "Write a text in quotes.",
    "int": "Write a whole number.",
    "float": "Write a number.",
    "bool": "Write true or false, without quotes.",
    "array": 'Write a list: ["...", "..."].',
    "object": "Write a table.",
    "date": "Write a day without quotes, such as 2026-11-26.",
}


@dataclass(frozen=True, slots=True)
class SiteFile:
    """The text of a site's file and what it holds."""

    path: Path
    text: str
    held: dict[str, Any]

    def wrong(self, way: Way, what: str) -> BadSetting:
        """What is wrong with a member, with where it stands."""
        return BadSetting(f"{self.path}, line {line_of(self.text, way)}, {_key(way)}: {what}")

    def read(self, value: object, form: type[Form], way: Way) -> Form:
        """A part of the file in its form. Raises BadSetting."""
        try:
            return msgspec.convert(value, form)
        except msgspec.ValidationError as error:
            raise self._refused(str(error), form, way) from None

    def _refused(self, error: str, form: type[Any], way: Way) -> BadSetting:
        found = _MESSAGE.fullmatch(error)
        assert found is not None
        steps = _STEP.findall(found["way"] or "")
        inner: Way = tuple(name or int(number) for name, number in steps)
        field = _FIELD.match(found["what"])
        if field is None:
            return self.wrong((*way, *inner), f"{found['what']}. {_write(found['what'], form, inner)}")
        known = _members(form, inner)
        if field["what"] == "missing required":
            return self.wrong((*way, *inner, field["name"]), f"It is missing. Known here: {', '.join(known)}.")
        return self.unknown((*way, *inner, field["name"]), known)

    def unknown(self, way: Way, known: Sequence[str], key: str = "") -> BadSetting:
        """A key that means nothing, with the one that may have been meant; `key` where it has more than one step."""
        near = get_close_matches(key or str(way[-1]), known, 1)
        hint = f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(sorted(known))}."
        return self.wrong(way, f"There is no such key. {hint}")


def open_file(path: Path) -> SiteFile:
    """The file, read. Raises BadSetting."""
    try:
        text = path.read_text(encoding="utf-8")
        return SiteFile(path, text, tomllib.loads(text))
    except (OSError, UnicodeDecodeError) as error:
        raise BadSetting(f"CDS_SITE: {path}: {type(error).__name__}. Name a UTF-8 file that may be read.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"{path}: {error}. Mend the TOML there.") from None


def line_of(text: str, way: Way) -> int:
    """The line, from 1, on which the statement begins that gives a member; of one that is missing, of what should hold
    it. Found by reading ever longer beginnings of the file, which costs nothing where nothing is wrong."""
    lines = text.splitlines()
    found: dict[int, int] = {}
    begin = 1
    for number in range(1, len(lines) + 1):
        try:
            held = tomllib.loads("\n".join(lines[:number]))
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a statement
        found.setdefault(_reaches(held, way), begin)
        begin = number + 1
    return found.get(max(found, default=0), 1)


def _reaches(held: object, way: Way) -> int:
    """How many steps of a way there are."""
    for place, step in enumerate(way):
        try:
            held = held[step]  # type: ignore[index]
        except (KeyError, IndexError, TypeError):
            return place
    return len(way)


def _key(way: Way) -> str:
    """As a reader writes it; entries of a list are numbered from 1."""
    parts = (f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in way)
    return "".join(parts).lstrip(".")


def _members(form: Any, inner: Way) -> list[str]:
    """The names of the members of a form, or of one within it."""
    return [field.name for field in msgspec.structs.fields(_within(form, inner))]


def _write(what: str, form: Any, inner: Way) -> str:
    """What to write instead."""
    words = _choices(_within(form, inner)) if "enum" in what else []
    if words:
        return f"Choose of {', '.join(words)}."
    kind = _GOT.match(what)
    return _WRITE[kind["kind"]] if kind else _WRITE["date"]


def _within(form: Any, inner: Way) -> Any:
    """The kind of a member of a form; of a list, or of what may be left out, the kind that is not None."""
    for name in (step for step in inner if isinstance(step, str)):
        kinds = {field.name: field.type for field in msgspec.structs.fields(form)}
        form = next((one for one in get_args(kinds[name]) if one is not type(None)), kinds[name])
    return form


def _choices(kind: Any) -> list[str]:
    """The words of a Literal, wherever it stands in a kind."""
    if isinstance(kind, str):
        return [kind]
    return [word for part in get_args(kind) for word in _choices(part)]
