"""What is offered and told where baclofen ends: a way down, the next dose, what to teach (rules 3.3 B11, 11.16)."""

from __future__ import annotations

from typing import Any

import pytest

from cds_service.cards.suggest import behavior
from cds_service.rules import Educate, Finding, Proposal, Redose, Taper
from cds_service.web.examples.cases import Case
from cds_service.web.examples.played import judged


def _findings(*orders: dict[str, Any], taking: list[dict[str, Any]] | None = None, **parts: Any) -> tuple[Finding, ...]:
    listed = [{"drug": "baclofen", "mg": 10, "times": 3, "days_ago": 84}] if taking is None else taking
    hook = "order-sign" if orders else "patient-view"
    made = {"hook": hook, "labs": [{"test": "egfr", "value": 90, "days_ago": 10}]} | parts
    return judged(
        Case(rule="baclofen-abrupt-stop", name="", expect=[], taking=listed, orders=list(orders), **made)
    ).findings


def _offers(*orders: dict[str, Any], **parts: Any) -> list[Proposal]:
    return [offer for found in _findings(*orders, **parts) for offer in found.propose]


STOP = {"drug": "baclofen", "stop": True}


def test_a_taper_instead_of_a_stop() -> None:
    """The first choice where baclofen is stopped is a new order that goes down from what is taken."""
    (offer,) = _offers(STOP)
    assert isinstance(offer, Taper)
    assert (offer.steps, offer.draft, offer.recommended) == (((10, 2), (5, 2)), None, True)


@pytest.mark.parametrize("ends", [True, False])
def test_a_slower_way_in_the_draft(ends: bool) -> None:
    """A schedule that goes down too fast is offered as a slow one, to the same end."""
    draft = {"drug": "baclofen", "steps": [[15, 7], [5, 7 if ends else 0]]}
    (offer,) = _offers(draft)
    assert isinstance(offer, Taper)
    assert offer.draft is not None
    assert (offer.steps[-1], offer.stays) == (((5, 2), False) if ends else ((5, 1), True))


def test_the_next_dose_instead_of_a_large_step() -> None:
    """A dose that is lowered at once is offered one step lower."""
    (offer,) = _offers({"drug": "baclofen", "mg": 5, "times": 1})
    assert isinstance(offer, Redose)
    assert (offer.mg, offer.times, offer.recommended) == (10, 2, False)


@pytest.mark.parametrize(
    "parts",
    [
        {"labs": [{"test": "egfr", "value": 20, "days_ago": 10}]},
        {"problems": [{"is": "confusion", "days_ago": 5}]},
        {"problems": [{"is": "hepatic-encephalopathy", "days_ago": 5}]},
        {"problems": [{"is": "dialysis"}]},
    ],
)
def test_no_taper_where_baclofen_may_harm(parts: dict[str, Any]) -> None:
    """Where stopping may be needed the warning stays, says so, and offers no taper."""
    (found,) = _findings(STOP, **parts)
    assert (found.message, found.propose) == ("stop", ())
    assert "If toxicity is suspected" in found.values["toxic"]
    (other,) = _findings(STOP)
    assert other.values["toxic"] == ""


@pytest.mark.parametrize(
    ("taking", "told"),
    [
        ([{"drug": "baclofen", "mg": 10, "times": 3, "days_ago": 84}], " since 2026-08-30 (84 days)"),
        ([{"drug": "baclofen", "mg": 10, "times": 3}], ", start unknown"),
        (
            [
                {"drug": "baclofen", "mg": 10, "times": 3, "days_ago": 20},
                {"drug": "baclofen", "mg": 10, "times": 3, "days_ago": 90, "ended_days_ago": 34},
            ],
            " since 2026-08-24 (90 days)",
        ),
    ],
)
def test_since_when_it_was_taken(taking: list[dict[str, Any]], told: str) -> None:
    """The wording tells the start of the course and its days, or that nobody knows it."""
    (found,) = _findings(STOP, taking=taking)
    assert found.values["use"] == told


def test_the_days_are_told_until_the_end() -> None:
    """What ended three days ago was taken until then."""
    ended = {"drug": "baclofen", "mg": 10, "times": 3, "days_ago": 103, "ended_days_ago": 3}
    (found,) = _findings(taking=[ended])
    assert (found.values["use"], found.values["day"]) == (" since 2026-08-11 (100 days)", "2026-11-19")
    assert [type(offer) for offer in found.propose] == [Educate]


def test_what_ends_soon() -> None:
    """Where the last order ends within days a way down is offered, and what to teach."""
    ends = {"drug": "baclofen", "mg": 10, "times": 3, "days_ago": 84, "ended_days_ago": -3}
    (found,) = _findings(taking=[ends])
    assert [type(offer) for offer in found.propose] == [Taper, Educate]
    assert behavior(found.propose) == "any"


def test_only_one_of_two_orders_is_stopped() -> None:
    """Where another order goes on, the step is told and nothing is offered: nobody knows which order is meant."""
    listed = [{"drug": "baclofen", "mg": 10, "times": times, "days_ago": 84} for times in (3, 1)]
    (found,) = _findings(STOP, taking=listed)
    assert (found.message, found.propose) == ("large-reduction", ())
