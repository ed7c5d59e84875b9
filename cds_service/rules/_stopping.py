"""Where baclofen ends after long use: by an order of this session, or in the chart (rules 3.3 B11, 5.1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from cds_service.evidence import Threshold
from cds_service.facts import JUST_ENDED, MEDICATIONS, Course, Medication, ProposedOrder, View, total
from cds_service.rules._baclofen import (
    BACLOFEN,
    STEP,
    current_mg,
    drafts,
    mg_today,
    most_mg,
    oral,
    recent,
    redose,
    taken,
    use,
)
from cds_service.rules._proposals import Educate, Redose, Taper
from cds_service.rules._taper import (
    HIGHEST,
    divided,
    doses,
    in_tablets,
    is_prolonged,
    is_slow,
    is_tapered,
    may_be_toxic,
    taper,
)

LARGE = Threshold(
    30, "mg/d", "lowering of baclofen at once that is warned of", "house:taper", "baclofen.largeReduction", (15, 60)
)
LESSON = Educate("not to stop baclofen at once, and the signs of withdrawal")


@dataclass(frozen=True, slots=True)
class Event:
    """How baclofen ends: the message, the orders, the course that ends and on which day, and what is offered."""

    message: str
    about: tuple[Medication, ...]
    course: Course
    on: date
    offers: tuple[Taper | Redose | Educate, ...] = ()


def ordered(view: View) -> Iterator[Event]:
    """The orders of this session that stop baclofen or lower its dose faster than a taper does."""
    before = recent(view)
    course = use(view, before)
    if before and is_prolonged(view, course):
        yield from _stopped(view, course)
        for order in drafts(view):
            yield from _lowered(view, order, course)
    view.knows(MEDICATIONS)  # an earlier order would make the use longer


def _stopped(view: View, course: Course) -> Iterator[Event]:
    """Orders that end, unless a draft follows or other orders go on and give nearly as much."""
    stops = tuple(order for order in oral(view.ending(BACLOFEN)) if order.status != "on-hold")
    if not stops or oral(view.drafted(BACLOFEN)):
        return
    others = [one for one in oral(view.taking(BACLOFEN)) if not one.stated]
    now, left = current_mg(view), mg_today(view, others)
    if not others:
        yield Event("stop", stops, course, view.facts.as_of, _taper(view))
    elif now is not None and left is not None and now - left > STEP.value:
        yield Event(_reduction(now - left), stops, course, view.facts.as_of)


def _reduction(mg: float) -> str:
    return "very-large-reduction" if mg > LARGE.value else "large-reduction"


def _replaced_mg(view: View, order: ProposedOrder) -> float | None:
    """The mg a day that a draft replaces: what is taken, less what the other drafts give."""
    now = current_mg(view)
    beside = [most_mg(one) for one in oral(view.drafted(BACLOFEN)) if one is not order]
    others = total(beside) if beside else 0
    return None if now is None or others is None else now - others


def _lowered(view: View, order: ProposedOrder, course: Course) -> Iterator[Event]:
    """A draft that goes down too fast, in steps or to its end; or at once; or that ends at the present dose."""
    now, planned = _replaced_mg(view, order), doses(order.schedule())
    if not planned:
        return
    line = [*([(now, None)] if now is not None and now != planned[0][0] else []), *planned]
    falls, ends = any(high > low for (high, _), (low, _) in pairwise(line)), order.end is not None
    last = planned[-1][0]
    if falls and (ends or planned[1:]):
        if not is_slow(line, ends):
            yield Event(
                "taper-too-fast", (order,), course, view.facts.as_of, _taper(view, order, 0.0 if ends else last)
            )
    elif falls and now is not None and now - last > STEP.value:
        slower = redose(view, order, divided(in_tablets(now - STEP.value))) if now <= HIGHEST.value else ()
        yield Event(_reduction(now - last), (order,), course, view.facts.as_of, slower)
    elif not falls and not planned[1:] and order.end is not None and view.signing:
        yield Event("end-date", (order,), course, order.end)


def charted(view: View) -> Iterator[Event]:
    """Baclofen that ends within days, or ended just now, without a taper."""
    active = taken(view)
    if not active:
        yield from _ended(view)
        return
    ends = [one.end for one in active if one.end is not None]
    last, course = max(ends, default=view.facts.as_of), use(view, active)
    soon = 0 <= (last - view.facts.as_of).days <= JUST_ENDED.value
    if len(ends) == len(active) and soon and is_prolonged(view, course) and not _went_down(active, course, last):
        yield Event("ending", tuple(active), course, last, (*_taper(view), LESSON))


def _ended(view: View) -> Iterator[Event]:
    found = [one for one in oral(view.listed(BACLOFEN)) if one.status in ("stopped", "completed", "active")]
    since, today = view.days_ago(JUST_ENDED), view.facts.as_of
    ended = [one for one in found if one.end is not None and since <= one.end <= today]
    last = max((one.end for one in ended if one.end is not None), default=today)
    course = use(view, ended)
    if ended and is_prolonged(view, course, last) and not _went_down(ended, course, last):
        yield Event("recent-stop", tuple(ended), course, last, (LESSON,))


def _went_down(orders: Sequence[Medication], course: Course, end: date) -> bool:
    """Whether the doses were tapered; of orders that were taken together it is not known."""
    taken_at = sorted((one.start, one.end) for one in orders if one.start is not None and one.end is not None)
    apart = all(ends <= starts for (_, ends), (starts, _) in pairwise(taken_at))
    return apart and len(taken_at) == len(orders) and is_tapered(course, end)


def _taper(view: View, draft: ProposedOrder | None = None, to: float = 0.0) -> tuple[Taper, ...]:
    """The way down that is the first choice here, unless baclofen may be the cause of harm."""
    return () if may_be_toxic(view) else tuple(replace(one, recommended=True) for one in taper(view, draft, to))


def told(event: Event) -> str:
    """Since when it was taken, as the part of a sentence."""
    if event.course.start is None:
        return ", start unknown"
    return f" since {event.course.start.isoformat()} ({(event.on - event.course.start).days} days)"


def toxicity(view: View) -> str:
    """What to do instead where baclofen may be the cause of harm (rules 11.16)."""
    if not may_be_toxic(view):
        return ""
    return (
        " If toxicity is suspected, stopping may be needed under observation, with urgent advice of a specialist or on "
        "dialysis; watch for withdrawal."
    )
