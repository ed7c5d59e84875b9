"""Engine `direct`: a case as facts, without FHIR and without HTTP."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from cds_service.evidence import Threshold
from cds_service.facts import Medication
from cds_service.rules import Proposal
from cds_service.web.examples.cases import Case
from cds_service.web.examples.played import judged


def said(case: Case) -> dict[str, Any]:
    """What the case's rule says, as far as the case states it: the kind of its answer, the messages it found, the
    values of its wording and what it offers."""
    answer = judged(case)
    messages = list(dict.fromkeys(finding.message for finding in answer.findings))
    told = {name: value for finding in reversed(answer.findings) for name, value in finding.values.items()}
    offers = [offer_told(offer) for finding in answer.findings for offer in finding.propose]
    return {
        "answer": answer.kind,
        "messages": messages,
        "values": {name: told.get(name) for name in case.values},
        **({} if case.offers is None else {"offers": offers}),
    }


def offer_told(offer: Proposal) -> str:
    """A proposal in words: its name, then what it is of and its numbers: `OfferBaclofen 5 mg, times 2`."""
    parts = [_part(one.name, getattr(offer, one.name), one.default) for one in fields(offer)]
    return f"{type(offer).__name__} {', '.join(part for part in parts if part)}".strip()


def _part(name: str, value: object, default: object) -> str:
    """One part of a proposal; what is as usual, and which order or medication it is about, needs no word."""
    if value == default or isinstance(value, Medication):
        return ""
    if isinstance(value, Threshold):
        return f"{value.value:g} {value.unit}"
    if isinstance(value, tuple):
        return " + ".join(part if isinstance(part, str) else "{:g} mg x {}".format(*part) for part in value)
    if isinstance(value, str):
        return value
    return name if value is True else f"{name} {value:g}"
