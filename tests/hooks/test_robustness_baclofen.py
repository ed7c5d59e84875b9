"""Whatever an order of baclofen holds, it is answered: odd nodes, absurd lengths, days at the ends of the calendar."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fhir.resources import (
    BACLOFEN,
    CRAMP,
    LOINC,
    Json,
    concept,
    condition,
    day,
    draft,
    dstu2_order,
    order,
    r5_order,
    statement,
    who,
)
from tests.hooks.calls import cards, request, told
from tests.hooks.test_robustness import ODD, _paths, _replaced, _survives

WEEK = {"value": 7, "unit": "days", "code": "d"}
CIRRHOSIS = condition(concept("K74.60", system="http://hl7.org/fhir/sid/icd-10-cm"), "c2")
PRIOR = {"reference": "MedicationRequest/m1"}


def _egfr(value: float) -> Json:
    found = {"resourceType": "Observation", "id": "o1", "status": "final", "subject": who()}
    found |= {"code": concept("98979-8", system=LOINC), "effectiveDateTime": day(5)}
    return found | {"valueQuantity": {"value": value, "unit": "mL/min/{1.73_m2}"}}


def _dose(mg: Any = 10, **more: Any) -> Json:
    """A dose twice a day, in every version's place."""
    quantity = {"value": mg, "unit": "mg"}
    repeat = {"frequency": 2, "period": 1, "periodUnit": "d", "periodUnits": "d"}
    timing = {"repeat": repeat | {key: more.pop(key) for key in list(more) if key.startswith("bounds")}}
    return {"timing": timing, "doseAndRate": [{"doseQuantity": quantity}], "doseQuantity": quantity} | more


def _down(**more: Any) -> list[Json]:
    return [_dose(10, sequence=1, boundsDuration=WEEK), _dose(5, sequence=2, boundsDuration=WEEK) | more]


TAKEN = order(BACLOFEN, authoredOn=day(100), dosageInstruction=[_dose(20)])
CALLS = {
    "taper": request(
        "order-sign",
        draft(BACLOFEN, reasonCode=[CRAMP], dosageInstruction=_down(), priorPrescription=PRIOR, note=[{"text": "x"}]),
        held=[TAKEN, _egfr(22), CIRRHOSIS],
    ),
    "stop": request("order-sign", order(BACLOFEN, status="stopped", dosageInstruction=_down()), held=[TAKEN]),
    "chart": request(
        "patient-view",
        held=[
            order(BACLOFEN, dosageInstruction=[_dose(boundsPeriod={"start": day(90), "end": day(-3)})]),
            statement(BACLOFEN, effectivePeriod={"start": day(90), "end": day(1)}, dosage=[_dose()]),
            CIRRHOSIS,
            _egfr(22),
        ],
    ),
    "DSTU2": request(
        "order-sign",
        dstu2_order(
            BACLOFEN, "d1", status="draft", dosageInstruction=[_dose(boundsPeriod={"start": day(0), "end": day(-2)})]
        ),
        held=[dstu2_order(BACLOFEN, dateWritten=day(90), dateEnded=day(-1), dosageInstruction=[_dose(20)])],
    ),
    "R5": request(
        "order-sign",
        r5_order({"concept": BACLOFEN}, "d1", status="draft", reason=[{"concept": CRAMP}], dosageInstruction=_down()),
        held=[r5_order({"concept": BACLOFEN}, statusChanged=day(3), dosageInstruction=[_dose(20)])],
    ),
}


@pytest.mark.parametrize("name", list(CALLS))
def test_one_odd_node_never_raises(name: str) -> None:
    """Each single node of a request may be anything: the request is answered or refused."""
    call = CALLS[name]
    raised = {
        f"{'/'.join(map(str, path))} = {odd!r}: {found}"
        for path in _paths(call)
        for odd in ODD
        if (found := _survives(_replaced(call, path, odd), call["hook"]))
    }
    assert raised == set()


