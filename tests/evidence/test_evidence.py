"""Every statement has a reference: a line of the guideline or another source."""

from __future__ import annotations

import pytest

from cds_service.evidence import Reference, guideline, reference, references


def test_the_guideline_is_carried_whole() -> None:
    """The guideline has its 52 lines, line 1 first."""
    assert len(guideline()) == 52
    assert guideline()[0] == "Treatment for Cramping in Multiple Locations"


@pytest.mark.parametrize(("line", "word"), [(26, "yclobenzaprine"), (38, "enzodiazepine"), (47, "opioid")])
def test_a_line_is_quoted_under_its_number(line: int, word: str) -> None:
    """`cramp:L47` is line 47 word for word, counted from one."""
    found = reference(f"cramp:L{line}")
    assert found == Reference(f"cramp:L{line}", f"Guideline, line {line}", guideline()[line - 1], "whole")
    assert word in found.says


def test_other_sources_say_how_far_they_were_read() -> None:
    """Each source beside the guideline has words and tells how far it was read; a foreign one has an address."""
    others = [found for id, found in references().items() if not id.startswith("cramp:")]
    assert {found.seen for found in others} <= {"verified", "title only", "own"}
    assert all(found.says and found.title for found in others)
    assert all(found.url.startswith("https://") for found in others if found.seen != "own")


def test_ids_agree() -> None:
    """A reference is found under its own id."""
    assert all(found.id == id for id, found in references().items())


@pytest.mark.parametrize("id", ["cramp:L0", "cramp:L53", "nowhere", ""])
def test_an_unknown_reference_is_an_error(id: str) -> None:
    """A rule that cites what does not exist fails at import."""
    with pytest.raises(KeyError):
        reference(id)
