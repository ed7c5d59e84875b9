"""The numbers, switches and stages that a site sets, held against what the rules declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from cds_service.evidence import Edition, SignOff, Switch, Threshold, settable
from cds_service.rules import RULES
from cds_service.terminology.units import convert
from cds_service.web.settings import BadSetting
from cds_service.web.site.file import SiteFile, Way
from cds_service.web.site.form import RuleForm

_RULE_IDS = [rule.id for rule in RULES]
# Limits that are written in several units, by the first part of their keys, with the unit to compare them in.
_IN_UNITS = {"mg": ("magnesium", "mg/dL")}
# By how much two units of one limit may differ: the published ones are rounded to what laboratories report.
_ROUNDED = 0.03


def edition(file: SiteFile, way: Way, settings: Mapping[str, Any], rules: Mapping[str, Any], base: Edition) -> Edition:
    """The edition that tables [settings] and [rules] make of another one; `way` leads to the tables. Raises
    BadSetting."""
    values = dict(base.values)
    said: dict[str, Way] = {}
    for key, where, value in _leaves(settings, (*way, "settings")):
        if key in said:
            raise file.wrong(where, f"{key} is set twice. Leave one.")
        said[key] = where
        values[key] = _value(file, where, key, value)
    _agree(file, said, values)
    stages, signed = dict(base.stages), dict(base.signed)
    for id, form in rules.items():
        rule = _rule(file, (*way, "rules", id), id, form)
        if rule.stage is not None:
            stages[id] = rule.stage
        if rule.signed is not None:
            signed[id] = SignOff(rule.signed.by, rule.signed.on, rule.signed.next, rule.signed.version)
    return Edition(values, stages, signed)


def _leaves(table: Mapping[str, Any], way: Way, key: str = "") -> Iterator[tuple[str, Way, Any]]:
    """Every setting with its key, whether that is written in quotes or as TOML takes dots: as tables in tables."""
    for name, value in table.items():
        whole, where = f"{key}.{name}" if key else name, (*way, name)
        if isinstance(value, dict) and "value" not in value:
            yield from _leaves(value, where, whole)
        else:
            yield whole, where, value


def _value(file: SiteFile, way: Way, key: str, given: Any) -> float:
    known = settable()
    setting = known.get(key)
    if setting is None:
        raise file.unknown(way, list(known), key)
    if isinstance(setting, Switch):
        if not isinstance(given, bool):
            raise file.wrong(way, f"{key} is a switch. Write true or false.")
        return given
    return _number(file, way, setting, given)


def _number(file: SiteFile, way: Way, number: Threshold, given: Any) -> float:
    if isinstance(given, dict):
        if given.keys() - {"value", "unit"}:
            raise file.wrong(way, 'Beside value only unit may stand. Write {value = ..., unit = "..."}.')
        if given.get("unit", number.unit) != number.unit:
            raise file.wrong(way, f'The unit must be "{number.unit}" ({number.meaning}). Convert the value.')
        given = given["value"]
    least, most = number.within
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise file.wrong(way, f"{number.key} is a number. Write one from {least:g} to {most:g} {number.unit}.")
    if not least <= given <= most:
        raise file.wrong(way, f"{given} is not plausible. Write a number from {least:g} to {most:g} {number.unit}.")
    if number.unit == "d" and isinstance(given, float):
        raise file.wrong(way, "Days are whole numbers. Write one.")
    return given


def _agree(file: SiteFile, said: Mapping[str, Way], values: Mapping[str, float]) -> None:
    """One limit in several units must be one limit: who changes it in one must change it in the others."""
    numbers = [one for one in settable().values() if isinstance(one, Threshold) and one.key.split(".")[0] in _IN_UNITS]
    split = sorted((one for one in numbers if one.key.endswith(f".{one.unit}")), key=_stem)
    for _, members in groupby(split, key=_stem):
        group = list(members)
        changed = [one for one in group if one.key in said]
        if changed and _differ(group, values):
            keys = ", ".join(one.key for one in group)
            raise file.wrong(
                said[changed[0].key], f"It is one limit in several units, and they differ. Set all: {keys}."
            )


def _differ(group: list[Threshold], values: Mapping[str, float]) -> bool:
    """Whether one of them is not about what the first one is."""
    analyte, unit = _IN_UNITS[group[0].key.split(".")[0]]
    found = [convert(analyte, values.get(one.key, one.published), one.unit, unit) for one in group]
    return any(abs(one - found[0]) > _ROUNDED * found[0] for one in found)


def _stem(number: Threshold) -> str:
    return number.key.removesuffix(f".{number.unit}")


def _rule(file: SiteFile, way: Way, id: str, form: Any) -> RuleForm:
    if id not in _RULE_IDS:
        raise file.unknown(way, _RULE_IDS)
    rule = file.read(form, RuleForm, way)
    if rule.signed is not None and rule.signed.next <= rule.signed.on:
        raise _too_early(file, way)
    return rule


def _too_early(file: SiteFile, way: Way) -> BadSetting:
    return file.wrong((*way, "signed", "next"), "The next review is not after the sign-off. Write a later day.")
