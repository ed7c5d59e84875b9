"""Play: orders as they were signed and charts as they were opened, with the cards that the hook would have shown."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.batch import dated
from cds_service.batch.call import Terms
from cds_service.batch.lines import LATER
from cds_service.batch.play import UNREAD, play
from cds_service.cards.ration import Caps
from cds_service.evidence import Edition
from cds_service.rules import ORDER_HOOKS
from tests.batch.lines import BORN_EARLY, at_order, lab, line, nothing, played, shown, written
from tests.batch.lines import dated as of
from tests.fhir.resources import (
    AMOXICILLIN,
    CRAMP,
    CYCLOBENZAPRINE,
    HOSPICE,
    LORAZEPAM,
    OXYCODONE,
    PATIENT,
    TODAY,
    Json,
    condition,
    encounter,
    order,
    patient,
    timed,
)

PAIR, OLDER = "benzodiazepine-opioid-combination", "benzodiazepine-older-adult"
OPIOID, BENZO = written(OXYCODONE, "2026-03-05T09:00:00"), written(LORAZEPAM, "2026-03-06T09:00:00", "m2")


def test_each_order_sees_what_was_signed_before() -> None:
    """The second drug of a pair is told of the first one, never the other way round; and so is the open chart."""
    calls = played(BORN_EARLY, BENZO, OPIOID).calls
    assert [(call.hook, call.day, call.orders) for call in calls] == [
        ("order-sign", "2026-03-05", ("MedicationRequest/m1",)),
        ("order-sign", "2026-03-06", ("MedicationRequest/m2",)),
        ("patient-view", "2026-11-22", ()),
    ]
    assert shown(calls) == [[], [f"{PAIR}:critical"], [f"{PAIR}:warning"]]
    assert [call.drugs for call in calls] == [("oxycodone",), ("lorazepam",), ()]
    assert {call.age for call in calls} == {"75-84"}
    assert calls[2].about == f"Patient/{PATIENT}"


def test_what_is_said_beside_the_card() -> None:
    """What is told in the card of another rule has its word, too, and names its orders."""
    (merged, said) = at_order(BORN_EARLY, OPIOID, BENZO)[1].said
    assert (said.rule, said.became, said.reasons, said.orders) == (PAIR, "shown", "new-pair", (0,))
    assert (merged.rule, merged.became, merged.by, merged.indicator) == (OLDER, "merged", PAIR, "warning")


def test_orders_of_one_moment_are_signed_together() -> None:
    """A day without a time is one moment."""
    for day in ("2026-03-05", "2026-03-05T09:00:00"):
        (call,) = at_order(BORN_EARLY, written(OXYCODONE, day), written(LORAZEPAM, day, "m2"))
        assert call.orders == ("MedicationRequest/m1", "MedicationRequest/m2")
        assert shown([call]) == [[f"{PAIR}:critical"]]
        assert {one.rule: one.orders for one in call.said} == {PAIR: (0, 1), OLDER: (1,)}


def test_another_drug_beside_it() -> None:
    """What could not be checked is told of the orders of which rules speak, not of the others signed with them."""
    orders = written(CYCLOBENZAPRINE, "2026-03-05"), written(AMOXICILLIN, "2026-03-05", "m2")
    (call,) = at_order(*orders)
    assert call.drugs == ("cyclobenzaprine", "another drug")
    assert call.age == "unknown"
    assert {one.orders for one in call.said} == {(0,)}
    assert [(one.became, one.need) for one in call.said if one.rule == "not-evaluated"] == [
        ("shown", ""),
        ("missing", "patient"),
    ]


def test_a_drug_that_nobody_knows() -> None:
    """An order that refers to a Medication which the export does not hold could not be checked."""
    unknown = order(None, authoredOn="2026-03-05", medicationReference={"reference": "Medication/x"})
    (call,) = at_order(BORN_EARLY, unknown)
    assert call.drugs == ("not known",)
    assert "drug" in {one.need for one in call.said}


@pytest.mark.parametrize(
    ("reference", "full_url"),
    [("Medication/x", ""), ("urn:uuid:7", "urn:uuid:7"), ("https://e.example/Medication/x", "")],
)
def test_a_drug_in_another_file(reference: str, full_url: str) -> None:
    """The Medication is found by the address by which the order names it."""
    held = {
        reference.removeprefix("https://e.example/"): line(
            {"resourceType": "Medication", "id": "x", "code": LORAZEPAM}, full_url
        )
    }
    lines = [line(BORN_EARLY), line(order(None, authoredOn="2026-03-05", medicationReference={"reference": reference}))]
    found = play(PATIENT, lines, held.get, Terms(TODAY, hooks=("order-sign",)))
    assert shown(found.calls) == [[f"{OLDER}:warning"]]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"status": "draft"}, "never signed"),
        ({"intent": "plan"}, "no order by its intent"),
        ({"status": "entered-in-error"}, "entered in error"),
        ({"authoredOn": None}, "no day"),
    ],
)
def test_what_is_not_played(more: Json, why: str) -> None:
    """Only what was signed, on a known day, is an order; the rest is counted."""
    found = played(BORN_EARLY, order(LORAZEPAM, **more), terms=Terms(TODAY, hooks=("order-sign",)))
    assert found.calls == ()
    assert found.unplayed == {why: 1}


@pytest.mark.parametrize(("status", "unplayed"), [("active", {}), ("draft", {"never signed": 1})])
def test_what_is_only_counted(status: str, unplayed: Json) -> None:
    """It is played as it would be if it had been kept whole."""
    whole = order(AMOXICILLIN, status=status)
    terms = Terms(TODAY, hooks=("order-sign",))
    counted = ("", "", dated.slight(of(whole)))
    found = play(PATIENT, [line(BORN_EARLY), counted], nothing, terms)
    assert found == played(BORN_EARLY, whole, terms=terms)
    assert found.unplayed == unplayed


@pytest.mark.parametrize("called", ["", LATER])
@pytest.mark.parametrize(("taken", "cards"), [("2026-11-20", ["electrolyte-correct-first:info"]), ("2026-02-20", [])])
def test_a_result_in_a_chart_with_cramps_of_long_ago(taken: str, cards: list[str], called: str) -> None:
    """Only a new one is worth looking at, whether it was read at once or not."""
    cramps = condition(CRAMP) | {"recordedDate": "2020-01-01"}
    result = (called, *line(lab("2823-3", 3.1, "mmol/L", taken))[1:])
    found = play(PATIENT, [line(BORN_EARLY), line(cramps), result], nothing, Terms(TODAY))
    assert shown(found.calls) == [cards]


def test_some_days_and_hooks() -> None:
    """Orders of other days are seen, and not played; each hook that is asked for is."""
    assert shown(at_order(BORN_EARLY, OPIOID, BENZO, first=date(2026, 3, 6))) == [[f"{PAIR}:critical"]]
    found = played(BORN_EARLY, BENZO, terms=Terms(date(2026, 3, 5)))
    assert [call.hook for call in found.calls] == ["patient-view"]
    every = played(BORN_EARLY, BENZO, terms=Terms(TODAY, hooks=tuple(sorted(ORDER_HOOKS)))).calls
    assert [call.hook for call in every] == sorted(ORDER_HOOKS)


def test_caps_and_the_edition_of_a_site() -> None:
    """The numbers, stages and caps are those of the terms."""
    chart = [BORN_EARLY, OPIOID, condition(CRAMP)]
    few = played(*chart, terms=Terms(TODAY, hooks=("patient-view",), caps=Caps(at_view=0)))
    assert shown(few.calls) == [[]]
    assert {one.by for one in few.calls[0].said} == {"cap"}
    watched = Edition(stages={OLDER: "shadow"})
    assert shown(at_order(BORN_EARLY, BENZO, edition=watched)) == [[]]
    assert [one.became for one in at_order(BORN_EARLY, BENZO, edition=watched)[0].said] == ["shadow"]


def test_what_the_export_does_not_hold() -> None:
    """Nothing is concluded from the absence of a type that the whole export lacks, or of which an entry is broken."""
    known = frozenset({"Patient", "Condition", "MedicationRequest"})
    (call,) = at_order(patient(), CYCLOBENZAPRINE_ORDER, supplied=known - {"Patient"} - {"Condition"})
    assert {one.why for one in call.said if one.need} <= {
        "the export holds no Condition",
        "the export holds no Patient",
    }
    assert call.said
    assert at_order(BORN_EARLY, CYCLOBENZAPRINE_ORDER, supplied=known)[0].said


CYCLOBENZAPRINE_ORDER = written(CYCLOBENZAPRINE, "2026-03-05")


def test_an_entry_that_cannot_be_read() -> None:
    """It is counted, and its list is not taken for whole; what is read late is found out, too."""
    broken = order(OXYCODONE, "m9", medicationReference=[5])
    late = order(OXYCODONE, "m9", authoredOn="2026-03-01", dosageInstruction=[5])
    for bad in (broken, late):
        found = played(BORN_EARLY, BENZO, bad, terms=Terms(TODAY, hooks=("order-sign",)))
        assert found.unread == {"MedicationRequest": 1}
        assert UNREAD in {one.why for call in found.calls for one in call.said}


def test_a_bedside_order() -> None:
    """The encounter in which an order was written was in progress then."""
    stay = encounter(status="finished", period={"start": "2026-03-05", "end": "2026-03-07"})
    visit = {"encounter": {"reference": "Encounter/e1"}, "dosageInstruction": [timed(count=1)]}
    single = written(LORAZEPAM, "2026-03-06T09:00:00", **visit)
    assert shown(at_order(BORN_EARLY, single)) == [[f"{OLDER}:warning"]]
    assert shown(at_order(BORN_EARLY, single, stay)) == [[]]


def test_hospice_is_known_from_its_day_on() -> None:
    """What silences rules is not seen before its day either."""
    hospice = condition(HOSPICE) | {"recordedDate": "2026-03-05T12:00:00"}
    late = written(OXYCODONE, "2026-03-05T13:00:00", "m3"), written(LORAZEPAM, "2026-03-05T14:00:00", "m4")
    assert shown(at_order(BORN_EARLY, OPIOID, *late, hospice))[-1] == []
    early = written(LORAZEPAM, "2026-03-05T10:00:00", "m4")
    assert shown(at_order(BORN_EARLY, OPIOID, early, hospice))[-1] == [f"{PAIR}:critical"]


def test_what_has_no_date_and_no_end() -> None:
    """Both are counted by type."""
    undated = condition(CRAMP) | {"recordedDate": None}
    found = played(BORN_EARLY, undated, order(OXYCODONE, status="stopped"))
    assert found.undated == {"Condition": 1}
    assert found.endless == {"MedicationRequest": 1}


def test_the_same_order_twice() -> None:
    """Of several versions of one order the latest is played, once."""
    newer = order(LORAZEPAM, authoredOn="2026-03-05", meta={"versionId": "2"})
    calls = at_order(BORN_EARLY, order(OXYCODONE, authoredOn="2026-03-05", meta={"versionId": "1"}), newer)
    assert [call.drugs for call in calls] == [("lorazepam",)]


def test_a_stop_is_about_every_draft() -> None:
    """A draft that ends another order has that one's name; what is said of it is told of what was signed."""
    baclofen: Json = {"coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "197391"}]}
    taken = written(baclofen, "2026-01-05", dosageInstruction=[_dose(20)])
    stop = written(
        baclofen, "2026-03-05", "m2", doNotPerform=True, priorPrescription={"reference": "MedicationRequest/m1"}
    )
    calls = at_order(BORN_EARLY, taken, stop)
    assert [one.orders for one in calls[1].said] == [(0,)]
    assert calls[1].said[0].rule == "baclofen-abrupt-stop"


def _dose(mg: int) -> Any:
    line_ = timed(frequency=3, period=1, periodUnit="d")
    return line_ | {"doseAndRate": [{"doseQuantity": {"value": mg, "unit": "mg"}}]}


def test_a_patient_without_a_patient() -> None:
    """Without the Patient itself the age is not known; what is in a line that is no resource costs nothing else."""
    found = play("x", [line(OPIOID)], nothing, Terms(TODAY))
    assert found.age == "unknown"
