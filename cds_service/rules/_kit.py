"""The form that every rule fills in, and what its check may conclude and propose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from cds_service.evidence import Switch, Threshold, note, reference
from cds_service.facts import (
    CARE_ORDERS,
    CONDITIONS,
    ENCOUNTER,
    MEDICATIONS,
    PATIENT,
    STATEMENTS,
    Medication,
    Need,
    ProposedOrder,
    View,
)
from cds_service.terminology import ValueSet

Indicator = Literal["info", "warning", "critical"]
Stage = Literal["live", "shadow", "off"]

# Most severe first; the order in which cards are shown.
INDICATORS: tuple[Indicator, ...] = ("critical", "warning", "info")


@dataclass(frozen=True, slots=True)
class Message:
    """One wording of a card: how urgent, one line of plain text, paragraphs of Markdown; `{...}` is filled in.

    `reason` is the code under which the card tells it where that is not the message's own id: two wordings of one
    reason, of which one is more urgent.
    """

    indicator: Indicator
    summary: str
    detail: str
    reason: str = ""


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


@dataclass(frozen=True, slots=True)
class Fact:
    """What a conclusion rests on: a thing, its value with UCUM unit, its day and the resource it comes from.

    `against` says in words by what the value was judged, or how it was read.
    """

    what: str
    value: str = ""
    unit: str = ""
    on: date | None = None
    reference: str = ""
    against: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule's conclusion: which message, about which orders or medications, because of which facts.

    `values` fill the message's placeholders.
    """

    message: str
    about: tuple[Medication, ...]
    values: Mapping[str, str] = field(default_factory=dict)
    because: tuple[Fact, ...] = ()
    propose: tuple[Proposal, ...] = ()

    @property
    def by_name(self) -> bool:
        """Whether a drug was recognised by a word of its name only."""
        return any(medication.drug.by_name for medication in self.about)


@dataclass(frozen=True, slots=True)
class Reviewed:
    """Clinical review: nobody has reviewed a rule until `by` names somebody."""

    on: date
    by: str
    next: date


@dataclass(frozen=True, slots=True)
class Revision:
    """What a clinician notices of a change, and since when."""

    on: date
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule's form. `triggers` are the drugs without which it has nothing to say (drafts at an order hook,
    active medications at patient-view), `concerns` the conditions that trigger it at patient-view instead;
    `needs` are data without which it is not evaluated, `reads` data that only suppress or soften (`data` adds what
    follows); `last_resort` is the summary if the filled one is too long; `switch` turns the whole rule, `switches` a
    part of it; the `switched_hooks` are asked only where a site turns theirs on; `notes` tell in full on its page how
    it stands to independent evidence, `evidence_note` in one line on the card."""

    id: str
    title: str
    group: str
    rank: int
    fires_when: str
    why_it_matters: str
    evidence_note: str = ""
    notes: tuple[str, ...] = ()
    when_not: str
    cites: tuple[str, ...]
    hooks: frozenset[str]
    triggers: tuple[ValueSet, ...] = ()
    concerns: tuple[ValueSet, ...] = ()
    needs: tuple[Need, ...]
    reads: tuple[Need, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    switch: Switch | None = None
    switches: tuple[Switch, ...] = ()
    switched_hooks: Mapping[str, Switch] = field(default_factory=dict)
    quiet_in_hospice: bool = False
    messages: Mapping[str, Message]
    override_reasons: tuple[str, ...]
    last_resort: str = ""
    stage: Stage = "live"
    reviewed: Reviewed
    revisions: tuple[Revision, ...]

    @property
    def data(self) -> tuple[Need, ...]:
        """Everything that is looked at for this rule: what it declares, and what follows from that.

        Whom the guideline covers is asked of every patient; a medication may be an order or a statement.
        """
        told = {*self.needs, *self.reads, PATIENT}
        told |= {STATEMENTS} if MEDICATIONS in told else set()
        told |= {CONDITIONS, ENCOUNTER, CARE_ORDERS} if self.quiet_in_hospice else set()
        return tuple(sorted(told, key=lambda need: need.id))

    def reason(self, message: str) -> str:
        """The code under which a message's card tells its reason: its own id unless it names another."""
        return self.messages[message].reason or message

    def __post_init__(self) -> None:
        switches = (*self.switches, *self.switched_hooks.values(), *([self.switch] if self.switch else ()))
        for cited in (*self.cites, *(number.cites for number in (*self.thresholds, *switches))):
            reference(cited)  # an unknown one raises at import
        for carried in self.notes:
            note(carried)  # and so does an unknown note


Check = Callable[[View], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Missing:
    """A need that was not met, and why."""

    need: Need
    why: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one rule says of one snapshot: a finding, silent, not evaluated (and what was missing), or off."""

    rule: Rule
    kind: Literal["finding", "silent", "not-evaluated", "off"]
    findings: tuple[Finding, ...] = ()
    missing: tuple[Missing, ...] = ()
