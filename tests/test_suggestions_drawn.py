"""What no case tells: orders, statements and drafts of baclofen drawn by chance get no suggestion that may harm."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from cds_service.web.examples.cases import Case
from tests.support import baclofen, hook, safety

JUDGED = safety.Judged()
doses = st.fixed_dictionaries(
    {"mg": st.sampled_from([2.5, 5, 10, 12, 20, 25, 1000]), "times": st.integers(1, 4)},
    optional={"lasts_days": st.sampled_from([3, 7, 14, 30, 100])},
)
ended_doses = st.fixed_dictionaries(
    {"mg": st.sampled_from([5, 10, 20]), "times": st.integers(1, 4)},
    optional={"ended_days_ago": st.sampled_from([-30, -1, 0, 1, 7, 8, 14, 15, 40])},
)
steps = st.lists(
    st.tuples(st.sampled_from([5, 10, 15, 20, 30, 40, 60]), st.sampled_from([1, 3, 7, 14])), min_size=1, max_size=4
)
stepwise = st.fixed_dictionaries({"steps": st.builds(list, steps)})
days = st.fixed_dictionaries({"days_ago": st.sampled_from([-10, 0, 3, 7, 20, 29, 30, 60, 100, 400, 800])})
states = st.sampled_from([{}, {}, {"status": "on-hold"}, {"status": "stopped"}, {"status": "completed"}])
purposes = st.sampled_from([{}, {"reason": "muscle-cramp"}, {"reason": "spasticity"}, {"stop": True}])
orders = st.builds(lambda *parts: _merged(*parts), st.one_of(doses, ended_doses, stepwise), days, states)
statements = st.builds(lambda *parts: _merged({"stated": True}, *parts), st.one_of(ended_doses), days)
undosed = st.just({"drug": "baclofen", "days_ago": 60})
drafts = st.builds(lambda *parts: _merged(*parts), st.one_of(doses, stepwise), purposes)
problems = st.lists(
    st.builds(
        lambda name, ago: {"is": name, "days_ago": ago},
        st.sampled_from(["muscle-cramp", "cirrhosis", "hepatic-encephalopathy", "dialysis", "confusion", "spasticity"]),
        st.sampled_from([1, 20, 100, 400]),
    ),
    max_size=2,
)


def _merged(*parts: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {"drug": "baclofen"}
    for part in parts:
        found |= part
    return found


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A patient with some baclofen and some drafts of it; a stop names the first order, which is active."""
    taking = draw(st.lists(st.one_of(orders, statements, undosed), max_size=3))
    ordered = draw(st.lists(drafts, max_size=2))
    if taking and not baclofen.is_active(taking[0]):
        ordered = [row for row in ordered if not row.get("stop")]
    return Case(
        rule="drawn",
        name="",
        expect=[],
        hook=draw(st.sampled_from(["order-sign", "order-select"])) if ordered else "patient-view",
        born=draw(st.sampled_from(["1976-03-01", "1950-03-01", None])),
        problems=draw(problems),
        taking=taking,
        orders=ordered,
        labs=draw(st.sampled_from([[], *([_egfr(value)] for value in (10, 20, 45, 80))])),
        unknown=draw(st.sampled_from([[], [], [], ["medications"], ["conditions"]])),
    )


def _egfr(value: float) -> dict[str, Any]:
    return {"test": "egfr", "value": value, "days_ago": 10}


@settings(max_examples=200, deadline=None)
@given(cases(), st.sampled_from(hook.VERSIONS))
def test_what_is_drawn_is_not_harmed(case: Case, version: str) -> None:
    """Whatever baclofen is taken and ordered, no suggestion removes, lowers or creates it in a way that may harm."""
    JUDGED.forget()
    for check in (safety.check_removed, safety.check_listed, safety.check_changed, safety.check_created):
        check(case, version, JUDGED)
