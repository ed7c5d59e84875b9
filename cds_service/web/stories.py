"""The synthetic requests as a newcomer reads them: a few that tell most, the others by what they are about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cds_service.rules import RULES
from cds_service.web.fixtures import Fixture, fixtures


@dataclass(frozen=True, slots=True)
class Told:
    """What is the matter, what is being done, and what one will see."""

    name: str
    title: str
    matter: str
    done: str
    seen: str


FIRST = (
    Told(
        "order-sign/baclofen-20-mg-at-once",
        "A first dose that is too high",
        "A woman of 50 has leg cramps.",
        "Her doctor signs baclofen, 20 mg a day.",
        "A warning, and a lower dose to accept.",
    ),
    Told(
        "order-select/lorazepam-beside-oxycodone",
        "Two drugs that do not go together",
        "A man of 55 takes oxycodone.",
        "His doctor chooses lorazepam.",
        "A critical card, and two ways out.",
    ),
    Told(
        "patient-view/cramps-without-a-check",
        "Something that nobody looked at",
        "A man of 47 has had leg cramps for months.",
        "His chart is opened.",
        "A quiet hint, and the missing tests to order.",
    ),
    Told(
        "order-sign/medication-list-missing",
        "Data that did not arrive",
        "A man of 48; the EHR sent no medication list.",
        "His doctor signs lorazepam.",
        "What could not be checked, said plainly.",
    ),
)
_NOT_CHECKED = "Not everything could be checked"
_SILENT = "Nothing to say"
_TOPICS = {
    "BAC": "Baclofen",
    "STOP": "Stopping baclofen",
    "MG": "Magnesium",
    "EL": "Electrolytes",
    "REC": "Electrolytes",
    "CHK": "Electrolytes",
    "BZO": "Benzodiazepines and opioids",
    "CYC": "Muscle relaxants",
    "MET": "Muscle relaxants",
    "QUI": "Quinine",
    "CARE": "Cirrhosis, and the care of cramps",
    "LAB": "Cirrhosis, and the care of cramps",
    "ALB": "Cirrhosis, and the care of cramps",
}
_RULES = {rule.id: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Topic:
    """Requests about one thing, each with what it shows."""

    title: str
    told: tuple[tuple[Fixture, str], ...]


def name(fixture: Fixture) -> str:
    """How an address names a request."""
    return fixture.file.removeprefix("hook_requests/").removesuffix(".json")


def by_topic() -> list[Topic]:
    """All requests, those of which something is said first."""
    titles = [*dict.fromkeys(_TOPICS.values()), _NOT_CHECKED, _SILENT]
    known = [(_topic(fixture.expect), fixture) for fixture in fixtures()]
    return [Topic(title, tuple(_told(one for topic, one in known if topic == title))) for title in titles]


def _told(found: Iterable[Fixture]) -> list[tuple[Fixture, str]]:
    return [(fixture, "; ".join(map(_card, fixture.expect)) or "no card") for fixture in found]


def _card(expected: str) -> str:
    rule, _, indicator = expected.partition(":")
    return f"{indicator}: {_RULES[rule].title if rule in _RULES else 'what was not checked'}"


def _topic(expect: tuple[str, ...]) -> str:
    if not expect:
        return _SILENT
    rule = expect[0].partition(":")[0]
    return _TOPICS[_RULES[rule].group] if rule in _RULES else _NOT_CHECKED
