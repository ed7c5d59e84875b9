"""Where the guideline and independent evidence differ is data: a verdict, a paragraph and its references."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cds_service.evidence import VERDICTS, Note, guideline, note, notes, reference

IN_ORDER = [
    "provenance",
    "first-line",
    "older-start",
    "label-doses",
    "renal-dose",
    "magnesium-dose",
    "magnesium-normal",
    "magnesium-limits",
    "electrolytes-order",
    "cyclobenzaprine-spasm",
    "opioid-benzodiazepine",
    "benzodiazepine-cramps",
    "methocarbamol",
    "albumin",
    "diuretics",
    "monitoring",
    "heat-acupressure",
    "stretching",
    "encephalopathy",
    "quinine",
    "hyponatraemia",
]


def test_the_notes_stand_in_order() -> None:
    """The 21 points, provenance first."""
    assert list(notes()) == IN_ORDER


@pytest.mark.parametrize("id", IN_ORDER)
def test_a_note_is_whole(id: str) -> None:
    """A note is found under its id, has one paragraph, and rests on lines of the guideline and on other sources."""
    found = note(id)
    assert found.id == id
    assert found.text.endswith(".")
    assert "\n" not in found.text
    assert {reference(line) for line in found.lines} <= set(guideline())
    assert {reference(cited) for cited in found.references}.isdisjoint(guideline())


def test_every_verdict_is_given_somewhere() -> None:
    """The closed set of verdicts holds no word that no note uses."""
    assert {found.verdict for found in notes().values()} == set(VERDICTS)


def test_a_verdict_is_told_in_words() -> None:
    """A page says what a verdict means."""
    assert note("methocarbamol").verdict_words == "independent evidence is at odds with the guideline"


@pytest.mark.parametrize(
    "wrong",
    [{"verdict": "wrong"}, {"lines": ("cramp:L53",)}, {"references": ("nowhere",)}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_a_note_that_rests_on_nothing_known_is_an_error(wrong: dict[str, object]) -> None:
    """A verdict, a line or a reference that does not exist is refused when the note is made."""
    sound = Note("a", "agrees", ("cramp:L1",), "Text.", ("aan-2010",))
    with pytest.raises(KeyError):
        replace(sound, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("id", ["nowhere", ""])
def test_an_unknown_note_is_an_error(id: str) -> None:
    """A rule that carries a note which does not exist fails at import."""
    with pytest.raises(KeyError):
        note(id)
