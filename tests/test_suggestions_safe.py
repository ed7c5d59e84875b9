"""No suggestion of any case may harm by what it does with baclofen, opioids and benzodiazepines (rules 11.14-11.18)."""

from __future__ import annotations

import pytest

from cds_service.web.examples.cases import Case
from tests.support import hook, safety
from tests.support.cases import all_cases

CASES = all_cases()
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.name}")


@pytest.fixture(scope="module")
def judged() -> safety.Judged:
    """What the service says of the cases."""
    return safety.Judged()


def _versions(case: Case) -> list[str]:
    return [version for version in hook.VERSIONS if hook.can_say(case, version)]


@every_case
def test_what_is_removed_is_not_taken(case: Case, judged: safety.Judged) -> None:
    """A removal names a draft of a drug that is neither taken nor may be; never methadone or buprenorphine, and no
    baclofen where any may be taken or ended at most 14 days ago."""
    for version in _versions(case):
        safety.check_removed(case, version, judged)


@every_case
def test_nothing_of_the_list_ends_at_once(case: Case, judged: safety.Judged) -> None:
    """No suggestion changes an order of an opioid, a benzodiazepine or baclofen that is not a draft."""
    for version in _versions(case):
        safety.check_listed(case, version, judged)


@every_case
def test_a_draft_of_baclofen_is_lowered_slowly(case: Case, judged: safety.Judged) -> None:
    """A changed draft of baclofen gives no less than what is taken minus 10 mg a day, as its only dose or as the
    first step of a taper; where what is taken is not known, none is changed."""
    for version in _versions(case):
        safety.check_changed(case, version, judged)


@every_case
def test_what_is_created_of_baclofen(case: Case, judged: safety.Judged) -> None:
    """A new order of baclofen is a small first dose for whom nothing speaks against it, or a taper of the one order
    that is taken."""
    for version in _versions(case):
        safety.check_created(case, version, judged)


def test_the_cases_offer_all_of_it(judged: safety.Judged) -> None:
    """Among the cases are first orders, tapers as new orders and in drafts, and other doses: else nothing was seen."""
    actions = [action for case in CASES for _, action in judged.suggestions(case, "R4") if action["type"] != "delete"]
    of_baclofen = [one for one in actions if safety.is_of(one["resource"], "baclofen")]
    seen = {(one["type"], "priorPrescription" in one["resource"]) for one in of_baclofen}
    assert seen == {("create", False), ("create", True), ("update", False), ("update", True)}
