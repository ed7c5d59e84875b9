"""Baclofen and the kidney: how urgent an order or a treatment is at which kidney function (rules 3.3 B5, 11.21)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from cds_service.evidence import Switch, Threshold
from cds_service.facts import SEVERE, Band, Kidney, Medication, ProposedOrder, View
from cds_service.rules._baclofen import (
    current_mg,
    drafts,
    is_new,
    most_mg,
    purpose,
    recent,
    redose,
    remove,
    taken,
)
from cds_service.rules._proposals import Proposal
from cds_service.rules._shared import OLDER, order_tests
from cds_service.rules._taper import divided, taper

CRITICAL = Switch("added.renalCritical", True, "critical cards for baclofen without kidneys", "baclofen-ckd-2018")
START = Threshold(
    5,
    "mg/d",
    "first dose of baclofen at reduced kidney function",
    "house:baclofen-renal",
    "baclofen.renalStartMax",
    (2.5, 5),
)
MOST = Threshold(
    15,
    "mg/d",
    "highest dose of baclofen at reduced kidney function",
    "house:baclofen-renal",
    "baclofen.renalMax",
    (5, 30),
)
LARGE = Threshold(
    60,
    "mg/d",
    "first dose for another indication that is warned of at reduced kidney function",
    "house:baclofen-renal",
    "baclofen.renalOtherMax",
    (30, 80),
)
LARGE_OLDER = Threshold(
    15,
    "mg/d",
    "the same in older adults: warned of above it",
    "house:baclofen-renal",
    "baclofen.renalOtherOlderMax",
    (5, 30),
)
Change = Literal["new", "raised", "same", "lower"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What a kidney function means for an order, or for what is taken: the message, and what is offered."""

    about: tuple[Medication, ...]
    message: str
    offers: Sequence[Proposal] = ()


def below(kidney: Kidney) -> str:
    """From where on baclofen is avoided, if an eGFR tells it."""
    return f" below {SEVERE.value}" if kidney.reading is not None and kidney.band in (Band.G4, Band.G5) else ""


def judged(view: View, band: Band) -> Iterator[Judged]:
    """Every draft or, when the chart is opened, what is taken."""
    if not view.at_order:
        yield from _charted(view, band)
        return
    for order in drafts(view):
        if band is Band.G3:
            yield Judged((order,), "reduce" if _is_much(view, order) else "adjusted", _less(view, order))
        elif band.is_severe:
            yield _avoided(view, order, band)


def _charted(view: View, band: Band) -> Iterator[Judged]:
    about, now = tuple(taken(view)), current_mg(view)
    tests = order_tests(view, "creatinine")
    if about and band.is_severe:
        yield Judged(about, "avoid", (*taper(view), *tests))
    elif about and band is Band.G3 and (now is None or now > MOST.value):
        yield Judged(about, "taken", (*taper(view, to=MOST.value), *tests))


def _change(view: View, order: ProposedOrder) -> Change:
    """What an order does to the dose; a taper lowers it, and a dose that is not known leaves it as it is."""
    if not recent(view):
        return "new"
    now, most = current_mg(view), most_mg(order)
    if now is None or most is None:
        return "same"
    last = order.schedule()[-1].mg or 0
    return "raised" if most > now else "lower" if last < now else "same"


def _avoided(view: View, order: ProposedOrder, band: Band) -> Judged:
    change = _change(view, order)
    failure = band in (Band.G5, Band.DIALYSIS)
    hazard = failure and CRITICAL.on and (change == "raised" or is_new(view))
    message = "failure" if hazard else "lower" if change == "lower" else "avoid"
    if change == "new":
        return Judged((order,), message, remove(view, order, recommended=True))
    tapered = () if change == "lower" else taper(view, order)
    return Judged((order,), message, (*tapered, *order_tests(view, "creatinine")))


def _is_much(view: View, order: ProposedOrder) -> bool:
    """Whether an order is to be warned of at eGFR 30 to 59; as long as a dose may still be missing, it is not."""
    dose, new, older = most_mg(order), _change(view, order) == "new", view.is_at_least(OLDER)
    if purpose(view, order) == "other":
        return new and dose is not None and (dose >= LARGE.value or (older and dose > LARGE_OLDER.value))
    if dose is None:
        return view.signing
    return older or dose > START.value if new else dose > MOST.value


def _less(view: View, order: ProposedOrder) -> Sequence[Proposal]:
    """The first dose for such kidneys, or, of what is taken for cramps, the highest one, at once or by a taper."""
    dose, now = most_mg(order), current_mg(view)
    if is_new(view):
        return redose(view, order, (START.value, 1)) if dose is None or dose > START.value else ()
    if now is None or dose is None or dose <= MOST.value or purpose(view, order) == "other":
        return ()
    return taper(view, order, MOST.value) if now > MOST.value else redose(view, order, divided(MOST.value))
