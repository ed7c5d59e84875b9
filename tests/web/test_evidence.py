"""The evidence pages: every rule has one, and it says what the rule says."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from cds_service.cards.ration import GROUPS
from cds_service.cards.reasons import DISPLAYS
from cds_service.evidence import PUBLISHED, applied, guideline, note, reference, told
from cds_service.rules import RULES, Carried, coverage
from cds_service.rules._kit import Rule
from cds_service.web import codes, evidence
from cds_service.web.evidence import capital
from cds_service.web.examples import shown
from cds_service.web.examples.cases import Case


def test_the_index_links_every_rule(client: FlaskClient) -> None:
    """The list of rules is HTML and leads to the page of each."""
    response = client.get("/evidence")
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    for rule in RULES:
        assert f'href="/evidence/{rule.id}"' in response.text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_tells_the_whole_rule(client: FlaskClient, rule: Rule) -> None:
    """Title, condition, reason, limits, numbers, override reasons and every citation stand on the page."""
    text = html.unescape(client.get(f"/evidence/{rule.id}").text)
    assert f"<p>{capital(told(rule.fires_when))}.</p>" in text
    for part in (rule.title, rule.why_it_matters, rule.when_not, rule.evidence_note):
        assert told(part) in text
    for reason in rule.override_reasons:
        assert DISPLAYS[reason] in text
    for number in rule.thresholds:
        assert number.key in text
    for cited in rule.cites:
        assert reference(cited).title in text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_tells_the_evidence_in_full(client: FlaskClient, rule: Rule) -> None:
    """Each note stands on the page with its verdict, its lines and its references, each seen or not yet verified."""
    text = html.unescape(client.get(f"/evidence/{rule.id}").text)
    for carried in map(note, rule.notes):
        assert f"<h3>{carried.verdict_words.capitalize()}</h3>\n<p>{carried.text}</p>" in text
    for id in (*rule.cites, *(id for carried in map(note, rule.notes) for id in (*carried.lines, *carried.references))):
        title = reference(id).title
        assert f"{title} ({reference(id).seen_words}):" in text.replace("</a>", "")


def test_only_the_guideline_is_quoted(client: FlaskClient) -> None:
    """The guideline's words stand in quotation marks, with its own numbers; another source is summed up."""
    text = html.unescape(client.get("/evidence/cyclobenzaprine-cramps").text)
    assert (
        f"<q>{reference('cramp:L46').says.removeprefix('- ')}</q> Its own citation numbers, 2, 3, cannot be resolved."
        in text
    )
    assert f"not yet verified):\n{reference('fda-cyclobenzaprine-label').says}</li>" in text
    assert f'<a href="{reference("fda-cyclobenzaprine-label").url}">' in text


def test_the_index_tells_where_the_guideline_comes_from(client: FlaskClient) -> None:
    """The provenance of the guideline stands on the list of rules in full."""
    assert note("provenance").text in html.unescape(client.get("/evidence").text)


def test_the_guideline_is_shown_line_by_line(client: FlaskClient) -> None:
    """Each line stands under its number as it reads, with links to the rules that carry it, and none twice."""
    rows = re.split(r'(?= id="L\d+")', client.get("/evidence/coverage").text)[1:]
    assert len(rows) == len(guideline())
    for row, carried in zip(rows, coverage(RULES), strict=True):
        assert row.startswith(f' id="L{carried.line.number}">')
        shown = html.unescape(re.sub("<[^>]+>", "", row))
        assert carried.line.text.removeprefix("- ") in shown
        assert re.findall('href="/evidence/([^"]+)"', row) == [rule.id for rule in carried.rules]


def test_the_guideline_reads_as_it_was_written(client: FlaskClient) -> None:
    """Headings stand in their order, parts of a section below it, and what was a list is one."""
    text = client.get("/evidence/coverage").text
    assert re.findall(r'<h(\d) id="L(1|3|22|23|35)"', text) == [
        ("2", "1"),
        ("3", "3"),
        ("3", "22"),
        ("4", "23"),
        ("3", "35"),
    ]
    assert text.count('<li id="L') == sum(line.says.startswith("- ") for line in guideline())


def test_a_line_without_a_rule_says_why(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line that no rule carries says so, or says why none can; what it says is escaped."""
    line = guideline()[0]
    why = replace(line, not_computable="A <b>reason</b>.")
    monkeypatch.setattr(evidence, "coverage", lambda rules: (Carried(line, ()), Carried(why, ())))
    text = client.get("/evidence/coverage").text
    assert text.count("No rule carries this line.") == 1
    assert "A &lt;b&gt;reason&lt;/b&gt;." in text


def test_the_index_leads_to_the_guideline(client: FlaskClient) -> None:
    """The list of rules links the page of the guideline's lines, whose address no rule may take."""
    assert 'href="/evidence/coverage"' in client.get("/evidence").text
    assert {"coverage", "codes", "all"}.isdisjoint(rule.id for rule in RULES)


def test_every_rule_stands_in_one_theme() -> None:
    """Every group of cards has a theme, and none has two."""
    groups = [group for theme in evidence.THEMES for group in theme.groups]
    assert sorted(groups) == sorted(GROUPS)
    assert sorted(rule.id for theme in evidence.THEMES for rule in theme.rules) == [rule.id for rule in RULES]


def test_what_a_page_tells_is_escaped(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Text of a rule, a note and a reference is shown as text and never read as HTML."""
    bold = "<b>bold</b>"
    made = replace(RULES[0], title=bold, evidence_note=bold)
    monkeypatch.setitem(evidence._BY_ID, "made", made)
    monkeypatch.setattr(evidence, "note", lambda id: replace(note(id), text=bold))
    monkeypatch.setattr(evidence, "reference", lambda id: replace(reference(id), title=bold, says=bold))
    text = client.get("/evidence/made").text
    assert "&lt;b&gt;bold" in text
    assert "<b>" not in text


def test_what_a_case_tells_is_escaped(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """Names, reasons and notes of a case are shown as text, as is what a value set says of itself."""
    bold = "<b>bold</b>"
    order = {"drug": "quinine", "reason_text": bold}
    case = Case("quinine-cramps", bold, ["shown"], age=60, orders=[order], labs=[])
    monkeypatch.setattr(shown, "read", lambda id: [case])
    monkeypatch.setattr(codes, "shown", lambda: (codes.Shown("made", bold, bold, bold, (), ()),))
    monkeypatch.setattr(codes, "used_by", lambda rule: frozenset({"made"}))
    with applied(replace(PUBLISHED)):
        text = client.get("/evidence/quinine-cramps").text
    assert text.count("&lt;b&gt;bold&lt;/b&gt;") >= 5
    assert "<b>" not in text + client.get("/evidence/codes").text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_says_who_reviewed_the_rule(client: FlaskClient, rule: Rule) -> None:
    """Nobody's sign-off is implied: the page names the reviewer or says that there was none."""
    reviewer = rule.reviewed.by or "Nobody has reviewed this rule clinically yet"
    assert reviewer in client.get(f"/evidence/{rule.id}").text


@pytest.mark.parametrize("path", ["/evidence/none", "/evidence/<script>", "/evidence/../settings"])
def test_an_unknown_rule_is_not_found(client: FlaskClient, path: str) -> None:
    """404 as an OperationOutcome that does not repeat the address."""
    response = client.get(path)
    assert response.status_code == 404
    assert response.get_json()["resourceType"] == "OperationOutcome"
    assert "script" not in response.text
