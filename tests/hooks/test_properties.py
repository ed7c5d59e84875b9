"""What holds for every request: what does not matter changes nothing."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fhir.resources import (
    AMOXICILLIN,
    BACLOFEN,
    BUPRENORPHINE_SL,
    CLONAZEPAM,
    CRAMP,
    CYCLOBENZAPRINE,
    DIAZEPAM_RECTAL,
    HOSPICE,
    LORAZEPAM,
    MORPHINE,
    NALOXONE,
    OXYCODONE,
    PALLIATIVE,
    R25_2,
    SPASTICITY,
    Json,
    bundle,
    concept,
    condition,
    day,
    draft,
    order,
    patient,
    statement,
    timed,
)
from tests.hooks.calls import cards, prefetch, request, told

LONG = timed(boundsDuration={"value": 60, "unit": "days", "code": "d"})
DRUGS = [LORAZEPAM, CLONAZEPAM, DIAZEPAM_RECTAL, OXYCODONE, MORPHINE, BUPRENORPHINE_SL, CYCLOBENZAPRINE, NALOXONE]
CONDITIONS = [
    CRAMP,
    R25_2,
    SPASTICITY,
    HOSPICE,
    PALLIATIVE,
    concept("F11.20", system="http://hl7.org/fhir/sid/icd-10-cm"),
]
drugs = st.sampled_from([*DRUGS, BACLOFEN, AMOXICILLIN, {"text": "lorazepam"}, {"text": "oxycodone"}])
reasons = st.sampled_from([{}, {"reasonCode": [CRAMP]}, {"reasonCode": [R25_2]}, {"dosageInstruction": [LONG]}])
births = st.sampled_from(["1950-01-01", "1961", "1976-05-01", "2008-11-22", "2015", None])


@st.composite
def scenes(draw: st.DrawFn) -> tuple[list[Json], list[Json]]:
    """Draft orders, and what the record holds."""
    drafts = [draft(draw(drugs), f"d{n}", **draw(reasons)) for n in range(draw(st.integers(1, 3)))]
    states = st.sampled_from([{}, {"status": "on-hold"}, {"status": "stopped"}, {"authoredOn": day(400)}])
    held = [order(draw(drugs), f"m{n}", **draw(states)) for n in range(draw(st.integers(0, 4)))]
    held += [statement(draw(drugs), f"s{n}") for n in range(draw(st.integers(0, 2)))]
    held += [condition(draw(st.sampled_from(CONDITIONS)), f"c{n}") for n in range(draw(st.integers(0, 3)))]
    return drafts, [*held, patient(birthDate=draw(births))]


HOOKS = st.sampled_from(["order-sign", "order-select", "patient-view"])


def _call(hook: str, drafts: list[Json], held: list[Json]) -> Json:
    return request(hook, *([] if hook == "patient-view" else drafts), held=held)


@settings(max_examples=75, deadline=None)
@given(HOOKS, scenes(), st.randoms(use_true_random=False))
def test_the_order_of_entries_does_not_matter(hook: str, scene: tuple[list[Json], list[Json]], chance: Any) -> None:
    """Resources may come in any order: the answer is the same to the letter (rules 10.3)."""
    drafts, held = scene
    shuffled = chance.sample(held, len(held))
    assert cards(_call(hook, drafts, held)) == cards(_call(hook, drafts, shuffled))


@settings(max_examples=50, deadline=None)
@given(scenes(), st.randoms(use_true_random=False))
def test_the_order_of_drafts_does_not_matter(scene: tuple[list[Json], list[Json]], chance: Any) -> None:
    """Drafts may come in any order: the same rules speak as urgently (rules 10.3)."""
    drafts, held = scene
    assert told(_call("order-sign", drafts, held)) == told(
        _call("order-sign", chance.sample(drafts, len(drafts)), held)
    )


@settings(max_examples=75, deadline=None)
@given(HOOKS, scenes(), drugs, st.sampled_from(CONDITIONS))
def test_what_was_entered_in_error_changes_nothing(
    hook: str, scene: tuple[list[Json], list[Json]], drug: Json, problem: Json
) -> None:
    """A medication, statement or condition entered in error leaves the answer as it is (rules 10.4)."""
    drafts, held = scene
    wrong = [
        order(drug, "wrong-1", status="entered-in-error"),
        statement(drug, "wrong-2", status="entered-in-error"),
        statement(drug, "wrong-3", status="entered-in-error", taken="unk"),
        condition(problem, "wrong-4", verificationStatus=concept("entered-in-error")),
        condition(problem, "wrong-5", verificationStatus="entered-in-error"),
    ]
    assert cards(_call(hook, drafts, [*wrong, *held])) == cards(_call(hook, drafts, held))


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(["order-sign", "order-select"]), scenes(), st.booleans())
def test_an_unrelated_draft_changes_nothing(hook: str, scene: tuple[list[Json], list[Json]], first: bool) -> None:
    """A draft of amoxicillin leaves the answer as it is (rules 10.6)."""
    drafts, held = scene
    other = draft(AMOXICILLIN, "other")
    more = [other, *drafts] if first else [*drafts, other]
    assert cards(_call(hook, more, held)) == cards(_call(hook, drafts, held))


@settings(max_examples=75, deadline=None)
@given(scenes())
def test_medication_prescribe_is_order_sign(scene: tuple[list[Json], list[Json]]) -> None:
    """The deprecated hook gives the cards of order-sign (rules 10.1)."""
    signed, prescribed = (cards(_call_of(hook, *scene)) for hook in ("order-sign", "medication-prescribe"))
    kept = ("summary", "indicator", "detail")
    assert [[card[name] for name in kept] for card in signed] == [[card[name] for name in kept] for card in prescribed]
    assert [card["source"]["topic"] for card in signed] == [card["source"]["topic"] for card in prescribed]


def _call_of(hook: str, drafts: list[Json], held: list[Json]) -> Json:
    return request(hook, *drafts, held=held)


@settings(max_examples=75, deadline=None)
@given(scenes())
def test_an_open_chart_is_never_critical(scene: tuple[list[Json], list[Json]]) -> None:
    """Nothing is being signed at patient-view: no card is critical (rules 0.2, 10.2)."""
    assert not any(line.endswith(":critical") for line in told(_call("patient-view", *scene)))


@settings(max_examples=50, deadline=None)
@given(scenes(), st.sampled_from(["2016-01-01", "2016", "2010-06"]))
def test_a_child_gets_no_card(scene: tuple[list[Json], list[Json]], born: str) -> None:
    """The guideline does not cover children: no card, whatever is ordered or not supplied (rules 1.1, 10.5)."""
    drafts, held = scene
    child = [resource for resource in held if resource["resourceType"] != "Patient"] + [patient(birthDate=born)]
    assert told(_call("order-sign", drafts, child)) == []
    assert told(_call("order-sign", drafts, child) | {"prefetch": {"patient": child[-1]}}) == []
    assert told(_call("patient-view", drafts, child)) == []


@settings(max_examples=50, deadline=None)
@given(scenes())
def test_the_absence_of_data_is_never_critical(scene: tuple[list[Json], list[Json]]) -> None:
    """Where nothing was supplied, a card is critical only if the drafts alone make a pair (rules 10.9)."""
    drafts, _ = scene
    alone = told(_call("order-sign", drafts, []) | {"prefetch": prefetch(conditions=bundle())})
    without = told(_call("order-sign", drafts, []) | {"prefetch": {}})
    assert ("benzodiazepine-opioid-combination:critical" in without) <= (
        "benzodiazepine-opioid-combination:critical" in alone
    )
