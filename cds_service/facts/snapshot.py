"""Snapshot: everything that is known of one patient at one moment."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from types import MappingProxyType

from cds_service.evidence import Threshold
from cds_service.facts.kidney import Kidney, kidney
from cds_service.facts.listing import Listing
from cds_service.facts.medication import ProposedOrder, State
from cds_service.facts.needs import Need
from cds_service.facts.person import Age, Person
from cds_service.facts.problem import Problem
from cds_service.facts.reading import Results
from cds_service.terminology import valueset

HOSPICE = valueset("hospice")
PALLIATIVE = valueset("palliative-care")
RECENT_PALLIATIVE = Threshold(
    90,
    "d",
    "days for which palliative care counts after it was recorded",
    "cdc-opioid-cds",
    "palliative.days",
    (30, 365),
)
DIURETICS = valueset("diuretics")


_NO_RESULTS = Results()


@dataclass(frozen=True)
class Snapshot:
    """One patient, one moment. Lists hold only what some value set knows.

    `age_on` is the day for which ages are told (rules 1.2); `care` are hospice and palliative services beside
    the problem list; `encounter_class` is that of the present encounter; `laboratory` reads the results, at the first
    question for them, because most calls have none; `unmet` names what is not known, and why.
    """

    as_of: date
    age_on: date
    person: Person | None = None
    problems: Collection[Problem] = ()
    medications: Listing = field(default_factory=Listing)
    orders: tuple[ProposedOrder, ...] = ()
    intolerances: Collection[Problem] = ()
    care: Collection[Problem] = ()
    encounter_class: str = ""
    laboratory: Callable[[], Results] = field(default=Results, compare=False)
    unmet: Mapping[Need, str] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def age(self) -> Age | None:
        """The patient's age, None if the patient or the birth date is not known."""
        return self.person.age(self.age_on) if self.person else None

    @cached_property
    def stopping(self) -> list[ProposedOrder]:
        """The orders of this session that stop a drug; nearly always none."""
        return [order for order in self.orders if order.stops]

    @property
    def in_hospice(self) -> bool:
        """Hospice or end-of-life care now, or palliative care recorded lately (rules 1.1)."""
        since = self.as_of - timedelta(days=RECENT_PALLIATIVE.value)
        return any(
            HOSPICE in problem or (PALLIATIVE in problem and (problem.recorded or date.min) >= since)
            for problem in (*self.problems, *self.care)
            if problem.active
        )

    @cached_property
    def results(self) -> Results:
        """What the laboratory says."""
        return self.laboratory()

    @property
    def looked_up(self) -> Results:
        """The same if anybody asked for it, else nothing: for those who only want to tell what was read."""
        return self.results if "results" in self.__dict__ else _NO_RESULTS

    @cached_property
    def kidney(self) -> Kidney:
        """Kidney function, worked out at the first question (rules 1.8)."""
        on_diuretic = any(drug.state(self.as_of) is State.ACTIVE for drug in self.medications.of(DIURETICS))
        return kidney(self.results.readings, self.problems, self.person, self.as_of, on_diuretic)
