"""The questions a rule may ask, and the note that is kept where the data were not known."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from cds_service.evidence import Threshold
from cds_service.facts import (
    ALLERGIES,
    CONDITIONS,
    MEDICATIONS,
    PATIENT,
    Drug,
    Listing,
    Medication,
    Need,
    Person,
    Problem,
    ProposedOrder,
    Reason,
    Snapshot,
    State,
    View,
)
from cds_service.terminology import Entry, valueset

TODAY = date(2026, 11, 22)
OPIOIDS = valueset("opioids")
BENZODIAZEPINES = valueset("benzodiazepines")
CRAMP = valueset("muscle-cramp")
INTOLERANCE = valueset("baclofen-intolerance")
OLDER = Threshold(65, "a", "older", "house:scope", "k")
YEAR = Threshold(365, "d", "look-back", "house:scope", "k")
OXYCODONE = Drug((Entry("opioids", "oxycodone", "oral"),))
MORPHINE = Drug((Entry("opioids", "morphine"),))
LORAZEPAM = Drug((Entry("benzodiazepines", "lorazepam", "oral"),))


def _ago(days: int) -> date:
    return TODAY - timedelta(days=days)


def _listed(
    drug: Drug = OXYCODONE, status: str = "active", reference: str = "MedicationRequest/m1", **more: Any
) -> Any:
    return Medication(drug, status, reference, written=_ago(20), **more)


def _view(*listed: Medication, orders: Any = (), unmet: Any = (), **more: Any) -> View:
    known = dict.fromkeys(unmet, "not supplied")
    on_list = Listing.of_known(listed)
    return View(Snapshot(TODAY, TODAY, medications=on_list, orders=tuple(orders), unmet=known, **more), at_order=True)


def test_only_selected_drafts_are_being_ordered() -> None:
    """A card may be about a selected draft only; the others are drafted too, a stop is neither."""
    chosen = ProposedOrder(OXYCODONE, reference="MedicationRequest/d1")
    context = ProposedOrder(OXYCODONE, reference="MedicationRequest/d2", selected=False)
    stop = ProposedOrder(OXYCODONE, reference="MedicationRequest/d3", stops=True)
    view = _view(orders=[chosen, context, stop])
    assert view.ordering(OPIOIDS) == [chosen]
    assert view.drafted(OPIOIDS) == [chosen, context]
    assert view.drafted(BENZODIAZEPINES) == []


def test_active_possible_and_past() -> None:
    """What is taken is active; what may be taken includes the possible; the past is neither."""
    active, held = _listed(), _listed(status="on-hold", reference="MedicationRequest/m2")
    past = _listed(status="stopped", reference="MedicationRequest/m3")
    view = _view(active, held, past, _listed(LORAZEPAM))
    assert view.taking(OPIOIDS) == [active]
    assert view.maybe_taking(OPIOIDS) == [active, held]
    assert view.unanswered == set()


@pytest.mark.parametrize("asked", ["taking", "maybe_taking"])
def test_an_empty_answer_from_an_unknown_list_is_noted(asked: str) -> None:
    """ "None found" is only an answer if the list was known."""
    known, unknown = _view(), _view(unmet=[MEDICATIONS])
    assert getattr(known, asked)(OPIOIDS) == getattr(unknown, asked)(OPIOIDS) == []
    assert known.unanswered == set()
    assert unknown.unanswered == {MEDICATIONS}


def test_a_drug_found_on_a_partial_list_is_an_answer() -> None:
    """On a partial list a drug that is found counts, and nothing is noted."""
    view = _view(_listed(), unmet=[MEDICATIONS])
    assert view.taking(OPIOIDS)
    assert view.unanswered == set()


@pytest.mark.parametrize(
    ("listed", "never"),
    [
        ([], True),
        ([_listed(end=_ago(365), status="stopped")], False),
        ([_listed(end=_ago(366), status="stopped")], True),
        ([_listed(status="stopped")], False),
        ([_listed()], False),
        ([_listed(LORAZEPAM)], True),
    ],
)
def test_never_took(listed: list[Medication], never: bool) -> None:
    """A drug was tried if it ended at most a year ago or its end is unknown (rules 11.3, 11.4)."""
    assert _view(*listed).never_took(OPIOIDS, YEAR) is never


def test_an_unknown_list_never_says_never() -> None:
    """Nothing may follow from an unknown list, unless the drug is found on it."""
    view = _view(unmet=[MEDICATIONS])
    assert not view.never_took(OPIOIDS, YEAR)
    assert view.unanswered == {MEDICATIONS}
    found = _view(_listed(), unmet=[MEDICATIONS])
    assert not found.never_took(OPIOIDS, YEAR)
    assert found.unanswered == set()


def _stop(drug: Drug = OXYCODONE, reference: str = "MedicationRequest/m1") -> ProposedOrder:
    return ProposedOrder(drug, "stopped", reference, stops=True)


@pytest.mark.parametrize(
    ("stop", "first", "second"),
    [
        (_stop(), State.POSSIBLE, State.ACTIVE),
        (_stop(reference="MedicationRequest/m2"), State.ACTIVE, State.POSSIBLE),
        (_stop(reference="MedicationRequest/else"), State.POSSIBLE, State.POSSIBLE),
        (_stop(MORPHINE, "MedicationRequest/else"), State.ACTIVE, State.ACTIVE),
        (_stop(Drug(), "MedicationRequest/else"), State.ACTIVE, State.ACTIVE),
    ],
)
def test_a_stop_ends_the_order_it_names(stop: ProposedOrder, first: State, second: State) -> None:
    """A stop of a listed order ends that one; of an unlisted order it ends the drug, and no other (rules 5.1, 11.6)."""
    listed = [_listed(), _listed(reference="MedicationRequest/m2")]
    view = _view(*listed, orders=[stop])
    assert [view.state(drug) for drug in listed] == [first, second]


def test_a_stop_of_an_unlisted_order_is_a_possible_drug() -> None:
    """What is being stopped may still be taken although the list does not hold it."""
    stop = _stop(reference="MedicationRequest/else")
    view = _view(orders=[stop])
    assert view.taking(OPIOIDS) == []
    assert view.maybe_taking(OPIOIDS) == [stop]
    assert view.state(stop) is State.POSSIBLE


def test_a_stop_of_a_listed_order_counts_once() -> None:
    """The stop of an order on the list adds nothing to the list."""
    assert _view(_listed(), orders=[_stop()]).maybe_taking(OPIOIDS) == [_listed()]


@pytest.mark.parametrize("status", ["stopped", "completed"])
def test_a_stop_does_not_bring_back_what_is_past(status: str) -> None:
    """A drug that ended long ago stays past when an unlisted order of it is stopped."""
    past = _listed(status=status, end=_ago(100))
    assert _view(past, orders=[_stop(reference="MedicationRequest/else")]).state(past) is State.PAST


@pytest.mark.parametrize(
    ("listed", "orders", "renews", "still_has"),
    [
        ([], [], False, False),
        ([_listed()], [], True, True),
        ([_listed(MORPHINE)], [], False, False),
        ([_listed(status="on-hold")], [], False, True),
        ([_listed(status="stopped")], [], False, False),
        ([_listed()], [_stop()], False, True),
        ([_listed(stated=True)], [], True, True),
    ],
)
def test_a_renewal_has_the_ingredient_of_an_active_drug(
    listed: list[Medication], orders: list[ProposedOrder], renews: bool, still_has: bool
) -> None:
    """A draft renews an active drug of its ingredient; a possible one is still there (rules 1.4, 11.17)."""
    draft = ProposedOrder(OXYCODONE, reference="MedicationRequest/d1")
    view = _view(*listed, orders=[draft, *orders])
    assert view.renews(draft) is renews
    assert view.may_still_have(draft) is still_has


def test_a_statement_ends_with_the_request_of_its_drug() -> None:
    """Request and statement of one drug are one medication, and its end is the request's (rules 11.10)."""
    request = _listed(end=_ago(30))
    said = Medication(OXYCODONE, reference="MedicationStatement/s1", stated=True, written=_ago(40))
    undated = Medication(OXYCODONE, reference="MedicationStatement/s1", stated=True)
    assert _view(request, said).taking(OPIOIDS) == []
    assert _view(request, undated).taking(OPIOIDS) == []
    assert _view(said).taking(OPIOIDS) == [said]


