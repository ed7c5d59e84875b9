"""Which benzodiazepine meets which opioid, how certain that is, and what can be offered (rules 3.5, D1)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import TypeGuard

from cds_service.facts import Medication, ProposedOrder, State, View
from cds_service.rules._proposals import Proposal
from cds_service.rules._shared import (
    BENZODIAZEPINES,
    OPIOIDS,
    counted,
    is_rescue,
    naloxone,
    pain_opioids,
    withdraw,
)

# The pairs that are told first, when an order makes several.
_MOST_CERTAIN_FIRST = ("new-pair", "existing-pair", "rescue", "possible-partner")
# Medicines that a card never offers to remove: they may be treatment of opioid use disorder (rules 11.17).
_NEVER_REMOVED = frozenset({"methadone", "buprenorphine"})


@dataclass(frozen=True, slots=True)
class Pairs:
    """The pairs of the most certain kind: `kind` is the message's id."""

    kind: str
    benzodiazepines: tuple[Medication, ...]
    opioids: tuple[Medication, ...]

    @property
    def about(self) -> tuple[Medication, ...]:
        """Every member of the pairs."""
        return self.benzodiazepines + self.opioids

    def listed(self, view: View) -> str:
        """A sentence that says what is being ordered and what is on the list, with its day."""
        ordered = [_told(view, drug) for drug in self.about if _drafted(drug)]
        taken = [_told(view, drug) for drug in self.about if not _drafted(drug)]
        told = (("Being ordered", ordered), ("On the medication list", taken))
        return " ".join(f"{where}: {'; '.join(drugs)}." for where, drugs in told if drugs)


def pairs(view: View) -> Pairs | None:
    """The pairs that an order makes or, when the chart is opened, that the list holds; None without one."""
    found = _made_by_orders(view) if view.at_order else _on_the_list(view)
    for kind in ("listed-pair", *_MOST_CERTAIN_FIRST):
        of_kind = [pair for pair in found if _kind(view, *pair) == kind]
        if of_kind:
            benzodiazepines, opioids = zip(*of_kind, strict=True)
            return Pairs(kind, _unique(benzodiazepines), _unique(opioids))
    return None


def offers(view: View, found: Pairs) -> tuple[Proposal, ...]:
    """Remove what is new, and naloxone; a removal is recommended if it is the only one.

    A rescue medicine is never offered for removal: it protects from the next seizure.
    """
    if not view.at_order:
        return naloxone(view)
    removable = [drug for drug in found.about if _drafted(drug) and not _kept(drug)]
    removals = withdraw(view, removable, BENZODIAZEPINES, OPIOIDS)
    if len(removals) == 1:
        removals = (replace(removals[0], recommended=True),)
    return removals + naloxone(view)


def _made_by_orders(view: View) -> list[tuple[Medication, Medication]]:
    benzodiazepines: list[Medication] = [*counted(view, view.drafted(BENZODIAZEPINES))]
    opioids: list[Medication] = [*pain_opioids(view, view.drafted(OPIOIDS))]
    ordered = [drug for drug in benzodiazepines + opioids if _drafted(drug) and drug.selected]
    if any(drug in ordered for drug in opioids):
        benzodiazepines += counted(view, view.maybe_taking(BENZODIAZEPINES))
    if any(BENZODIAZEPINES in drug for drug in ordered):
        opioids += pain_opioids(view, view.maybe_taking(OPIOIDS))
    every = product(benzodiazepines, opioids)
    return [pair for pair in every if pair[0] in ordered or pair[1] in ordered]


def _on_the_list(view: View) -> list[tuple[Medication, Medication]]:
    benzodiazepines = counted(view, view.taking(BENZODIAZEPINES))
    scheduled = [drug for drug in benzodiazepines if not is_rescue(drug)]
    return list(product(scheduled, pain_opioids(view, view.taking(OPIOIDS))))


def _kind(view: View, benzodiazepine: Medication, opioid: Medication) -> str:
    pair = benzodiazepine, opioid
    if not view.at_order:
        return "listed-pair"
    if any(not _drafted(drug) and _uncertain(view, drug) for drug in pair):
        return "possible-partner"
    if is_rescue(benzodiazepine):
        return "rescue"
    new = any(_drafted(drug) and not view.renews(drug) for drug in pair)
    return "new-pair" if new else "existing-pair"


def _drafted(drug: Medication) -> TypeGuard[ProposedOrder]:
    return isinstance(drug, ProposedOrder) and not drug.stops


def _kept(drug: Medication) -> bool:
    return bool(_NEVER_REMOVED & drug.drug.ingredients) or (BENZODIAZEPINES in drug and is_rescue(drug))


def _uncertain(view: View, drug: Medication) -> bool:
    return view.state(drug) is not State.ACTIVE or not drug.certain(view.facts.as_of)


def _unique(drugs: tuple[Medication, ...]) -> tuple[Medication, ...]:
    return tuple(sorted(dict.fromkeys(drugs), key=lambda drug: (drug.drug.name, drug.reference)))


def _told(view: View, drug: Medication) -> str:
    name = drug.drug.ingredient(BENZODIAZEPINES, OPIOIDS)
    if _drafted(drug):
        return name
    source = "reported" if drug.stated else "ordered"
    day = f" {drug.written.isoformat()}" if drug.written else ""
    return f"{name}, {view.state(drug).value}, {source}{day}"
