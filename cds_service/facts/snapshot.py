"""Snapshot: everything that is known of one patient at one moment. View: the questions a rule may ask of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import MappingProxyType

from cds_service.evidence import Threshold
from cds_service.facts.medication import Medication, ProposedOrder, State
from cds_service.facts.needs import CONDITIONS, MEDICATIONS, PATIENT, Need
from cds_service.facts.person import Age, Person
from cds_service.facts.problem import Problem, Reason
from cds_service.terminology import ValueSet, valueset

HOSPICE = valueset("hospice")
PALLIATIVE = valueset("palliative-care")
PROCEDURAL = valueset("procedural-sedation")
RECENT_PALLIATIVE = Threshold(
    90,
    "d",
    "days for which palliative care counts after it was recorded",
    "cdc-opioid-cds",
    "palliative.days",
)
# Encounter classes in which a single dose is given by the staff (rules 1.11).
BEDSIDE = frozenset({"IMP", "ACUTE", "SS", "OBSENC", "EMER"})


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One patient, one moment. Lists hold only what some value set knows.

    `age_on` is the day for which ages are told (rules 1.2); `care` are hospice and palliative services beside
    the problem list; `encounter_class` is that of the present encounter; `unmet` names what is not known, and why.
    """

    as_of: date
    age_on: date
    person: Person | None = None
    problems: tuple[Problem, ...] = ()
    medications: tuple[Medication, ...] = ()
    orders: tuple[ProposedOrder, ...] = ()
    intolerances: tuple[Problem, ...] = ()
    care: tuple[Problem, ...] = ()
    encounter_class: str = ""
    unmet: Mapping[Need, str] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def age(self) -> Age | None:
        """The patient's age, None if the patient or the birth date is not known."""
        return self.person.age(self.age_on) if self.person else None

    @property
    def in_hospice(self) -> bool:
        """Hospice or end-of-life care now, or palliative care recorded lately (rules 1.1)."""
        since = self.as_of - timedelta(days=RECENT_PALLIATIVE.value)
        return any(
            HOSPICE in problem or (PALLIATIVE in problem and (problem.recorded or date.min) >= since)
            for problem in (*self.problems, *self.care)
            if problem.active
        )


class View:
    """A Snapshot as one rule sees it: every question returns facts, and a question whose answer is
    "none found" although the data were not known is noted in `unanswered`, so that silence after it
    reads as "not evaluated" and never as "all is well"."""

    __slots__ = ("at_order", "facts", "unanswered")

    def __init__(self, snapshot: Snapshot, at_order: bool) -> None:
        self.facts = snapshot
        self.at_order = at_order  # else the chart is being opened
        self.unanswered: set[Need] = set()

    def ordering(self, drugs: ValueSet) -> list[ProposedOrder]:
        """The selected drafts of these drugs: those that a card may be about."""
        return [order for order in self.drafted(drugs) if order.selected]

    def drafted(self, drugs: ValueSet) -> list[ProposedOrder]:
        """All drafts of these drugs, selected or not."""
        return [order for order in self.facts.orders if drugs in order and not order.stops]

    def taking(self, drugs: ValueSet) -> list[Medication]:
        """The active medications of these drugs; one being stopped in this session is not active."""
        return self._found([drug for drug in self._listed(drugs) if self.state(drug) is State.ACTIVE])

    def maybe_taking(self, drugs: ValueSet) -> list[Medication]:
        """The active and the possible medications of these drugs, those being stopped included (rules 11.6)."""
        return self._found([drug for drug in self._listed(drugs) if self.state(drug) is not State.PAST])

    def never_took(self, drugs: ValueSet, within: Threshold) -> bool:
        """Whether it is known that none of these drugs is taken or ended within so many days (rules 11.4).

        An unknown end counts as taken (rules 11.3); an unknown list answers nothing, so nothing may follow from it.
        """
        since = self.facts.as_of - timedelta(days=within.value)
        took = [drug for drug in self._listed(drugs) if drug.end is None or drug.end >= since]
        self._found(took)
        return not took and MEDICATIONS not in self.unanswered

    def _listed(self, drugs: ValueSet) -> list[Medication]:
        """The list, and what is being stopped although the list does not hold it (any more)."""
        held = {drug.reference for drug in self.facts.medications}
        stopping = [order for order in self._stopping() if order.reference not in held]
        return [drug for drug in (*self.facts.medications, *stopping) if drugs in drug]

    def _found(self, drugs: list[Medication]) -> list[Medication]:
        if not drugs:
            self._note(MEDICATIONS)
        return drugs

    def _stopping(self) -> list[ProposedOrder]:
        return [order for order in self.facts.orders if order.stops]

    def state(self, drug: Medication) -> State:
        """The state of a listed drug in this session: a drug being stopped is at most possible (rules 11.6)."""
        if any(order is drug or self._ends(order, drug) for order in self._stopping()):
            return State.POSSIBLE
        return self._ordered_end(drug) or drug.state(self.facts.as_of)

    def _ordered_end(self, drug: Medication) -> State | None:
        """Order and statement of one drug are one medication, and its end is the order's (rules 11.10).

        None for an order, and for a statement that no ended order speaks for.
        """
        if not drug.stated:
            return None
        orders = [
            one for one in self.facts.medications if not one.stated and one.drug.ingredients & drug.drug.ingredients
        ]
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
        return any(
            drug.drug.ingredients & order.drug.ingredients and self.state(drug) is State.ACTIVE
            for drug in self.facts.medications
        )

    def may_still_have(self, order: Medication) -> bool:
        """Whether the order's drug is or may be taken: then removing the draft may stop it at once.

        A list that is not known may hold it.
        """
        return MEDICATIONS in self.facts.unmet or any(
            drug.drug.ingredients & order.drug.ingredients and self.state(drug) is not State.PAST
            for drug in self.facts.medications
        )

    def has(self, conditions: ValueSet) -> bool:
        """Whether one of these conditions is active."""
        return self.known_to_have(conditions) or self._note(CONDITIONS)

    def known_to_have(self, conditions: ValueSet) -> bool:
        """The same, of conditions that only suppress or soften: not to know them blocks nothing."""
        return any(conditions in problem and problem.active for problem in self.facts.problems)

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

    def _note(self, need: Need) -> bool:
        if need in self.facts.unmet:
            self.unanswered.add(need)
        return False
