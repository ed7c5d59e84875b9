"""Answers -> cards, and the one card that names what could not be checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID, uuid5

from cds_service import __version__
from cds_service.cards import reasons
from cds_service.cards.card import Card, Coding, Link, Source
from cds_service.cards.offered import offered
from cds_service.cards.ration import Shown
from cds_service.cards.suggest import Client
from cds_service.cards.unchecked import NOT_EVALUATED, unchecked
from cds_service.cards.wording import escape, paragraphs, summary
from cds_service.evidence import Switch, Threshold, told
from cds_service.facts import (
    CONDITIONS,
    KIDNEY_FUNCTION,
    MAGNESIUM_LEVEL,
    MEDICATIONS,
    PATIENT,
    POTASSIUM_LEVEL,
    SODIUM_LEVEL,
    Age,
    Need,
    ProposedOrder,
)
from cds_service.rules import Answer, Fact, Finding, OrderTests, Proposal

EXPLANATION = "io.cds-service.explanation"
RULE_SYSTEM = "urn:cds-service:rule"
SOURCE = "Muscle-cramp guideline service (seed text, unverified references)"
# Every uuid of ours is derived from this one, the call, its client and patient, the rule and its orders: a retry gives
# the same.
_NAMESPACE = UUID("6f1d2a0e-6a3f-5a55-9b6c-0d5f0c7a4d11")
# Data whose absence a card tells; of the optional ones only the trace speaks.
_TOLD = (PATIENT, MEDICATIONS, CONDITIONS, MAGNESIUM_LEVEL, POTASSIUM_LEVEL, SODIUM_LEVEL, KIDNEY_FUNCTION)


@dataclass(frozen=True, slots=True)
class Call:
    """What cards need to know of the call that they answer."""

    instance: str
    base_url: str
    client: Client
    unmet: Mapping[Need, str]
    age: Age | None = None
    unreadable: Mapping[str, int] = field(default_factory=dict)
    caller: str = ""  # the name by which the client is known
    page: str = ""  # the end of a page's address by which it tells what holds for the client


def card(shown: Shown, call: Call) -> Card:
    """The card of a finding, with the other findings of its group as bullets."""
    rule, finding = shown.answer.rule, shown.finding
    orders = _references(shown.answer.findings)
    uuid = _uuid(call, rule.id, *orders)
    suggestions, behavior = offered(_proposals(shown), call.client, uuid, shown.indicator)
    return Card(
        uuid=str(uuid),
        summary=summary(rule.messages[finding.message].summary, finding.values, rule.last_resort),
        indicator=shown.indicator,
        detail=_detail(shown, call),
        source=_source(call.base_url, rule.id, rule.title),
        suggestions=suggestions,
        selection_behavior=behavior,
        override_reasons=reasons.codings(rule.override_reasons),
        links=(_evidence(call, rule.id),),
        extension={EXPLANATION: _explanation(shown, orders, call)},
    )


def _proposals(shown: Shown) -> list[Proposal]:
    """What the rule of the card proposes, and the tests that the rules told in it want besides (rules 4)."""
    made = [proposal for found in shown.answer.findings for proposal in found.propose]
    offered = {test for proposal in made if isinstance(proposal, OrderTests) for test in proposal.tests}
    for proposal in (one for answer in shown.also for found in answer.findings for one in found.propose):
        if isinstance(proposal, OrderTests) and (more := tuple(t for t in proposal.tests if t not in offered)):
            made.append(replace(proposal, tests=more, recommended=False))
            offered.update(more)
    return made


def not_evaluated(answers: Sequence[Answer], call: Call, also: Sequence[Need] = ()) -> Card | None:
    """The card that says what could not be checked, once for all rules; None if everything could.

    `also` are needs that are told although no rule asked for them: at patient-view the lists themselves.
    """
    missing = unchecked(answers, call.unmet, also)
    if not missing:
        return None
    *most, last = (need.words for need in missing)
    words = f"{', '.join(most)} and {last}" if most else last
    lines = [f"- {need.words}: {why}" for need, why in missing.items()]
    titles = "; ".join(answer.rule.title for answer in answers if answer.kind == NOT_EVALUATED)
    explanation = {"rule": NOT_EVALUATED, "message": NOT_EVALUATED, "reasons": [need.id for need in missing]}
    return Card(
        uuid=str(_uuid(call, NOT_EVALUATED)),
        summary=summary("Checked only in part: {words} could not be seen in full.", {"words": words}),
        indicator="info",
        detail=paragraphs(
            ["Not known:\n\n" + "\n".join(lines), f"Not checked for that reason: {titles}." if titles else ""]
        ),
        source=_source(call.base_url, NOT_EVALUATED, "Not checked"),
        links=(_checked(call.base_url),),
        extension={EXPLANATION: _filled(explanation | _reading(call))},
    )


def failure(base_url: str, unique: UUID) -> Card:
    """The card for a request on which the service itself failed: clients show an error as "all clear"."""
    explanation = {"rule": NOT_EVALUATED, "message": "failed", "reasons": ["failed"], "version": __version__}
    return Card(
        uuid=str(unique),
        summary="Nothing was checked: the decision support failed on this request.",
        indicator="info",
        detail="An error of the decision support itself. Its operator finds it in the log.",
        source=_source(base_url, NOT_EVALUATED, "Not checked"),
        links=(_checked(base_url),),
        extension={EXPLANATION: explanation},
    )


def _uuid(call: Call, *parts: str) -> UUID:
    # With the patient, because a careless client sends one hookInstance for all of them; with the client, because two
    # of them may have the same test patient.
    named = (call.caller,) if call.caller else ()
    return uuid5(_NAMESPACE, "|".join((*named, call.instance, call.client.visit.patient_id, *parts)))


def _references(findings: Sequence[Finding]) -> list[str]:
    """The draft orders that the findings are about; at patient-view, where there is none, the listed ones."""
    about = [medication for finding in findings for medication in finding.about]
    orders = [medication for medication in about if isinstance(medication, ProposedOrder)] or about
    return list(dict.fromkeys(order.reference for order in orders if order.reference))


def _source(base_url: str, code: str, display: str) -> Source:
    topic = Coding(system=RULE_SYSTEM, code=code, display=display)
    return Source(label=SOURCE, url=f"{base_url}/evidence", icon=f"{base_url}/static/icon.png", topic=topic)


def _checked(base_url: str) -> Link:
    return Link(label="What is checked", url=f"{base_url}/evidence", type="absolute")


def _evidence(call: Call, rule_id: str) -> Link:
    return Link(label="Evidence and limits", url=f"{call.base_url}/evidence/{rule_id}{call.page}", type="absolute")


def _detail(shown: Shown, call: Call) -> str:
    rule = shown.answer.rule
    findings = [shown.finding, *shown.answer.findings]
    texts = [told(rule.messages[found.message].detail, _escaped(found.values)) for found in findings]
    note = f"Evidence note: {told(rule.evidence_note)}" if rule.evidence_note else ""
    return paragraphs(
        [*texts, _also(shown), _by_name(shown), _age(call), _not_seen(shown, call), _site_numbers(shown), note]
    )


def _escaped(values: Mapping[str, str]) -> dict[str, str]:
    return {name: escape(value) for name, value in values.items()}


def _also(shown: Shown) -> str:
    bullets = []
    for answer in shown.also:
        finding = answer.findings[0]
        bullets.append(f"- Also: {summary(answer.rule.messages[finding.message].summary, _escaped(finding.values))}")
    return "\n".join(bullets)


def _by_name(shown: Shown) -> str:
    drugs = {
        escape(medication.drug.name)
        for finding in shown.answer.findings
        for medication in finding.about
        if medication.drug.by_name
    }
    return f"Matched by name, without a code that we know: {', '.join(sorted(drugs))}." if drugs else ""


def _age(call: Call) -> str:
    """An age that is not certain is told on every card (rules 1.2); one that was not supplied is told as not seen."""
    if call.age is None:
        return "" if PATIENT in call.unmet else "Age unknown: no birth date on record."
    return "Birth date incomplete." if call.age.incomplete else ""


def _not_seen(shown: Shown, call: Call) -> str:
    rule = shown.answer.rule
    unseen = [need for need in _TOLD if need in call.unmet and need in rule.data]
    return "\n".join(f"Not seen: {need.words} ({call.unmet[need]})." for need in unseen)


def _site_values(shown: Shown) -> list[Threshold | Switch]:
    """The numbers and switches of its rules that the site has changed."""
    rules = (answer.rule for answer in (shown.answer, *shown.also))
    return list(dict.fromkeys(one for rule in rules for one in rule.site_values))


def _site_numbers(shown: Shown) -> str:
    numbers = [one for one in _site_values(shown) if isinstance(one, Threshold)]
    words = "; ".join(f"{one.meaning}: {one.value} {one.unit}, published {one.published}" for one in numbers)
    return f"Numbers of this site: {escape(words)}." if words else ""


def _site_value(one: Threshold | Switch) -> dict[str, Any]:
    if isinstance(one, Switch):
        return {"key": one.key, "value": one.on, "published": one.published}
    return {"key": one.key, "value": one.value, "unit": one.unit, "published": one.published}


def _explanation(shown: Shown, orders: list[str], call: Call) -> dict[str, Any]:
    findings = shown.answer.findings
    facts = dict.fromkeys(fact for finding in findings for fact in finding.because)
    return _filled(
        {
            "rule": shown.answer.rule.id,
            "message": shown.finding.message,
            "also": [answer.rule.id for answer in shown.also],
            "reasons": list(dict.fromkeys(shown.answer.rule.reason(finding.message) for finding in findings)),
            "orders": orders,
            "facts": [fact_json(fact) for fact in facts],
            "siteValues": [_site_value(one) for one in _site_values(shown)],
            **_reading(call),
        }
    )


def _reading(call: Call) -> dict[str, Any]:
    """What of the request could not be read, by prefetch key, and the version of the service."""
    unread = [{"key": key, "count": count} for key, count in call.unreadable.items()]
    return {"unread": unread, "version": __version__}


def fact_json(fact: Fact) -> dict[str, Any]:
    day = fact.on.isoformat() if fact.on else None
    told = {
        "what": fact.what,
        "value": fact.value,
        "unit": fact.unit,
        "date": day,
        "reference": fact.reference,
        "against": fact.against,
    }
    return _filled(told)


def _filled(members: Mapping[str, Any]) -> dict[str, Any]:
    """Without the members that are empty: they are forbidden in extensions, too."""
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}
