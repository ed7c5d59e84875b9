"""The report of a replay: one page, with the figures of the summary and what they cannot tell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from cds_service.batch.call import Terms
from cds_service.batch.figures import Cell, Figures
from cds_service.batch.report import rendered
from cds_service.batch.summary import summary
from cds_service.evidence import Edition
from tests.batch.exports import replayed, ward
from tests.fhir.resources import CYCLOBENZAPRINE, TODAY, order

PAIR = "Benzodiazepine with an opioid"
READ: dict[str, Any] = {"files": 2, "bytes": 999, "resources": {"Patient": 10}, "badLines": {}, "firstBadLines": []}


def told(figures: Figures, terms: Terms, **more: Any) -> dict[str, Any]:
    """A summary, with what was read."""
    about = {"from": None, "to": str(TODAY), "overrideRate": 0.0, "input": READ}
    return about | summary(figures, terms) | more


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The report of a ward of ten."""
    earlier = order(CYCLOBENZAPRINE, "m-earlier", authoredOn="2025-03-01") | {"subject": {"reference": "Patient/p9"}}
    *_, figures = replayed(tmp_path_factory.mktemp("ward"), [*ward(10), earlier])
    return rendered(told(figures, Terms(TODAY)))


def cells(page: str, region: str, row: str) -> list[str]:
    """The row of a table as text."""
    table = page.partition(f'aria-label="{region}"')[2].partition("</table>")[0]
    [found] = [one for one in table.split("<tr>") if f'<th scope="row">{row}</th>' in one]
    return [re.sub("<[^>]+>", "", cell).strip() for cell in re.findall("<td.*?</td>", found)]


def test_figures_are_those_of_the_summary(page: str) -> None:
    """Of orders and of charts, by rule, urgency, drug, year and age, each as a number and of a hundred."""
    assert cells(page, "Cards by rule, order-sign", PAIR) == ["10", "24.39"]
    assert cells(page, "Orders and cards by drug, order-sign", "another drug") == ["10", "0", "0.00"]
    assert cells(page, "Cards by indicator, order-sign", "critical")[0] == "10"
    assert [cells(page, "Cards by year, order-sign", year)[0] for year in ("2025", "2026")] == ["1", "40"]
    assert "played over 10 patients to 2026-11-22" in page
    assert "Nobody is taken to override anything" in page


def test_every_chart_is_whole(page: str) -> None:
    """Each is drawn, says what it is, and stands above a table with the same numbers."""
    charts = re.findall("<svg.*?</svg>", page, re.S)
    assert len(charts) >= 4
    for chart in charts:
        assert fromstring(chart).attrib["aria-label"]  # noqa: S314 - drawn by the code under test


def test_the_page_needs_nothing_else(page: str) -> None:
    """No script, no address, no other file."""
    for part in ("<script", "<link", "src=", "@import", "url(", "href="):
        assert part not in page


def test_it_says_what_it_cannot_know(page: str) -> None:
    """Orders that nobody wrote because of a card, free text, what was not signed; and that nobody signed rules off."""
    for words in ("Orders that were never written", "only free text says", "not signed", "Nobody has signed the rules"):
        assert words in page


def test_what_was_left_out_is_told() -> None:
    """Lines, orders and resources, with why and how many; where something was bad, also where."""
    bad = READ | {"badLines": {"no JSON": 3}, "firstBadLines": ["a.ndjson:7: no JSON"]}
    figures = Figures([(Cell("not played", why="no date"), 4), (Cell("undated", why="Condition"), 5)])
    page = rendered(told(figures, Terms(TODAY), input=bad))
    for words in ("no JSON: 3", "a.ndjson:7: no JSON", "no date: 4", "Condition: 5"):
        assert words in page
    assert "Every line could be read." not in page


def test_nothing_makes_an_empty_report() -> None:
    """Of nothing no rate is known, and no chart is drawn."""
    page = rendered(told(Figures(), Terms(TODAY)))
    assert "No rule would have been shown." in page
    assert "not known" in page
    assert "<svg" not in page


def test_two_terms_stand_beside_each_other(tmp_path: Path) -> None:
    """A rule that one of them turns off has its cards before, and none after."""
    *_, figures = replayed(tmp_path, ward(10))
    off = Terms(TODAY, edition=Edition(stages={"benzodiazepine-opioid-combination": "off"}))
    (tmp_path / "again").mkdir()
    *_, fewer = replayed(tmp_path / "again", ward(10), terms=off)
    page = rendered(told(figures, Terms(TODAY), site="one.toml"), told(fewer, off, site="two.toml"))
    assert cells(page, "Cards by rule, order-sign", PAIR) == ["10", "25.00", "0", "0.00"]
    assert "one.toml" in page
    assert "two.toml" in page
    assert "as it is" in page


def test_overrides_are_said() -> None:
    """How many are taken to be overridden."""
    assert "override 30 of 100" in rendered(told(Figures(), Terms(TODAY), overrideRate=0.3))


def test_names_of_others_are_text() -> None:
    """A year, a reason or a place with marks of HTML is shown as it is."""
    hostile = "<script>alert(1)</script>"
    bad = READ | {"badLines": {hostile: 1}, "firstBadLines": [hostile]}
    figures = Figures([(Cell("calls", "order-sign", hostile, hostile), 4), (Cell("unread", why=hostile), 5)])
    assert hostile not in rendered(told(figures, Terms(TODAY), input=bad))
