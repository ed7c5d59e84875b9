"""Twenty thousand spoiled bodies: each is answered in time and in form, and tells nothing of another patient.

`FUZZ_BODIES=1000000 FUZZ_SEED=night pytest -n auto tests/fuzz` makes more and other ones. A failure names its seed and
number; `tests.fuzz.made.made(seed, number)` makes the body again.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import cache
from time import perf_counter

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from cds_service.hooks import bounds
from cds_service.web.app import create_app
from cds_service.web.fixtures import fixtures
from cds_service.web.settings import Settings
from tests.fuzz import foreign
from tests.fuzz.made import Made, made, sources
from tests.support.published import Published
from tests.web.bodies import cards, empty_members, order, request

BODIES = int(os.environ.get("FUZZ_BODIES", "20000"))
SEED = os.environ.get("FUZZ_SEED", "0")
# So many tests share the bodies, and several workers the tests.
PARTS = 20
# Seconds that no answer takes.
LONGEST = 2.0
# Bytes of a draft, at least.
_SMALLEST = 200


@cache
def _service() -> tuple[Flask, Published]:
    app = create_app(Settings(as_of=fixtures()[0].as_of))
    return app, Published(app)


def _sent(one: Made) -> tuple[TestResponse, float]:
    begun = perf_counter()
    client = _service()[0].test_client()
    response = client.post(f"/cds-services/{one.service}", data=one.body, content_type="application/json")
    return response, perf_counter() - begun


def _expected(body: bytes) -> tuple[int, ...]:
    """The statuses that a body may have: one that grew too large is refused, one that holds very much may be."""
    if len(body) > Settings().max_body:
        return (413,)
    much = len(body) > bounds.MOST_DRAFTS * _SMALLEST
    return (200, 400, 412, 413) if much else (200, 400, 412)


def _faults(one: Made, response: TestResponse, seconds: float) -> Iterator[str]:
    """What is wrong with an answer."""
    if response.status_code not in _expected(one.body):
        yield f"status {response.status_code}"
    if seconds > LONGEST:
        yield f"{seconds:.1f} s"
    yield _service()[1].wrong(f"/cds-services/{one.service}", "post", response)
    yield from (place for place in empty_members(response.get_json()) if place != "/cards")
    yield from (mark for mark in foreign.MARKS if one.marked and mark in response.text)


@pytest.mark.parametrize("part", range(PARTS))
def test_a_spoiled_body_is_answered_in_form_or_refused(part: int) -> None:
    """Whatever was done to a body: 200, 400 or 412 within two seconds (413 if it grew too much), as the document says,
    with no empty member, no card that says that the service failed, and no mark of another patient."""
    wrong, kinds = {}, Counter[str]()
    for number in range(part, BODIES, PARTS):
        one = made(SEED, number)
        response, seconds = _sent(one)
        kinds[f"{response.status_code}"] += 1
        kinds["cards"] += b'"cards":[{' in response.data
        if faults := [fault for fault in _faults(one, response, seconds) if fault]:
            wrong[f"{SEED}, {number}"] = faults
    assert wrong == {}
    assert kinds["200"] > kinds["cards"] > BODIES / PARTS / 2  # most of them are judged, and not refused


def test_what_is_spoiled_was_in_order() -> None:
    """Every body is answered before it is spoiled, most of them with cards."""
    answers = [_sent(Made(service, text.encode(), False))[0] for service, text in sources()]
    assert {answer.status_code for answer in answers} == {200}
    assert sum(bool(answer.get_json()["cards"]) for answer in answers) > len(answers) / 2


def test_marks_are_seen_if_they_are_the_patients_own() -> None:
    """The same resources with this patient's name show their marks: otherwise the fuzz would see nothing either."""
    client = create_app(Settings(as_of=date(2026, 11, 22))).test_client()
    told = ""
    for drug in (order(), order("6582", "Magnesium oxide"), order("6470", "lorazepam"), order("7804", "oxycodone")):
        body = request("order-sign", drug) | {"extension": {"io.cds-service.explain": True}}
        told += str(cards(client, foreign.own(body, "pat-1")))
    assert {mark for mark in foreign.MARKS if mark in told} >= {"mark-7", "tapentadol", "quazepam", "1.3579"}


def test_a_body_can_be_made_again() -> None:
    """Seed and number are all that a body hangs on."""
    assert made("x", 7) == made("x", 7) != made("y", 7)