def test_a_statement_made_since_the_request_ended_counts() -> None:
    """A drug that the patient reports for a time after the order's end is taken again (rules 11.24)."""
    said = Medication(OXYCODONE, reference="MedicationStatement/s1", stated=True, written=_ago(20))
    assert _view(_listed(end=_ago(30)), said).taking(OPIOIDS) == [said]


@pytest.mark.parametrize(
    ("order", "written", "state"),
    [
        (_listed(end=_ago(30)), 30, State.PAST),
        (_listed(end=_ago(30)), 29, State.ACTIVE),
        (_listed(end=_ago(30)), None, State.PAST),
        (_listed(end=_ago(3)), None, State.POSSIBLE),
        (_listed(), None, State.ACTIVE),
        (_listed(status="stopped"), None, State.ACTIVE),
        (_listed(MORPHINE, end=_ago(30)), None, State.ACTIVE),
    ],
)
def test_when_a_statement_speaks_for_itself(order: Medication, written: int | None, state: State) -> None:
    """A statement later than the order's end, beside an unended order, or of another drug is its own (11.10)."""
    day = None if written is None else _ago(written)
    said = Medication(OXYCODONE, "active", "MedicationStatement/s1", stated=True, written=day)
    assert _view(order, said).state(said) is state


def test_an_active_order_keeps_its_statement() -> None:
    """Beside an ended order, an active one of the same drug keeps the statement active."""
    said = Medication(OXYCODONE, reference="MedicationStatement/s1", stated=True)
    view = _view(_listed(end=_ago(30)), _listed(reference="MedicationRequest/m2"), said)
    assert view.state(said) is State.ACTIVE


