"""Play: one patient's lines -> the calls that would have been fired, with what the rules said. The one function that
every engine calls."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import lru_cache

from msgspec import Struct, field

from cds_service.batch import dated
from cds_service.batch.call import NOT_KNOWN, OTHER, UNKNOWN_AGE, Call, Said, Terms, band
from cds_service.batch.history import History, Ordered
from cds_service.batch.known import RESULT
from cds_service.batch.lines import Line, Lines, Lookup
from cds_service.batch.moments import evening
from cds_service.batch.overrides import Overrides
from cds_service.cards.became import became
from cds_service.cards.ration import Shown, indicator, ration
from cds_service.cards.unchecked import NOT_EVALUATED, lists, unchecked
from cds_service.evidence import applied
from cds_service.facts import CONDITIONS, ENCOUNTER, MEDICATIONS, Drug, Need, Person, Snapshot, full_years
from cds_service.fhir.dates import days
from cds_service.fhir.queries import BY_NEED
from cds_service.fhir.read import snapshot
from cds_service.fhir.references import Record
from cds_service.rules import ORDER_HOOKS, Answer, Outline, evaluate, may_speak

_LISTS = frozenset({MEDICATIONS, CONDITIONS})
# What is not known of a result before it is read: whether it can be read.
_UNSEEN = frozenset(need for need, queries in BY_NEED.items() if any(query.type == RESULT for query in queries))
UNREAD = "an entry could not be read"


class Played(Struct, frozen=True):
    """A patient's calls and age; and, by type or reason, how much could not be read, was not played, has no date, and
    ended at an unknown time."""

    calls: tuple[Call, ...]
    age: str = UNKNOWN_AGE  # on the last day
    unread: Mapping[str, int] = field(default_factory=dict)
    unplayed: Mapping[str, int] = field(default_factory=dict)
    undated: Mapping[str, int] = field(default_factory=dict)
    endless: Mapping[str, int] = field(default_factory=dict)


def play(patient_id: str, lines: Sequence[Line], medications: Lookup, terms: Terms) -> Played:
    """Every order of the patient at the moment at which it was signed, and the chart opened on the last day; nothing
    is seen that was dated or recorded later."""
    with applied(terms.edition):
        return _play(patient_id, lines, medications, terms)


def _play(patient_id: str, lines: Iterable[Line], medications: Lookup, terms: Terms) -> Played:
    history = History(patient_id, Lines(lines, medications))
    player = _Player(history, terms, _unmet(terms.supplied))
    calls = tuple(player.calls())
    age = player.age(terms.last)
    return Played(calls, age, history.unread, history.unplayed, history.undated(), history.endless())


@lru_cache(maxsize=8)
def _unmet(supplied: frozenset[str] | None) -> dict[Need, str]:
    """The needs that nothing in the whole export answers."""
    if supplied is None:
        return {}
    types = {need: list(dict.fromkeys(query.type for query in queries)) for need, queries in BY_NEED.items()}
    return {need: f"the export holds no {' or '.join(of)}" for need, of in types.items() if supplied.isdisjoint(of)}


def _partial(unread: Mapping[str, int]) -> dict[Need, str]:
    """The needs whose list is not whole."""
    return {need: UNREAD for need, queries in BY_NEED.items() if any(query.type in unread for query in queries)}


class _Player:
    """One patient's calls in the order of time."""

    def __init__(self, history: History, terms: Terms, unmet: dict[Need, str]) -> None:
        self._history, self._terms, self._lacking = history, terms, unmet
        self._overrides = Overrides(terms, history.patient_id)
        patient = next(iter(history.whole.of("Patient")), None)
        self._person = Person() if patient is None else Person(days(patient.birth_date))

    def calls(self) -> Iterator[Call]:
        """The orders first, then the chart as it is opened on the last day."""
        at_order = [hook for hook in self._terms.hooks if hook in ORDER_HOOKS]
        for orders in self._history.sessions(self._terms.first, self._terms.last) if at_order else ():
            yield from self._signed(orders, at_order)
        for hook in self._terms.hooks:
            if hook not in ORDER_HOOKS:
                yield self._opened(hook)

    def _signed(self, orders: Sequence[Ordered], hooks: Iterable[str]) -> Iterator[Call]:
        """The orders of one moment, at each hook."""
        references = tuple([order.reference for order in orders])
        drugs = tuple([_words(order.drug) for order in orders])
        day = orders[0].day
        told, age = day.isoformat(), self.age(day)
        counts = any(order.matters for order in orders)
        spoken = [hook for hook in hooks if self._may_speak(hook, orders)] if counts else []
        facts = self._facts(orders) if spoken else None
        for hook in hooks:
            said = () if facts is None or hook not in spoken else self._said(hook, facts, orders)
            yield Call(hook, told, age, "", references, drugs, said)

    def _may_speak(self, hook: str, orders: Sequence[Ordered]) -> bool:
        """Whether rules may have something to say of orders; of a drug that nobody knows they have."""
        known = all(order.drug.known for order in orders)
        named = frozenset([entry.valueset for order in orders for entry in order.drug.entries])
        return self._may_any_speak(hook, named if known else None, self._history.in_play, orders[0].day)

    def _may_speak_now(self, hook: str, day: date) -> bool:
        """The same of a chart: of all that ever was there, which is told in no time, and of what is there still."""
        ever = self._history.in_play
        if ever is not None and not may_speak(hook, ever, self._outline(ever, day)):
            return False
        still = self._history.still_in_play(day)
        return self._may_any_speak(hook, still, still, day)

    def _may_any_speak(self, hook: str, named: frozenset[str] | None, there: frozenset[str] | None, day: date) -> bool:
        """The same of drugs or problems; what it takes to look at the results is done only where that matters."""
        if there is None or named is None:
            return True
        outline = self._outline(there, day)
        if not may_speak(hook, named, outline):
            return False
        newest = self._history.newest  # whether all results can be read is known from now on
        unmet = frozenset(self._unmet())
        return may_speak(hook, named, Outline(there, unmet, self._person, day, self._history.recorded, newest))

    def _outline(self, there: frozenset[str], day: date) -> Outline:
        """What is known before the results are read."""
        unmet = self._unmet()
        return Outline(there, _UNSEEN.union(unmet) if unmet else _UNSEEN, self._person, day)

    def _facts(self, orders: Sequence[Ordered]) -> Snapshot:
        encounter = next(filter(None, (dated.encounter_of(order.resource) for order in orders)), "")
        if encounter:
            self._history.visit(encounter)
        return self._snapshot(self._history.record(orders[0].instant, orders), orders[0].day, encounter)

    def _snapshot(self, record: Record, day: date, encounter: str = "") -> Snapshot:
        unmet = self._unmet()
        if not encounter:
            unmet = {need: why for need, why in unmet.items() if need is not ENCOUNTER}
        return snapshot(record, day, None, encounter, unmet)

    def _unmet(self) -> dict[Need, str]:
        """What the export does not answer, and what of the patient is not whole."""
        unread = self._history.unread
        return self._lacking | _partial(unread) if unread else self._lacking

    def _opened(self, hook: str) -> Call:
        """A chart in which nothing stands of which rules speak is not even looked at."""
        day, about = self._terms.last, f"Patient/{self._history.patient_id}"
        said: tuple[Said, ...] = ()
        if not _LISTS.isdisjoint(self._unmet()) or self._may_speak_now(hook, day):
            record = self._history.record((evening(day), 0), end=True)
            said = self._said(hook, self._snapshot(record, day), ())
        return Call(hook, day.isoformat(), self.age(day), about, said=said)

    def age(self, day: date) -> str:
        """The patient's age on a day, as a band; of an incomplete birth date the oldest that it allows."""
        born = self._person.born
        return band(None if born is None else full_years(born[0], day))

    def _said(self, hook: str, facts: Snapshot, orders: Sequence[Ordered]) -> tuple[Said, ...]:
        answers = evaluate(facts, hook)
        if not facts.unmet and all(answer.kind in ("silent", "off") for answer in answers):
            return ()  # nearly every call
        moment, user = evening(facts.as_of), ""
        if orders:
            moment, user = orders[0].instant[0], dated.author(orders[0].resource)
        asked = self._overrides.asked(user, moment, facts)
        shown = ration(answers, hook, asked.unsaid, self._terms.caps)
        asked.told(shown, f"{hook}|{' '.join(order.reference for order in orders)}")
        concerned = tuple(place for place, order in enumerate(orders) if order.matters)
        rules = _rules(answers, shown, asked.quiet, [order.reference for order in orders], concerned)
        return (*rules, *_missing(hook, answers, facts, concerned))


