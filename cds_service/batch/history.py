"""History: one patient's resources, each with the forms that it had, and the moments at which orders were signed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import groupby
from operator import attrgetter
from typing import cast

from msgspec import Struct

from cds_service.batch import then
from cds_service.batch.dated import Dated, Order
from cds_service.batch.known import RESULT, TYPES, written
from cds_service.batch.lines import Lines
from cds_service.batch.moments import UNDATED, Instant
from cds_service.batch.sieve import matters
from cds_service.facts import Drug
from cds_service.fhir.coded import entries
from cds_service.fhir.drugs import OTHER, drug
from cds_service.fhir.elements import text
from cds_service.fhir.medications import NO_ORDER, ORDER_TYPES, STATEMENT_TYPES, reason
from cds_service.fhir.models import Leaf, Located
from cds_service.fhir.observations import moment_of
from cds_service.fhir.problems import recorded
from cds_service.fhir.references import Record
from cds_service.rules import AFTERWARDS

_Form = tuple[Leaf, tuple[then.Phase, ...]]
_SIGNED = attrgetter("instant", "reference")
# Why an order is not played.
NEVER_SIGNED, NO_ORDER_YET, IN_ERROR, NO_DAY = "never signed", "no order by its intent", "entered in error", "no day"


class Ordered(Struct, frozen=True, gc=False):
    """An order that was signed: when, its type and id, as it is now, its drug, and whether rules may speak of that."""

    instant: Instant
    day: date
    reference: str
    resource: Order
    drug: Drug
    matters: bool = False


class History:
    """What became known of a patient, and when."""

    def __init__(self, patient_id: str, lines: Lines) -> None:
        """`lines` are what an export has of the patient, and the Medications that it refers to."""
        self.patient_id, self._lines = patient_id, lines
        self.whole = Record(patient_id, lines.places)
        self.unplayed: defaultdict[str, int] = defaultdict(int)
        self._drugs = [(order, drug(order, self.whole)) for order in self._each(*ORDER_TYPES)]
        self.orders = sorted(self._ordered(), key=_SIGNED)
        self._listed = self._on_lists()
        # The value sets of all drugs, problems and reasons of orders, whenever they were; None if it is not known of a
        # drug which it is.
        self.in_play = None if self._listed is None else self._with_orders(self._listed)

    def _ordered(self) -> Iterator[Ordered]:
        for slight in self._lines.counted:
            if moment := self._signed(slight):
                yield Ordered((moment, 0), moment.date(), _reference(slight), slight, OTHER)
        for order, what in self._drugs:
            if moment := self._signed(order):
                yield Ordered((moment, 0), moment.date(), _reference(order), order, what, matters(what))

    def _signed(self, order: Order) -> datetime | None:
        """When an order was signed, None if it is not played."""
        moment = written(order)
        why = _why_not(order) or ("" if moment else NO_DAY)
        if why:
            self.unplayed[why] += 1
        return None if why else moment

    def _each(self, *types: str) -> list[Dated]:
        """The resources of these types, each once."""
        return cast("list[Dated]", self.whole.of(*types))

    def sessions(self, first: date, last: date) -> Iterator[list[Ordered]]:
        """The orders of some days, those together that were signed at one moment."""
        played = (order for order in self.orders if first <= order.day <= last)
        for _, orders in groupby(played, key=attrgetter("instant")):
            yield list(orders)

    def _on_lists(self) -> frozenset[str] | None:
        """The value sets of problems and of what the patient reports."""
        reported = [drug(statement, self.whole) for statement in self._each(*STATEMENT_TYPES)]
        if not all(what.known for what in reported):
            return None
        codes = [entry for problem in self._each("Condition", "Procedure") for entry in entries(problem.code)]
        return frozenset([entry.valueset for entry in (*codes, *[one for what in reported for one in what.entries])])

    def _with_orders(self, listed: frozenset[str]) -> frozenset[str] | None:
        if not all(what.known for _, what in self._drugs):
            return None
        ordered = [(order, what) for order, what in self._drugs if what.entries]
        reasons = [reason(order, self.whole).concepts for order, _ in ordered]
        return listed.union(*reasons, [entry.valueset for _, what in ordered for entry in what.entries])

    def still_in_play(self, day: date) -> frozenset[str] | None:
        """The same without drugs that nobody takes any more on a day, and of which rules do not speak then."""
        if self.in_play is None or self._listed is None:
            return None
        ordered = [(order, entry.valueset) for order, what in self._drugs for entry in what.entries]
        return self._listed.union(
            [name for order, name in ordered if name in AFTERWARDS or not then.is_over(order, day)]
        )

    @cached_property
    def _results(self) -> Record:
        """They are only read when a rule looks at the patient; which of them cannot be is known from then on."""
        return Record(self.patient_id, self._lines.later())

    @cached_property
    def recorded(self) -> Mapping[str, date]:
        """By the value sets of problems, the last day on which one was recorded; one to come if a day is not known."""
        found: dict[str, date] = {}
        for problem in self._each("Condition"):
            day = recorded(problem) or date.max
            for entry in entries(problem.code):
                found[entry.valueset] = max(day, found.get(entry.valueset, day))
        return found

    @cached_property
    def newest(self) -> date:
        """The day of the newest result."""
        results = (*self.whole.of(RESULT), *self._results.of(RESULT))
        moments = [moment_of(result, date.max) for result in results]
        return max((one.date() for one in moments if one is not None), default=date.min)

    def record(self, instant: Instant, drafts: Sequence[Ordered] = (), end: bool = False) -> Record:
        """What was known at a moment, and these orders as drafts; at the end also what has no date."""
        listed = [
            Located(found, url) for url, forms in self._forms if (found := then.at(forms, instant, end)) is not None
        ]
        ordered = [
            Located(then.draft(one.resource, one.day), self._urls[id(one.resource)])
            for one in drafts
            if one.matters and isinstance(one.resource, Dated)
        ]
        return Record(self.patient_id, listed, ordered)

    @cached_property
    def _urls(self) -> dict[int, Leaf]:
        """Under which addresses Bundles hold the resources."""
        return {id(place.resource): place.full_url for place in (*self.whole.listed, *self._results.listed)}

    @cached_property
    def _forms(self) -> list[_Form]:
        """Those of a drug of which no rule speaks are none of the facts."""
        silent = {id(order) for order, what in self._drugs if not matters(what)}
        known = (*self._each(*TYPES, "Medication"), *cast("list[Dated]", self._results.of(RESULT)))
        return [(self._urls[id(one)], then.phases(one)) for one in known if id(one) not in silent]

    def visit(self, encounter_id: str) -> None:
        """Read the encounter of that id, if it is not read yet."""
        places = self._lines.recall(f"Encounter/{encounter_id}")
        if places:
            found = cast("list[Dated]", Record(self.patient_id, places).of("Encounter"))
            self._forms.extend((None, then.phases(one)) for one in found)

    @property
    def unread(self) -> Mapping[str, int]:
        """By type, how much could not be read; of results those of a patient at whom a rule looked."""
        return self._lines.unread

    def undated(self) -> Mapping[str, int]:
        """By type, of how much nothing tells when it became known; of a patient at whom no rule looked nothing."""
        return _counted([forms[0].resource for forms in self._seen if forms[0].since == UNDATED])

    def endless(self) -> Mapping[str, int]:
        """By type, how much ended and nothing tells when."""
        return _counted([forms[0].resource for forms in self._seen if then.is_endless(forms)])

    @property
    def _seen(self) -> list[tuple[then.Phase, ...]]:
        return [forms for _, forms in self._forms] if "_forms" in self.__dict__ else []


def _reference(order: Order) -> str:
    return f"{order.resource_type}/{text(order.id)}"


def _counted(resources: Sequence[Dated]) -> Mapping[str, int]:
    return Counter(resource.resource_type for resource in resources) if resources else {}


def _why_not(order: Order) -> str:
    """Why an order was none that somebody signed, "" if it was."""
    if order.status == "draft":
        return NEVER_SIGNED
    if order.status == "entered-in-error":
        return IN_ERROR
    return NO_ORDER_YET if order.intent in NO_ORDER else ""
