"""Every statement has a reference: a line of the guideline or another source."""

from __future__ import annotations

from hashlib import sha256

import pytest

from cds_service.evidence import SEEN, Line, guideline, reference, references

OTHERS = [found for id, found in references().items() if not id.startswith("cramp:")]


def test_the_guideline_is_carried_word_for_word() -> None:
    """The guideline's 52 lines, joined, are its text to the last character."""
    text = "\n".join(line.text for line in guideline())
    assert len(guideline()) == 52
    assert sha256(text.encode()).hexdigest() == "0116bb591e4d56373049a5c6e8b3ff4605b54d4cf6edfb4f7ca6765d4dda61ce"


def test_the_lines_stand_in_order_under_their_numbers() -> None:
    """Line 1 is the first, `cramp:L52` is line 52, and each says its number in its title."""
    assert [line.number for line in guideline()] == list(range(1, 53))
    for line in guideline():
        assert line.id == f"cramp:L{line.number}"
        assert line.title == f"Guideline, line {line.number}"
        assert reference(line.id) is line


@pytest.mark.parametrize(("line", "word"), [(26, "yclobenzaprine"), (38, "enzodiazepine"), (47, "opioid")])
def test_a_line_is_quoted_under_its_number(line: int, word: str) -> None:
    """`cramp:L47` is line 47, counted from one."""
    assert word in reference(f"cramp:L{line}").says


def test_a_line_tells_where_it_stands() -> None:
    """A line names its section, is a heading or a recommendation, and keeps its own citation numbers apart."""
    assert reference("cramp:L26") == Line(
        "cramp:L26",
        "Guideline, line 26",
        "- Avoid cyclobenzaprine due to increased fall risk and lack of direct muscle spasm relief",
        "whole",
        number=26,
        section="Older Adults",
        kind="recommendation",
        numbers="2, 3",
    )


def test_a_section_is_the_heading_above() -> None:
    """Every line stands in the section of the last heading, and a heading in its own."""
    section = ""
    for line in guideline():
        section = line.text if line.kind == "heading" else section
        assert line.section == section
        assert line.kind in ("heading", "recommendation")


def test_headings_cite_nothing_and_recommendations_do() -> None:
    """Only a heading is without citation numbers."""
    assert [line.number for line in guideline() if not line.numbers] == [
        line.number for line in guideline() if line.kind == "heading"
    ]


def test_other_sources_say_how_far_they_were_read() -> None:
    """Each source beside the guideline has words and tells how far it was read; a foreign one has an address."""
    assert {found.seen for found in OTHERS} == set(SEEN) - {"whole"}
    assert all(found.says and found.title for found in OTHERS)
    assert all(found.url.startswith("https://") for found in OTHERS if found.seen != "own")


@pytest.mark.parametrize(
    ("id", "words"),
    [
        ("cramp:L1", "the guideline's own words"),
        ("garrison-2020", "seen"),
        ("aan-2010", "known by title only: not yet verified"),
        ("house:scope", "our own decision"),
    ],
)
def test_a_reference_says_in_words_whether_it_was_seen(id: str, words: str) -> None:
    """What was read is told apart from what is known by its title."""
    assert reference(id).seen_words == words


def test_a_summary_of_a_source_is_short() -> None:
    """What another source says fits in two lines."""
    assert all(len(found.says) <= 240 for found in OTHERS)


def test_ids_agree() -> None:
    """A reference is found under its own id."""
    assert all(found.id == id for id, found in references().items())


@pytest.mark.parametrize("id", ["cramp:L0", "cramp:L53", "nowhere", ""])
def test_an_unknown_reference_is_an_error(id: str) -> None:
    """A rule that cites what does not exist fails at import."""
    with pytest.raises(KeyError):
        reference(id)
