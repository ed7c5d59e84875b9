"""Which magnesium is swallowed and for what, how much of it, and what is known of its level (rules 1.11, 3.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from enum import Enum
from math import ceil
from typing import TypeVar

from cds_service.evidence import Switch, Threshold, Words
from cds_service.facts import (
    EVER,
    LABS,
    MAGNESIUM,
    POTASSIUM,
    Level,
    Medication,
    ProposedOrder,
    Reading,
    View,
    course,
    daily_mg,
    daily_mmol,
    highest,
    steps,
)
from cds_service.rules._kit import Fact
from cds_service.rules._proposals import OrderTests, TakeAtNight, Withdraw
from cds_service.rules._shared import (
    context,
    creatinine_is_due,
    drug_fact,
    history,
    is_pregnant,
    order_tests,
    reading_fact,
    withdraw,
)
from cds_service.terminology import ValueSet, valueset
from cds_service.terminology.units import MOLAR_MASS

SUPPLEMENTS = valueset("magnesium-supplements")
MULTIVITAMINS = valueset("magnesium-multivitamins")
NOT_ORAL = valueset("magnesium-not-oral")
HYPOMAGNESAEMIA = valueset("hypomagnesaemia")
# No clinician counts out more for one dose.
FEW = Threshold(4, "1", "most pieces that a suggestion puts into one dose", "house:magnesium", "mg.mostPieces", (1, 6))
LEAST = Threshold(12, "mmol", "lowest magnesium a day", "cramp:L17", "mgRepletion.min", (5, 15))
MOST = Threshold(24, "mmol", "highest magnesium a day", "cramp:L17", "mgRepletion.max", (15, 40))


def _as_oxide() -> str:
    """Of magnesium oxide, approximately: the guideline's own words for its own range (L17)."""
    if (LEAST.value, MOST.value) == (LEAST.published, MOST.published):
        return "480-960 mg"
    return "-".join(f"{number.value * MOLAR_MASS['MgO']:.0f}" for number in (LEAST, MOST)) + " mg"


AS_OXIDE = Words("mgRepletion.oxide", _as_oxide)
WITH_VITAMINS = Threshold(
    100,
    "mg",
    "elemental magnesium a day from which a multivitamin counts",
    "house:magnesium",
    "mg.multivitaminMin",
    (50, 200),
)
PREGNANCY_SOFTENS = Switch("added.pregnancy", True, "only a note on magnesium in pregnancy", "garrison-2020")
NON_SUPPLEMENT = Switch(
    "added.magnesiumNonSupplement", True, "warn of antacids, laxatives and preparations of the bowel", "house:magnesium"
)
Taken = TypeVar("Taken", bound=Medication)


class Kind(Enum):
    """What a magnesium product is taken as."""

    SUPPLEMENT = "supplement"
    ANTACID = "antacid"
    LAXATIVE = "laxative"
    BOWEL_PREPARATION = "preparation of the bowel"


# A product's own kind; a name may fit several, and the first of these counts. Then the reasons that change it.
_PRODUCTS = (
    (valueset("magnesium-bowel-preparations"), Kind.BOWEL_PREPARATION),
    (valueset("magnesium-laxatives"), Kind.LAXATIVE),
    (valueset("magnesium-antacids"), Kind.ANTACID),
)
_REASONS = (
    (valueset("bowel-preparation"), Kind.BOWEL_PREPARATION),
    (valueset("constipation"), Kind.LAXATIVE),
    (valueset("dyspepsia"), Kind.ANTACID),
)
# Everything that may be magnesium by mouth: the drugs without which the rules have nothing to say.
MAGNESIUM_DRUGS = (SUPPLEMENTS, MULTIVITAMINS, *(products for products, _ in _PRODUCTS))


def kind(medication: Medication) -> Kind | None:
    """What a product is taken as, from product, route and reason; None if it does not count.

    Injections, ointments and baths do not, nor a multivitamin with little magnesium or with an unknown amount.
    """
    if NOT_ORAL in medication or not medication.by_route("oral"):
        return None
    for products, own in _PRODUCTS:
        if products in medication:
            return own
    if MULTIVITAMINS in medication:
        return Kind.SUPPLEMENT if _elemental(medication) >= WITH_VITAMINS.value else None
    return next((taken_as for reason, taken_as in _REASONS if reason in medication.reason), Kind.SUPPLEMENT)


def _elemental(medication: Medication) -> float:
    """The mg of the element in a day, 0 if it cannot be computed."""
    return (mmol_a_day(medication) or 0) * MOLAR_MASS["Mg"]


def by_mouth(drugs_in: Callable[[ValueSet], list[Taken]], *kinds: Kind) -> tuple[Taken, ...]:
    """The magnesium of these kinds, of any kind if none is named, that a question of the view returns."""
    listed: list[Taken] = []
    for drugs in MAGNESIUM_DRUGS:
        listed += [drug for drug in drugs_in(drugs) if drug not in listed]
    return tuple(drug for drug in listed if (taken_as := kind(drug)) and (not kinds or taken_as in kinds))


def mmol_a_day(medication: Medication) -> float | None:
    """The mmol of magnesium a day, the highest step's (rules 11.9); None if a step cannot be computed."""
    return highest(daily_mmol(step, medication.drug.content) for step in steps(medication.dosage()))


def salt(medication: Medication) -> str:
    """The salt that a product is, "magnesium" if it is not known."""
    content = medication.drug.content
    return content.substance if content is not None and content.substance else "magnesium"


def salts(medications: Iterable[Medication]) -> str:
    """One salt, with the number of the others: `magnesium oxide (+1)`."""
    names = sorted({salt(medication) for medication in medications})
    more = len(names) - 1
    return f"{names[0]} (+{more})" if more else names[0]


