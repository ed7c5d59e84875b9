"""What the service does is counted, once and under words of its own."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from cds_service.ehr import words
from cds_service.ehr.words import OUTCOMES
from cds_service.evidence import Edition
from cds_service.facts import needs
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.terms import Terms
from cds_service.rules import RULES
from cds_service.web.app import create_app
from cds_service.web.metrics import STATES, Counted
from cds_service.web.settings import Settings
from tests.fhir.resources import AMOXICILLIN, LORAZEPAM, OXYCODONE, Json, draft, order, outcome, patient
from tests.hooks.calls import request
from tests.hooks.words import OFFER_2, accepted, overridden, reasoned
from tests.support.counted import Numbers, counting
from tests.support.notes import Everybody, Notes
from tests.support.tokens import clients
from tests.support.trusting import ADDRESS, SERVICE, VIEW, bearer, now, site
from tests.trust.forged import FORGED
from tests.web.bodies import address

AGED = patient(birthDate="1950-01-01")
PAIR, OLDER = "benzodiazepine-opioid-combination", "benzodiazepine-older-adult"
NEW_PAIR = request("order-sign", draft(LORAZEPAM), held=[AGED, order(OXYCODONE)])
SILENT = request("order-sign", draft(AMOXICILLIN))
UNSEEN = request("order-sign", draft(LORAZEPAM)) | {"prefetch": {"patient": outcome()}}
SIGN, ID = address("order-sign"), "cramp-order-sign"
# Beside those of a token that was sent.
REASONS = {"no token", "replay unknown", *(forged.reason for forged in FORGED.values())}
REQUESTS, RULE, CARDS = "cds_requests_total", "cds_rule_answers_total", "cds_cards_total"


def _after(*calls: Json) -> Numbers:
    """What is counted of these calls of order-sign."""
    with counting() as (client, numbers):
        for call in calls:
            assert client.post(SIGN, json=call).status_code == 200
    return numbers


def test_a_silent_call_is_a_request_and_its_time() -> None:
    """Nothing else is counted of it: silence can be told from the calls."""
    numbers = _after(SILENT, SILENT)
    assert numbers.of(REQUESTS) == {(ID, "200", "call"): 2}
    assert numbers.of("cds_call_seconds_count") == {(ID,): 2}
    assert 0 < numbers.of("cds_call_seconds_sum")[ID,] < 10
    assert numbers.of(RULE) == numbers.of(CARDS) == {}


def test_rules_and_cards_are_counted() -> None:
    """Each rule that was not silent by what became of it, each card by its indicator."""
    numbers = _after(NEW_PAIR, NEW_PAIR, SILENT)
    assert numbers.of(RULE) == {("shown", PAIR, ""): 2, ("merged", OLDER, PAIR): 2}
    assert numbers.of(CARDS) == {("critical", PAIR): 2}


def test_what_was_not_evaluated_is_counted_by_its_need() -> None:
    """By rule and need, and the card that tells it is a card."""
    numbers = _after(UNSEEN)
    assert numbers.of(RULE)["not-evaluated", OLDER, "patient"] == 1
    assert numbers.of(CARDS) == {("info", "not-evaluated"): 1}


def test_what_is_told_to_the_memory_is_no_failure() -> None:
    """Other things that are only counted there are counted here by their rules."""
    with counting(Notes()) as (client, numbers):
        client.post(SIGN, json=UNSEEN)
    assert numbers.of("cds_failed_total") == {}
    assert numbers.of(RULE)["not-evaluated", OLDER, "patient"] == 1


def test_a_client_is_counted_by_its_own_edition() -> None:
    """What is in the shadow for one client only is counted as such."""
    shadow = Edition(stages={PAIR: "shadow"})
    with counting() as (client, numbers):
        client.application.extensions["cds_callers"] = Everybody(Terms(edition=shadow))
        client.post(SIGN, json=NEW_PAIR)
    assert numbers.of(RULE) == {("shadow", PAIR, ""): 1, ("shown", OLDER, ""): 1}


@pytest.mark.usefixtures("failing")
def test_a_failure_is_counted() -> None:
    """A call on which the service failed is answered with 200, and counted as failed."""
    numbers = _after(SILENT)
    assert numbers.of("cds_failed_total") == {(ID,): 1}
    assert numbers.of(REQUESTS) == {(ID, "200", "call"): 1}


def test_every_request_is_counted_by_how_it_ended() -> None:
    """Refusals of every floor, other addresses and methods; only answered calls have a time."""
    with counting() as (client, numbers):
        client.post(SIGN, data=b"{", content_type="application/json")
        client.post(SIGN, data=b"{}", content_type="text/plain")
        client.get(SIGN)
        client.post("/cds-services//cramp-order-sign/", json=SILENT)
        client.get("/cds-services")
        client.get("/healthz")
        client.get("/metrics")
        client.post("/cds-services/another", json=SILENT)
    call, other = {"200": 1, "400": 1, "405": 1, "415": 1}, {"200": 2, "404": 2}
    expected = {(ID, status, "call"): number for status, number in call.items()}
    assert numbers.of(REQUESTS) == expected | {("none", status, "other"): number for status, number in other.items()}
    assert numbers.of("cds_call_seconds_count") == {(ID,): 1}


def test_an_application_that_breaks_counts_as_a_failed_request() -> None:
    """Even one that says no status."""
    numbers = Numbers()
    Counted(numbers.registry).over(lambda environ, start: [])({"PATH_INFO": SIGN}, lambda *told: None)
    assert numbers.of(REQUESTS) == {(ID, "500", "call"): 1}


def test_feedback_is_counted_by_outcome() -> None:
    """What was stored, what cannot be used, and what names no card of ours."""
    entries = [overridden(), accepted(card=OFFER_2), reasoned("Jane Doe"), overridden(card="someone-elses-card")]
    with counting(Notes()) as (client, numbers):
        client.post(f"{SIGN}/feedback", json={"feedback": entries})
        client.post(f"{SIGN}/feedback", json={"feedback": [overridden()]})
    assert numbers.of("cds_feedback_total") == {
        ("overridden", ID): 2,
        ("accepted", ID): 1,
        ("unusable", ID): 1,
        ("unknown card", ID): 1,
    }
    assert numbers.of(REQUESTS) == {(ID, "200", "feedback"): 1, (ID, "400", "feedback"): 1}


def test_refusals_are_counted_by_reason_and_client() -> None:
    """Every reason for which a token is refused, under the client whose issuer it names if there is one."""
    with counting(public_url=ADDRESS, site=site()) as (client, numbers):
        for forged in FORGED.values():
            if not forged.used_before and "\n" not in (token := forged.make(now())):
                assert client.post(SERVICE, json=VIEW, headers=bearer(token)).status_code == forged.status
        client.post(SERVICE, json=VIEW)
    refused = numbers.of("cds_refusals_total")
    counted = Counter({reason: 0 for _, reason, _ in refused})
    for (_, reason, _), number in refused.items():
        counted[reason] += int(number)
    assert counted["no token"] >= 1
    assert set(counted) <= REASONS
    assert len(counted) > 10
    assert {named for named, _, _ in refused} <= {"", *(one.name for one in clients())}
    assert sum(counted.values()) == sum(numbers.of(REQUESTS).values())


def test_fetches_are_counted_by_outcome() -> None:
    """Each with its time; a reason that is none of ours has one word, too."""
    numbers = Numbers()
    counted = Counted(numbers.registry)
    for why in (*OUTCOMES, "Jane Doe", "Jane Doe"):
        counted.fetched(why, 0.2)
    expected = {(word,): 1.0 for word in OUTCOMES.values()} | {("other",): 2.0}
    assert numbers.of("cds_fhir_fetch_seconds_count") == expected


def test_every_word_of_a_failed_fetch_is_an_outcome() -> None:
    """A reason that a clinician is told is one that is counted by."""
    reasons = {value for name, value in vars(words).items() if name.isupper() and isinstance(value, str)}
    assert set(OUTCOMES) == {"", *reasons}
    assert len(set(OUTCOMES.values())) == len(OUTCOMES)


def test_loadings_of_keys_and_lost_calls_are_counted() -> None:
    """By client and whether they came; each lost call."""
    numbers = Numbers()
    counted = Counted(numbers.registry)
    for loaded in (True, False, False):
        counted.keys_loaded("ehr", loaded)
    counted.lost(3)
    assert numbers.of("cds_key_loadings_total") == {("ehr", "loaded"): 1, ("ehr", "failed"): 2}
    assert numbers.of("cds_lost_calls_total") == {(): 3}


def test_a_worker_counts_under_one_state_of_its_database() -> None:
    """Without a database that is a state, too."""
    numbers = Numbers()
    counted = Counted(numbers.registry)
    assert numbers.of("cds_database_workers") == {("none",): 1}
    for state in STATES:
        counted.database(state)
        assert numbers.of("cds_database_workers") == {(state,): 1}


def test_what_an_operator_watches_is_there_from_the_start() -> None:
    """A number that was never there cannot rise."""
    numbers = Numbers()
    Counted(numbers.registry)
    text = numbers.text()
    for id in SERVICES:
        assert f'cds_failed_total{{service="{id}"}} 0.0' in text
        assert f'cds_requests_total{{service="{id}",status="200",what="call"}} 0.0' in text
        assert f'cds_call_seconds_count{{service="{id}"}} 0.0' in text
    assert "cds_lost_calls_total 0.0" in text


MARK = "Mark-Patient-7"
ODD: tuple[Any, ...] = (
    ("POST", f"/cds-services/{MARK}", SILENT),
    ("POST", f"/cds-services/{MARK}/feedback", {"feedback": [overridden()]}),
    ("POST", f"{SIGN}/{MARK}", SILENT),
    ("POST", f"{SIGN}?{MARK}={MARK}", SILENT),
    (MARK.upper(), SIGN, SILENT),
    ("DELETE", SIGN, SILENT),
    ("GET", f"/evidence/{MARK}", None),
    ("GET", f"/{MARK}", None),
    ("GET", "/metrics", None),
    ("POST", SIGN, [MARK]),
    ("POST", SIGN, SILENT | {"hook": MARK}),
    ("POST", SIGN, SILENT | {"fhirServer": f"https://{MARK}.example", "hookInstance": MARK}),
    ("POST", SIGN, UNSEEN | {"context": UNSEEN["context"] | {"patientId": MARK, "userId": MARK}}),
    ("POST", SIGN, NEW_PAIR | {"prefetch": NEW_PAIR["prefetch"] | {MARK: {"resourceType": MARK}}}),
    ("POST", f"{SIGN}/feedback", {"feedback": [overridden(outcome=MARK), reasoned({"reason": {"code": MARK}}), MARK]}),
    ("POST", f"{SIGN}/feedback", {"feedback": [overridden(card=MARK), overridden()]}),
)
CLOSED = {
    "service": {*SERVICES, "none"},
    "what": {"call", "feedback", "other"},
    "status": {"200", "400", "401", "403", "404", "405", "412", "413", "415", "500", "503"},
    "rule": {*(rule.id for rule in RULES), "not-evaluated"},
    "kind": {"shown", "merged", "suppressed", "shadow", "not-evaluated"},
    "why": {"", "cap", "override", "order-select", *(rule.id for rule in RULES)}
    | {one.id for one in vars(needs).values() if isinstance(one, needs.Need)},
    "indicator": {"info", "warning", "critical"},
    "outcome": {"accepted", "overridden", "unusable", "unknown card", "loaded", "failed", "other", *OUTCOMES.values()},
    "client": {"", *(one.name for one in clients())},
    "reason": REASONS,
    "state": set(STATES),
}


def test_no_word_of_a_request_becomes_a_label() -> None:
    """Whatever is sent, by whomever, every label is one of a closed set, and nothing of what was sent is told."""
    with counting(Notes()) as (client, numbers):
        for method, path, body in ODD:
            client.open(path, method=method, json=body, headers=bearer(MARK) | {"Host": f"{MARK}.example"})
    assert sum(numbers.of(REQUESTS).values()) == len(ODD)
    for label, found in numbers.words().items():
        assert found <= CLOSED[label], label
    assert MARK.lower() not in numbers.text().lower()


def test_no_word_of_a_token_becomes_a_label() -> None:
    """A token that names anything is counted under words of ours, too."""
    with counting(public_url=ADDRESS, site=site()) as (client, numbers):
        for claims in ({"iss": MARK}, {"aud": MARK}, {"tenant": MARK, "jti": MARK}, {"sub": MARK}):
            client.post(SERVICE, json=VIEW, headers=bearer(now().token(claims=claims)))
        client.post(SERVICE, json=VIEW, headers=bearer(now().token(header={"kid": MARK, "jku": MARK})))
    for label, found in numbers.words().items():
        assert found <= CLOSED[label], label
    assert MARK.lower() not in json.dumps(numbers.text()).lower()


def test_without_metrics_nothing_is_counted() -> None:
    """A service that was not asked to has nothing that counts, and no address for it."""
    app = create_app(Settings())
    assert app.extensions["cds_counted"] is None
    assert app.test_client().get("/metrics").status_code == 404
