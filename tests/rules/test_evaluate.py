"""What stands around the checks: switches, stages, hospice, population, and what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from cds_service.facts import DRUG, MEDICATIONS, Drug, Listing, Medication, Person, Problem, ProposedOrder, Snapshot
from cds_service.rules import RULES, Rule, Withdraw, evaluate, offered
from cds_service.terminology import Entry
from tests.support.switches import staged, turned_off, turned_on

TODAY = date(2026, 11, 22)
OLD = Person((date(1940, 1, 1), date(1940, 1, 1)))
LORAZEPAM = Drug((Entry("benzodiazepines", "lorazepam"),), "lorazepam")
OXYCODONE = Drug((Entry("opioids", "oxycodone"),), "oxycodone")
BUPRENORPHINE = Drug((Entry("opioid-use-disorder-medications", "buprenorphine"),), "buprenorphine")


def _snapshot(**parts: object) -> Snapshot:
    return Snapshot(**({"as_of": TODAY, "age_on": TODAY, "person": OLD} | parts))  # type: ignore[arg-type]


def _rule(id: str) -> Rule:
    return next(rule for rule in RULES if rule.id == id)


def _answers(snapshot: Snapshot, hook: str) -> dict[str, tuple[str, list[str]]]:
    said = evaluate(snapshot, hook)
    return {one.rule.id: (one.kind, [finding.message for finding in one.findings]) for one in said}


def test_a_switched_hook_speaks_when_it_is_on() -> None:
    """With its switch on, the older adults' rule notes a benzodiazepine when the chart is opened."""
    rule = _rule("benzodiazepine-older-adult")
    snapshot = _snapshot(medications=Listing.of_known([Medication(LORAZEPAM)]))
    with turned_on(rule.switched_hooks["patient-view"].key):
        assert _answers(snapshot, "patient-view")[rule.id] == ("finding", ["taken"])


def test_a_switched_hook_is_off_as_it_ships() -> None:
    """As shipped, the same rule answers `off` when the chart is opened."""
    snapshot = _snapshot(medications=Listing.of_known([Medication(LORAZEPAM)]))
    assert _answers(snapshot, "patient-view")["benzodiazepine-older-adult"] == ("off", [])


def test_a_rule_whose_switch_is_off_is_off() -> None:
    """Switched off, the rule on opioid use disorder is not asked."""
    rule = _rule("opioid-use-disorder-benzodiazepine")
    assert rule.switch is not None
    snapshot = _snapshot(orders=(ProposedOrder(BUPRENORPHINE), ProposedOrder(LORAZEPAM)))
    with turned_off(rule.switch.key):
        assert _answers(snapshot, "order-sign")[rule.id] == ("off", [])


def test_a_rule_of_stage_off_is_off() -> None:
    """A rule whose stage is off is not asked."""
    rule = "benzodiazepine-older-adult"
    with staged(rule, "off"):
        assert _answers(_snapshot(orders=(ProposedOrder(LORAZEPAM),)), "order-sign")[rule] == ("off", [])


def test_hospice_from_an_encounter_silences() -> None:
    """Hospice care found outside the problem list silences what the problem list would."""
    care = (Problem(frozenset({"hospice"})),)
    snapshot = _snapshot(orders=(ProposedOrder(LORAZEPAM),), care=care)
    assert {kind for kind, _ in _answers(snapshot, "order-sign").values()} == {"silent", "off"}


def test_an_order_for_an_unknown_drug_is_not_evaluated() -> None:
    """Any rule might have spoken of a drug that nobody can name."""
    snapshot = _snapshot(orders=(ProposedOrder(Drug(known=False)),), unmet={DRUG: "not supplied"})
    assert {kind for kind, _ in _answers(snapshot, "order-sign").values()} == {"not-evaluated", "off"}


def test_a_known_drug_is_judged_beside_an_unknown_one() -> None:
    """The order that can be judged is judged; the rest of the rules say what they could not see."""
    orders = (ProposedOrder(LORAZEPAM), ProposedOrder(Drug(known=False)))
    said = _answers(_snapshot(orders=orders, unmet={DRUG: "not supplied"}), "order-sign")
    assert said["benzodiazepine-older-adult"] == ("finding", ["new"])
    assert said["cyclobenzaprine-older-adult"] == ("not-evaluated", [])


def test_the_missing_need_is_named() -> None:
    """A rule that is not evaluated says which need was not met, and why."""
    snapshot = _snapshot(orders=(ProposedOrder(LORAZEPAM),), unmet={MEDICATIONS: "a part only"})
    said = next(one for one in evaluate(snapshot, "order-sign") if one.rule.id == "benzodiazepine-opioid-combination")
    assert [(part.need, part.why) for part in said.missing] == [(MEDICATIONS, "a part only")]


