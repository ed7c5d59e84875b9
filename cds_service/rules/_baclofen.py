"""Baclofen: which orders of it count, how much they give, whether it was tried, and to whom it may be offered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import TypeVar

from cds_service.evidence import Threshold, Words
from cds_service.facts import (
    CONDITIONS,
    GAP,
    MEDICATIONS,
    Band,
    Course,
    Medication,
    ProposedOrder,
    State,
    View,
    course,
    highest,
    total,
)
from cds_service.rules._kit import Fact
from cds_service.rules._proposals import OfferBaclofen, Redose, Withdraw
from cds_service.rules._shared import (
    BENZODIAZEPINES,
    OLDER,
    OPIOIDS,
    OUD_MEDICINES,
    SPASTICITY,
    context,
    drug_fact,
    is_pregnant,
    withdraw,
)
from cds_service.terminology import valueset

BACLOFEN = valueset("baclofen")
INTOLERANCE = valueset("baclofen-intolerance")
ENCEPHALOPATHY = valueset("hepatic-encephalopathy")
MOTOR_NEURONE = valueset("motor-neurone-disease")
START = Threshold(10, "mg/d", "first dose of baclofen", "cramp:L2", "baclofen.startMax", (5, 15))
MOST = Threshold(30, "mg/d", "highest dose of baclofen for cramps", "cramp:L2", "baclofen.max", (30, 80))
STEP = Threshold(10, "mg/d", "most by which the dose of baclofen is raised", "cramp:L6", "baclofen.step", (5, 15))
WEEK = Threshold(7, "d", "shortest time at one dose before the next", "cramp:L6", "baclofen.stepDays")
SMALL = Threshold(
    5, "mg", "largest single dose of baclofen for older adults", "cramp:L24", "baclofen.olderPerDose", (2.5, 5)
)
OLDER_START = Threshold(
    15, "mg/d", "highest first dose in older adults", "cramp:L24", "baclofen.olderStartMax", (5, 15)
)
RANGE = Words("baclofen.range", lambda: f"{START.value}-{MOST.value} mg/day")


def _older_range() -> str:
    most = _OFTEN[min(max(int(OLDER_START.value / SMALL.value), 1), len(_OFTEN)) - 1]
    return f"{SMALL.value} mg once daily" if most == "once" else f"{SMALL.value} mg once to {most} daily"


_OFTEN = ("once", "twice", "three times", "four times")
OLDER_RANGE = Words("baclofen.olderRange", _older_range)
ELSEWHERE = "If baclofen is already taken from elsewhere, do not reduce it suddenly."
TRIAL = Threshold(
    365,
    "d",
    "how long ago a trial of baclofen may have ended",
    "house:baclofen-trial",
    "baclofenTrial.lookbackDays",
    (90, 1825),
)
ENCEPHALOPATHIC = Threshold(
    365,
    "d",
    "how long encephalopathy of the liver counts after it was resolved",
    "house:baclofen-offer",
    "baclofen.encephalopathyDays",
    (90, 1825),
)
# Sedating drugs beside which baclofen is not offered.
_SEDATING = (BENZODIAZEPINES, OPIOIDS, OUD_MEDICINES)
Drug = TypeVar("Drug", bound=Medication)


def oral(medications: Iterable[Drug]) -> list[Drug]:
    """Those that are swallowed: a pump has a protocol of its own."""
    return [one for one in medications if one.by_route("oral")]


def drafts(view: View) -> list[ProposedOrder]:
    """The selected drafts of baclofen by mouth."""
    return oral(view.ordering(BACLOFEN))


def for_cramps(view: View) -> Iterator[tuple[ProposedOrder, str]]:
    """The drafts that are for cramps, or may be, with "cramp" or "unknown"."""
    for order in drafts(view):
        if (found := purpose(view, order)) != "other":
            yield order, found


def purpose(view: View, order: ProposedOrder) -> str:
    """What the order is for; without a reason a spastic disorder speaks against cramps (rules 1.10), and motor
    neurone disease leaves it open (rules 11.15, 11.23)."""
    found = context(view, order)
    if order.reason.given:
        return found
    if view.known_to_have(SPASTICITY):
        return "other"
    return "unknown" if view.known_to_have(MOTOR_NEURONE) else found


def first_mg(order: Medication) -> float | None:
    """The mg a day with which an order starts, None if it cannot be computed."""
    steps = order.schedule()
    return steps[0].mg if steps else None


def most_mg(order: Medication) -> float | None:
    """The mg a day of an order's highest step (rules 11.9), None if any step cannot be computed."""
    return highest(step.mg for step in order.schedule())


def most_mg_at_once(order: Medication) -> float:
    """The largest single dose of any step, 0 if none is known."""
    return max((mg for step in order.schedule() for mg in step.doses), default=0)


def fast_rise(view: View, order: ProposedOrder) -> tuple[float, float, float | None] | None:
    """(mg a day before, after, days at the first) of the first rise, from what is taken now through the order's steps,
    that is too large or too soon (rules 1.9)."""
    now = current_mg(view)
    present = [] if now is None else [(now, _days_at(view, now))]
    planned = [(step.mg, step.days) for step in order.schedule() if step.mg is not None]
    for (before, days), (after, _) in pairwise([*present, *planned]):
        rise = after - before
        if rise > STEP.value or (rise > 0 and days is not None and days < WEEK.value):
            return before, after, days
    return None


