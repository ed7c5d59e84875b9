"""History: one patient's resources, each with the forms that it had, and the moments at which orders were signed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cached_property
from itertools import groupby

from msgspec import Struct

from cds_service.batch import then
from cds_service.batch.dated import Dated
from cds_service.batch.known import TYPES, written
from cds_service.batch.moments import UNDATED, Instant
from cds_service.facts import Drug
from cds_service.fhir.drugs import drug
from cds_service.fhir.elements import text
from cds_service.fhir.medications import NO_ORDER, ORDER_TYPES
from cds_service.fhir.models import Leaf, Located
from cds_service.fhir.references import Record

# Why an order is not played.
NEVER_SIGNED, NO_ORDER_YET, IN_ERROR, NO_DAY = "never signed", "no order by its intent", "entered in error", "no day"


class Ordered(Struct, frozen=True):
    """An order that was signed: as it is now, its drug, and the address under which its Bundle holds it."""

    instant: Instant
    resource: Dated
    drug: Drug
    full_url: Leaf

    @property
    def reference(self) -> str:
        """Its type and id."""
        return f"{self.resource.resource_type}/{text(self.resource.id)}"

    @property
    def matters(self) -> bool:
        """Whether rules may speak of its drug: it is one that they know, or nobody knows which it is."""
        return bool(self.drug.entries) or not self.drug.known

    @property
    def day(self) -> date:
        """The day on which it was signed."""
        return self.instant[0].date()


class History:
    """What became known of a patient, and when."""

    def __init__(self, patient_id: str, places: Iterable[Located]) -> None:
        """`places` hold what an export has of the patient, and the Medications that it refers to."""
        held = list(places)
        self.patient_id = patient_id
        self.whole = Record(patient_id, held)
        self._urls = {id(place.resource): place.full_url for place in held}
        self.unplayed: Counter[str] = Counter()
        self.orders = sorted(self._ordered(), key=lambda order: (order.instant, order.reference))

    def _ordered(self) -> Iterator[Ordered]:
        for order in self._each(*ORDER_TYPES):
            moment = written(order)
            why = _why_not(order) or ("" if moment else NO_DAY)
            if moment is None or why:
                self.unplayed[why] += 1
            else:
                yield Ordered((moment, 0), order, drug(order, self.whole), self._urls[id(order)])

    def _each(self, *types: str) -> list[Dated]:
        """The resources of these types, each once."""
        return [found for found in self.whole.of(*types) if isinstance(found, Dated)]

    def sessions(self, first: date, last: date) -> Iterator[list[Ordered]]:
        """The orders of some days, those together that were signed at one moment."""
        played = (order for order in self.orders if first <= order.day <= last)
        for _, orders in groupby(played, key=lambda order: order.instant):
            yield list(orders)

    def record(self, instant: Instant, drafts: Sequence[Ordered] = (), end: bool = False) -> Record:
        """What was known at a moment, and these orders as drafts; at the end also what has no date."""
        listed = [
            Located(found, url) for url, forms in self._forms if (found := then.at(forms, instant, end)) is not None
        ]
        return Record(
            self.patient_id, listed, [Located(then.draft(one.resource, one.day), one.full_url) for one in drafts]
        )

    @cached_property
    def _forms(self) -> list[tuple[Leaf, tuple[then.Phase, ...]]]:
        return [(self._urls[id(found)], then.phases(found)) for found in self._each(*TYPES, "Medication")]

    def undated(self) -> Counter[str]:
        """By type, how much nothing tells when it became known."""
        return Counter(forms[0].resource.resource_type for _, forms in self._forms if forms[0].since == UNDATED)

    def endless(self) -> Counter[str]:
        """By type, how much ended and nothing tells when."""
        return Counter(forms[0].resource.resource_type for _, forms in self._forms if then.is_endless(forms))


def _why_not(order: Dated) -> str:
    """Why an order was none that somebody signed, "" if it was."""
    if order.status == "draft":
        return NEVER_SIGNED
    if order.status == "entered-in-error":
        return IN_ERROR
    return NO_ORDER_YET if order.intent in NO_ORDER else ""
