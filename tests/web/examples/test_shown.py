"""The worked examples of a page are the cases, and its cards are those that the service makes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from cds_service.evidence import PUBLISHED, applied
from cds_service.rules import INDICATORS, RULES, Rule
from cds_service.web.examples.cases import Case, product, read
from cds_service.web.examples.played import judged
from cds_service.web.examples.shown import played
from tests.support import hook
from tests.support.cases import all_cases
from tests.support.switches import changed, staged

every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)


@every_rule
def test_every_case_is_an_example(rule: Rule) -> None:
    """Each case stands on the page with the answer that it must have, and none differs from the published one."""
    found = played(rule).examples
    cases = read(rule.id)
    assert [(one.name, one.kind) for one in found] == [(case.name, case.kind) for case in cases]
    assert not any(one.differs for one in found)
    for one in found:
        assert bool(one.said) is (one.kind == "finding")
        assert bool(one.missing) is (one.kind == "not-evaluated")


@every_rule
def test_every_wording_has_a_card(rule: Rule) -> None:
    """Each message is shown by a card that it words, but for what only a site turns on; the most urgent stand first."""
    samples = played(rule).samples
    assert {sample.id for sample in samples} == set(rule.messages)
    without = {sample.id for sample in samples if sample.card is None}
    assert without <= ({"taken"} if rule.switched_hooks else set())
    urgency = [INDICATORS.index(sample.message.indicator) for sample in samples]
    assert urgency == sorted(urgency)
    for sample in samples:
        if sample.card is not None:
            assert sample.card.extension["io.cds-service.explanation"]["message"] == sample.id


def test_a_card_is_what_an_ehr_would_be_sent(client: FlaskClient) -> None:
    """Summary, detail, suggestions and reasons of a sample are those of the answer to the same case through HTTP."""
    compared = 0
    for rule in RULES:
        cases = read(rule.id)
        for sample in played(rule).samples:
            if sample.card is None:
                continue
            case = cases[int(sample.example.removeprefix("example-")) - 1]
            kind, own, body = hook.answer(case, "R4", client)
            if kind != "finding" or own is None:  # told on the card of another rule
                continue
            [sent] = [one for one in body["cards"] if one["source"]["topic"]["code"] == rule.id]
            explained = sent["extension"]["io.cds-service.explanation"]
            if "also" in explained:
                continue
            mine = sample.card
            assert (mine.summary, mine.indicator, mine.detail) == (sent["summary"], sent["indicator"], sent["detail"])
            offers = [offer["label"] for offer in sent.get("suggestions", [])]
            assert [offer.label for offer in mine.suggestions] == offers
            reasons = [reason["display"] for reason in sent["overrideReasons"]]
            assert [reason.display for reason in mine.override_reasons] == reasons
            compared += 1
    assert compared > len(RULES)


def test_a_rule_that_is_off_is_played_all_the_same() -> None:
    """What a site turned off, or put into shadow, shows what it would say; other stages and numbers stay."""
    [quinine] = [rule for rule in RULES if rule.id == "quinine-cramps"]
    usual = [one.kind for one in played(quinine).examples]
    with staged(quinine.id, "off"), changed(**{"added.quinine": False}):
        assert [one.kind for one in played(quinine).examples] == usual
        assert judged(read(quinine.id)[0]).kind == "off"


def test_what_was_played_is_kept_for_its_edition() -> None:
    """The same edition is played once; another number is another page."""
    rule = next(rule for rule in RULES if rule.id == "cyclobenzaprine-older-adult")
    assert played(rule) is played(rule)
    with applied(replace(PUBLISHED, values={"age.olderMin": 80})):
        other = played(rule)
    assert any(one.differs for one in other.examples)
    assert not any(one.differs for one in played(rule).examples)


def test_a_drug_without_a_code_is_an_error() -> None:
    """A case that names a drug that no value set has would test nothing."""
    with pytest.raises(AssertionError, match="no code"):
        product({"drug": "nothing"})


def test_cases_are_plain_values() -> None:
    """A case says what it expects, and may say what is offered and told."""
    case = Case("quinine-cramps", "a case", "off")
    assert case.stated == {"answer": "off", "messages": [], "values": {}}
    assert len(all_cases()) > 1000
