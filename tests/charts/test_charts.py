"""Charts: what is drawn is what is told, whatever the names and the numbers are."""

from __future__ import annotations

from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cds_service.charts import COLORS, Part, columns, plain, rows

_SVG = "{http://www.w3.org/2000/svg}"
NUMBERS = st.one_of(st.none(), st.floats(min_value=0, max_value=1e7, allow_nan=False))


def found(svg: str, kind: str) -> list[Element]:
    """The elements of a kind in the order in which they are drawn."""
    return list(fromstring(svg).iter(f"{_SVG}{kind}"))  # noqa: S314 - drawn by the code under test


def told(svg: str) -> list[str]:
    """What the bars tell whoever points at them."""
    return ["".join(bar.itertext()) for bar in found(svg, "rect")]


def words(svg: str) -> list[str]:
    """What stands in the chart."""
    return ["".join(text.itertext()) for text in found(svg, "text")]


def test_columns_stand_upon_each_other() -> None:
    """The parts of a week are stacked, as high as they are large, and each tells its number."""
    svg = columns("Cards", ["W46", "W47"], [Part("accepted", [1, 4]), Part("overridden", [3, 0])])
    legend, bars = found(svg, "rect")[:2], found(svg, "rect")[2:]
    assert ["".join(one.itertext()) for one in legend] == ["accepted", "overridden"]
    assert told(svg)[2:] == ["W46, accepted: 1", "W46, overridden: 3", "W47, accepted: 4"]
    heights = [float(bar.attrib["height"]) for bar in bars]
    assert heights[1] == pytest.approx(3 * heights[0], rel=0.001)
    assert heights[2] == pytest.approx(4 * heights[0], rel=0.001)
    assert float(bars[1].attrib["y"]) == pytest.approx(float(bars[0].attrib["y"]) - heights[1], abs=0.1)


def test_rows_stand_below_each_other() -> None:
    """To compare, the parts of a name have bars of their own, and what is not known is said and not drawn as 0."""
    svg = rows("Rules", ["quinine", "baclofen"], [Part("before", [8, None]), Part("after", [2, 0])])
    bars = found(svg, "rect")[2:]
    assert told(svg)[2:] == ["quinine, before: 8", "quinine, after: 2", "baclofen, after: 0"]
    widths = [float(bar.attrib["width"]) for bar in bars]
    assert widths[0] == pytest.approx(4 * widths[1], rel=0.001)
    assert widths[2] == 0
    assert "not known" in words(svg)


def test_a_chart_says_what_it_is() -> None:
    """Whoever cannot see it is told its title."""
    [root] = found(columns("Cards a week", ["W46"], [Part("cards", [1])]), "svg")
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == "Cards a week"


def test_one_part_needs_no_legend() -> None:
    """The title says it already."""
    assert words(columns("Cards", ["W46"], [Part("cards", [0])])) == ["0", "1", "W46"]


def test_markup_is_text() -> None:
    """A name with marks of HTML is shown as it is."""
    name = '<script>alert("1")</script>'
    svg = rows(name, [name], [Part(name, [1.0]), Part("b", [2.0])])
    assert "<script" not in svg
    assert name in words(svg)


def test_colors_begin_anew() -> None:
    """More parts than colors are still drawn."""
    svg = columns("Cards", ["W46"], [Part(str(number), [1.0]) for number in range(len(COLORS) + 1)])
    drawn = [bar.attrib["fill"] for bar in found(svg, "rect")]
    assert drawn[0] == drawn[len(COLORS)] == COLORS[0]


def test_labels_do_not_touch() -> None:
    """Of a year of weeks only some are named, so that each can be read."""
    labels = [f"W{number:02}" for number in range(1, 54)]
    named = [word for word in words(columns("Cards", labels, [Part("cards", [1.0] * 53)])) if word.startswith("W")]
    assert named == labels[::6]


def test_a_long_name_is_cut() -> None:
    """It stays within its room; whoever points at the bar is told all of it."""
    name = "a rule with a very long name, longer than there is room for"
    svg = rows("Rules", [name], [Part("cards", [1.0])])
    assert "a rule with a very long name, longer..." in words(svg)
    assert told(svg) == [f"{name}, cards: 1"]


def test_nothing_can_be_drawn() -> None:
    """A chart without a label or a part is empty and not an error."""
    for draw in (columns, rows):
        assert found(draw("Nothing", [], []), "rect") == []
        assert found(draw("Nothing", [], [Part("a", [])]), "rect") == []


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (3, "3"), (0.25, "0.2"), (12.5, "12.5"), (1234.5, "1,234")])
def test_numbers_are_plain(number: float, text: str) -> None:
    """Whole, or with one decimal, and large ones with their thousands apart."""
    assert plain(number) == text


@example([("a", 5e-324, None)])
@given(st.lists(st.tuples(st.text(max_size=5), NUMBERS, NUMBERS), max_size=8))
def test_no_bar_leaves_its_chart(lines: list[tuple[str, float | None, float | None]]) -> None:
    """Whatever the numbers, every bar lies within the drawing."""
    labels = ["".join(char for char in line[0] if char.isalnum()) for line in lines]
    parts = [Part("a", [line[1] for line in lines]), Part("b", [line[2] for line in lines])]
    for draw in (columns, rows):
        svg = draw("Numbers", labels, parts)
        [root] = found(svg, "svg")
        _, _, width, height = (float(part) for part in root.attrib["viewBox"].split())
        for bar in found(svg, "rect"):
            left, top, wide, high = (float(bar.attrib[name]) for name in ("x", "y", "width", "height"))
            assert min(left, top, wide, high) >= -0.01
            assert left + wide <= width + 0.1
            assert top + high <= height + 0.1
