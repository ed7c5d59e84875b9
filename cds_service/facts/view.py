"""View: the questions that a rule may ask of a snapshot, and which of them could not be answered."""

from __future__ import annotations

from datetime import date, timedelta

from cds_service.evidence import Threshold
from cds_service.facts.analytes import CREATININE, EVER, LABS, PENDING, Analyte
from cds_service.facts.kidney import REMEMBERED, Band, Kidney
from cds_service.facts.medication import Medication, ProposedOrder, State
from cds_service.facts.needs import CONDITIONS, KIDNEY_FUNCTION, MEDICATIONS, PATIENT, Need
from cds_service.facts.problem import Problem, Reason
from cds_service.facts.reading import Level, Reading, Unused, newest
from cds_service.facts.snapshot import Snapshot
from cds_service.terminology import ValueSet, valueset

PROCEDURAL = valueset("procedural-sedation")
# Encounter classes in which a single dose is given by the staff (rules 1.11).
BEDSIDE = frozenset({"IMP", "ACUTE", "SS", "OBSENC", "EMER"})


class View:
    """A Snapshot as one rule sees it: every question returns facts, and a question whose answer is
    "none found" although the data were not known is noted in `unanswered`, so that silence after it
    reads as "not evaluated" and never as "all is well"."""

    __slots__ = ("at_order", "facts", "signing", "unanswered")

    def __init__(self, snapshot: Snapshot, at_order: bool, signing: bool = False) -> None:
        self.facts = snapshot
        self.at_order = at_order  # else the chart is being opened
        self.signing = signing  # else a dose may still be missing
        self.unanswered: set[Need] = set()

    def ordering(self, *drugs: ValueSet) -> list[ProposedOrder]:
        """The selected drafts of these drugs: those that a card may be about."""
        return [order for order in self.drafted(*drugs) if order.selected]

    def drafted(self, *drugs: ValueSet) -> list[ProposedOrder]:
        """All drafts of these drugs, selected or not."""
        names = {one.name for one in drugs}
        return [order for order in self.facts.orders if not order.stops and order.drug.is_of(names)]

    def taking(self, drugs: ValueSet) -> list[Medication]:
        """The active medications of these drugs; one being stopped in this session is not active."""
        return self._found([drug for drug in self.listed(drugs) if self.state(drug) is State.ACTIVE])

    def in_question(self, drugs: ValueSet) -> list[Medication]:
        """The drugs that the hook is about: selected drafts or, when the chart is opened, active medications."""
        return [*self.ordering(drugs)] if self.at_order else self.taking(drugs)

    def took_until_now(self, drugs: ValueSet) -> list[Medication]:
        """The medications of these drugs that were active as the session began: those being stopped in it, too."""
        stopping = self.facts.stopping
        return [
            drug
            for drug in self._found(self.listed(drugs))
            if self.state(drug) is State.ACTIVE or any(order is drug or self._ends(order, drug) for order in stopping)
        ]

    def ending(self, drugs: ValueSet) -> list[ProposedOrder]:
        """The selected orders that stop one of these drugs."""
        return [order for order in self.facts.stopping if drugs in order and order.selected]

    def maybe_taking(self, drugs: ValueSet) -> list[Medication]:
        """The active and the possible medications of these drugs, those being stopped included (rules 11.6)."""
        return self._found([drug for drug in self.listed(drugs) if self.state(drug) is not State.PAST])

    def never_took(self, drugs: ValueSet, within: Threshold) -> bool:
        """Whether it is known that none of these drugs is taken or ended within so many days (rules 11.4).

        An unknown end counts as taken (rules 11.3); an unknown list answers nothing, so nothing may follow from it.
        """
        since = self.days_ago(within)
        took = [drug for drug in self.listed(drugs) if drug.end is None or drug.end >= since]
        self._found(took)
        return not took and MEDICATIONS not in self.unanswered

    def listed(self, drugs: ValueSet) -> list[Medication]:
        """The list of any time, and what is being stopped although the list does not hold it (any more)."""
        found = self.facts.medications.of(drugs)
        if not self.facts.stopping:
            return found  # nearly always
        return found + [order for order in self.facts.stopping if drugs in order and not self._is_held(order)]

    def _is_held(self, order: ProposedOrder) -> bool:
        """Whether the list holds what an order stops."""
        return any(order.reference == drug.reference or self._ends(order, drug) for drug in self.facts.medications)

    def _found(self, drugs: list[Medication]) -> list[Medication]:
        if not drugs:
            self._note(MEDICATIONS)
        return drugs

    def state(self, drug: Medication) -> State:
        """The state of a listed drug in this session: a drug being stopped is at most possible (rules 11.6)."""
        stopping = self.facts.stopping
        if stopping and any(order is drug or self._ends(order, drug) for order in stopping):
            return State.POSSIBLE
        return self._ordered_end(drug) or drug.state(self.facts.as_of)

    def _ordered_end(self, drug: Medication) -> State | None:
        """Order and statement of one drug are one medication, and its end is the order's (rules 11.10).

        None for an order, and for a statement that no ended order speaks for.
        """
        if not drug.stated:
            return None
        orders = [one for one in self.facts.medications.sharing(drug.drug) if not one.stated]
        last = max((one for one in orders if one.end is not None), key=lambda one: one.end or date.min, default=None)
        if last is None or any(one.state(self.facts.as_of) is State.ACTIVE for one in orders):
            return None
        later = drug.written is not None and last.end is not None and drug.written > last.end
        return None if later else last.state(self.facts.as_of)

    def _ends(self, order: ProposedOrder, drug: Medication) -> bool:
        """A stop names the order that it ends; if the list does not hold that one, it ends the drug."""
        active = drug.state(self.facts.as_of) is State.ACTIVE
        if any(order.reference == listed.reference for listed in self.facts.medications):
            told_already = drug.status in ("stopped", "completed") and drug.end is None
            return order.reference == drug.reference and (active or told_already)
        return active and bool(order.drug.ingredients & drug.drug.ingredients)

    def renews(self, order: Medication) -> bool:
        """Whether the order's drug is active already: then the draft replaces it (rules 1.4)."""
        return any(self.state(drug) is State.ACTIVE for drug in self.facts.medications.sharing(order.drug))

    def may_still_have(self, order: Medication) -> bool:
        """Whether the order's drug is or may be taken: then removing the draft may stop it at once.

        A list that is not known may hold it.
        """
        return MEDICATIONS in self.facts.unmet or any(
            self.state(drug) is not State.PAST for drug in self.facts.medications.sharing(order.drug)
        )

    def has(self, conditions: ValueSet) -> bool:
        """Whether one of these conditions is active."""
        return self.known_to_have(conditions) or self._note(CONDITIONS)

    def known_to_have(self, conditions: ValueSet) -> bool:
        """The same, of conditions that only suppress or soften: not to know them blocks nothing."""
        return any(conditions in problem and problem.active for problem in self.facts.problems)

    def active(self, *conditions: ValueSet) -> list[Problem]:
        """The active problems among these conditions, the earliest first."""
        found = [one for one in self.facts.problems if one.active and any(each in one for each in conditions)]
        if not found:
            self._note(CONDITIONS)
        return sorted(found, key=lambda one: (one.recorded or date.min, one.reference))

    def since(self, conditions: ValueSet, within: Threshold) -> list[Problem]:
        """Those of these conditions that are active, or ended within so many days, the earliest first; where no end is
        known the day it was recorded stands for it, and one without any day counts."""
        first = self.days_ago(within)
        found = [one for one in self.facts.problems if conditions in one]
        lately = [one for one in found if one.active or (one.ended or one.recorded or first) >= first]
        if not lately:
            self._note(CONDITIONS)
        return sorted(lately, key=lambda one: (one.recorded or date.min, one.reference))

    def had(self, conditions: ValueSet, within: Threshold) -> bool:
        """Whether one of these conditions is active, or ended within so many days."""
        return bool(self.since(conditions, within))

    def reason(self, order: ProposedOrder) -> Reason:
        """The order's reason; one that is a condition which was not supplied is noted."""
        if order.reason.unresolved:
            self._note(CONDITIONS)
        return order.reason

    def intolerant_of(self, drugs: ValueSet) -> bool:
        """Whether an allergy or intolerance to one of these drugs is recorded."""
        return any(drugs in problem for problem in self.facts.intolerances)

    def is_at_least(self, years: Threshold) -> bool:
        """Whether the patient may be that old: the oldest possible age counts (rules 1.2)."""
        if self.facts.person is None:
            return self._note(PATIENT)
        age = self.facts.age
        return age is not None and age.oldest >= years.value

    def procedural(self, medication: Medication) -> bool:
        """A single dose or infusion given at the bedside, or sedation for a procedure (rules 1.11)."""
        at_bedside = self.facts.encounter_class in BEDSIDE and (medication.single or medication.infusion)
        return at_bedside or PROCEDURAL in medication.reason

    def latest(self, test: Analyte, within: Threshold = LABS) -> Reading | None:
        """The newest result of a test that is not too old, in days; whether there is none must be known."""
        since = self.days_ago(within)
        found = newest(one for one in self.facts.results.readings if one.analyte is test and one.day >= since)
        if found is None:
            self._note(test.need)
        return found

    def lacks(self, test: Analyte, within: Threshold = LABS) -> bool:
        """Whether it is known that there is no such result: looked for, and not found."""
        return self.latest(test, within) is None and self.knows(test.need)

    def outdated(self, test: Analyte) -> Reading | None:
        """The newest result of any age, for a card that tells why it does not decide."""
        return newest(one for one in self.facts.results.readings if one.analyte is test)

    def unused(self, test: Analyte) -> list[Unused]:
        """The recent results of a test that were read and do not count; those of another specimen are none of it."""
        since = self.days_ago(LABS)
        every = (one for one in self.facts.results.unused if one.analyte is test and not one.elsewhere)
        return [one for one in every if one.day is None or one.day >= since]

    def was_low(self, test: Analyte) -> bool:
        """Whether any result of the last year was low."""
        since = self.days_ago(EVER)
        every = (one for one in self.facts.results.readings if one.analyte is test and one.day >= since)
        return any(one.level is Level.LOW for one in every)

    def knows(self, need: Need) -> bool:
        """Whether data of that kind were supplied in full."""
        return need not in self.facts.unmet or self._note(need)

    def days_ago(self, number: Threshold) -> date:
        """The day so many days before this one."""
        return self.facts.as_of - timedelta(days=number.value)

    def recorded(self, conditions: ValueSet, since: date, undated: bool = False) -> bool:
        """Whether one of these conditions is active and was recorded on that day or later, or, if told so, at an
        unknown time."""
        return any(
            conditions in problem and problem.active and (problem.recorded >= since if problem.recorded else undated)
            for problem in self.facts.problems
        )

    def kidney(self) -> Kidney:
        """Kidney function; that it is unknown counts only if results, conditions and the age were looked for."""
        found = self.facts.kidney
        if found.band is Band.UNKNOWN:
            self._note(KIDNEY_FUNCTION)
            self._note(CONDITIONS)
            if self.latest(CREATININE, REMEMBERED) is not None:
                self._note(PATIENT)  # without an age no eGFR follows from it
        return found

    def pending(self, test: str) -> bool:
        """Whether a test (magnesium, creatinine ...) was ordered, or its result is preliminary, these days."""
        since = self.days_ago(PENDING)
        return any(test == one.test and one.day >= since for one in self.facts.results.pending)

    def _note(self, need: Need) -> bool:
        if need in self.facts.unmet:
            self.unanswered.add(need)
        return False
