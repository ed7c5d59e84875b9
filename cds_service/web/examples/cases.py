"""The cases beside the rules, read from TOML into one form: the worked examples of a page, and what every engine of
the tests plays.

A case has: name; hook (order-sign unless given); age or born; sex; dead; problems, intolerances, taking, orders,
labs, ordered (tests), encounter; switches (those turned on for it); unknown and partial (what the EHR did not supply,
or only in part); expect (message ids, [] for silent, or a word: "not-evaluated", "off"). Days are counted back from
AS_OF.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field, fields
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import cds_service.rules
from cds_service.terminology import Coding, Content, Entry, by_code, valueset

AS_OF = date(2026, 11, 22)
_FOLDER = Path(cds_service.rules.__file__).parent
_DRUG_SETS = (
    "benzodiazepines",
    "opioids",
    "opioid-use-disorder-medications",
    "cyclobenzaprine",
    "baclofen",
    "naloxone",
    "magnesium-supplements",
    "magnesium-antacids",
    "magnesium-laxatives",
    "magnesium-bowel-preparations",
    "magnesium-multivitamins",
    "magnesium-not-oral",
    "diuretics",
    "quinine",
    "methocarbamol",
    "relaxants-avoided-in-older-adults",
    "albumin",
    "potassium-supplements",
)
# What a row says of the product; the rest of it does not change the code, and looking one up takes long.
_PRODUCT_KEYS = ("drug", "of", "product_route", "salt", "strength")
OTHER_DRUGS = {"amoxicillin": Coding("http://www.nlm.nih.gov/research/umls/rxnorm", "723", "Amoxicillin")}


@dataclass(frozen=True)
class Case:
    """One worked example of a rule."""

    rule: str
    name: str
    expect: list[str] | str
    hook: str = "order-sign"
    age: int | None = None
    born: str | None = None
    sex: str = ""
    dead: bool = False
    problems: list[dict[str, Any]] = field(default_factory=list)
    intolerances: list[dict[str, Any]] = field(default_factory=list)
    taking: list[dict[str, Any]] = field(default_factory=list)
    orders: list[dict[str, Any]] = field(default_factory=list)
    labs: list[dict[str, Any]] = field(default_factory=list)
    ordered: list[dict[str, Any]] = field(default_factory=list)
    encounter: str = ""
    switches: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    partial: list[str] = field(default_factory=list)
    offers: list[str] | None = None
    values: dict[str, str] = field(default_factory=dict)

    @property
    def stated(self) -> dict[str, Any]:
        """Everything that the case says of the rule's answer."""
        offers = {} if self.offers is None else {"offers": self.offers}
        return {"answer": self.kind, "messages": self.messages, "values": self.values, **offers}

    @property
    def kind(self) -> str:
        """The answer that the rule must give."""
        if isinstance(self.expect, str):
            return self.expect
        return "finding" if self.expect else "silent"

    @property
    def messages(self) -> list[str]:
        """The messages that the rule must find."""
        return self.expect if isinstance(self.expect, list) else []


_KEYS = {part.name for part in fields(Case)} - {"rule"}


def day(days_ago: int) -> date:
    """So many days before the day of the cases."""
    return AS_OF - timedelta(days=days_ago)


def _tables(rows: list[Any], key: str) -> list[dict[str, Any]]:
    """A list whose entries may be a bare name: "oxycodone" for {drug = "oxycodone"}."""
    return [row if isinstance(row, dict) else {key: row} for row in rows]


def read(rule_id: str) -> list[Case]:
    """The cases of a rule. An unknown key in the file is an error: it would be a case that tests nothing."""
    path = _FOLDER / f"{rule_id.replace('-', '_')}.toml"
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["case"]
    return [_case(rule_id, row) for row in rows]


def _case(rule_id: str, row: dict[str, Any]) -> Case:
    assert set(row) <= _KEYS, f"{rule_id}: {row['name']}: unknown keys {set(row) - _KEYS}"
    age = row.get("age")
    return Case(
        rule=rule_id,
        name=row["name"],
        expect=row["expect"],
        hook=row.get("hook", "order-sign"),
        age=age,
        born=row.get("born") or (date(AS_OF.year - age, 3, 1).isoformat() if age is not None else None),
        sex=row.get("sex", ""),
        dead=row.get("dead", False),
        problems=_tables(row.get("problems", []), "is"),
        intolerances=_tables(row.get("intolerances", []), "is"),
        taking=_tables(row.get("taking", []), "drug"),
        orders=_tables(row.get("orders", []), "drug"),
        labs=row.get("labs", []),
        ordered=_tables(row.get("ordered", []), "test"),
        encounter=row.get("encounter", ""),
        switches=row.get("switches", []),
        unknown=row.get("unknown", []),
        partial=row.get("partial", []),
        offers=row.get("offers"),
        values=row.get("values", {}),
    )


def product(row: dict[str, Any]) -> Coding:
    """A code for a drug of a case: the ingredient, or a product with the route, the value set (`of`), the salt and
    the strength in mg that the case asks for."""
    return _product(tuple((key, row[key]) for key in _PRODUCT_KEYS if key in row))


@cache
def _product(asked: tuple[tuple[str, Any], ...]) -> Coding:
    row = dict(asked)
    if row["drug"] in OTHER_DRUGS:
        return OTHER_DRUGS[row["drug"]]
    sets = [row["of"]] if "of" in row else _DRUG_SETS
    for coding in (coding for drugs in sets for coding in valueset(drugs).codings):
        if any(entry.valueset in sets and _fits(entry, row) for entry in by_code(coding.system, coding.code)):
            return coding
    raise AssertionError(f"no code for {row}")


def _fits(entry: Entry, row: dict[str, Any]) -> bool:
    if entry.ingredient != row["drug"] or ("product_route" in row and entry.route != row["product_route"]):
        return False
    held = entry.content or Content()
    if "of" in row:
        return row.get("strength") in (None, held.amount) and row.get("salt") in (None, held.substance)
    told = (held.substance, held.amount) == (row.get("salt", ""), row.get("strength"))
    return told and not held.combination and ("salt" in row or entry.route == row.get("product_route", ""))
