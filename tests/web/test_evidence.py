"""The evidence pages: every rule has one, and it says what the rule says."""

from __future__ import annotations

import html

import pytest
from flask.testing import FlaskClient

from cds_service.evidence import reference
from cds_service.rules import RULES
from cds_service.rules._kit import Rule


def test_the_index_links_every_rule(client: FlaskClient) -> None:
    """The list of rules is HTML and leads to the page of each."""
    response = client.get("/evidence")
    assert response.status_code == 200
    assert response.mimetype == "text/html"
    for rule in RULES:
        assert f'href="/evidence/{rule.id}"' in response.text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_tells_the_whole_rule(client: FlaskClient, rule: Rule) -> None:
    """Title, condition, reason, limits, numbers, messages and every citation stand on the page."""
    text = html.unescape(client.get(f"/evidence/{rule.id}").text)
    for part in (rule.title, rule.fires_when, rule.why_it_matters, rule.when_not, rule.evidence_note):
        assert part in text
    for message in rule.messages.values():
        assert message.summary in text
    for number in rule.thresholds:
        assert number.key in text
    for cited in rule.cites:
        assert reference(cited).title in text


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
