"""Whatever a request holds, it is answered or refused: nothing else is ever raised."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.hooks.answer import answer
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.refusal import Refusal
from tests.fhir.resources import (
    BACLOFEN,
    CRAMP,
    CYCLOBENZAPRINE,
    DIAZEPAM,
    LORAZEPAM,
    MORPHINE,
    OXYCODONE,
    R25_2,
    SPASTICITY,
    TODAY,
    concept,
    condition,
    day,
    draft,
    dstu2_order,
    encounter,
    order,
    patient,
    r5_order,
    statement,
    timed,
)
from tests.hooks import baclofen_calls
from tests.hooks.calls import KEYS, base, request, sent
from tests.hooks.odd import ODD, paths, replaced, survives

LONG = timed(boundsDuration={"value": 60, "unit": "days", "code": "d"}, count=2)
ROUTED = LONG | {"route": concept("26643006", "oral", "http://snomed.info/sct"), "doseAndRate": [{"rateQuantity": {}}]}
SUPPLY = {"expectedSupplyDuration": {"value": 30, "unit": "days"}, "numberOfRepeatsAllowed": 2}
AGED = patient(birthDate="1950-01", deceasedDateTime=None)
IN_BED = {"encounterId": "e1", "selections": ["MedicationRequest/d1"]}
# Requests that reach every rule, every version and every suggestion.
CALLS = {
    "pair": request(
        "order-sign",
        draft(LORAZEPAM, dosageInstruction=[ROUTED]),
        held=[order(OXYCODONE, dosageInstruction=[timed(boundsPeriod={"start": day(9), "end": day(-9)})]), encounter()],
        context=IN_BED,
    ),
    "cramps": request(
        "order-select",
        draft(DIAZEPAM, reasonCode=[CRAMP], dosageInstruction=[LONG], dispenseRequest=SUPPLY),
        held=[condition(R25_2), condition(SPASTICITY, "c2"), statement(BACLOFEN, effectivePeriod={"end": day(400)})],
        context=IN_BED,
    ),
    "chart": request(
        "patient-view", held=[AGED, order(CYCLOBENZAPRINE), order(LORAZEPAM, "m2"), order(MORPHINE, "m3")]
    ),
    "DSTU2": request(
        "medication-prescribe",
        dstu2_order(CYCLOBENZAPRINE, "d1", status="draft", dosageInstruction=[{"timing": {"event": [day(0)]}}]),
        held=[AGED, condition(CRAMP, clinicalStatus="active", dateRecorded=day(3))],
    ),
    "R5": request(
        "order-sign",
        r5_order(
            {"reference": {"reference": "#x"}},
            "d1",
            contained=[{"resourceType": "Medication", "id": "x", "code": LORAZEPAM}],
        ),
        held=[
            statement({}, medication={"concept": OXYCODONE}, status="recorded", adherence={"code": concept("taking")})
        ],
    ),
}
EVERY_CALL = CALLS | baclofen_calls.CALLS


@pytest.mark.parametrize("name", list(EVERY_CALL))
def test_one_odd_node_never_raises(name: str) -> None:
    """Each single node of a request may be anything: the request is answered or refused."""
    call = EVERY_CALL[name]
    raised = {
        f"{'/'.join(map(str, path))} = {odd!r}: {found}"
        for path in paths(call)
        for odd in ODD
        if (found := survives(replaced(call, path, odd), call["hook"]))
    }
    assert raised == set()


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_several_odd_nodes_never_raise(data: st.DataObject) -> None:
    """Several nodes of a request may be anything at once."""
    call = CALLS[data.draw(st.sampled_from(sorted(CALLS)))]
    hook = call["hook"]
    for path in data.draw(st.lists(st.sampled_from(list(paths(call))), min_size=2, max_size=5)):
        call = replaced(call, path, data.draw(st.sampled_from(ODD)))
    assert survives(call, hook) == ""


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
)
ANY_JSON = st.recursive(
    SCALARS, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5), inside, max_size=3)
)
ANY_RESOURCE = st.fixed_dictionaries(
    {"resourceType": st.sampled_from(["Bundle", "Patient", *KEYS, "OperationOutcome", "Observation", ""])},
    optional=dict.fromkeys(
        ("id", "entry", "code", "subject", "status", "total", "link", "issue", "birthDate"), ANY_JSON
    ),
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([*KEYS.values(), "patient", "encounter", "other"]), ANY_JSON | ANY_RESOURCE)
def test_any_value_of_a_prefetch_key(key: str, value: Any) -> None:
    """Any JSON value under any prefetch key is answered or refused, at an order and at patient-view."""
    for call in (CALLS["pair"], CALLS["chart"]):
        assert survives(call | {"prefetch": call["prefetch"] | {key: value}}, call["hook"]) == ""
        assert survives(call | {"prefetch": {key: value}}, call["hook"]) == ""


@settings(max_examples=100, deadline=None)
@given(ANY_JSON)
def test_any_body(body: Any) -> None:
    """Any JSON value as a body is refused."""
    with pytest.raises(Refusal):
        answer(SERVICES["cramp-order-sign"], sent(body), TODAY, base)
