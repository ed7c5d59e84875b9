"""Counted: what the service does, in numbers for Prometheus; loaded only where a site asks for them.

Labels are words of ours, ids of services and rules, and the names of clients that the site lists; nothing that a
request or a FHIR server brings ever becomes one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import perf_counter
from typing import Any, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

from cds_service.cards.became import became
from cds_service.ehr.words import OUTCOMES
from cds_service.hooks.answer import Answered
from cds_service.hooks.catalogue import SERVICES
from cds_service.hooks.feedback import Feedback
from cds_service.hooks.terms import Terms
from cds_service.store import memory
from cds_service.trust.distrust import Distrust
from cds_service.witness import Witness

_Metric = TypeVar("_Metric", bound=MetricWrapperBase)
_WsgiApp = Callable[..., Iterable[bytes]]

# Seconds. A call takes milliseconds, and one that asks a FHIR server as long as its budget at most.
CALL_BUCKETS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
FETCH_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 5.0)
# What the database may be; none: nothing is kept.
STATES = (*memory.STATES, "none")
_OTHER = ("none", "other")
# Path -> service, and what is asked of it. Whatever is not one of these is one and the same other thing.
_PLACES = {f"/cds-services/{id}": (id, "call") for id in SERVICES} | {
    f"/cds-services/{id}/feedback": (id, "feedback") for id in SERVICES
}


class _Kept(dict[tuple[str, ...], _Metric]):
    """The children of a metric by their labels, each looked up once: that takes longer than to count."""

    def __init__(self, metric: _Metric) -> None:
        super().__init__()
        self._metric = metric

    def __missing__(self, labels: tuple[str, ...]) -> _Metric:
        child = self[labels] = self._metric.labels(*labels)
        return child


class Counted(Witness):
    """The metrics of one process; each worker has files of its own (web/exposition.py), which need no registry."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        """What an operator watches is there from the start, with 0."""

        def counter(name: str, text: str, *labels: str) -> _Kept[Counter]:
            return _Kept(Counter(f"cds_{name}", text, labels, registry=registry))

        def histogram(name: str, text: str, label: str, buckets: tuple[float, ...]) -> _Kept[Histogram]:
            return _Kept(Histogram(f"cds_{name}", text, (label,), buckets=buckets, registry=registry))

        self._requests = counter(
            "requests", "Requests by what was asked and how it ended.", "service", "what", "status"
        )
        self._seconds = histogram(
            "call_seconds", "Seconds of a call of a hook that was answered.", "service", CALL_BUCKETS
        )
        self._failed = counter("failed", "Calls answered with a card that says that the service failed.", "service")
        self._rules = counter("rule_answers", "What became of what a rule said.", "rule", "kind", "why")
        self._cards = counter("cards", "Cards shown.", "rule", "indicator")
        self._refused = counter("refusals", "Calls that were not let in.", "service", "client", "reason")
        self._feedback = counter("feedback", "Entries of feedback.", "service", "outcome")
        self._fetches = histogram(
            "fhir_fetch_seconds", "Seconds of a question to a FHIR server.", "outcome", FETCH_BUCKETS
        )
        self._keys = counter("key_loadings", "Loadings of key sets from their addresses.", "client", "outcome")
        self._lost = Counter("cds_lost_calls", "Calls that could not be recorded.", registry=registry)
        text = "Workers by the state of their database."
        self._database = Gauge("cds_database_workers", text, ("state",), registry=registry, multiprocess_mode="livesum")
        self._begin()

    def _begin(self) -> None:
        for id in SERVICES:
            self._requests[id, "call", "200"].inc(0)
            self._failed[id,].inc(0)
            self._seconds[id,]
        self.database("none")

    def over(self, application: _WsgiApp) -> _WsgiApp:
        """The application, every request to it counted and every answered call timed, whoever refuses or fails it."""

        def counted(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            begun, told = perf_counter(), ["500"]

            def started(status: str, *rest: Any) -> Any:
                told.append(status[:3])
                return start_response(status, *rest)

            body = application(environ, started)
            # Asked afterwards: the application mends the path.
            self._request(_PLACES.get(environ["PATH_INFO"], _OTHER), told[-1], perf_counter() - begun)
            return body

        return counted

    def _request(self, place: tuple[str, str], status: str, seconds: float) -> None:
        service, what = place
        self._requests[service, what, status].inc()
        if what == "call" and status == "200":
            self._seconds[service,].observe(seconds)

    def answered(self, service: str, answered: Answered, terms: Terms) -> None:
        """Count what the rules said, and the cards. Silence is nearly all that they say, so it is not counted: it
        is the answered calls of a rule's hooks without what is counted here."""
        with terms.in_force():
            for one in became(answered.answers, answered.shown, answered.quiet):
                self._rules[one.rule, one.kind, one.why].inc()
        for card in answered.cards:
            self._cards[card.source.topic.code, card.indicator].inc()
        if any(one.kind == "failed" for one in answered.told.counts):
            self._failed[service,].inc()

    def refused(self, service: str, distrust: Distrust) -> None:
        """Count a call that was not let in."""
        self._refused[service, distrust.client, distrust.reason].inc()

    def feedback(self, service: str, found: Feedback) -> None:
        """Count what was stored of feedback, what cannot be used, and what names no card of ours."""
        for entry in found.entries:
            self._feedback[service, entry.outcome].inc()
        for outcome, number in (("unusable", len(found.problems)), ("unknown card", found.strange)):
            if number:
                self._feedback[service, outcome].inc(number)

    def fetched(self, why: str, seconds: float) -> None:
        """Count a question to a FHIR server."""
        self._fetches[OUTCOMES.get(why, "other"),].observe(seconds)

    def keys_loaded(self, client: str, loaded: bool) -> None:
        """Count a loading of keys."""
        self._keys[client, "loaded" if loaded else "failed"].inc()

    def database(self, state: str) -> None:
        """From now on this worker counts under that state and under no other."""
        for one in STATES:
            self._database.labels(one).set(one == state)

    def lost(self, calls: int) -> None:
        """Count calls that could not be recorded."""
        self._lost.inc(calls)
