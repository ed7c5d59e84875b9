"""The value sets on their page: all of them, found by code or name, and no name that a licence keeps."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from cds_service.facts import ANALYTES
from cds_service.rules import RULES
from cds_service.terminology import RXNORM, SNOMED_CT, Coding, ValueSet, valueset, valuesets
from cds_service.web import codes


def test_every_value_set_is_shown_with_all_its_codes() -> None:
    """No value set and no code is left out, and each says where it was verified or what is in it."""
    shown = {one.name: one for one in codes.shown()}
    assert set(shown) == set(valuesets())
    for name, one in shown.items():
        assert one.count == len(valueset(name).codings)
        assert one.about or one.verified


def test_names_are_shown_only_where_they_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if a file held the name of a SNOMED CT code, the page would not show it."""
    made = ValueSet("made", "Made", (Coding(SNOMED_CT, "1", "a name"), Coding(RXNORM, "2", "a drug")), ())
    monkeypatch.setattr(codes, "valueset", lambda name: made)
    found = codes._shown("quinine")
    assert [[(code.code, code.name) for code in system.codes] for system in found.systems] == [
        [("1", "")],
        [("2", "a drug")],
    ]


def test_every_rule_uses_value_sets_that_it_names() -> None:
    """What a rule speaks about, and the results that it needs, are among its value sets."""
    for rule in RULES:
        used = codes.used_by(rule)
        assert {one.name for one in (*rule.triggers, *rule.concerns)} <= used
        assert {one.valueset for one in ANALYTES if one.need in rule.data} <= used
        assert {one.name for one in codes.of(rule)} == used


def test_a_rule_uses_what_its_check_asks_through_other_functions() -> None:
    """A value set is found through the functions of ours that a check calls, and through modules and tables."""
    used = {rule.id: codes.used_by(rule) for rule in RULES}
    assert "motor-neurone-disease" in used["baclofen-max-dose"]
    assert "magnesium-laxatives" in used["magnesium-normal-level"]
    assert "coma" in used["baclofen-abrupt-stop"]
    assert "pregnancy" not in used["quinine-cramps"]


@pytest.mark.parametrize(
    ("query", "names", "count"),
    [("197391", ["baclofen"], 1), ("LIORESAL pill", ["baclofen"], 1), ("no such code", [], 0)],
)
def test_a_search_finds_codes_and_names(query: str, names: list[str], count: int) -> None:
    """All words of a query must stand in code and name, in whatever case."""
    found = codes.matching(query)
    assert [one.name for one in found] == names
    assert sum(one.count for one in found) == count


def test_a_search_for_a_title_finds_the_whole_set() -> None:
    """The title of a value set stands for all its codes, which may have no names."""
    [found] = [one for one in codes.matching("cirrhosis of the liver") if one.name == "cirrhosis"]
    assert found.count == len(valueset("cirrhosis").codings)


def test_the_page_answers_a_search_without_a_script(client: FlaskClient) -> None:
    """?q= shows what was found, opened, and how much it is; the query stands in the field as text."""
    text = client.get("/evidence/codes", query_string={"q": "197391"}).text
    assert "1 codes in 1 value sets hold" in text
    assert "<details data-codes open>" in text
    hostile = client.get("/evidence/codes", query_string={"q": '"><script>alert(1)</script>'}).text
    assert "<script>alert" not in hostile
    assert 'value="&#34;&gt;&lt;script&gt;alert(1)&lt;/script&gt;"' in hostile
    assert "No code and no value set holds that." in hostile


def test_the_page_holds_every_code(client: FlaskClient) -> None:
    """Without a query all codes stand on the page, so that a reader may search it whole."""
    text = html.unescape(client.get("/evidence/codes").text)
    assert len(re.findall("<li data-item>", text)) == sum(one.count for one in codes.shown())
    for name in valuesets():
        assert f'id="{name}"' in text
