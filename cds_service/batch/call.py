"""Call: one hook as it would have been fired, and what the rules said."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from msgspec import Struct

from cds_service.cards.ration import USUAL, Caps
from cds_service.evidence import PUBLISHED, Edition

# Full years; the limits are those by which registries usually count.
_LIMITS, _WORDS = (18, 45, 65, 75, 85), ("0-17", "18-44", "45-64", "65-74", "75-84", "85+")
UNKNOWN_AGE = "unknown"
OTHER, NOT_KNOWN = "another drug", "not known"


@dataclass(frozen=True, slots=True)
class Terms:
    """How calls are played: which `hooks`, the orders of which days, the day on which charts are opened (`last`), by
    which edition and caps, which types of resources the export supplies (None: all), which share of the cards is
    overridden, drawn from which seed, and for how many `days` such a card is not repeated."""

    last: date
    first: date = date.min
    hooks: tuple[str, ...] = ("order-sign", "patient-view")
    edition: Edition = PUBLISHED
    caps: Caps = USUAL
    supplied: frozenset[str] | None = None
    override_rate: float = 0.0
    seed: str = ""
    days: float = 0.0


class Said(Struct, frozen=True):
    """What a rule said, and what became of it; or the card that names what could not be checked.

    `orders` are the places of the drafts that it is about; `need` and `why` tell what was missing.
    """

    rule: str
    became: str
    by: str = ""
    indicator: str = ""
    reasons: str = ""
    orders: tuple[int, ...] = ()
    need: str = ""
    why: str = ""


class Call(Struct, frozen=True):
    """One call of a hook: its day, the patient's age as a band, the orders with their drugs, and what was said.

    `about` is the patient's reference, which only a chart that is opened has.
    """

    hook: str
    day: str
    age: str
    about: str = ""
    orders: tuple[str, ...] = ()
    drugs: tuple[str, ...] = ()
    said: tuple[Said, ...] = ()

    @property
    def cards(self) -> int:
        """How many cards were shown."""
        return sum([one.became == "shown" for one in self.said])

    def references(self, said: Said) -> tuple[str, ...]:
        """The orders that a rule spoke about; in an open chart the patient."""
        return tuple(self.orders[place] for place in said.orders) or (self.about,)


# The columns of a row.
COLUMNS = (
    "hook",
    "day",
    "age",
    "orders",
    "drugs",
    "rule",
    "became",
    "by",
    "indicator",
    "reasons",
    "need",
    "why",
)


def rows(call: Call) -> Iterator[tuple[str, ...]]:
    """A call as rows of text, one for each thing that was said; one for a call in which nothing was."""
    if not call.said:
        orders = call.orders or (call.about,)
        yield (call.hook, call.day, call.age, " ".join(orders), drugs(call.drugs), *[""] * 7)
    for said in call.said:
        about = " ".join(call.references(said))
        told = (said.rule, said.became, said.by, said.indicator, said.reasons, said.need, said.why)
        yield (call.hook, call.day, call.age, about, drugs(call.drugs[place] for place in said.orders), *told)


def drugs(found: Iterable[str]) -> str:
    """Several drugs as one word."""
    return " + ".join(sorted(set(found)))


def band(years: int | None) -> str:
    """The age of a patient as a band."""
    return UNKNOWN_AGE if years is None else _WORDS[bisect_right(_LIMITS, years)]
