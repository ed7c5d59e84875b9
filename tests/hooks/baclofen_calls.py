"""Requests about baclofen that reach every form of its orders, and what they are made of."""

from __future__ import annotations

from typing import Any

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
from tests.hooks.calls import request

WEEK = {"value": 7, "unit": "days", "code": "d"}
CIRRHOSIS = condition(concept("K74.60", system="http://hl7.org/fhir/sid/icd-10-cm"), "c2")
PRIOR = {"reference": "MedicationRequest/m1"}


def egfr(value: float) -> Json:
    """An estimate of kidney function of five days ago."""
    found = {"resourceType": "Observation", "id": "o1", "status": "final", "subject": who()}
    found |= {"code": concept("98979-8", system=LOINC), "effectiveDateTime": day(5)}
    return found | {"valueQuantity": {"value": value, "unit": "mL/min/{1.73_m2}"}}


def dose(mg: Any = 10, **more: Any) -> Json:
    """A dose twice a day, in every version's place."""
    quantity = {"value": mg, "unit": "mg"}
    repeat = {"frequency": 2, "period": 1, "periodUnit": "d", "periodUnits": "d"}
    timing = {"repeat": repeat | {key: more.pop(key) for key in list(more) if key.startswith("bounds")}}
    return {"timing": timing, "doseAndRate": [{"doseQuantity": quantity}], "doseQuantity": quantity} | more


def down() -> list[Json]:
    """A taper: a week of each of two steps."""
    return [dose(10, sequence=1, boundsDuration=WEEK), dose(5, sequence=2, boundsDuration=WEEK)]


TAKEN = order(BACLOFEN, authoredOn=day(100), dosageInstruction=[dose(20)])
CALLS = {
    "baclofen taper": request(
        "order-sign",
        draft(BACLOFEN, reasonCode=[CRAMP], dosageInstruction=down(), priorPrescription=PRIOR, note=[{"text": "x"}]),
        held=[TAKEN, egfr(22), CIRRHOSIS],
    ),
    "baclofen stop": request("order-sign", order(BACLOFEN, status="stopped", dosageInstruction=down()), held=[TAKEN]),
    "baclofen chart": request(
        "patient-view",
        held=[
            order(BACLOFEN, dosageInstruction=[dose(boundsPeriod={"start": day(90), "end": day(-3)})]),
            statement(BACLOFEN, effectivePeriod={"start": day(90), "end": day(1)}, dosage=[dose()]),
            CIRRHOSIS,
            egfr(22),
        ],
    ),
    "baclofen DSTU2": request(
        "order-sign",
        dstu2_order(
            BACLOFEN, "d1", status="draft", dosageInstruction=[dose(boundsPeriod={"start": day(0), "end": day(-2)})]
        ),
        held=[dstu2_order(BACLOFEN, dateWritten=day(90), dateEnded=day(-1), dosageInstruction=[dose(20)])],
    ),
    "baclofen R5": request(
        "order-sign",
        r5_order({"concept": BACLOFEN}, "d1", status="draft", reason=[{"concept": CRAMP}], dosageInstruction=down()),
        held=[r5_order({"concept": BACLOFEN}, statusChanged=day(3), dosageInstruction=[dose(20)])],
    ),
}