def _words(drug: Drug) -> str:
    """A drug as figures name it: by the ingredients of which rules speak."""
    if drug.entries:
        return "+".join(sorted(drug.ingredients))
    return OTHER if drug.known else NOT_KNOWN


def _rules(
    answers: Sequence[Answer],
    shown: Sequence[Shown],
    quiet: Mapping[str, str],
    orders: Sequence[str],
    concerned: tuple[int, ...],
) -> Iterator[Said]:
    """What became of what each rule said; `concerned` are the places of the orders of which rules speak at all."""
    by_rule = {answer.rule.id: answer for answer in answers}
    for one in became(answers, shown, quiet):
        answer = by_rule[one.rule]
        if answer.kind == NOT_EVALUATED:
            missing = answer.missing[0]
            yield Said(one.rule, one.kind, orders=concerned, need=missing.need.id, why=missing.why)
        else:
            about = _about(answer, orders) or concerned
            yield Said(one.rule, one.kind, one.why, indicator(answer), _reasons(answer), about)


def _reasons(answer: Answer) -> str:
    return " ".join(dict.fromkeys(answer.rule.reason(found.message) for found in answer.findings))


def _about(answer: Answer, orders: Sequence[str]) -> tuple[int, ...]:
    """The places of the drafts that a rule speaks about; none if it names another one, which they stop."""
    about = {medication.reference for found in answer.findings for medication in found.about}
    return tuple(place for place, reference in enumerate(orders) if reference in about)


def _missing(hook: str, answers: Sequence[Answer], facts: Snapshot, concerned: tuple[int, ...]) -> Iterator[Said]:
    """The card that names what could not be checked, and each datum that it names."""
    missing = unchecked(answers, facts.unmet, lists(hook, facts))
    if missing:
        yield Said(NOT_EVALUATED, "shown", indicator="info", orders=concerned)
    for need, why in missing.items():
        yield Said(NOT_EVALUATED, "missing", orders=concerned, need=need.id, why=why)
