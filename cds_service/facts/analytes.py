"""Analyte: a laboratory test that rules read, with its limits in every unit that laboratories report it in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cds_service.evidence import Threshold
from cds_service.facts.needs import KIDNEY_FUNCTION, MAGNESIUM_LEVEL, POTASSIUM_LEVEL, SODIUM_LEVEL, Need

LABS = Threshold(
    90,
    "d",
    "oldest magnesium, potassium or sodium that still tells the present",
    "house:lab-age",
    "labs.lookbackDays",
    (30, 365),
)
EVER = Threshold(
    365,
    "d",
    "days for which a low magnesium, or its diagnosis, is remembered",
    "house:lab-age",
    "labs.rememberedDays",
    (365, 1825),
)
PENDING = Threshold(
    7,
    "d",
    "days for which an ordered or preliminary test counts as pending",
    "house:lab-age",
    "labs.pendingDays",
    (1, 30),
)
FUTURE = Threshold(
    1,
    "d",
    "how far in the future a result may be dated, for clocks that differ",
    "house:lab-age",
    "labs.futureDays",
    (0, 2),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Where low and high begin in one unit, if the laboratory gives no range of its own, and where severe does."""

    low: Threshold
    high: Threshold
    severe_low: Threshold
    severe_high: Threshold | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """The values between which a number is believed, in the analyte's first unit, both included."""

    least: Threshold
    most: Threshold

    def __contains__(self, value: float) -> bool:
        return self.least.value <= value <= self.most.value


@dataclass(frozen=True, slots=True, eq=False)
class Analyte:
    """A test: what its results are called, the value set of its codes, and the limits by unit.

    `plausible` holds values outside of which a result is an error of unit or typing; `range_low` and `range_high`
    the same for the laboratory's own range. Of two results of one moment the more harmful one counts: the higher one
    unless `lower_is_worse`. `valueset` names the codes, `need` the kind of data.
    """

    key: str
    words: str
    need: Need
    valueset: str
    plausible: Span
    range_low: Span | None = None
    range_high: Span | None = None
    limits: Mapping[str, Limits] = field(default_factory=dict)
    lower_is_worse: bool = False

    @property
    def lows(self) -> tuple[Threshold, ...]:
        """The limits below which a result is low, one for each unit."""
        return tuple(limits.low for limits in self.limits.values())

    @property
    def highs(self) -> tuple[Threshold, ...]:
        """The limits above which a result is high, one for each unit."""
        return tuple(limits.high for limits in self.limits.values())

    @property
    def severes(self) -> tuple[Threshold, ...]:
        """The limits beyond which a result is severely low or high, as far as there are any."""
        both = ((limits.severe_low, limits.severe_high) for limits in self.limits.values())
        return tuple(limit for pair in both for limit in pair if limit is not None)


# A number, and the bounds within which a site may put its own.
_Bounded = tuple[float, float, float]


def _limits(
    key: str, unit: str, low: _Bounded, high: _Bounded, severe: _Bounded, above: _Bounded | None = None
) -> Limits:
    return Limits(
        _limit(low, unit, "low below", f"{key}.low.{unit}"),
        _limit(high, unit, "high above", f"{key}.high.{unit}"),
        _limit(severe, unit, "severely low below", f"{key}.severe.{unit}"),
        None if above is None else _limit(above, unit, "severely high above", f"{key}.highSevere.{unit}"),
    )


def _limit(number: _Bounded, unit: str, meaning: str, key: str) -> Threshold:
    value, *within = number
    return Threshold(value, unit, meaning, "house:lab-limits", key, (within[0], within[1]))


def _span(key: str, what: str, unit: str, least: float, most: float) -> Span:
    """What no living patient or no laboratory has is no matter of a site's policy."""
    return Span(
        Threshold(least, unit, f"least plausible {what}", "house:lab-plausible", f"{key}.least"),
        Threshold(most, unit, f"highest plausible {what}", "house:lab-plausible", f"{key}.most"),
    )


MAGNESIUM = Analyte(
    key="magnesium",
    words="serum magnesium",
    need=MAGNESIUM_LEVEL,
    valueset="magnesium-serum",
    plausible=_span("mg.plausible", "magnesium", "mg/dL", 0.2, 15),
    range_low=_span("mg.rangeLow", "lower limit of a laboratory's range of magnesium", "mg/dL", 1.2, 2.1),
    range_high=_span("mg.rangeHigh", "upper limit of a laboratory's range of magnesium", "mg/dL", 2.0, 3.0),
    limits={
        "mg/dL": _limits("mg", "mg/dL", (1.7, 1.4, 2.0), (2.6, 2.3, 3.5), (1.2, 0.8, 1.3)),
        "mmol/L": _limits("mg", "mmol/L", (0.70, 0.57, 0.83), (1.07, 0.94, 1.44), (0.50, 0.32, 0.54)),
        "mEq/L": _limits("mg", "mEq/L", (1.4, 1.15, 1.65), (2.1, 1.89, 2.88), (1.0, 0.65, 1.07)),
    },
)
POTASSIUM = Analyte(
    key="potassium",
    words="serum potassium",
    need=POTASSIUM_LEVEL,
    valueset="potassium-serum",
    plausible=_span("k.plausible", "potassium", "mmol/L", 1.0, 10),
    range_low=_span("k.rangeLow", "lower limit of a laboratory's range of potassium", "mmol/L", 3.0, 3.8),
    range_high=_span("k.rangeHigh", "upper limit of a laboratory's range of potassium", "mmol/L", 4.8, 5.8),
    limits={"mmol/L": _limits("k", "mmol/L", (3.5, 3.1, 3.9), (5.5, 5.0, 5.9), (3.0, 2.5, 3.0), (6.0, 6.0, 7.0))},
)
SODIUM = Analyte(
    key="sodium",
    words="serum sodium",
    need=SODIUM_LEVEL,
    valueset="sodium-serum",
    plausible=_span("na.plausible", "sodium", "mmol/L", 90, 200),
    range_low=_span("na.rangeLow", "lower limit of a laboratory's range of sodium", "mmol/L", 130, 138),
    range_high=_span("na.rangeHigh", "upper limit of a laboratory's range of sodium", "mmol/L", 142, 150),
    limits={"mmol/L": _limits("na", "mmol/L", (135, 130, 138), (145, 143, 150), (125, 115, 128))},
    lower_is_worse=True,
)
CREATININE = Analyte(
    key="creatinine",
    words="serum creatinine",
    need=KIDNEY_FUNCTION,
    valueset="creatinine-serum",
    plausible=_span("cr.plausible", "creatinine", "mg/dL", 0.1, 30),
)
EGFR = Analyte(
    key="egfr",
    words="eGFR",
    need=KIDNEY_FUNCTION,
    valueset="egfr",
    plausible=_span("egfr.plausible", "eGFR", "mL/min/{1.73_m2}", 1, 250),
    lower_is_worse=True,
)
# Reported by MDRD or CKD-EPI 2009: it yields to the same day's creatinine (rules 11.25).
EGFR_OLDER = Analyte(
    key="egfr",
    words="eGFR by an older equation",
    need=KIDNEY_FUNCTION,
    valueset="egfr-older-equation",
    plausible=EGFR.plausible,
    lower_is_worse=True,
)
ANALYTES = (MAGNESIUM, POTASSIUM, SODIUM, CREATININE, EGFR, EGFR_OLDER)
