"""The form that every rule fills in, and what its check may conclude and propose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Literal

from cds_service import __version__
from cds_service.evidence import SignOff, Stage, Switch, Threshold, in_force, note, reference
from cds_service.facts import (
    CARE_ORDERS,
    CONDITIONS,
    ENCOUNTER,
    MEDICATIONS,
    PATIENT,
    STATEMENTS,
    Medication,
    Need,
    View,
)
from cds_service.rules._proposals import Proposal
from cds_service.terminology import ValueSet

Indicator = Literal["info", "warning", "critical"]

_DIGITS = 12
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
    active medications at patient-view), `concerns` the conditions that trigger it at patient-view instead; `needs` are
    data without which it is not evaluated, `reads` data that only suppress or soften (`data` adds what follows).

    It finds nothing unless something of each group in `together` is there, on a list, in the session or as a reason;
    nothing without a result that is not older than `results_within`; at patient-view nothing of a concern that was
    recorded before `lately`, and of a trigger that is taken no more only if it says `afterwards`; nothing of a patient
    who is certainly younger than `from_age`, or who may be as old as `under_age`.

    `last_resort` is the summary if the filled one is too long; `switch` turns the whole rule, `switches` a part of it;
    the `switched_hooks` are asked only where a site turns theirs on; `notes` tell in full on its page how it stands to
    independent evidence, `evidence_note` in one line on the card."""

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
    together: tuple[tuple[ValueSet, ...], ...] = ()
    results_within: Threshold | None = None
    lately: Threshold | None = None
    afterwards: bool = False
    from_age: Threshold | None = None
    under_age: Threshold | None = None
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
    def stage_now(self) -> Stage:
        """The stage in which the site has the rule, else the one that its form names."""
        return in_force().stages.get(self.id, self.stage)

    @property
    def all_switches(self) -> tuple[Switch, ...]:
        """Every switch that its form names."""
        return (*self.switches, *self.switched_hooks.values(), *([self.switch] if self.switch else ()))

    @property
    def settings(self) -> tuple[Threshold | Switch, ...]:
        """Every number and switch that a site may change for it."""
        return (*self.thresholds, *self.all_switches)

    @property
    def site_values(self) -> tuple[Threshold | Switch, ...]:
        """Those of its numbers and switches that the site has changed."""
        changed = in_force().values
        return tuple(one for one in self.settings if changed.get(one.key, one.published) != one.published)

    @property
    def signed(self) -> SignOff | None:
        """Who signed it off clinically, as the site's own file has it."""
        return in_force().signed.get(self.id)

    @property
    def version(self) -> str:
        """What stands for the program and the numbers and switches by which it decides; another one if a site changes
        any."""
        numbers = [f"{number.key}={number.value} {number.unit}" for number in self.thresholds]
        switches = [f"{switch.key}={switch.on}" for switch in (*self.switches, *self.switched_hooks.values())]
        return sha256("\n".join([__version__, *sorted(numbers), *sorted(switches)]).encode()).hexdigest()[:_DIGITS]

    def serves(self, hook: str) -> bool:
        """Whether a service for the hook carries the rule, if only for a site that turns it on."""
        return hook in self.hooks or hook in self.switched_hooks

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
        for cited in (*self.cites, *(number.cites for number in self.settings)):
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
