"""The single dose and the most of a day, in every version's shape and every unit that we understand."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from cds_service.facts import Line
from cds_service.fhir.doses import lines
from cds_service.terminology import Content
from tests.fhir.resources import LORAZEPAM, Json, dosed, dstu2_order, order, r5_order, read, statement, timed

TABLET = Content(400, "1", "magnesium oxide", "MgO")
SYRUP = Content(80, "mL")
FORMULA = Content(substance="magnesium oxide", formula="MgO")
MIXED = Content(100, "1", "magnesium oxide", "MgO", combination=True)
MIXED_SYRUP = Content(10, "mL", combination=True)
DOSE = {"value": 400, "unit": "mg", "code": "mg"}
LOW = {"value": 200, "unit": "mg"}
RANGE = {"low": LOW, "high": DOSE}


def _line(dosage: Json, content: Content | None = None) -> Line:
    (found,) = lines(dosed(dosage), content)
    return found


def _dose(value: Any, unit: Any = None, code: Any = None) -> Json:
    return {"doseAndRate": [{"doseQuantity": {"value": value, "unit": unit, "code": code}}]}


def _statement(dosage: Any) -> Json:
    return statement(LORAZEPAM, dosage=dosage)


@pytest.mark.parametrize(
    "resource",
    [
        pytest.param(order(LORAZEPAM, dosageInstruction=[{"doseAndRate": [{"doseQuantity": DOSE}]}]), id="R4"),
        pytest.param(order(LORAZEPAM, dosageInstruction=[{"doseQuantity": DOSE}]), id="STU3"),
        pytest.param(order(LORAZEPAM, dosageInstruction={"doseAndRate": {"doseQuantity": DOSE}}), id="objects"),
        pytest.param(order(LORAZEPAM, dosageInstruction=[None, {"doseAndRate": [None, {"doseQuantity": DOSE}]}])),
        pytest.param(order(LORAZEPAM, dosageInstruction=[{"doseAndRate": [{"doseRange": RANGE}]}]), id="R4 range"),
        pytest.param(order(LORAZEPAM, dosageInstruction=[{"doseRange": RANGE}]), id="STU3 range"),
        pytest.param(order(LORAZEPAM, dosageInstruction=[{"doseRange": {"high": DOSE}}]), id="only a high end"),
        pytest.param(order(LORAZEPAM, dosageInstruction=[{"doseQuantity": DOSE, "doseRange": {"high": LOW}}])),
        pytest.param(order(LORAZEPAM, dosageInstruction=[{"doseAndRate": [{"doseQuantity": DOSE}], "doseRange": {}}])),
        pytest.param(order(LORAZEPAM, dosageInstruction=[{"doseAndRate": [{}], "doseQuantity": DOSE}]), id="below"),
        pytest.param(r5_order({"concept": LORAZEPAM}, dosageInstruction=[{"doseAndRate": [{"doseQuantity": DOSE}]}])),
        pytest.param(dstu2_order(LORAZEPAM, dosageInstruction=[{"doseQuantity": DOSE}]), id="DSTU2"),
        pytest.param(dstu2_order(LORAZEPAM, dosageInstruction=[{"doseRange": RANGE}]), id="DSTU2 range"),
        pytest.param(_statement([{"quantityQuantity": DOSE}]), id="DSTU2 statement"),
        pytest.param(_statement({"quantityRange": RANGE}), id="DSTU2 statement, range"),
        pytest.param(_statement([{"doseAndRate": [{"doseQuantity": DOSE}]}]), id="R4 statement"),
        pytest.param(_statement({"doseQuantity": DOSE}), id="STU3 statement"),
    ],
)
def test_the_dose_in_every_shape(resource: Json) -> None:
    """The dose is found in every version's place, one object counts as a list, and a range means its high end."""
    assert [line.mg for line in lines(read(resource), None)] == [400]


def test_dosage_instruction_goes_before_dosage() -> None:
    """An order's own dosage lines are read where a resource holds both names."""
    found = lines(read(order(LORAZEPAM, dosageInstruction=[_dose(400, "mg")], dosage=[_dose(1, "mg")])), None)
    assert [line.mg for line in found] == [400]


def test_the_first_dose_of_a_line_counts() -> None:
    """Of an ordered and a calculated dose of one line the first that is told counts."""
    line = {"doseAndRate": [{"doseRange": {"low": LOW}}, {"doseQuantity": DOSE}, {"doseQuantity": LOW}]}
    assert _line(line).mg == 400


@pytest.mark.parametrize(
    "dosage",
    [
        {},
        {"text": "400 mg by mouth at night"},
        {"text": "400 mg", "patientInstruction": "one tablet", "timing": {"code": {"text": "one at bedtime"}}},
        {"doseQuantity": None, "doseAndRate": []},
        {"doseQuantity": {}},
        {"doseAndRate": [None]},
        {"doseAndRate": [{"rateQuantity": DOSE}]},
        {"doseRange": {"low": DOSE}},
        {"doseRange": {}},
    ],
)
def test_free_text_gives_no_dose(dosage: Json) -> None:
    """Without a coded dose a line tells nothing: a number in a text, a rate or a low end is no dose."""
    assert _line(dosage, TABLET) == Line()


