"""Cirrhosis: how much albumin, and which diuretics can be done without (rules 3.6, 11.26)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from cds_service.evidence import Threshold, Words
from cds_service.facts import Medication, View, course
from cds_service.rules._baclofen import taken, use
from cds_service.rules._proposals import Hold, Withdraw
from cds_service.rules._shared import cramps, hold, withdraw
from cds_service.terminology import valueset

ALBUMIN_LEAST = Threshold(20, "g/wk", "least albumin a week", "cramp:L29", "albumin.minPerWeek", (10, 40))
ALBUMIN_MOST = Threshold(40, "g/wk", "most albumin a week", "cramp:L29", "albumin.maxPerWeek", (40, 80))
ALBUMIN_DOSE = Words("albumin.range", lambda: f"{ALBUMIN_LEAST.value}-{ALBUMIN_MOST.value} g/week")
EARLY = Threshold(
    7, "d", "time on a treatment before a check is due", "house:cirrhosis-checks", "cirrhosis.earlyDays", (1, 14)
)
FIRST_MONTH = Threshold(30, "d", "the first month of a treatment", "cramp:L51", "cirrhosis.firstMonthDays")
FIRST_INTERVAL = Threshold(
    14, "d", "interval of checks in the first month", "house:cirrhosis-checks", "cirrhosis.firstMonthInterval", (7, 30)
)
LATER_INTERVAL = Threshold(
    90, "d", "interval of checks after the first month", "house:cirrhosis-checks", "cirrhosis.laterInterval", (30, 180)
)
DIURETICS = valueset("diuretics")
NEEDED = valueset("diuretic-needed")


def without_diuretics(view: View, about: Sequence[Medication]) -> tuple[Hold | Withdraw, ...]:
    """An offer to remove the drafts or to put the orders on hold, unless heart, lungs or kidneys need them."""
    if view.known_to_have(NEEDED):
        return ()
    if view.at_order:
        return withdraw(view, about, DIURETICS)
    return tuple(offer for drug in about for offer in hold([drug], drug.drug.ingredient(DIURETICS)))


@dataclass(frozen=True, slots=True)
class Treatment:
    """A drug for cramps in cirrhosis, or one that causes them: its name, its orders and since when it is taken."""

    drug: str
    about: tuple[Medication, ...]
    start: date | None


def youngest_treatment(view: View) -> Treatment | None:
    """The treatment that began last, one of unknown start before all others."""
    found = []
    if baclofen := taken(view):
        found.append(Treatment("baclofen", tuple(baclofen), use(view, baclofen).start))
    for name, orders in _diuretics(view).items() if cramps(view) else ():
        listed = [one for one in view.listed(DIURETICS) if one.drug.ingredient(DIURETICS) == name]
        found.append(Treatment(name, tuple(orders), course(orders, listed).start))
    return max(found, key=lambda one: one.start or date.max, default=None)


def _diuretics(view: View) -> dict[str, list[Medication]]:
    """The diuretics that are taken, by ingredient."""
    found: dict[str, list[Medication]] = {}
    for one in view.taking(DIURETICS):
        found.setdefault(one.drug.ingredient(DIURETICS), []).append(one)
    return found
