"""What is offered where cramps meet abnormal or missing electrolytes, and how a card words them (rules 3.2, 11.19)."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.facts import CONDITIONS, MEDICATIONS
from cds_service.rules import RULES, Finding, OfferMagnesiumOxide, OrderTests
from cds_service.rules._electrolytes import OXIDE
from cds_service.rules._magnesium import LEAST, MOST
from cds_service.terminology.units import MOLAR_MASS
from cds_service.web.examples.cases import Case
from cds_service.web.examples.played import judged

Row = dict[str, Any]
NORMAL_KIDNEY: Row = {"test": "egfr", "value": 90, "days_ago": 10}
LOW_MG: Row = {"test": "magnesium", "value": 1.4, "unit": "mg/dL", "days_ago": 8}
OXIDE_TAKEN: Row = {"drug": "magnesium", "salt": "magnesium oxide"}
BACLOFEN: Row = {"drug": "baclofen", "reason": "muscle-cramp"}
FIRST, MISSING, RECHECK = "electrolyte-correct-first", "electrolyte-check-missing", "electrolyte-recheck-due"


def _found(*labs: Row, rule: str = FIRST, **parts: Any) -> tuple[Finding, ...]:
    parts = {"hook": "patient-view", "problems": [{"is": "muscle-cramp"}], "born": "1976-01-20"} | parts
    return judged(Case(rule, "", [], labs=list(labs), **parts)).findings


def _offered(*labs: Row, **parts: Any) -> list[Any]:
    """What the first finding proposes: Thresholds of magnesium oxide, and tests."""
    found = _found(*labs, **parts)
    assert len({finding.propose for finding in found}) == 1
    return [offer.mg if isinstance(offer, OfferMagnesiumOxide) else offer for offer in found[0].propose]


def _result(test: str, value: float, days_ago: int = 8, **more: Any) -> Row:
    return {"test": test, "value": value, "unit": "mmol/L", "days_ago": days_ago} | more


def test_the_tablet_lies_in_the_range() -> None:
    """One tablet is between 12 and 24 mmol of magnesium, and 480 to 500 mg of the oxide."""
    assert LEAST.value <= OXIDE.value / MOLAR_MASS["MgO"] <= MOST.value
    assert 480 <= OXIDE.value <= 500


def test_magnesium_oxide_for_a_low_magnesium() -> None:
    """With normal kidneys it is the only offer: nothing has to be looked at first."""
    assert _offered(LOW_MG, NORMAL_KIDNEY) == [OXIDE]


@pytest.mark.parametrize(
    ("labs", "tests"),
    [
        ([LOW_MG, NORMAL_KIDNEY | {"value": 60}], None),
        ([LOW_MG, NORMAL_KIDNEY | {"value": 59}], ()),
        ([LOW_MG, NORMAL_KIDNEY | {"value": 20}], ()),
        ([LOW_MG], ("creatinine",)),
        ([LOW_MG | {"value": 1.19}, NORMAL_KIDNEY], ("magnesium",)),
        ([LOW_MG | {"value": 2.7}, NORMAL_KIDNEY], ("magnesium",)),
    ],
)
def test_no_magnesium_without_normal_kidneys(labs: list[Row], tests: tuple[str, ...] | None) -> None:
    """Weak or unknown kidneys, a severe and a high value get no magnesium, but what must be looked at (11.19)."""
    expected = [OXIDE] if tests is None else [OrderTests(tests)] if tests else []
    assert _offered(*labs) == expected


def test_no_magnesium_on_a_stale_kidney_function() -> None:
    """An eGFR of 91 days ago in somebody on a diuretic is not known to be normal: creatinine is offered instead."""
    old, taking = NORMAL_KIDNEY | {"days_ago": 91}, [{"drug": "furosemide", "days_ago": 30}]
    assert _offered(LOW_MG, old, taking=taking) == [OrderTests(("creatinine",))]
    assert _offered(LOW_MG, old | {"days_ago": 90}, taking=taking) == [OXIDE]


@pytest.mark.parametrize(
    "listed",
    [
        OXIDE_TAKEN | {"days_ago": 300},
        OXIDE_TAKEN | {"days_ago": 3, "status": "on-hold"},
        {"drug": "magnesium", "of": "magnesium-laxatives"},
        {"drug": "magnesium", "of": "magnesium-not-oral"},
    ],
)
def test_no_magnesium_beside_magnesium(listed: Row) -> None:
    """Whoever takes or may take any magnesium is not offered more."""
    assert _offered(LOW_MG, NORMAL_KIDNEY, taking=[listed]) == []


def test_no_magnesium_beside_a_draft_of_it() -> None:
    """A drafted laxative replaces nothing, and is magnesium all the same."""
    order = {"hook": "order-sign", "problems": []}
    assert _offered(LOW_MG, NORMAL_KIDNEY, orders=[BACLOFEN], **order) == [OXIDE]
    laxative = {"drug": "magnesium", "of": "magnesium-laxatives"}
    assert _offered(LOW_MG, NORMAL_KIDNEY, orders=[BACLOFEN, laxative], **order) == []


@pytest.mark.parametrize("unknown", [MEDICATIONS, CONDITIONS])
def test_no_magnesium_without_the_lists(unknown: Any) -> None:
    """A list that was not supplied may hold magnesium or dialysis."""
    order = {"hook": "order-sign", "problems": [], "orders": [BACLOFEN]}
    assert _offered(LOW_MG, NORMAL_KIDNEY, **order) == [OXIDE]
    assert _offered(LOW_MG, NORMAL_KIDNEY, unknown=[unknown.id], **order) == []


@pytest.mark.parametrize(
    ("labs", "ordered", "tests"),
    [
        ([_result("potassium", 3.1)], [], ("potassium", "magnesium")),
        ([_result("sodium", 131)], [], ("sodium", "magnesium")),
        ([_result("potassium", 5.7), _result("sodium", 150)], [], ("potassium", "sodium", "magnesium")),
        ([_result("potassium", 3.1), _result("magnesium", 0.9)], [], ("potassium",)),
        ([_result("potassium", 3.1)], ["potassium"], ("magnesium",)),
        ([_result("potassium", 3.1)], ["magnesium"], ("potassium",)),
        ([_result("potassium", 3.1)], ["magnesium", "potassium"], ()),
    ],
)
def test_what_is_looked_at_again(labs: list[Row], ordered: list[str], tests: tuple[str, ...]) -> None:
    """Potassium and sodium are repeated, magnesium is added where it is missing, and nothing that is under way."""
    found = _offered(*labs, NORMAL_KIDNEY, ordered=[{"test": one} for one in ordered])
    assert found == ([OrderTests(tests)] if tests else [])


def test_magnesium_and_tests_together() -> None:
    """A low magnesium is replaced while potassium is looked at again; creatinine only where it is missing."""
    low = _result("potassium", 3.1)
    assert _offered(LOW_MG, low, NORMAL_KIDNEY) == [OXIDE, OrderTests(("potassium",))]
    assert _offered(LOW_MG, low) == [OrderTests(("potassium", "creatinine"))]


def test_every_result_is_told_with_its_day_and_limits() -> None:
    """A card lists all results in its summary, and for each its day, by what it was judged, and what to do."""
    found = _found(_result("potassium", 3.1), LOW_MG, _result("sodium", 131, 3), NORMAL_KIDNEY)
    assert {finding.values["results"] for finding in found} == {"Mg 1.4 mg/dL, K 3.1 mmol/L, Na 131 mmol/L"}
    assert found[2].values["result"] == "Serum sodium 131 mmol/L on 2026-11-19"
    assert found[2].values["against"] == "low by the service's limits, 135 to 145 mmol/L"
    assert [[fact.what for fact in finding.because] for finding in found] == [
        [f"serum {test}", "muscle cramps", "kidney function"] for test in ("magnesium", "potassium", "sodium")
    ]


def test_in_cirrhosis_no_saline_follows() -> None:
    """A low sodium never leads to a fluid: it is usually dilutional in cirrhosis, and the card says so."""
    messages = next(rule for rule in RULES if rule.id == FIRST).messages
    for name in ("na-low", "na-low-severe"):
        assert "does not mean giving saline" in messages[name].detail


@pytest.mark.parametrize(
    ("labs", "ordered", "tests"),
    [
        ([], [], ("creatinine", "magnesium", "potassium", "sodium")),
        ([NORMAL_KIDNEY, _result("sodium", 140)], [], ("magnesium", "potassium")),
        ([NORMAL_KIDNEY, _result("potassium", 4.2)], [], ("magnesium", "sodium")),
        ([NORMAL_KIDNEY], ["magnesium"], ("potassium", "sodium")),
    ],
)
def test_only_what_is_missing_is_ordered(labs: list[Row], ordered: list[str], tests: tuple[str, ...]) -> None:
    """Of magnesium, potassium, sodium and creatinine those are offered that are missing and not under way."""
    found = _found(*labs, rule=MISSING, ordered=[{"test": one} for one in ordered])
    assert [finding.propose for finding in found] == [(OrderTests(tests),)]


def test_what_is_there_and_does_not_count_is_told() -> None:
    """A result that cannot be used, or is too old, is told with the name of its test."""
    broken = _result("potassium", 6.4, 2, unused="it is high, and the sample was haemolysed")
    old = _result("magnesium", 0.6, 100)
    (finding,) = _found(broken, old, rule=MISSING)
    assert finding.values == {
        "usable": "usable ",
        "missing": "magnesium or potassium",
        "history": " Serum magnesium: The last result, 0.6 mmol/L on 2026-08-14, is too old to decide. Serum "
        "potassium: A result of 2026-11-20 could not be used: it is high, and the sample was haemolysed.",
    }
    (finding,) = _found(old, rule=MISSING)
    assert finding.values["usable"] == ""


def test_a_recheck_orders_what_is_due() -> None:
    """Each treated result is told with its day and offered again; what is under way is not due."""
    labs = [_result("potassium", 3.1, 20), _result("magnesium", 0.6, 30)]
    taking = [{"drug": "potassium", "days_ago": 20}, OXIDE_TAKEN | {"days_ago": 25}]
    (finding,) = _found(*labs, rule=RECHECK, taking=taking)
    assert finding.values == {"treated": "Mg 0.6 mmol/L on 2026-10-23, K 3.1 mmol/L on 2026-11-02"}
    assert finding.propose == (OrderTests(("magnesium", "potassium")),)
    assert [drug.reference for drug in finding.about] == ["MedicationRequest/listed-1", "MedicationRequest/listed-0"]
    (finding,) = _found(*labs, rule=RECHECK, taking=taking, ordered=[{"test": "potassium"}])
    assert finding.propose == (OrderTests(("magnesium",)),)
    assert len(finding.about) == 1