def _days_at(view: View, mg: float) -> float | None:
    """How long the present dose has been taken (rules 11.5); of two orders together, since the later one."""
    last = taken(view)
    starts = [one.start for one in last if one.start is not None]
    since = use(view, last).at_dose_since(mg) or max(starts, default=None)
    return None if since is None else (view.facts.as_of - since).days


def taken(view: View) -> list[Medication]:
    """Baclofen by mouth that was active as the session began: the orders or, without one, what the patient reports."""
    found = oral(view.took_until_now(BACLOFEN))
    return [one for one in found if not one.stated] or found


def current_mg(view: View) -> float | None:
    """The mg a day that are taken, two orders summed; None if nothing is yet, or if it cannot be computed."""
    return mg_today(view, taken(view))


def mg_today(view: View, medications: Iterable[Medication]) -> float | None:
    """The mg of this day, of those that have begun."""
    today = view.facts.as_of
    return total([one.mg_on(today) for one in medications if one.start is None or one.start <= today])


def recent(view: View) -> list[Medication]:
    """Baclofen by mouth that is or may be taken, or ended no longer ago than a gap in a course (rules 11.16)."""
    since, today = view.days_ago(GAP), view.facts.as_of
    ended = [one for one in oral(view.listed(BACLOFEN)) if one.end is not None and since <= one.end <= today]
    found = oral(view.maybe_taking(BACLOFEN))
    return [*found, *(one for one in ended if one not in found)]


def reported(view: View) -> bool:
    """Whether the patient says that baclofen is taken by mouth, even where an order of it has ended: enough not to
    offer less."""
    said = [one for one in oral(view.listed(BACLOFEN)) if one.stated]
    return any(one.state(view.facts.as_of) is not State.PAST for one in said)


def is_new(view: View) -> bool:
    """Whether it is known that the patient has no baclofen, and had none just now."""
    return not recent(view) and view.knows(MEDICATIONS)


def use(view: View, last: Iterable[Medication]) -> Course:
    """The course of which these orders are the last."""
    return course(list(last), oral(view.listed(BACLOFEN)))


def redose(view: View, order: ProposedOrder, *ways: tuple[float, int], recommended: bool = False) -> tuple[Redose, ...]:
    """Offers of the same draft as (mg, times a day), the first one perhaps recommended; none that lowers the dose by
    more than one step, and none at all if it is not known what is taken (rules 11.16)."""
    least = 0.0
    if reported(view) or not is_new(view):
        now = current_mg(view)
        if now is None or not view.knows(MEDICATIONS):
            return ()
        least = now - STEP.value
    kept = [(mg, times) for mg, times in ways if mg * times >= least]
    return tuple(Redose(order, "baclofen", mg, times, recommended and way == 0) for way, (mg, times) in enumerate(kept))


def remove(view: View, order: ProposedOrder, recommended: bool = False) -> tuple[Withdraw, ...]:
    """An offer to remove a draft of a patient who has no baclofen, and had none just now (rules 11.16)."""
    return withdraw(view, [order], BACLOFEN, recommended=recommended) if is_new(view) and not reported(view) else ()


def facts(view: View, *orders: Medication) -> tuple[Fact, ...]:
    """These orders, and what is taken beside them."""
    told = {one.reference for one in orders}
    beside = [one for one in taken(view) if one.reference not in told]
    return tuple(drug_fact(view, one, BACLOFEN) for one in (*orders, *beside))


def tried(view: View) -> bool:
    """Whether baclofen is or was taken lately, is not tolerated, or may have been tried unseen."""
    return view.intolerant_of(INTOLERANCE) or not view.never_took(BACLOFEN, within=TRIAL)


def may_be_old(view: View) -> bool:
    """Whether the patient is, or may be, an older adult."""
    return view.facts.age is None or view.is_at_least(OLDER)


def offer(view: View) -> tuple[OfferBaclofen, ...]:
    """A draft of baclofen, 5 mg once or twice a day, only where nothing on record speaks against it."""
    kidney = view.kidney().band
    weak, old = kidney is Band.G3, may_be_old(view)
    listed = view.knows(CONDITIONS) and view.knows(MEDICATIONS)
    if kidney not in (Band.NORMAL, Band.G3) or (weak and old) or not listed or spoken_against(view):
        return ()
    if (
        recent(view)
        or reported(view)
        or any(view.maybe_taking(drugs) or view.drafted(drugs) for drugs in (*_SEDATING, BACLOFEN))
    ):
        return ()
    return (OfferBaclofen(SMALL, 1 if weak or old else 2),)


def spoken_against(view: View) -> bool:
    """Whether encephalopathy of the liver, a pregnancy or an intolerance of baclofen is on record."""
    encephalopathy = view.had(ENCEPHALOPATHY, within=ENCEPHALOPATHIC)
    return encephalopathy or is_pregnant(view) or view.intolerant_of(INTOLERANCE)
