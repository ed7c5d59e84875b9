"""No look-ahead: whatever happened later, or became of what was there, changes no earlier card."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from cds_service.batch.call import Call, Terms
from cds_service.batch.play import play
from cds_service.terminology import valueset
from tests.batch.lines import lab, line, nothing, written
from tests.fhir.resources import (
    BACLOFEN,
    CRAMP,
    CYCLOBENZAPRINE,
    DIAZEPAM,
    HOSPICE,
    LORAZEPAM,
    OXYCODONE,
    PATIENT,
    SPASTICITY,
    Json,
    concept,
    condition,
    encounter,
    patient,
    statement,
)

# What lies on or before it must not change, whatever is told of the days after it.
TODAY = date(2026, 6, 1)
SPAN = 400
MAGNESIUM = concept("6582")
DRUGS = (BACLOFEN, CYCLOBENZAPRINE, DIAZEPAM, LORAZEPAM, OXYCODONE, MAGNESIUM)
LABS = (("2160-0", "mg/dL", 0.6, 4), ("2823-3", "mmol/L", 2.5, 6), ("19123-9", "mg/dL", 1.0, 3.5))
CIRRHOSIS, DIALYSIS = (
    {"coding": [{"system": one.system, "code": one.code}]}
    for one in (valueset(name).codings[0] for name in ("cirrhosis", "dialysis"))
)
PROBLEMS = (CRAMP, SPASTICITY, CIRRHOSIS, DIALYSIS)
SEEDS = range(150)


class _Past:
    """A made patient of whom something happens on most days; `drawn` makes all of it again."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - no secret hangs on it
        self.number = 0

    def some(self, most: int, first: int, last: int) -> list[Json]:
        """Up to so many resources of the days between two, counted from TODAY."""
        return [self._one(self.random.randint(first, last)) for _ in range(self.random.randint(1, most))]

    def _one(self, day: int) -> Json:
        self.number += 1
        moment = self._moment(day)
        make = self.random.choice((self._order, self._order, self._lab, self._problem, self._visit, self._statement))
        return make(f"x{self.number}", moment)

    def _moment(self, day: int) -> str:
        told = (TODAY + timedelta(days=day)).isoformat()
        return told if self.random.random() < 0.3 else f"{told}T{self.random.randint(0, 23):02}:00:00"

    def _order(self, id: str, moment: str) -> Json:
        more: Json = {}
        if self.random.random() < 0.3:
            supply = {"value": self.random.randint(1, 90), "code": "d"}
            more["dispenseRequest"] = {"expectedSupplyDuration": supply}
        return written(self.random.choice(DRUGS), moment, id, **more)

    def _lab(self, id: str, moment: str) -> Json:
        code, unit, least, most = self.random.choice(LABS)
        return lab(code, round(self.random.uniform(least, most), 1), unit, moment, id)

    def _problem(self, id: str, moment: str) -> Json:
        name = self.random.choice(("recordedDate", "onsetDateTime", "assertedDate"))
        return condition(self.random.choice(PROBLEMS), id) | {"recordedDate": None, name: moment}

    def _visit(self, id: str, moment: str) -> Json:
        return encounter(id=id, period={"start": moment})

    def _statement(self, id: str, moment: str) -> Json:
        return statement(self.random.choice(DRUGS), id, effectivePeriod={"start": moment})


def _stopped(random: Random, found: Json, later: str) -> Json:
    """An order got one of the fates that an export can tell of."""
    ends = random.choice(({}, {"statusChanged": later}, {"dateEnded": later}, {"meta": {"lastUpdated": later}}, None))
    if ends is None:
        period = {"start": found["authoredOn"], "end": later}
        ends = {"dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": period}}}]}
    return found | {"status": random.choice(("stopped", "on-hold"))} | ends


def _resolved(random: Random, found: Json, later: str) -> Json:
    ends = random.choice(({}, {"abatementDateTime": later}, {"abatementPeriod": {"end": later}}))
    return found | {"clinicalStatus": concept("resolved", system="condition-clinical")} | ends


def _finished(random: Random, found: Json, later: str) -> Json:
    left = {"hospitalization": {"dischargeDisposition": concept("hosp")}}
    return found | {"status": "finished", "period": found["period"] | {"end": later}} | left


def _taken(random: Random, found: Json, later: str) -> Json:
    return found | {"status": "completed", "effectivePeriod": found["effectivePeriod"] | {"end": later}}


FATES: dict[str, Callable[[Random, Json, str], Json]] = {
    "MedicationRequest": _stopped,
    "Condition": _resolved,
    "Encounter": _finished,
    "MedicationStatement": _taken,
    "Patient": lambda random, found, later: found | {"deceasedDateTime": later},
}


def _later(past: _Past, found: Json) -> Json:
    """The same resource as an export of a later day has it."""
    fate = FATES.get(found["resourceType"])
    if fate is None or past.random.random() < 0.4:
        return found
    return fate(past.random, found, (TODAY + timedelta(days=past.random.randint(1, SPAN))).isoformat())


def _calls(resources: list[Json]) -> list[Call]:
    terms = Terms(TODAY, hooks=("order-sign",))
    return list(play(PATIENT, [line(one) for one in resources], nothing, terms).calls)


@pytest.mark.parametrize("seed", SEEDS)
def test_what_came_later_changes_nothing(seed: int) -> None:
    """The same cards at the same orders, whether the export was made on that day or long after it."""
    past = _Past(seed)
    then = [patient(birthDate="1950-01-01"), *past.some(25, -SPAN, 0)]
    now = [*(_later(past, one) for one in then), *past.some(25, 1, SPAN), _dead_in_hospice()]
    past.random.shuffle(now)
    assert _calls(now) == _calls(then)


def _dead_in_hospice() -> Json:
    return condition(HOSPICE, "hospice") | {"recordedDate": (TODAY + timedelta(days=1)).isoformat()}


def test_the_made_pasts_tell_something() -> None:
    """Among them are many cards, of many rules: what was compared is not silence alone."""
    rules: set[str] = set()
    cards = 0
    for seed in SEEDS:
        past = _Past(seed)
        for call in _calls([patient(birthDate="1950-01-01"), *past.some(25, -SPAN, 0)]):
            cards += call.cards
            rules |= {one.rule for one in call.said}
    assert cards > 2 * len(SEEDS)
    assert len(rules) > 12


def test_what_is_recorded_late_is_seen_late() -> None:
    """A result of Monday that was told on Wednesday says nothing on Tuesday."""
    severe: Any = lab("2160-0", 9.0, "mg/dL", "2026-03-02T08:00:00")
    order_ = written(MAGNESIUM, "2026-03-03T08:00:00")
    who = patient(birthDate="1950-01-01", gender="male")
    told, untold = (_calls([who, severe | more, order_]) for more in ({}, {"issued": "2026-03-04T08:00:00"}))
    assert json.dumps([one.rule for one in told[0].said]) != json.dumps([one.rule for one in untold[0].said])
    assert "magnesium-renal-severe" in {one.rule for one in told[0].said}
    assert "magnesium-renal-severe" not in {one.rule for one in untold[0].said}