@pytest.mark.parametrize("resource", [order(LORAZEPAM), order(LORAZEPAM, dosageInstruction=[None]), statement({})])
def test_no_dosage_has_no_lines(resource: Json) -> None:
    """A resource without a dosage has no dosage line."""
    assert lines(read(resource), TABLET) == ()


def test_every_dosage_is_a_line() -> None:
    """Lines stand in the order of the resource, each with its own dose."""
    assert [line.mg for line in lines(dosed(_dose(200, "mg"), {}, _dose(1, "g")), None)] == [200, None, 1000]


@pytest.mark.parametrize("content", [None, TABLET, SYRUP, FORMULA])
@pytest.mark.parametrize(
    ("value", "unit", "mg"),
    [
        (400, "mg", 400),
        (400.5, "MG", 400.5),
        (400, " mg ", 400),
        ("400", "mg", 400),
        (" 400.0 ", "mg", 400),
        (0.4, "g", 400),
        (500, "ug", 0.5),
        (500, "mcg", 0.5),
        (500, "MCG", 0.5),
        pytest.param(500, "\u00b5g", 0.5, id="micro sign"),
        pytest.param(500, "\u03bcg", 0.5, id="Greek mu"),
    ],
)
def test_a_mass_in_mg(value: Any, unit: str, mg: float, content: Content | None) -> None:
    """A mass is told in mg, whether its unit is a code or a text and whatever the product holds."""
    for dosage in (_dose(value, unit), _dose(value, code=unit), _dose(value, "unheard of", unit)):
        found = _line(dosage, content)
        assert found.mg == pytest.approx(mg)
        assert found.mmol is None


@pytest.mark.parametrize("content", [None, TABLET, SYRUP, MIXED])
@pytest.mark.parametrize(
    ("value", "unit", "mmol"), [(5, "mmol", 5), ("5", "MMOL", 5), (10, "mEq", 5), (1, "meq", 0.5), (0.5, "mmol", 0.5)]
)
def test_an_amount_in_mmol(value: Any, unit: str, mmol: float, content: Content | None) -> None:
    """An amount of magnesium is told in mmol, 1 mEq as half of one; a combination leaves no doubt of it."""
    for dosage in (_dose(value, unit), _dose(value, code=unit)):
        found = _line(dosage, content)
        assert found.mmol == mmol
        assert found.mg is None


PIECES = ["1", "tablet", "tablets", "Tablet(s)", "TAB", "tabs", "tbl", "capsule", "Capsules", "capsule(s)", "cap"]
PIECES += ["caps", "{tbl}", "{tablet}", "{Tablet}", "{TAB}", "{capsule}", "{cap}", "{tablets}", "{capsules}", 1]


@pytest.mark.parametrize("unit", PIECES)
def test_pieces_times_the_strength(unit: Any) -> None:
    """A tablet or a capsule under any of its names is as many mg as the product's strength says."""
    for dosage in (_dose(2, unit), _dose(2, code=unit), _dose("2", "unheard of", unit), _dose(2, unit, "415818006")):
        assert _line(dosage, TABLET).mg == 800
    assert _line(_dose(0.5, unit), TABLET).mg == 200
    assert _line(_dose(2, unit), MIXED).mg == 200


@pytest.mark.parametrize(
    ("value", "unit", "content", "mg"),
    [
        (5, "mL", SYRUP, 400),
        (5, "ml", SYRUP, 400),
        (5, "ML", SYRUP, 400),
        ("2.5", "mL", SYRUP, 200),
        (0.005, "L", SYRUP, 400),
        (0.005, "l", SYRUP, 400),
        (5, "mL", MIXED_SYRUP, 50),
    ],
)
def test_a_volume_times_the_strength(value: Any, unit: str, content: Content, mg: float) -> None:
    """A volume is as many mg as the product holds in it."""
    for dosage in (_dose(value, unit), _dose(value, code=unit)):
        assert _line(dosage, content).mg == pytest.approx(mg)


@pytest.mark.parametrize(
    ("dosage", "content"),
    [
        (_dose(1, "tablet"), None),
        (_dose(1, "tablet"), FORMULA),
        (_dose(1, "tablet"), SYRUP),
        (_dose(5, "mL"), None),
        (_dose(5, "mL"), FORMULA),
        (_dose(5, "mL"), TABLET),
        (_dose(1, "spoon"), TABLET),
        (_dose(1, "[iU]"), SYRUP),
        (_dose(400, "mg/mL"), TABLET),
        (_dose(400, "milligram"), None),
        (_dose(1, "mol"), None),
        (_dose(400), TABLET),
        (_dose(400, ""), TABLET),
        (_dose(400, True), TABLET),
        (_dose(None, "mg"), TABLET),
        (_dose(None, "tablet"), TABLET),
    ],
)
def test_what_cannot_be_computed_is_not_guessed(dosage: Json, content: Content | None) -> None:
    """An unknown strength, an unknown or missing unit or a missing number gives no dose."""
    assert _line(dosage, content) == Line()


