"""Course: the orders of one drug that follow one another without a longer gap, and how the dose went (rules 1.12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cds_service.evidence import Threshold
from cds_service.facts.dose import Step, later
from cds_service.facts.medication import CERTAIN, Medication

GAP = Threshold(14, "d", "longest gap between two orders of one course", "house:course", "course.gapDays", (0, 30))


@dataclass(frozen=True, slots=True)
class Course:
    """Orders of one drug, one after the other; `start` is None if it is not known for one of the last of them."""

    medications: tuple[Medication, ...]
    start: date | None

    def steps(self) -> list[Step]:
        """Every step of every order by its start; a statement tells nothing that an order does not."""
        orders = [one for one in self.medications if not one.stated] or list(self.medications)
        return sorted(
            (step for one in orders for step in one.schedule() if step.start is not None),
            key=lambda step: step.start or date.min,
        )

    def at_dose_since(self, mg: float) -> date | None:
        """The first day of the course at so many mg a day (rules 11.5)."""
        return next((step.start for step in self.steps() if step.mg == mg), None)


def course(last: Sequence[Medication], listed: Sequence[Medication]) -> Course:
    """The course of which these orders are the last, with what is listed before them."""
    orders = [one for one in last if not one.stated] or last
    starts = [one.start for one in last if one.start is not None]
    if not starts or any(one.start is None for one in orders):
        return Course(tuple(last), None)
    start, found = min(starts), list(last)
    for one in sorted(listed, key=lambda one: one.start or date.min, reverse=True):
        if one not in found and one.start is not None and (start - _reaches(one)).days <= GAP.value:
            start, found = min(start, one.start), [*found, one]
    return Course(tuple(found), start)


def _reaches(medication: Medication) -> date:
    """The last day on which it was taken, as far as that is known; without an end it lasts no longer than an order
    that counts as certain."""
    return medication.end or later(medication.start or date.min, CERTAIN.value) or date.max