@pytest.mark.parametrize("days", [0, -5, 0.5, 1e9, -1e9, 1e300])
@pytest.mark.parametrize("where", ["draft", "list", "chart"])
def test_absurd_lengths(days: float, where: str) -> None:
    """A length that no treatment has is followed as far as the calendar goes."""
    odd = [_dose(10, sequence=number, boundsDuration=WEEK | {"value": days}) for number in (1, 2)]
    call = _at(where, odd)
    assert _survives(call, call["hook"]) == ""


@pytest.mark.parametrize("start", [None, "0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("end", [None, "0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("where", ["draft", "list", "chart"])
def test_the_ends_of_the_calendar(start: str | None, end: str | None, where: str) -> None:
    """The first and the last day of the calendar are days."""
    period = {name: told for name, told in (("start", start), ("end", end)) if told}
    call = _at(where, [_dose(10, boundsPeriod=period, boundsDuration=WEEK)])
    assert _survives(call, call["hook"]) == ""


def _at(where: str, lines: list[Json]) -> Json:
    if where == "draft":
        return request("order-sign", draft(BACLOFEN, reasonCode=[CRAMP], dosageInstruction=lines), held=[TAKEN])
    held = [order(BACLOFEN, dosageInstruction=lines), condition(CRAMP), CIRRHOSIS, _egfr(45)]
    if where == "chart":
        return request("patient-view", held=held)
    return request("order-sign", draft(BACLOFEN, reasonCode=[CRAMP], dosageInstruction=[_dose(5)]), held=held)


@pytest.mark.parametrize("mg", [1e5, 1e9])
def test_an_absurd_dose_gets_no_taper(mg: float) -> None:
    """A dose that must be an error is told, and no way down from it is offered."""
    held = [order(BACLOFEN, authoredOn=day(100), dosageInstruction=[_dose(mg)]), _egfr(22)]
    (card,) = cards(request("patient-view", held=held))
    assert card["source"]["topic"]["code"] == "baclofen-renal"
    assert [offer["label"] for offer in card["suggestions"]] == ["Order serum creatinine"]


@pytest.mark.parametrize(
    "stop",
    [
        order(BACLOFEN, authoredOn=day(100), status="stopped", dosageInstruction=[_dose(20)]),
        order(BACLOFEN, authoredOn=day(100), status="cancelled"),
        order(BACLOFEN, authoredOn=day(100), status="completed"),
        draft(BACLOFEN, doNotPerform=True),
        draft(BACLOFEN, doNotPerform=True, priorPrescription=PRIOR),
        draft(BACLOFEN, doNotPerform=True, priorPrescription="MedicationRequest/m1"),
        draft(BACLOFEN, priorPrescription=PRIOR, dosageInstruction=[_dose(boundsPeriod={"end": day(0)})]),
        draft(
            BACLOFEN, priorPrescription="MedicationRequest/m1", dosageInstruction=[_dose(boundsPeriod={"end": day(0)})]
        ),
    ],
)
@pytest.mark.parametrize("ago", [100, 10])
def test_every_form_of_a_stop(stop: Json, ago: int) -> None:
    """Each form of a stop is told of what the list holds: for how long it was taken, and the way down from it."""
    held = TAKEN | {"authoredOn": day(ago)}
    found = cards(request("order-sign", stop, held=[held]))
    assert [card["source"]["topic"]["code"] for card in found] == (["baclofen-abrupt-stop"] if ago == 100 else [])
    for card in found:
        assert card["summary"].startswith("Baclofen since 2026-08-14 (100 days)")
        (offer,) = card["suggestions"]
        assert offer["label"].startswith("Taper baclofen: 30, 20, 10 mg/day")
        assert offer["isRecommended"]


def test_a_taper_that_was_offered_is_accepted() -> None:
    """The draft that a card offers, sent back as a draft, gets no card about its speed."""
    call = request("order-sign", order(BACLOFEN, status="stopped"), held=[TAKEN])
    ((action,),) = ([action["resource"] for action in offer["actions"]] for offer in cards(call)[0]["suggestions"])
    again = request("order-sign", action | {"id": "d1", "authoredOn": day(0)}, held=[TAKEN])
    assert "baclofen-abrupt-stop:warning" not in told(again)
    assert told(again) == []
