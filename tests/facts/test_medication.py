"""Whether a drug on the list is taken (rules 1.4, 11.3, 11.24), and by which way."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from cds_service.facts import Drug, Medication, ProposedOrder, State
from cds_service.terminology import Entry, valueset

TODAY = date(2026, 11, 22)
OPIOIDS = valueset("opioids")
BENZODIAZEPINES = valueset("benzodiazepines")
DRUG = Drug((Entry("opioids", "hydrocodone", "oral"), Entry("drug-lookalikes"), Entry("opioids", "codeine")))
ACTIVE, POSSIBLE, PAST = State.ACTIVE, State.POSSIBLE, State.PAST


def _ago(days: int | None) -> date | None:
    return None if days is None else TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("status", "written", "ended", "state"),
    [
        ("active", 20, None, ACTIVE),
        ("active", 730, None, ACTIVE),
        ("active", 731, None, PAST),
        ("active", 731, -1, ACTIVE),
        ("active", None, None, ACTIVE),
        ("active", 20, -1, ACTIVE),
        ("active", 20, 0, ACTIVE),
        ("active", 20, 1, POSSIBLE),
        ("active", 20, 7, POSSIBLE),
        ("active", 20, 8, PAST),
        ("completed", 20, 0, POSSIBLE),
        ("completed", 20, 1, POSSIBLE),
        ("completed", 20, 7, POSSIBLE),
        ("completed", 20, 8, PAST),
        ("completed", 20, -1, PAST),
        ("completed", 2, None, PAST),
        ("on-hold", 20, None, POSSIBLE),
        ("unknown", 20, None, POSSIBLE),
        ("stopped", 20, 1, PAST),
        ("stopped", 20, None, PAST),
        ("draft", 0, None, PAST),
        ("cancelled", 0, None, PAST),
        ("entered-in-error", 0, None, PAST),
        ("something else", 0, None, PAST),
        ("", 0, None, PAST),
    ],
)
def test_state_of_an_order(status: str, written: int | None, ended: int | None, state: State) -> None:
    """An order is active, possible or past by its status, its end and its age, to the day."""
    order = Medication(DRUG, status, written=_ago(written), end=_ago(ended))
    assert order.state(TODAY) is state


@pytest.mark.parametrize(
    ("status", "ended", "state"),
    [
        ("active", None, ACTIVE),
        ("active", 400, ACTIVE),
        ("completed", -1, ACTIVE),
        ("completed", 0, PAST),
        ("completed", 3, PAST),
        ("completed", None, PAST),
        ("on-hold", None, POSSIBLE),
        ("unknown", None, POSSIBLE),
        ("not-taken", None, PAST),
        ("intended", None, PAST),
        ("stopped", 1, PAST),
        ("entered-in-error", None, PAST),
    ],
)
def test_state_of_a_statement(status: str, ended: int | None, state: State) -> None:
    """A statement is active, possible or past by its status; a completed one only while its end lies ahead."""
    statement = Medication(DRUG, status, stated=True, written=_ago(900), end=_ago(ended))
    assert statement.state(TODAY) is state


@pytest.mark.parametrize(
    ("written", "ended", "stated", "certain"),
    [
        (365, None, False, True),
        (366, None, False, False),
        (366, -10, False, True),
        (None, None, False, True),
        (366, None, True, True),
    ],
)
def test_an_old_order_without_an_end_is_not_certain(
    written: int | None, ended: int | None, stated: bool, certain: bool
) -> None:
    """Without an end, an order is certain for 365 days after it was written (rules 11.24)."""
    drug = Medication(DRUG, written=_ago(written), end=_ago(ended), stated=stated)
    assert drug.certain(TODAY) is certain


def test_a_drug_belongs_to_its_value_sets() -> None:
    """A drug is in the sets of its entries, and so is a medication of it."""
    assert OPIOIDS in DRUG
    assert BENZODIAZEPINES not in DRUG
    assert OPIOIDS in Medication(DRUG)
    assert OPIOIDS not in Medication(Drug())


def test_a_combination_is_named_by_the_ingredient_that_counts() -> None:
    """The ingredient is that of the asked set; all ingredients and the first known route are told."""
    both = Drug((Entry("naloxone", "naloxone"), Entry("opioids", "pentazocine", "nasal")))
    assert both.ingredient(OPIOIDS) == "pentazocine"
    assert both.ingredient(BENZODIAZEPINES, OPIOIDS) == "pentazocine"
    assert both.ingredients == {"naloxone", "pentazocine"}
    assert both.route == "nasal"
    assert Drug().route == ""


@pytest.mark.parametrize(
    ("drug", "routes", "asked", "found"),
    [
        (Drug(), set(), "oral", True),
        (Drug((Entry("benzodiazepines", "diazepam", "rectal"),)), set(), "rectal", True),
        (Drug((Entry("benzodiazepines", "diazepam", "rectal"),)), set(), "oral", False),
        (Drug((Entry("benzodiazepines", "diazepam", "rectal"),)), {"oral"}, "oral", True),
        (Drug((Entry("benzodiazepines", "diazepam", "rectal"),)), {"oral"}, "rectal", False),
        (Drug(), {"oral", "nasal"}, "nasal", True),
        (Drug(), {"parenteral"}, "oral", False),
    ],
)
def test_the_dosage_tells_the_route_before_the_product(drug: Drug, routes: set[str], asked: str, found: bool) -> None:
    """The route of the dosage counts, else the product's, else it is oral."""
    assert Medication(drug, routes=frozenset(routes)).by_route(asked, "implant") is found


def test_a_draft_is_selected_and_no_stop_unless_told() -> None:
    """A card may be about a proposed order, which stops nothing and is no single dose unless the request says so."""
    draft = ProposedOrder(DRUG)
    assert (draft.selected, draft.stops, draft.several) == (True, False, False)
    assert (draft.single, draft.infusion, draft.stated) == (False, False, False)
