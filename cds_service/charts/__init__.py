"""Charts as SVG that needs no script and no sheet: for pages, and for reports that are one file.

Every chart is given with a table beside it by whoever shows it; a color is never the only mark of a part.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from textwrap import shorten
from xml.etree.ElementTree import Element, SubElement, tostring

# A page may set these, light or dark; what stands behind the comma is seen where it does not.
COLORS = ("var(--chart-1, #0b57a4)", "var(--chart-2, #b35900)", "var(--chart-3, #7a8796)", "var(--chart-4, #5b3fa0)")
_INK, _LINE = "currentColor", "var(--line, #c3cbd5)"
_WIDTH, _HEIGHT = 720, 240
# Room for the numbers at the left, for the labels below, and for what each color means above.
_LEFT, _BOTTOM, _TOP, _RIGHT = 52, 26, 30, 8
_ROW, _BAR = 34, 12
_NAMES = 270
# So many letters of a name stand in that room; the whole name is told to whoever points at it.
_LETTERS = 40
_SIZE = 12
# As many labels stand below columns as do not touch each other.
_LABELS = 9
# What is smaller cannot be seen, nor divided.
_NOTHING = 1e-9
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of number, with a value for each label of the chart; None where nothing is known, which is not 0."""

    name: str
    values: Sequence[float | None]


def plain(number: float) -> str:
    """A number as a reader writes it: whole, or with one decimal."""
    return f"{number:,.0f}" if number == round(number) or abs(number) >= 100 else f"{number:,.1f}"


def columns(title: str, labels: Sequence[str], parts: Sequence[Part], told: Callable[[float], str] = plain) -> str:
    """Columns over time, the parts of one label upon each other -> SVG."""
    totals = [sum(part.values[place] or 0.0 for part in parts) for place in range(len(labels))]
    scale = _Scale(max(totals, default=0.0), _HEIGHT - _TOP - _BOTTOM)
    svg = _drawing(title, _HEIGHT)
    _legend(svg, parts)
    for tick in scale.ticks:
        level = _HEIGHT - _BOTTOM - scale.length(tick)
        _line(svg, (_LEFT, level), (_WIDTH - _RIGHT, level))
        _text(svg, (_LEFT - 6, level + 4), told(tick), "end")
    step = (_WIDTH - _LEFT - _RIGHT) / max(len(labels), 1)
    every = max(ceil(len(labels) / _LABELS), 1)
    for place, label in enumerate(labels):
        left = _LEFT + place * step
        _stack(svg, (left + 0.1 * step, 0.8 * step), label, [(part, part.values[place]) for part in parts], scale, told)
        if place % every == 0:
            _text(svg, (left + step / 2, _HEIGHT - 8), label, "middle")
    return tostring(svg, encoding="unicode")


def rows(title: str, labels: Sequence[str], parts: Sequence[Part], told: Callable[[float], str] = plain) -> str:
    """Bars by name, the parts of one label below each other, to compare them -> SVG."""
    longest = max((value or 0.0 for part in parts for value in part.values), default=0.0)
    scale = _Scale(longest, _WIDTH - _NAMES - _LEFT - _RIGHT)
    height = _ROW + (len(parts) - 1) * _BAR
    svg = _drawing(title, _TOP + height * len(labels))
    _legend(svg, parts)
    for place, label in enumerate(labels):
        top = _TOP + place * height
        _text(svg, (_NAMES - 8, top + len(parts) * _BAR / 2 + 9), shorten(label, _LETTERS, placeholder="..."), "end")
        for row, part in enumerate(parts):
            value = part.values[place]
            corner = (float(_NAMES), top + 5 + row * _BAR)
            if value is not None:
                _bar(svg, corner, (scale.length(value), _BAR - 1), row, f"{label}, {part.name}: {told(value)}")
            words = "not known" if value is None else told(value)
            _text(svg, (_NAMES + scale.length(value or 0.0) + 5, corner[1] + _BAR - 2), words, "start")
    return tostring(svg, encoding="unicode")


class _Scale:
    """From 0 to a round number that no value exceeds."""

    def __init__(self, most: float, room: float) -> None:
        self._room = room
        step = _round(most / 4) if most > _NOTHING else 1.0
        self.ticks = [step * number for number in range(max(ceil(most / step), 1) + 1)]

    def length(self, value: float) -> float:
        """How long a bar is."""
        return self._room * value / self.ticks[-1]


def _round(step: float) -> float:
    """The next larger step that people count in."""
    power = 10.0 ** floor(log10(step))
    return next(power * one for one in _STEPS if power * one >= step)


def _drawing(title: str, height: float) -> Element:
    named = {"class": "drawn", "role": "img", "aria-label": title, "viewBox": f"0 0 {_WIDTH} {height:g}"}
    looks = {"xmlns": "http://www.w3.org/2000/svg", "font-size": str(_SIZE), "font-family": "system-ui, sans-serif"}
    return Element("svg", named | looks)


def _legend(svg: Element, parts: Sequence[Part]) -> None:
    """What each color means, in the order in which they are drawn; one alone is told by the title."""
    left = float(_LEFT)
    for place, part in enumerate(parts if len(parts) > 1 else ()):
        _bar(svg, (left, 6), (11, 11), place, part.name)
        _text(svg, (left + 16, 16), part.name, "start")
        left += 34 + 6.6 * len(part.name)


def _stack(
    svg: Element,
    place: tuple[float, float],
    label: str,
    values: Sequence[tuple[Part, float | None]],
    scale: _Scale,
    told: Callable[[float], str],
) -> None:
    """The parts of one column from below; `place` is its left side and its width."""
    level = float(_HEIGHT - _BOTTOM)
    for number, (part, value) in enumerate(values):
        if value:
            length = scale.length(value)
            level -= length
            _bar(svg, (place[0], level), (place[1], length), number, f"{label}, {part.name}: {told(value)}")


def _bar(svg: Element, corner: tuple[float, float], size: tuple[float, float], number: int, told: str) -> None:
    places = _numbers(x=corner[0], y=corner[1], width=size[0], height=size[1])
    found = SubElement(svg, "rect", places | {"fill": COLORS[number % len(COLORS)]})
    SubElement(found, "title").text = told


def _line(svg: Element, begin: tuple[float, float], end: tuple[float, float]) -> None:
    places = _numbers(x1=begin[0], y1=begin[1], x2=end[0], y2=end[1])
    SubElement(svg, "line", places | {"stroke": _LINE})


def _text(svg: Element, place: tuple[float, float], words: str, anchor: str) -> None:
    SubElement(svg, "text", _numbers(x=place[0], y=place[1]) | {"text-anchor": anchor, "fill": _INK}).text = words


def _numbers(**places: float) -> dict[str, str]:
    return {name: f"{number:.5g}" for name, number in places.items()}
