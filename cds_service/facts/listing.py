"""Listing: the medication list of a patient, of which a rule asks for a few drugs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial

from cds_service.facts.medication import Drug, Medication
from cds_service.terminology import ValueSet

Listed = tuple[Drug, Callable[[], Medication]]


class Listing:
    """The orders and statements of a list. Nothing of it is read before the first question, because most calls are
    about a drug for which no rule asks; and of an entry only the drug before the first question about that."""

    def __init__(self, read: Callable[[], Iterable[Listed]] = tuple) -> None:
        self._reading = read
        self._known: dict[int, Medication] = {}

    @classmethod
    def of_known(cls, medications: Iterable[Medication]) -> Listing:
        """A list that was read already."""
        entries = [(medication.drug, partial(_itself, medication)) for medication in medications]
        return cls(lambda: entries)

    def __iter__(self) -> Iterator[Medication]:
        return (self._at(place) for place in range(len(self._entries)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Listing) and list(self) == list(other)

    @property
    def concepts(self) -> Iterable[str]:
        """The value sets of all its drugs."""
        return self._places.keys()

    def of(self, drugs: ValueSet) -> list[Medication]:
        """Those of these drugs."""
        return [self._at(place) for place in self._places.get(drugs.name, ())]

    def sharing(self, drug: Drug) -> list[Medication]:
        """Those with an ingredient of a drug."""
        wanted = drug.ingredients
        return [self._at(place) for place, (one, _) in enumerate(self._entries) if one.ingredients & wanted]

    @cached_property
    def _entries(self) -> list[Listed]:
        return list(self._reading())

    @cached_property
    def _places(self) -> dict[str, list[int]]:
        """By value set, where its drugs stand."""
        places: dict[str, list[int]] = {}
        for place, (drug, _) in enumerate(self._entries):
            for name in {entry.valueset for entry in drug.entries}:
                places.setdefault(name, []).append(place)
        return places

    def _at(self, place: int) -> Medication:
        if place not in self._known:
            self._known[place] = self._entries[place][1]()
        return self._known[place]


def _itself(medication: Medication) -> Medication:
    return medication
