"""A FHIR server that does one thing wrong, on loopback: the hooks are answered all the same, in time, with no wrong
card, with the words for what is not known, and the token goes to that server only.

The table of it is deploy/FHIR-FAULTS.md. After a wanted change: `WRITE_FAULTS=1 pytest` this file, and read the
difference.
"""

from __future__ import annotations

import json
import os
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

from cds_service.ehr.address import parse
from tests.support.failing import TOKEN, Seen, record, seen
from tests.support.faults import FAULTS
from tests.support.record import EVERY, Chart

pytestmark = [pytest.mark.server, pytest.mark.allow_hosts(["127.0.0.1"])]

TABLE = Path(__file__).parents[2] / "deploy" / "FHIR-FAULTS.md"
# What an answer may take beyond the budget: 150 ms, and as much again and a little for a machine with other work.
MARGIN = 0.15 + 0.35
# The first, a middle and the last query, and the data that it brings.
LOST = {"Patient": "the patient's age", "Condition": "the problem list", "MedicationRequest": "the medication list"}
# The look-up after them, the faults after which the Medication is in a page all the same, and what is lost else.
LOOK_UP = "Medication"
FOUND = {"next-loop", "next-elsewhere", "mixed", "10000-entries", "dstu2"}
UNNAMED = {
    "order-sign": {"which drug an order is for": "the order only refers to a medication that was not supplied"},
    "patient-view": {"the medication list": "an entry only refers to a medication that was not supplied"},
}
UNTOLD = {
    "order-sign": {("baclofen-older-adult-dose", "per-dose")},
    "patient-view": {("benzodiazepine-opioid-combination", "listed-pair")},
}
HOOKS = ("order-sign", "patient-view")
CARDS = {
    "order-sign": {("cyclobenzaprine-older-adult", "ordered"), ("baclofen-older-adult-dose", "per-dose")},
    "patient-view": {
        ("benzodiazepine-opioid-combination", "listed-pair"),
        ("cyclobenzaprine-older-adult", "taken"),
        ("cramps-nonpharmacological", "handout"),
    },
}
POSITIONS = [(fault, kind) for fault in FAULTS if FAULTS[fault].make for kind in (*LOST, LOOK_UP)]
# Faults of the server as a whole.
WHOLE = ("refused", "401", "hang", "html")
HEAD = """# When the EHR's FHIR server fails

Each row is one thing that a FHIR server did wrong in a test over HTTP: with the answer to one question (for the
patient, the problem list or the medication list), while it answered all others rightly; in the first row, with all of
them; in the last row, with the answer to the question for medications to which orders only refer. In every case an
order that was signed was judged as far as could be, no card was shown that the whole record would not show too, and the
token went to no other address. What was lost stands on the card "Checked only in part", with the reason below. The test
writes this table.

| The server | The clinician reads, as the reason | The service |
|---|---|---|
"""


def _words(fault: str, kind: str, hook: str) -> dict[str, str]:
    """What the clinician must read."""
    if kind == LOOK_UP:
        return {} if fault in FOUND else UNNAMED[hook]
    told = FAULTS[fault].read if kind == "Patient" else FAULTS[fault].search
    return {LOST[kind]: told} if told else {}


def _no_harm(found: Seen, fault: str, hook: str) -> None:
    """In time, no card that the whole record would not give, and the token in no wrong place."""
    assert ("hook answered" in found.logged) == (found.status == 200)
    assert found.seconds < FAULTS[fault].milliseconds / 1000 + MARGIN
    assert found.told <= seen("", "", hook).told
    assert {asked.headers.get("authorization") for asked in found.asked} <= {f"Bearer {TOKEN}"}
    assert found.elsewhere == ()
    assert TOKEN not in found.text + found.headers + found.logged


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("kind", ["", LOOK_UP])
def test_without_a_fault(kind: str, hook: str) -> None:
    """A server that answers rightly leaves nothing unchecked; every question carries the token, and what is logged is
    seen here: otherwise the other tests would see nothing either."""
    found = seen("", kind, hook)
    assert found.status == 200
    assert found.told == CARDS[hook]
    assert found.not_known == {}
    assert {asked.kind for asked in found.asked} == {*(one["resourceType"] for one in record(kind)), "metadata"}
    assert all(asked.headers["authorization"] == f"Bearer {TOKEN}" for asked in found.asked)
    assert "hook answered" in found.logged


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize(("fault", "kind"), POSITIONS)
def test_one_wrong_answer(fault: str, kind: str, hook: str) -> None:
    """One wrong answer costs the data that it should have brought, which the card names with the reason; nothing
    else."""
    found = seen(fault, kind, hook)
    assert found.status == 200
    assert found.not_known == _words(fault, kind, hook)
    assert kind in {asked.kind for asked in found.asked}
    _no_harm(found, fault, hook)
    if not _words(fault, kind, hook):
        assert found.told == CARDS[hook]