def test_the_deceased_get_silence() -> None:
    """Nothing is judged, and nothing is missing, for a patient who has died."""
    snapshot = _snapshot(person=Person(deceased=True), orders=(ProposedOrder(LORAZEPAM),), unmet={MEDICATIONS: "x"})
    assert {kind for kind, _ in _answers(snapshot, "order-sign").values()} == {"silent"}


def test_naloxone_is_not_offered_where_a_site_turned_it_off() -> None:
    """With the switch off, a pair is told without an offer of naloxone."""
    snapshot = _snapshot(medications=Listing.of_known([Medication(OXYCODONE), Medication(LORAZEPAM)]))
    with turned_off("added.naloxoneSuggestion"):
        said = next(one for one in evaluate(snapshot, "patient-view") if one.kind == "finding")
    assert said.findings[0].propose == ()


def test_an_unknown_citation_is_refused_at_import() -> None:
    """A rule that cites what nobody knows does not start."""
    with pytest.raises(KeyError):
        replace(_rule("cyclobenzaprine-cramps"), cites=("nowhere:1",))


def test_an_unknown_note_is_refused_at_import() -> None:
    """A rule that carries an evidence note which nobody wrote does not start."""
    with pytest.raises(KeyError):
        replace(_rule("cyclobenzaprine-cramps"), notes=("nowhere",))


def test_patient_view_carries_only_its_rules() -> None:
    """A service offers the rules of its hook, those behind a switch included."""
    assert [rule.id for rule in offered("patient-view")] == [
        "baclofen-abrupt-stop",
        "baclofen-adverse-effect-review",
        "baclofen-he-review",
        "baclofen-renal",
        "benzodiazepine-older-adult",
        "benzodiazepine-opioid-combination",
        "cirrhosis-cramps-diuretic",
        "cirrhosis-cramps-options",
        "cirrhosis-treatment-labs-due",
        "cramps-baclofen-option",
        "cramps-nonpharmacological",
        "cyclobenzaprine-older-adult",
        "electrolyte-check-missing",
        "electrolyte-correct-first",
        "electrolyte-recheck-due",
        "magnesium-hypermagnesemia",
        "magnesium-monitoring-due",
        "magnesium-renal-severe",
        "quinine-cramps",
    ]


def test_nothing_is_removed_while_the_list_is_not_known() -> None:
    """A draft may renew what a list that was not supplied holds: removing it would be a stop at once (rules 11.17)."""
    orders = (ProposedOrder(LORAZEPAM, reference="MedicationRequest/1"), ProposedOrder(OXYCODONE, reference="M/2"))
    for unmet, removals in (({}, 2), ({MEDICATIONS: "not supplied"}, 0)):
        said = evaluate(_snapshot(orders=orders, unmet=unmet), "order-sign")
        found = next(one for one in said if one.rule.id == "benzodiazepine-opioid-combination").findings
        assert len([offer for offer in found[0].propose if isinstance(offer, Withdraw)]) == removals


@pytest.mark.parametrize(
    ("orders", "recommended"),
    [([LORAZEPAM], [True]), ([OXYCODONE], [True]), ([LORAZEPAM, OXYCODONE], [False, False])],
)
def test_a_removal_is_recommended_only_where_it_is_the_only_one(orders: list[Drug], recommended: list[bool]) -> None:
    """Of two new drugs neither is the one to give up; a new one beside a drug that is taken is."""
    taken = tuple(Medication(drug, reference="MedicationRequest/l") for drug in (LORAZEPAM, OXYCODONE))
    snapshot = _snapshot(
        orders=tuple(ProposedOrder(drug, reference=f"MedicationRequest/{drug.name}") for drug in orders),
        medications=Listing.of_known(one for one in taken if one.drug not in orders and len(orders) == 1),
    )
    said = next(one for one in evaluate(snapshot, "order-sign") if one.rule.id == "benzodiazepine-opioid-combination")
    offers = [offer for offer in said.findings[0].propose if isinstance(offer, Withdraw)]
    assert [offer.recommended for offer in offers] == recommended


def test_a_wording_may_name_the_reason_that_it_tells() -> None:
    """Two wordings of one reason are told under it; any other under its own name."""
    rule = _rule("baclofen-titration")
    assert [rule.reason(message) for message in ("step", "step-unknown")] == ["step", "step"]
