"""History: one patient's resources, each with the forms that it had, and the moments at which orders were signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import groupby
from operator import attrgetter

from msgspec import Struct

from cds_service.batch import then
from cds_service.batch.dated import Dated
from cds_service.batch.known import TYPES, written
from cds_service.batch.lines import Lines
from cds_service.batch.moments import UNDATED, Instant
from cds_service.batch.sieve import matters
from cds_service.facts import Drug
from cds_service.fhir.coded import entries
from cds_service.fhir.drugs import drug
from cds_service.fhir.elements import text
from cds_service.fhir.medications import NO_ORDER, ORDER_TYPES, STATEMENT_TYPES
from cds_service.fhir.models import Leaf, Located
from cds_service.fhir.references import Record

_Form = tuple[Leaf, tuple[then.Phase, ...]]
_SIGNED = attrgetter("instant", "reference")
# Why an order is not played.
NEVER_SIGNED, NO_ORDER_YET, IN_ERROR, NO_DAY = "never signed", "no order by its intent", "entered in error", "no day"


class Ordered(Struct, frozen=True):
    """An order that was signed: as it is now, its type and id, its drug, and the address in its Bundle."""

    instant: Instant
    resource: Dated
    reference: str
    drug: Drug
    full_url: Leaf

    @property
    def matters(self) -> bool:
        """Whether rules may speak of its drug."""
        return matters(self.drug)

    @property
    def day(self) -> date:
        """The day on which it was signed."""
        return self.instant[0].date()


class History:
    """What became known of a patient, and when."""

    def __init__(self, patient_id: str, lines: Lines) -> None:
        """`lines` are what an export has of the patient, and the Medications that it refers to."""
        self.patient_id, self._lines = patient_id, lines
        self.whole = Record(patient_id, lines.places)
        self._urls = {id(place.resource): place.full_url for place in lines.places}
        self.unplayed: Counter[str] = Counter()
        self._drugs = [(order, drug(order, self.whole)) for order in self._each(*ORDER_TYPES)]
        self.orders = sorted(self._ordered(), key=_SIGNED)

    def _ordered(self) -> Iterator[Ordered]:
        for order, what in self._drugs:
            moment = written(order)
            why = _why_not(order) or ("" if moment else NO_DAY)
            if moment is None or why:
                self.unplayed[why] += 1
            else:
                reference = f"{order.resource_type}/{text(order.id)}"
                yield Ordered((moment, 0), order, reference, what, self._urls[id(order)])

    def _each(self, *types: str) -> list[Dated]:
        """The resources of these types, each once."""
        return [found for found in self.whole.of(*types) if isinstance(found, Dated)]

    def sessions(self, first: date, last: date) -> Iterator[list[Ordered]]:
        """The orders of some days, those together that were signed at one moment."""
        played = (order for order in self.orders if first <= order.day <= last)
        for _, orders in groupby(played, key=attrgetter("instant")):
            yield list(orders)

    @cached_property
    def in_play(self) -> frozenset[str] | None:
        """The value sets of all drugs and problems, whenever they were; None if it is not known of a drug which it
        is."""
        taken = [what for _, what in self._drugs]
        taken += [drug(statement, self.whole) for statement in self._each(*STATEMENT_TYPES)]
        if not all(what.known for what in taken):
            return None
        codes = [problem.code for problem in self._each("Condition", "Procedure")]
        found = [
            *(entry for what in taken for entry in what.entries),
            *(one for code in codes for one in entries(code)),
        ]
        return frozenset(entry.valueset for entry in found)

    def record(self, instant: Instant, drafts: Sequence[Ordered] = (), end: bool = False) -> Record:
        """What was known at a moment, and these orders as drafts; at the end also what has no date."""
        listed = [
            Located(found, url) for url, forms in self._forms if (found := then.at(forms, instant, end)) is not None
        ]
        ordered = [Located(then.draft(one.resource, one.day), one.full_url) for one in drafts if one.matters]
        return Record(self.patient_id, listed, ordered)

    @cached_property
    def _forms(self) -> list[_Form]:
        """Those of a drug of which no rule speaks are none of the facts."""
        silent = {id(order) for order, what in self._drugs if not matters(what)}
        kept = (one for one in self._each(*TYPES, "Medication") if id(one) not in silent)
        return [(self._urls[id(one)], then.phases(one)) for one in kept]

    def visit(self, encounter_id: str) -> None:
        """Read the encounter of that id, if it is not read yet."""
        places = self._lines.recall(f"Encounter/{encounter_id}")
        for found in Record(self.patient_id, places).of("Encounter"):
            assert isinstance(found, Dated)
            self._forms.append((None, then.phases(found)))

    @property
    def unread(self) -> Counter[str]:
        """By type, how much could not be read."""
        return self._lines.unread

    def undated(self) -> Mapping[str, int]:
        """By type, of how much nothing tells when it became known; of a patient at whom no rule looked nothing."""
        return _counted(forms[0].resource for forms in self._seen if forms[0].since == UNDATED)

    def endless(self) -> Mapping[str, int]:
        """By type, how much ended and nothing tells when."""
        return _counted(forms[0].resource for forms in self._seen if then.is_endless(forms))

    @property
    def _seen(self) -> list[tuple[then.Phase, ...]]:
        return [forms for _, forms in self._forms] if "_forms" in self.__dict__ else []


def _counted(resources: Iterable[Dated]) -> Mapping[str, int]:
    return Counter(resource.resource_type for resource in resources)


def _why_not(order: Dated) -> str:
    """Why an order was none that somebody signed, "" if it was."""
    if order.status == "draft":
        return NEVER_SIGNED
    if order.status == "entered-in-error":
        return IN_ERROR
    return NO_ORDER_YET if order.intent in NO_ORDER else ""