@pytest.mark.parametrize("hook", HOOKS)
@pytest.mark.parametrize("fault", [fault for fault, kind in POSITIONS if kind == LOOK_UP and fault not in FOUND])
def test_a_drug_that_was_not_looked_up(fault: str, hook: str) -> None:
    """An order that only refers to a drug costs the card about that drug, and none about another."""
    assert seen(fault, LOOK_UP, hook).told == CARDS[hook] - UNTOLD[hook]


@pytest.mark.parametrize("fault", WHOLE)
def test_a_server_of_no_use_while_an_order_is_signed(fault: str) -> None:
    """Where every answer is lost, the order is judged by itself, and the card names all that is not known."""
    found = seen(fault, EVERY, "order-sign")
    assert found.status == 200
    assert {datum: found.not_known.get(datum) for datum in LOST.values()} == {
        datum: why for kind in LOST for datum, why in _words(fault, kind, "order-sign").items()
    }
    _no_harm(found, fault, "order-sign")


@pytest.mark.parametrize("fault", WHOLE)
def test_a_server_of_no_use_when_the_chart_is_opened(fault: str) -> None:
    """Where nothing at all was had of a chart, the call is refused, as one that supplied nothing."""
    found = seen(fault, EVERY, "patient-view")
    assert found.status == 412
    assert json.loads(found.text)["resourceType"] == "OperationOutcome"
    _no_harm(found, fault, "patient-view")


def test_the_other_host_listens() -> None:
    """A question to the other host would be seen."""
    with Chart() as canary, closing(HTTPConnection("127.0.0.1", parse(canary.base).port, timeout=10)) as connection:
        connection.request("GET", "/fhir/r4/Condition?patient=p1", headers={"Authorization": "Bearer x"})
        assert connection.getresponse().status == 200
        assert [(one.kind, one.headers["authorization"]) for one in canary.questions] == [("Condition", "Bearer x")]


def test_the_table() -> None:
    """The table of the faults in the documents is what the service does."""
    table = HEAD + "".join(_row(fault) for fault in FAULTS) + _last_row()
    if os.environ.get("WRITE_FAULTS"):
        TABLE.write_text(table, encoding="utf-8")
    assert table == TABLE.read_text(encoding="utf-8")


def _row(fault: str) -> str:
    """One fault, with the reason once if it is the same for all data."""
    kinds = tuple(LOST) if FAULTS[fault].make else (EVERY,)
    told: dict[str, list[str]] = {}
    for datum, why in (line for kind in kinds for line in seen(fault, kind, "order-sign").not_known.items()):
        told.setdefault(why, []).append(datum)
    reasons = [why if len(told) == 1 else f"{' and '.join(data)}: {why}" for why, data in told.items()]
    return f"| {FAULTS[fault].did} | {'; '.join(reasons) or 'nothing: all was read'} | {FAULTS[fault].service} |\n"


def _last_row() -> str:
    """What was told where the look-up failed in any way, in the order of the hooks."""
    found = [seen(fault, LOOK_UP, hook) for hook in HOOKS for fault in FAULTS if FAULTS[fault].make]
    reasons = dict.fromkeys(f"{datum}: {why}" for one in found for datum, why in one.not_known.items())
    did = "did any of this but the first, when it was asked for medications to which orders only refer"
    service = "used the medications of each page that could be read; judged the other drugs"
    return f"| {did} | {'; '.join(reasons)} | {service} |\n"
