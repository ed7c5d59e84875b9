"""Two hundred patients at once, at two workers: every answer belongs to its own request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import pytest

from tests.support.served import Server, within
from tests.support.trusting import ADDRESS, now
from tests.web.bodies import PATIENT, SERVICES, Json, address, bundle, condition, order, patient, request
from tests.web.site.made import CLIENT, written

pytestmark = [pytest.mark.server, pytest.mark.allow_hosts(["127.0.0.1"])]

START = 15.0
PATIENTS = 200
THREADS = 16
ROUNDS = 4
DRUGS = (
    ("21949", "Cyclobenzaprine 10 MG Oral Tablet"),
    ("197901", "lorazepam 1 MG Oral Tablet"),
    ("6582", "Magnesium oxide 400 MG Oral Tablet"),
    ("1049621", "oxycodone hydrochloride 5 MG Oral Tablet"),
    ("197391", "baclofen 10 MG Oral Tablet"),
)
TAKEN = ("diazepam", "morphine", "cyclobenzaprine")
PROBLEMS = (("R25.2", "Cramp and spasm"), ("K74.60", "Cirrhosis"), ("N18.6", "Dialysis"))


class Call(NamedTuple):
    """One call of one patient."""

    path: str
    body: bytes


def _magnesium(number: int) -> Json:
    """A level that no other patient has."""
    code = {"coding": [{"system": "http://loinc.org", "code": "19123-9"}]}
    found = {"resourceType": "Observation", "id": f"lab-{number}", "status": "final", "code": code}
    dated = {"effectiveDateTime": f"2026-11-{1 + number % 20:02}", "subject": {"reference": f"Patient/{PATIENT}"}}
    return found | dated | {"valueQuantity": {"value": round(1 + number / 100, 2), "unit": "mg/dL"}}


def _call(number: int) -> Call:
    """The hook, age, drugs, problem and level of one patient; all have one hookInstance, as of careless clients."""
    hook = list(SERVICES)[number % len(SERVICES)]
    body = request(hook, order(*DRUGS[number % len(DRUGS)], id=f"draft-{number}"))
    taken = order("0", TAKEN[number % len(TAKEN)], id=f"order-{number}", status="active", authoredOn="2026-11-01")
    body["prefetch"] |= {
        "patient": patient(f"{1930 + number % 60}-03-02"),
        "conditions": bundle(condition(*PROBLEMS[number % len(PROBLEMS)])),
        "medicationRequests": bundle(taken),
        "observations": bundle(_magnesium(number)),
    }
    text = json.dumps(body | {"extension": {"io.cds-service.explain": True}})
    return Call(address(hook), text.replace(PATIENT, f"crowd-{number}").encode())


CALLS = [_call(number) for number in range(PATIENTS)]


@contextmanager
def _running(folder: Path, **settings: str) -> Iterator[Server]:
    """Two workers."""
    options = ("--workers", "2", "--as-of", "2026-11-22")
    server = Server(folder / "log.txt", *options, CDS_DATABASE_URL=f"sqlite:///{folder / 'cds.db'}", **settings)
    try:
        assert within(START, server.answers), server.log.read_text(encoding="utf-8")
        yield server
    finally:
        server.stop()


def _nobody(path: str) -> str:
    return ""


def _client(path: str) -> str:
    """A token of its own for each call."""
    return now(path).token()


def _said(answer: Any) -> str:
    """What an answer says of the patient: without the uuids and names by which it would differ anyhow."""
    cards = [{name: card[name] for name in ("summary", "indicator", "detail")} for card in answer["cards"]]
    laboratory = answer["extension"]["io.cds-service.trace"].get("laboratory", [])
    return json.dumps([cards, [fact.get("value") for fact in laboratory]])


def _crowded(server: Server, token: Callable[[str], str]) -> None:
    """Ask for each patient alone, then for all of them at once in another order each time."""

    def ask(call: Call) -> Any:
        status, answer = server.ask("POST", call.path, call.body, token(call.path))
        assert status == 200, answer
        return answer

    alone = [ask(call) for call in CALLS]
    assert len({_said(answer) for answer in alone}) == PATIENTS
    assert sum(bool(answer["cards"]) for answer in alone) > PATIENTS / 2
    for turn in range(ROUNDS):
        order_ = Random(turn).sample(range(PATIENTS), PATIENTS)  # noqa: S311 - no secret
        with ThreadPoolExecutor(THREADS) as threads:
            answers = dict(zip(order_, threads.map(lambda number: ask(CALLS[number]), order_), strict=True))
        assert {number: answers[number] for number in range(PATIENTS)} == dict(enumerate(alone))


def test_nobody_gets_the_answer_of_another(tmp_path: Path) -> None:
    """Two hundred patients whose answers all differ, shuffled and at once, are each answered as they were alone."""
    with _running(tmp_path) as server:
        _crowded(server, _nobody)
        assert len(server.workers()) == 2


def test_nobody_gets_the_answer_of_another_where_tokens_are_asked_for(tmp_path: Path) -> None:
    """The same where each call carries a token of its own, and one without is refused."""
    with _running(tmp_path, CDS_SITE=str(written(tmp_path, CLIENT)), CDS_PUBLIC_URL=ADDRESS) as server:
        assert server.ask("POST", *CALLS[0])[0] == 401
        _crowded(server, _client)
