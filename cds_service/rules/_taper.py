"""Lowering baclofen: which schedule is a taper, and which one may be offered (rules 1.12, 11.14, 11.16)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from math import ceil, floor

from cds_service.evidence import Threshold
from cds_service.facts import CONDITIONS, MEDICATIONS, Course, ProposedOrder, Step, View
from cds_service.rules._baclofen import BACLOFEN, ENCEPHALOPATHY, MOST, SMALL, WEEK, current_mg, oral, taken
from cds_service.rules._proposals import Taper
from cds_service.terminology import valueset

PROLONGED = Threshold(
    30, "d", "use of baclofen after which it must not stop at once", "house:taper", "baclofen.prolongedDays", (7, 60)
)
DROP = Threshold(
    10, "mg/d", "most by which a step of a taper lowers the daily dose", "house:taper", "taper.maxDrop", (5, 15)
)
SHORTEST = Threshold(7, "d", "shortest taper", "house:taper", "taper.minDays", (7, 14))
LONGER = Threshold(
    14, "d", "shortest taper from above the highest dose for cramps", "house:taper", "taper.minDaysHigh", (14, 56)
)
HIGHEST = Threshold(
    80,
    "mg/d",
    "highest dose of baclofen that is offered to be lowered; a higher one may be an error, or a specialist's",
    "fda-baclofen-label",
    "taper.highest",
    (60, 120),
)
TOXIC = Threshold(
    30,
    "d",
    "how long confusion, somnolence or coma may be of too much baclofen",
    "house:taper",
    "taper.toxicDays",
    (7, 90),
)
_TOXICITY = tuple(valueset(name) for name in ("confusion", "somnolence", "coma"))
AT_ONCE = Threshold(
    20, "mg", "largest single dose that a suggestion gives", "fda-baclofen-label", "baclofen.mostAtOnce", (10, 25)
)
# What an offered taper is made of.
OFFERED = (DROP, WEEK, SMALL, AT_ONCE, HIGHEST)
# Doses a day into which a daily dose is divided, and the part of a tablet that one dose is a multiple of: whole
# tablets go first, halves of the smallest tablet last.
_DIVIDED = ((3, 1), (2, 1), (4, 1), (1, 1), (2, 2), (3, 2), (4, 2), (1, 2))
_OFTEN = max(times for times, _ in _DIVIDED)
Doses = list[tuple[float, float | None]]


def doses(steps: Iterable[Step]) -> Doses:
    """(mg a day, days) of steps that follow one another, neighbours at one dose as one; none if any is not known."""
    found: Doses = []
    for step in steps:
        if step.mg is None:
            return []
        if found and found[-1][0] == step.mg:
            before = found.pop()[1]
            days = None if before is None or step.days is None else before + step.days
            found.append((step.mg, days))
        else:
            found.append((step.mg, step.days))
    return found


def falling(line: Doses) -> Doses:
    """The last doses of which each is lower than the one before, from the one on that they fall from."""
    found = line[-1:]
    for dose in reversed(line[:-1]):
        if dose[0] <= found[0][0]:
            break
        found = [dose, *found]
    return found if found[1:] else []


def is_slow(line: Doses, ends: bool) -> bool:
    """Whether a line of doses, from the present one on, never drops too much and, if it ends in nothing, takes long
    enough to get there."""
    levels = [mg for mg, _ in line] + ([0.0] if ends else [])
    if any(high - low > DROP.value for high, low in pairwise(levels)):
        return False
    lengths = [days for _, days in falling(line)[1:]]
    known = [days for days in lengths if days is not None]
    least = LONGER if max(levels) > MOST.value else SHORTEST
    return not ends or len(known) < len(lengths) or sum(known) >= least.value


def is_tapered(course: Course, end: date) -> bool:
    """Whether the doses of a course went down slowly to its end."""
    steps = course.steps()
    if not steps:
        return False
    ends = [*(step.start for step in steps[1:]), end]
    line = doses(
        replace(step, days=(until - step.start).days)
        for step, until in zip(steps, ends, strict=True)
        if step.start is not None and until is not None
    )
    return bool(falling(line)) and is_slow(falling(line), ends=True)


def is_prolonged(view: View, course: Course, until: date | None = None) -> bool:
    """Whether a course lasted so long that withdrawal is to be feared; an unknown start counts as long."""
    return course.start is None or ((until or view.facts.as_of) - course.start).days >= PROLONGED.value


def may_be_toxic(view: View) -> bool:
    """Whether stopping may be needed instead: what baclofen in excess does is on record, or the kidneys do not clear
    it (rules 11.16)."""
    since = view.days_ago(TOXIC)
    recent = any(view.recorded(condition, since) for condition in _TOXICITY)
    return recent or view.known_to_have(ENCEPHALOPATHY) or view.kidney().band.is_severe


def taper(view: View, draft: ProposedOrder | None = None, to: float = 0.0) -> tuple[Taper, ...]:
    """An offer to lower the dose weekly, by no more than one step, to none or to another dose.

    Only if it is known that one order of the EHR gives all that is taken, and how much, and no other draft gives more.
    """
    now, orders = current_mg(view), taken(view)
    if now is None or now > HIGHEST.value or len(orders) > 1 or orders[0].stated:
        return ()
    if any(one is not draft for one in oral(view.drafted(BACLOFEN))):
        return ()
    if not (view.knows(CONDITIONS) and view.knows(MEDICATIONS)):
        return ()
    levels = _down(now, to)
    return (Taper(orders[0], tuple(divided(mg) for mg in levels), WEEK, to > 0, draft),) if levels else ()


def _down(now: float, to: float) -> list[float]:
    """The daily doses of a taper, in tablets on the way; from the smallest dose half a tablet before the end."""
    if to >= now:
        return []
    levels: list[float] = []
    level = now
    while level - DROP.value > to:
        lower = in_tablets(level - DROP.value)
        if lower >= level:
            return []  # no tablets give a dose in between
        level = lower
        levels.append(level)
    if to > 0:
        return [*levels, to]
    half = SMALL.value / 2
    return levels or ([max(half, level // 2 // half * half)] if level > half else [])


def in_tablets(daily: float, more: bool = True) -> float:
    """The nearest daily dose, no smaller (or no larger), that can be given in tablets or halves of the smallest."""
    half = SMALL.value / 2
    level = (ceil if more else floor)(daily / half) * half
    while _divided(level) is None and level < _OFTEN * AT_ONCE.value:
        level += half if more else -half
    return level


def divided(daily: float) -> tuple[float, int]:
    """A daily dose as (mg, times a day), in tablets if it can be given so."""
    times = max(ceil(daily / AT_ONCE.value), 2)
    return _divided(daily) or (daily / times, times)


def _divided(daily: float) -> tuple[float, int] | None:
    for times, part in _DIVIDED:
        mg = daily / times
        if not mg % (SMALL.value / part) and mg <= (AT_ONCE.value if times > 1 else SMALL.value):
            return mg, times
    return None
