"""What a finding may propose: each becomes one suggestion of a card."""

from __future__ import annotations

from dataclasses import dataclass

from cds_service.evidence import Threshold
from cds_service.facts import Medication, ProposedOrder


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Offer to remove a draft order; `recommended` marks the first choice."""

    order: ProposedOrder
    drug: str
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """Offer to stop an active order of the EHR."""

    medication: Medication
    drug: str


@dataclass(frozen=True, slots=True)
class Hold:
    """Offer to put an active order of the EHR on hold."""

    medication: Medication
    drug: str


@dataclass(frozen=True, slots=True)
class OrderTests:
    """Offer draft orders of laboratory tests (magnesium, creatinine ...), due in so many days."""

    tests: tuple[str, ...]
    in_days: float = 0
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class Educate:
    """Offer a draft order to teach the patient something."""

    topic: str


@dataclass(frozen=True, slots=True)
class TakeAtNight:
    """Offer the same draft order as so many whole pieces of its product, once a day at night; `mg` is their mass."""

    order: ProposedOrder
    drug: str
    pieces: int
    mg: float


@dataclass(frozen=True, slots=True)
class OfferNaloxone:
    """Offer a draft order of naloxone 4 mg nasal spray."""


@dataclass(frozen=True, slots=True)
class OfferBaclofen:
    """Offer a draft order of baclofen, a tablet of so many mg so many times a day."""

    mg: Threshold
    times: int


@dataclass(frozen=True, slots=True)
class Redose:
    """Offer the same draft order as so many mg so many times a day."""

    order: ProposedOrder
    drug: str
    mg: float
    times: int
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class Taper:
    """Offer to lower baclofen by steps of so many days each: (mg, times a day), the last one without an end if it
    `stays`. It replaces the order that is taken; where a draft of it stands already, that draft is changed."""

    replaces: Medication
    steps: tuple[tuple[float, int], ...]
    days: Threshold
    stays: bool = False
    draft: ProposedOrder | None = None
    recommended: bool = False


@dataclass(frozen=True, slots=True)
class OfferMagnesiumOxide:
    """Offer a draft order of magnesium oxide, one tablet of so many mg of the oxide at night."""

    mg: Threshold


@dataclass(frozen=True, slots=True)
class GiveWeekly:
    """Offer the same draft order as so many grams once a week."""

    order: ProposedOrder
    drug: str
    grams: Threshold


@dataclass(frozen=True, slots=True)
class LimitDuration:
    """Offer the same draft order, ending after so many days."""

    order: ProposedOrder
    drug: str
    days: Threshold


Proposal = (
    Withdraw
    | Stop
    | Hold
    | OrderTests
    | Educate
    | TakeAtNight
    | OfferNaloxone
    | OfferBaclofen
    | Redose
    | Taper
    | OfferMagnesiumOxide
    | GiveWeekly
    | LimitDuration
)
