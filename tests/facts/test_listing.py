"""A medication list is read as far as it is asked for, and no further."""

from __future__ import annotations

from functools import partial

from cds_service.facts import Drug, Listed, Listing, Medication
from cds_service.terminology import Entry, valueset

OPIOIDS, BENZODIAZEPINES = valueset("opioids"), valueset("benzodiazepines")
OXYCODONE = Drug((Entry("opioids", "oxycodone"),), "oxycodone")
LORAZEPAM = Drug((Entry("benzodiazepines", "lorazepam"), Entry("sedatives", "lorazepam")), "lorazepam")
DRUGS = (OXYCODONE, LORAZEPAM)


class _Chart:
    """Two orders that remember what was read of them."""

    def __init__(self) -> None:
        self.read: list[str] = []

    def entries(self) -> list[Listed]:
        self.read.append("drugs")
        return [(drug, partial(self._order, drug)) for drug in DRUGS]

    def _order(self, drug: Drug) -> Medication:
        self.read.append(drug.name)
        return Medication(drug)


def test_nothing_is_read_before_the_first_question() -> None:
    """A call about a drug for which no rule asks leaves the list alone."""
    chart = _Chart()
    Listing(chart.entries)
    assert chart.read == []


def test_only_what_is_asked_for_is_read_and_once() -> None:
    """The drugs are read at the first question, an entry at the first question about its drug; it stays the same."""
    chart = _Chart()
    listing = Listing(chart.entries)
    (first,), (again,) = listing.of(OPIOIDS), listing.of(OPIOIDS)
    assert first is again
    assert chart.read == ["drugs", "oxycodone"]
    assert [one.drug for one in listing.of(BENZODIAZEPINES)] == [LORAZEPAM]


def test_what_a_list_tells() -> None:
    """The value sets of its drugs, those that share an ingredient, and all in their order."""
    listing = Listing(_Chart().entries)
    assert set(listing.concepts) == {"opioids", "benzodiazepines", "sedatives"}
    assert [one.drug for one in listing.sharing(OXYCODONE)] == [OXYCODONE]
    assert [one.drug for one in listing] == [*DRUGS]


def test_lists_are_compared_by_what_they_hold() -> None:
    """How a list was read makes no difference."""
    assert Listing(_Chart().entries) == Listing.of_known(Medication(drug) for drug in DRUGS)
    assert Listing.of_known([Medication(OXYCODONE)]) != Listing()
    assert Listing() != "nothing"