@pytest.mark.parametrize("value", [0, -1, "0", "-400", 0.0, True, False, "", "400 mg", "one", "NaN", "Infinity"])
@pytest.mark.parametrize("unit", ["mg", "tablet", "mmol"])
def test_a_dose_is_a_positive_number(value: Any, unit: str) -> None:
    """Nothing, less than nothing and what is no number are no dose."""
    assert _line(_dose(value, unit), TABLET) == Line()


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", pytest.param(10**300, id="huge")])
def test_an_absurd_number_is_no_dose(value: Any) -> None:
    """A number beyond all measure, or the word for none, is no dose and never raises."""
    assert lines(dosed({"doseQuantity": {"value": value, "unit": "mg"}}), None) == (Line(),)


@pytest.mark.parametrize("unit", ["mg", "g", "mcg"])
@pytest.mark.parametrize("content", [MIXED, MIXED_SYRUP, Content(combination=True)])
def test_a_mass_of_a_combination_is_of_nobody_knows_what(unit: str, content: Content) -> None:
    """A mass of a product of several ingredients may be that of another one, so it is no dose (rules 11.13)."""
    assert _line(_dose(400, unit), content) == Line()


def _most(value: Any, unit: str, days: Any = 1, per: str = "d") -> Json:
    return {"numerator": {"value": value, "unit": unit}, "denominator": {"value": days, "unit": per, "code": per}}


@pytest.mark.parametrize(
    ("most", "found"),
    [
        (_most(800, "mg"), 800),
        ([_most(800, "mg")], 800),
        ([None, _most("800", "mg", "1")], 800),
        (_most(400, "mg", 12, "h"), 800),
        (_most(1, "g", 1, "day"), 1000),
        (_most(2800, "mg", 1, "wk"), 400),
        (_most(2, "{tbl}"), 800),
        (_most(1, "tablet", 12, "h"), 800),
        ([_most(800, "mg"), _most(1200, "mg")], 800),
        ([_most(800, "mg"), _most(3, "tablet"), _most(4200, "mg", 1, "wk")], 600),
        ([_most(800, "mg"), _most(1, "spoon"), _most(1, "mg", 1, "moon")], 800),
        (_most(1, "spoon"), None),
        (_most(800, "mg", 1, "moon"), None),
        (_most(800, "mg", 0), None),
        (_most(800, "mg", None), None),
        (_most(0, "mg"), None),
        (_most(10, "mmol"), None),
        (_most(5, "mL"), None),
        ({"numerator": {"value": 800, "unit": "mg"}}, None),
        ({"denominator": {"value": 1, "unit": "d"}}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_the_most_of_a_day(most: Any, found: float | None) -> None:
    """The lowest maximum counts, for a day and in mg; one that is not understood is passed over."""
    line = _line(_dose(400, "mg") | {"maxDosePerPeriod": most}, TABLET)
    assert line.most == (None if found is None else pytest.approx(found))


@pytest.mark.parametrize(
    ("most", "found"), [(_most(10, "mmol"), 10), (_most(10, "mEq", 12, "h"), 10), (_most(800, "mg"), None)]
)
def test_the_most_in_the_unit_of_the_dose(most: Json, found: float | None) -> None:
    """The maximum of a dose in mmol is told in mmol too."""
    assert _line(_dose(5, "mmol") | {"maxDosePerPeriod": most}, TABLET).most == found


@pytest.mark.parametrize(
    ("sequence", "found"), [(None, None), (1, 1), (0, 0), ("2", 2), (3.0, 3), ("first", None), (True, None)]
)
def test_the_order_of_steps(sequence: Any, found: int | None) -> None:
    """A line tells its place among the steps as a whole number, also if that was sent as text."""
    assert _line({"sequence": sequence}).sequence == found


@pytest.mark.parametrize(
    ("repeat", "line"),
    [
        ({}, Line()),
        ({"boundsPeriod": {}}, Line()),
        ({"boundsPeriod": {"start": "2026-11-02"}}, Line(start=date(2026, 11, 2))),
        ({"boundsPeriod": {"end": "2026-11"}}, Line(end=date(2026, 11, 30))),
        ({"boundsPeriod": {"start": "2026-11-02T08:00:00", "end": "never"}}, Line(start=date(2026, 11, 2))),
        ({"boundsDuration": {"value": 10, "unit": "days", "code": "d"}}, Line(days=10)),
        ({"boundsDuration": {"value": "2", "code": "wk"}}, Line(days=14)),
        ({"boundsQuantity": {"value": 10, "unit": "days"}}, Line(days=10)),
        ({"boundsDuration": {"value": 5, "code": "d"}, "boundsQuantity": {"value": 9, "code": "d"}}, Line(days=5)),
        ({"boundsDuration": {"value": 10}}, Line()),
        ({"boundsDuration": {"value": 10, "code": "moon"}}, Line()),
    ],
)
def test_limits_of_a_line(repeat: Json, line: Line) -> None:
    """A line tells its explicit first and last day and its length, none of them if it is not told."""
    assert _line(timed(**repeat)) == line