def recorded_low(view: View) -> bool:
    """Whether a low magnesium stands on the problem list and was recorded within a year."""
    return view.recorded(HYPOMAGNESAEMIA, view.days_ago(EVER))


def documented_low(view: View) -> bool:
    """The newest result is low or, where it is known that there is none, the problem list says so."""
    reading = view.latest(MAGNESIUM)
    if reading is not None:
        return reading.level is Level.LOW
    return view.lacks(MAGNESIUM) and recorded_low(view)


def treated_low(view: View) -> bool:
    """A supplement is taken and magnesium was low within the year: a normal result may be its effect."""
    was_low = view.was_low(MAGNESIUM) or recorded_low(view)
    return was_low and bool(by_mouth(view.taking, Kind.SUPPLEMENT))


def diagnosed_since(view: View, reading: Reading) -> bool:
    """Whether a low magnesium was put on the problem list after the result."""
    return view.recorded(HYPOMAGNESAEMIA, reading.day + timedelta(days=1))


def softening(view: View) -> str:
    """The message that makes a warning a note, "" for none: in pregnancy the trials conflict."""
    return "pregnancy" if PREGNANCY_SOFTENS.on and is_pregnant(view) else ""


def worded(view: View, drafts: Iterable[ProposedOrder], softened: str = "") -> dict[str, tuple[ProposedOrder, ...]]:
    """The drafts that are for cramps or for nothing known, by the message that speaks of them.

    "cramps" and "unclear", or else the one that makes either of them a note.
    """
    found: dict[str, tuple[ProposedOrder, ...]] = {}
    for draft in drafts:
        purpose = context(view, draft)
        message = softened or ("cramps" if purpose == "cramp" else "unclear")
        if purpose != "other":
            found[message] = (*found.get(message, ()), draft)
    return found


def level_told(view: View) -> str:
    """The newest level as a clause: `1.9 mg/dL on 2026-11-10`, "not on file" or "not seen"."""
    reading = view.latest(MAGNESIUM)
    if reading is not None:
        return f"{reading} on {reading.day.isoformat()}"
    return f"not on file in {LABS.value} days" if view.lacks(MAGNESIUM) else "not seen"


def level_facts(view: View) -> list[Fact]:
    """The newest level as a fact, if there is one."""
    reading = view.latest(MAGNESIUM)
    return [] if reading is None else [reading_fact(reading)]


def no_level(view: View) -> dict[str, str]:
    """What a card says where no level decides: what there is and why it does not, and what to do."""
    wanted = " and creatinine" if "creatinine" in _missing(view) else ""
    order = f"Order serum magnesium{wanted}; hold the supplement until the result."
    pending = "A result is pending: hold the supplement until it is there."
    return {
        "usable": "usable " if view.unused(MAGNESIUM) else "",
        "history": history(view, MAGNESIUM),
        "action": pending if view.pending("magnesium") else order,
    }


def _missing(view: View) -> list[str]:
    """Magnesium, and what else is known to be missing or too old."""
    potassium = ["potassium"] if view.lacks(POTASSIUM) else []
    return ["magnesium", *(["creatinine"] if creatinine_is_due(view) else []), *potassium]


def missing_tests(view: View) -> tuple[OrderTests, ...]:
    """An offer to order the tests that are missing, the first choice where there is no level."""
    return order_tests(view, *_missing(view), recommended=True)


def remove(view: View, orders: Iterable[Medication], recommended: bool = False) -> tuple[Withdraw, ...]:
    """An offer to remove each draft of magnesium that is not a renewal."""
    return tuple(
        Withdraw(offer.order, salt(offer.order), recommended) for offer in withdraw(view, orders, *MAGNESIUM_DRUGS)
    )


def drug_facts(view: View, medications: Iterable[Medication]) -> list[Fact]:
    """The drugs as facts, named by their salt."""
    return [replace(drug_fact(view, drug, *MAGNESIUM_DRUGS), what=salt(drug)) for drug in medications]


def since(view: View, supplements: Sequence[Medication]) -> date | None:
    """The start of the course of which these supplements are the last orders, None if it is not known."""
    return course(supplements, by_mouth(view.listed, Kind.SUPPLEMENT)).start


def dose_told(order: Medication) -> str:
    """The day's dose as mass and amount: `400 mg = 9.9 mmol`."""
    highest = max((daily_mg(step) or 0 for step in steps(order.dosage())), default=0)
    mass = f"{highest:g} mg = " if highest else ""
    return f"{mass}{mmol_a_day(order) or 0:.1f} mmol"


def once_by_day(order: Medication) -> bool:
    """Whether all is taken once a day, at a time of day that is told and is not the evening."""
    last = steps(order.dosage())[-1]
    return sum(line.times or 0 for line in last) == 1 and all(line.evening is False for line in last)


def at_night(order: ProposedOrder, least: float, most: float, keep: bool) -> tuple[TakeAtNight, ...]:
    """The order as whole pieces of magnesium oxide at night, the fewest inside of the limits in mmol.

    Only for a product whose code tells what a piece holds (rules 11.19); `keep` leaves the day's dose as it is.
    """
    content = order.drug.content
    if order.drug.by_name or content is None or content.formula != "MgO" or content.combination:
        return ()
    if content.amount is None or content.per != "1":
        return ()
    piece = content.amount / MOLAR_MASS[content.formula]
    wanted = (mmol_a_day(order) or least) if keep else least
    pieces = ceil(round(wanted / piece, 6))
    if pieces > FEW.value or not least <= pieces * piece <= most:
        return ()
    return (TakeAtNight(order, salt(order), pieces, pieces * content.amount),)
