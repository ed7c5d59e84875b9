"""Medication and ProposedOrder: a drug on the list, and a drug about to be ordered."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

from cds_service.evidence import Threshold
from cds_service.facts.dose import Line, Step, schedule
from cds_service.facts.problem import Reason
from cds_service.terminology import Content, Entry, ValueSet

NO_END = Threshold(
    730, "d", "oldest active order without an end that still counts", "cdc-opioid-cds", "orders.noEndDays", (365, 1825)
)
JUST_ENDED = Threshold(
    7,
    "d",
    "days after its end in which a drug is possibly still taken",
    "house:list-age",
    "recentlyCompletedDays",
    (0, 14),
)
CERTAIN = Threshold(
    365,
    "d",
    "oldest order without an end that is a certain medication",
    "house:list-age",
    "orders.certainDays",
    (90, 365),
)


class State(Enum):
    """Whether a drug on the list is taken (rules 1.4)."""

    ACTIVE = "active"
    POSSIBLE = "possible"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Drug:
    """What a medication is: the entries that its codes, or else the words of its name, have in our value sets.

    `known` is False only for a reference that could not be resolved: any other drug is simply another drug.
    `content` is what one unit of the product holds, by its code or, before that, by the Medication resource.
    """

    entries: tuple[Entry, ...] = ()
    name: str = ""
    by_name: bool = False
    known: bool = True
    content: Content | None = None

    def __contains__(self, valueset: ValueSet) -> bool:
        return self.is_of((valueset.name,))

    def is_of(self, names: Collection[str]) -> bool:
        """Whether it belongs to one of the value sets of these names."""
        for entry in self.entries:  # noqa: SIM110 - any() takes twice as long, and every rule asks this of every drug
            if entry.valueset in names:
                return True
        return False

    def ingredient(self, *valuesets: ValueSet) -> str:
        """The ingredient for which the drug belongs to one of the sets: hydrocodone of a combination."""
        names = {valueset.name for valueset in valuesets}
        return next(entry.ingredient for entry in self.entries if entry.valueset in names)

    @property
    def ingredients(self) -> frozenset[str]:
        """Every ingredient that any value set knows."""
        return frozenset(entry.ingredient for entry in self.entries if entry.ingredient)

    @property
    def route(self) -> str:
        """The route that the product has by itself, "" if its code does not tell."""
        return next((entry.route for entry in self.entries if entry.route), "")


@dataclass(frozen=True, slots=True)
class Medication:
    """One order or statement of a drug.

    `status` is FHIR's word for it, `written` the day it was ordered or, of a statement, begun; `start` is the day from
    which it is taken, `end` its explicit end,
    `routes` the classes of its dosages, `days` its length (bounds, else supply with refills),
    `single` a single dose, `infusion` a dose given as a rate; `dosage` reads its
    dosage lines, which most rules never ask for.
    """

    drug: Drug
    status: str = "active"
    reference: str = ""
    stated: bool = False
    written: date | None = None
    start: date | None = None
    end: date | None = None
    routes: frozenset[str] = frozenset()
    reason: Reason = field(default_factory=Reason)
    days: float | None = None
    single: bool = False
    infusion: bool = False
    dosage: Callable[[], tuple[Line, ...]] = field(default=tuple, compare=False)

    def __contains__(self, valueset: ValueSet) -> bool:
        return valueset in self.drug

    def schedule(self) -> list[Step]:
        """The doses in the order in which they are taken, read from the dosage lines."""
        return schedule(self.dosage(), self.start)

    def mg_on(self, day: date) -> float | None:
        """The mg of a day, None if it cannot be computed or it is not known which step it lies in."""
        steps = self.schedule()
        if not steps or (len(steps) > 1 and any(step.start is None for step in steps)):
            return None
        begun = [step for step in steps if step.start is None or step.start <= day]
        return begun[-1].mg if begun else steps[0].mg

    def by_route(self, *routes: str) -> bool:
        """Whether the dosage, or else the product, goes one of these ways; no route at all means oral, unless the
        dose is a rate."""
        return bool((self.routes or {self.drug.route or ("parenteral" if self.infusion else "oral")}) & set(routes))

    def state(self, on: date) -> State:
        """Active, possible or past on a day (rules 1.4, 11.3)."""
        return _stated(self, on) if self.stated else _ordered(self, on)

    def certain(self, on: date) -> bool:
        """False for an order without an end that is older than a year (rules 11.24)."""
        if self.stated or self.end is not None or self.written is None:
            return True
        return (on - self.written).days <= CERTAIN.value


@dataclass(frozen=True, slots=True)
class ProposedOrder(Medication):
    """A draft order. `selected` is False for a draft that is only context (order-select);
    `stops` marks an order that ends a drug (rules 5.1); `several` that it has more than one dosage line."""

    selected: bool = True
    stops: bool = False
    several: bool = False


def _ordered(order: Medication, on: date) -> State:
    ended = None if order.end is None else (on - order.end).days
    if order.status in ("on-hold", "unknown"):
        return State.POSSIBLE
    if order.status == "completed":
        return State.POSSIBLE if ended is not None and 0 <= ended <= JUST_ENDED.value else State.PAST
    if order.status != "active":
        return State.PAST
    if ended is None:
        too_old = order.written is not None and order.written < on - timedelta(days=NO_END.value)
        return State.PAST if too_old else State.ACTIVE
    if ended <= 0:
        return State.ACTIVE
    return State.POSSIBLE if ended <= JUST_ENDED.value else State.PAST


def _stated(statement: Medication, on: date) -> State:
    if statement.status == "active":
        return State.ACTIVE
    if statement.status == "completed" and statement.end is not None and statement.end > on:
        return State.ACTIVE
    return State.POSSIBLE if statement.status in ("on-hold", "unknown") else State.PAST
