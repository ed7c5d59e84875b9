"""Whatever an order of baclofen holds, it is answered: absurd lengths and doses, days at the ends of the calendar."""

from __future__ import annotations

import pytest

from tests.fhir.resources import BACLOFEN, CRAMP, Json, condition, day, draft, order
from tests.hooks.baclofen_calls import CIRRHOSIS, PRIOR, TAKEN, WEEK, dose, egfr
from tests.hooks.calls import cards, request, told
from tests.hooks.odd import survives


@pytest.mark.parametrize("days", [0, -5, 0.5, 1e9, -1e9, 1e300])
@pytest.mark.parametrize("where", ["draft", "list", "chart"])
def test_absurd_lengths(days: float, where: str) -> None:
    """A length that no treatment has is followed as far as the calendar goes."""
    odd = [dose(10, sequence=number, boundsDuration=WEEK | {"value": days}) for number in (1, 2)]
    call = _at(where, odd)
    assert survives(call, call["hook"]) == ""


@pytest.mark.parametrize("start", [None, "0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("end", [None, "0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("where", ["draft", "list", "chart"])
def test_the_ends_of_the_calendar(start: str | None, end: str | None, where: str) -> None:
    """The first and the last day of the calendar are days."""
    period = {name: told for name, told in (("start", start), ("end", end)) if told}
    call = _at(where, [dose(10, boundsPeriod=period, boundsDuration=WEEK)])
    assert survives(call, call["hook"]) == ""


def _at(where: str, lines: list[Json]) -> Json:
    if where == "draft":
        return request("order-sign", draft(BACLOFEN, reasonCode=[CRAMP], dosageInstruction=lines), held=[TAKEN])
    held = [order(BACLOFEN, dosageInstruction=lines), condition(CRAMP), CIRRHOSIS, egfr(45)]
    if where == "chart":
        return request("patient-view", held=held)
    return request("order-sign", draft(BACLOFEN, reasonCode=[CRAMP], dosageInstruction=[dose(5)]), held=held)


@pytest.mark.parametrize("mg", [1e5, 1e9])
def test_an_absurd_dose_gets_no_taper(mg: float) -> None:
    """A dose that must be an error is told, and no way down from it is offered."""
    held = [order(BACLOFEN, authoredOn=day(100), dosageInstruction=[dose(mg)]), egfr(22)]
    (card,) = cards(request("patient-view", held=held))
    assert card["source"]["topic"]["code"] == "baclofen-renal"
    assert [offer["label"] for offer in card["suggestions"]] == ["Order serum creatinine"]


@pytest.mark.parametrize(
    "stop",
    [
        order(BACLOFEN, authoredOn=day(100), status="stopped", dosageInstruction=[dose(20)]),
        order(BACLOFEN, authoredOn=day(100), status="cancelled"),
        order(BACLOFEN, authoredOn=day(100), status="completed"),
        draft(BACLOFEN, doNotPerform=True),
        draft(BACLOFEN, doNotPerform=True, priorPrescription=PRIOR),
        draft(BACLOFEN, doNotPerform=True, priorPrescription="MedicationRequest/m1"),
        draft(BACLOFEN, priorPrescription=PRIOR, dosageInstruction=[dose(boundsPeriod={"end": day(0)})]),
        draft(
            BACLOFEN, priorPrescription="MedicationRequest/m1", dosageInstruction=[dose(boundsPeriod={"end": day(0)})]
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
