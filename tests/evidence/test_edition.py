"""An edition changes numbers, switches and stages for whoever is judged by it, and for nobody else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from threading import Barrier

import pytest

from cds_service.evidence import PUBLISHED, Edition, Switch, Threshold, Words, applied, in_force, settable, told
from cds_service.facts import SEVERE
from cds_service.rules import RULES
from cds_service.rules._baclofen import OLDER_RANGE, RANGE
from cds_service.rules._magnesium import AS_OXIDE

LIMITS = ("severe", "low", "high", "toxic")
HALF = Threshold(0.5, "1", "a share", "house:scope", "tests.half", (0.1, 0.9))
LOUD = Switch("tests.loud", False, "be loud", "house:scope")
LIMIT = Words("tests.limit", lambda: f"up to {HALF.value * 100:g} %")
OTHER = Edition(values={HALF.key: 0.25, LOUD.key: True})


def test_a_number_and_a_switch_are_as_published_unless_changed() -> None:
    """Outside of an edition nothing is changed, inside of one what it names, and afterwards nothing again."""
    assert (HALF.value, LOUD.on, in_force()) == (0.5, False, PUBLISHED)
    with applied(OTHER):
        assert (HALF.value, HALF.published, LOUD.on) == (0.25, 0.5, True)
        with applied(replace(OTHER, values={})):
            assert HALF.value == 0.5
        assert HALF.value == 0.25
    assert (HALF.value, LOUD.on) == (0.5, False)


def test_prose_tells_the_number_that_is_in_force() -> None:
    """A text names numbers and words once; what it says follows the edition, and its other places stay."""
    text = f"above {HALF}, {LIMIT}: {{dose}}"
    assert told(text) == "above 0.5, up to 50 %: {dose}"
    with applied(OTHER):
        assert told(text, {"dose": "5 mg"}) == "above 0.25, up to 25 %: 5 mg"


def test_two_editions_at_once_never_mix() -> None:
    """Two threads that judge at the same moment see each its own numbers."""
    together = Barrier(2)

    def seen(share: float) -> set[float]:
        with applied(Edition(values={HALF.key: share})):
            together.wait(5)
            return {HALF.value for _ in range(10_000)}

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(seen, (0.2, 0.8))) == [{0.2}, {0.8}]


def test_what_a_site_may_change() -> None:
    """Every number with bounds lies within them; what has none, and words, cannot be set."""
    found = settable()
    assert {"age.olderMin", "baclofen.startMax", "added.quinine", "tests.half"} <= set(found)
    assert found.keys().isdisjoint({"baclofen.stepDays", "egfr.plausible.least", "tests.limit"})
    for one in found.values():
        if isinstance(one, Threshold):
            least, most = one.within
            assert least <= one.published <= most
            assert least < most


def test_every_number_of_a_rule_is_told_by_one_object() -> None:
    """A key that two rules name is one number: a site changes both or none."""
    by_key: dict[str, set[int]] = {}
    for setting in (setting for rule in RULES for setting in rule.settings):
        by_key.setdefault(setting.key, set()).add(id(setting))
    assert {key for key, found in by_key.items() if len(found) > 1} == set()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, ("10-30 mg/day", "5 mg once to three times daily", "480-960 mg")),
        ({"baclofen.startMax": 5, "baclofen.max": 40}, ("5-40 mg/day", "5 mg once to three times daily", "480-960 mg")),
        ({"baclofen.olderPerDose": 10}, ("10-30 mg/day", "10 mg once daily", "480-960 mg")),
        ({"baclofen.olderPerDose": 2.5}, ("10-30 mg/day", "2.5 mg once to four times daily", "480-960 mg")),
        ({"mgRepletion.max": 30}, ("10-30 mg/day", "5 mg once to three times daily", "484-1209 mg")),
    ],
)
def test_words_that_follow_from_numbers(values: dict[str, float], words: tuple[str, str, str]) -> None:
    """Ranges of doses are written from the numbers in force; the guideline's own range of oxide in its own words."""
    with applied(Edition(values=values)):
        assert (str(RANGE), str(OLDER_RANGE), str(AS_OXIDE)) == words


def test_a_number_as_text() -> None:
    """Alone it is its value."""
    assert str(SEVERE) == "30"


# Numbers that must be in order, whatever a site sets: each pair the smaller one first.
IN_ORDER = [
    ("age.adultMin", "age.olderMin"),
    ("albumin.minPerWeek", "albumin.maxPerWeek"),
    ("baclofen.startMax", "baclofen.max"),
    ("baclofen.olderPerDose", "baclofen.olderStartMax"),
    ("baclofen.olderStartMax", "baclofen.max"),
    ("baclofen.renalStartMax", "baclofen.renalMax"),
    ("baclofen.renalStartMax", "baclofen.startMax"),
    ("baclofen.renalMax", "baclofen.max"),
    ("baclofen.renalOtherOlderMax", "baclofen.renalOtherMax"),
    ("baclofen.startMax", "baclofen.labelStartMax"),
    ("taper.maxDrop", "baclofen.largeReduction"),
    ("taper.minDays", "taper.minDaysHigh"),
    ("cirrhosis.firstMonthInterval", "cirrhosis.laterInterval"),
    ("mg.recheckDays", "mg.recheckLatestDays"),
    ("mgRepletion.min", "mgRepletion.max"),
    ("labs.lookbackDays", "labs.rememberedDays"),
    ("orders.certainDays", "orders.noEndDays"),
    ("cramp.recentDays", "cramp.countedDays"),
    ("renal.failure", "renal.severe"),
    ("renal.severe", "renal.reduced"),
    ("renal.staleDays", "renal.lookbackDays"),
    *(
        (f"mg.{one}.{unit}", f"mg.{two}.{unit}")
        for unit in ("mg/dL", "mmol/L", "mEq/L")
        for one, two in pairwise(LIMITS)
    ),
    *((f"k.{one}.mmol/L", f"k.{two}.mmol/L") for one, two in pairwise(("severe", "low", "high", "highSevere"))),
    *((f"na.{one}.mmol/L", f"na.{two}.mmol/L") for one, two in pairwise(("severe", "low", "high"))),
]


@pytest.mark.parametrize(("smaller", "larger"), IN_ORDER)
def test_no_site_can_turn_numbers_round(smaller: str, larger: str) -> None:
    """The bounds of two numbers never let the smaller one pass the larger one."""
    found = settable()
    least, most = found[smaller], found[larger]
    assert isinstance(least, Threshold)
    assert isinstance(most, Threshold)
    assert least.within[1] <= most.within[0]
