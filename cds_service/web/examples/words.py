"""A case in words: who the patient is, what is ordered and taken, what the laboratory and the problem list say."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from cds_service.facts import ANALYTES
from cds_service.fhir.write_doses import TIMES
from cds_service.terminology import valueset
from cds_service.web.examples.cases import Case
from cds_service.web.examples.laboratory import EGFR_UNIT, analyte

Row = dict[str, Any]
Words = dict[str, Callable[[Any, Row], str]]

HOOKS = {
    "patient-view": "The chart is opened.",
    "order-select": "An order is being chosen.",
    "order-sign": "Orders are being signed.",
    "medication-prescribe": "A medication is being prescribed.",
}
ENCOUNTERS = {"IMP": "in hospital", "EMER": "in the emergency department", "AMB": "as an outpatient"}
MISSING = {
    "patient": "who the patient is",
    "medications": "the medication list",
    "conditions": "the problem list",
    "labs": "laboratory results",
    "allergies": "allergies and intolerances",
    "statements": "medications reported by the patient",
}
_TESTS = {one.key: one.words for one in reversed(ANALYTES)}
_FLAGS = {"L": "low", "H": "high", "N": "normal"}


def told(case: Case) -> str:
    """Everything that a case says of its patient, in sentences."""
    parts = (
        HOOKS[case.hook],
        f"{_person(case)}.",
        _listed("Problems", case.problems, PROBLEM),
        _listed("Intolerances", case.intolerances, PROBLEM),
        _listed("Taken", case.taking, DRUG | {"days_ago": lambda days, row: f"begun {_ago(days)}"}),
        _listed("Ordered", case.orders, DRUG),
        _listed("Laboratory", case.labs, RESULT),
        _listed("Tests under way", case.ordered, TEST),
        _unseen("Not supplied", case.unknown),
        _unseen("Supplied only in part", case.partial),
        f"Turned on: {', '.join(case.switches)}." if case.switches else "",
    )
    return " ".join(part for part in parts if part)


def _person(case: Case) -> str:
    born = f"born {case.born}" if case.born else "of unknown age"
    words = (_age(case) or born, case.sex, ENCOUNTERS.get(case.encounter, case.encounter), "dead" if case.dead else "")
    return "A patient " + ", ".join(word for word in words if word)


def _age(case: Case) -> str:
    return f"aged {case.age}" if case.age is not None else ""


def _unit(ucum: Any) -> str:
    """A unit as people write it: mL/min/{1.73_m2} without the marks of UCUM."""
    return str(ucum).replace("{", "").replace("}", "").replace("_", " ")


def _listed(title: str, rows: Sequence[Row], words: Words) -> str:
    return f"{title}: {'; '.join(described(row, words) for row in rows)}." if rows else ""


def described(row: Row, words: Words) -> str:
    """One row in the order in which its words are read; a word that says nothing is left out."""
    found = (say(row[key], row) for key, say in words.items() if key in row)
    return " ".join(part for part in found if part)


def _unseen(title: str, names: Iterable[str]) -> str:
    known = ", ".join(MISSING[name] for name in names)
    return f"{title}: {known}." if known else ""


def _ago(days: int) -> str:
    if days == 0:
        return "today"
    return f"{_so_many(abs(days), 'day')} {'ago' if days > 0 else 'ahead'}"


def _so_many(number: float, what: str) -> str:
    return f"{number:g} {what}{'' if number == 1 else 's'}"


def _title(name: str) -> str:
    """The title of a value set inside a sentence; abbreviations keep their capitals."""
    title = valueset(name).title
    return title if title[1:2].isupper() else title[:1].lower() + title[1:]


def _drug(name: str, row: Row) -> str:
    """The salt is what stands on the box; else the ingredient."""
    if row.get("unresolved"):
        return f"a drug that cannot be looked up ({name})"
    kind = f" ({_title(row['of'])})" if "of" in row else ""
    return f"{row.get('salt', name)}{kind}{' by its name only' if row.get('by_name') else ''}"


def _how_often(row: Row) -> str:
    if "a_week" in row:
        return f"{TIMES.get(row['a_week'], '{:g} times'.format(row['a_week']))} a week"
    times = row.get("times")
    return "" if times is None else f"{TIMES.get(times, f'{times:g} times')} a day"


def _dose(mg: float, row: Row) -> str:
    return f"{mg:g} mg {_how_often(row)}".rstrip()


def _pieces(pieces: float, row: Row) -> str:
    return f"{_so_many(pieces, 'piece')} of {row['strength']:g} mg {_how_often(row)}".rstrip()


def _steps(steps: Sequence[Sequence[float]], row: Row) -> str:
    parts = (f"{mg:g} mg a day{f' for {days:g} days' if days else ''}" for mg, days in steps)
    return ", then ".join(parts)


def _reason(reason: str | Sequence[str], row: Row) -> str:
    return "for " + " and ".join(_title(name) for name in ([reason] if isinstance(reason, str) else reason))


def _result(value: float, row: Row) -> str:
    return f"{row.get('comparator', '')}{value:g} {_unit(row.get('unit', EGFR_UNIT))}"


def _range(name: str) -> Callable[[float, Row], str]:
    def say(limit: float, row: Row) -> str:
        return f"({name} limit of the laboratory {limit:g} {_unit(row.get('range_unit', row['unit']))})"

    return say


def _if(words: str) -> Callable[[object, Row], str]:
    return lambda value, row: words if value else ""


def _quiet(value: object, row: Row) -> str:
    """Told already with another word of the row."""
    return ""


# Every word that a row may have, in the order in which it is read. What is not here is told nowhere, so a test asks.
PROBLEM: Words = {
    "extent": lambda extent, row: str(extent),
    "is": lambda name, row: _title(name),
    "status": lambda status, row: f"({status})",
    "days_ago": lambda days, row: f"recorded {_ago(days)}",
}
DRUG: Words = {
    "drug": _drug,
    "of": _quiet,
    "salt": _quiet,
    "by_name": _quiet,
    "unresolved": _quiet,
    "strength": lambda mg, row: "" if "pieces" in row else f"{mg:g} mg",
    "product_route": lambda route, row: f"({route} product)",
    "mg": _dose,
    "pieces": _pieces,
    "times": _quiet,
    "a_week": _quiet,
    "steps": _steps,
    "evening": lambda evening, row: "in the evening" if evening else "not in the evening",
    "route": lambda route, row: f"({route} route)",
    "single": _if("as a single dose"),
    "infusion": _if("as an infusion"),
    "lines": lambda lines, row: f"in {lines} dosage lines",
    "lasts_days": lambda days, row: f"for {_so_many(days, 'day')}",
    "supply_days": lambda days, row: f"with a supply for {_so_many(days, 'day')}",
    "refills": lambda number, row: f"and {_so_many(number, 'refill')}",
    "reason": _reason,
    "reason_text": lambda text, row: f"for \u201c{text}\u201d",
    "reason_unresolved": _if("for a reason that cannot be looked up"),
    "stated": _if("(reported by the patient)"),
    "status": lambda status, row: f"({status})",
    "days_ago": lambda days, row: f"ordered {_ago(days)}",
    "ended_days_ago": lambda days, row: f"until {_ago(days)}",
    "stop": _if("is stopped"),
    "selected": lambda chosen, row: "" if chosen else "(not the order that is being chosen)",
}
TEST: Words = {
    "test": lambda test, row: _TESTS[test],
    "days_ago": lambda days, row: f"ordered {_ago(days)}",
}
RESULT: Words = {
    "test": lambda test, row: analyte(row).words,
    "equation": _quiet,
    "value": _result,
    "unit": _quiet,
    "comparator": _quiet,
    "flag": lambda flag, row: f"flagged {_FLAGS[flag]}",
    "low": _range("lower"),
    "high": _range("upper"),
    "range_unit": _quiet,
    "days_ago": lambda days, row: _ago(days),
    "hour": lambda hour, row: f"at {hour:02}:00",
    "status": lambda status, row: f"({status})",
    "specimen": lambda specimen, row: f"from {specimen.lower()}",
    "note": lambda note, row: f"with the note \u201c{note}\u201d",
    "unused": lambda why, row: f"- not used: {why}",
}