def test_a_statement_ends_with_the_last_order() -> None:
    """Of several ended orders of a drug the last one tells whether it may still be taken."""
    said = Medication(OXYCODONE, reference="MedicationStatement/s1", stated=True)
    ended = [_listed(end=_ago(days), reference=f"MedicationRequest/m{days}") for days in (30, 3, 20)]
    assert _view(*ended, said).state(said) is State.POSSIBLE


def test_look_alikes_have_no_ingredient_in_common() -> None:
    """Two drugs that value sets know without an ingredient are not one drug."""
    lookalike = Drug((Entry("drug-lookalikes"),))
    assert lookalike.ingredients == frozenset()
    assert not _view(_listed(lookalike)).renews(ProposedOrder(lookalike))


@pytest.mark.parametrize(
    ("problems", "unmet", "found", "noted"),
    [
        ([], [], False, set()),
        ([], [CONDITIONS], False, {CONDITIONS}),
        ([Problem(frozenset({"muscle-cramp"}))], [CONDITIONS], True, set()),
        ([Problem(frozenset({"muscle-cramp"}), active=False)], [], False, set()),
        ([Problem(frozenset({"seizure"}))], [CONDITIONS], False, {CONDITIONS}),
    ],
)
def test_has_a_condition(problems: list[Problem], unmet: list[Need], found: bool, noted: set[Need]) -> None:
    """An active condition is found, or its absence is noted where the problem list was not known."""
    view = _view(problems=tuple(problems), unmet=unmet)
    assert view.has(CRAMP) is found
    assert view.unanswered == noted


def test_intolerances_are_optional() -> None:
    """An intolerance only softens: where allergies are not known, nothing is noted (decisions 1)."""
    view = _view(unmet=[ALLERGIES])
    assert not view.intolerant_of(INTOLERANCE)
    assert view.unanswered == set()
    assert _view(intolerances=(Problem(frozenset({"baclofen-intolerance"})),)).intolerant_of(INTOLERANCE)


@pytest.mark.parametrize(
    ("person", "unmet", "older", "noted"),
    [
        (Person((date(1961, 11, 22), date(1961, 11, 22))), [], True, set()),
        (Person((date(1961, 11, 23), date(1961, 11, 23))), [], False, set()),
        (Person((date(1961, 11, 1), date(1961, 11, 30))), [], True, set()),
        (Person(), [], False, set()),
        (None, [PATIENT], False, {PATIENT}),
        (None, [], False, set()),
    ],
)
def test_the_oldest_possible_age_counts(
    person: Person | None, unmet: list[Need], older: bool, noted: set[Need]
) -> None:
    """65 is reached on the birthday, and by whoever may have reached it; an unknown patient is noted (rules 1.2)."""
    view = _view(person=person, unmet=unmet)
    assert view.is_at_least(OLDER) is older
    assert view.unanswered == noted


@pytest.mark.parametrize("kind", ["IMP", "ACUTE", "SS", "OBSENC", "EMER", "AMB", "HH", ""])
@pytest.mark.parametrize(("single", "infusion"), [(True, False), (False, True), (False, False)])
def test_a_single_dose_or_infusion_at_the_bedside(kind: str, single: bool, infusion: bool) -> None:
    """A single dose or an infusion is procedural in an encounter with a bed, and only there (rules 1.11, 11.24)."""
    expected = kind in ("IMP", "ACUTE", "SS", "OBSENC", "EMER") and (single or infusion)
    assert _view(encounter_class=kind).procedural(_listed(single=single, infusion=infusion)) is expected


def test_sedation_for_a_procedure_is_procedural() -> None:
    """The reason alone makes an order procedural."""
    reason = Reason(frozenset({"procedural-sedation"}), coded=True)
    assert _view().procedural(_listed(reason=reason))
    assert not _view().procedural(_listed())
