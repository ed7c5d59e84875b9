"""Every case of every rule, on every engine: they must agree with the case, and so with one another."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from cds_service.rules import RULES
from cds_service.web.app import create_app
from cds_service.web.examples.cases import AS_OF, Case
from cds_service.web.settings import Settings
from tests.support import bulk, direct, hook
from tests.support.cases import all_cases

CASES = all_cases()
# Every case in every version that has words for it.
SAID = [(case, version) for case in CASES for version in hook.VERSIONS if hook.can_say(case, version)]
REPLAYED = [(case, version) for case, version in SAID if bulk.can_say(case, version)]


def test_few_cases_go_unsaid() -> None:
    """Only what a version has no word for is left out: DSTU2 knows no plan."""
    unsaid = [case.name for case in CASES for version in hook.VERSIONS if not hook.can_say(case, version)]
    assert unsaid == ["a plan is no order: silent"]


@pytest.fixture(scope="module")
def judged() -> FlaskClient:
    """The service on the day of the cases."""
    return create_app(Settings(as_of=date.fromisoformat(AS_OF.isoformat()))).test_client()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule}: {case.name}")
def test_case_on_facts(case: Case) -> None:
    """On plain facts the rule gives the answer, finds the messages, and offers and tells what its case states."""
    assert direct.said(case) == case.stated


@pytest.mark.parametrize(("case", "version"), SAID, ids=lambda value: getattr(value, "name", value))
def test_case_through_the_hook(case: Case, version: str, judged: FlaskClient) -> None:
    """Sent as a hook request in each FHIR version, the same case gets the same answer."""
    kind, messages, _ = hook.answer(case, version, judged)
    assert kind == case.kind
    if messages is not None:
        rule = next(one for one in RULES if one.id == case.rule)
        assert messages == list(dict.fromkeys(rule.reason(message) for message in case.messages))


def test_what_no_export_can_say() -> None:
    """Few cases have no form as an export, and each for a reason that lies in what an export is."""
    reasons = Counter(bulk.unsaid(case) for case in CASES)
    assert reasons.pop("") > 0.9 * len(CASES)
    assert len(reasons) == 4
    unsaid = [case.name for case, version in SAID if not bulk.can_say(case, version) and not bulk.unsaid(case)]
    assert unsaid == []


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the cases lie as exports."""
    return tmp_path_factory.mktemp("exports")


@pytest.mark.parametrize(("case", "version"), REPLAYED, ids=lambda value: getattr(value, "name", value))
def test_case_in_an_export(case: Case, version: str, exports: Path) -> None:
    """As a patient of an export in each FHIR version, the same case gets the same answer in the replay; that a rule is
    off is no more told there than that it is silent."""
    kind, reasons = bulk.answers(version, exports)[bulk.key(case)]
    rule = next(one for one in RULES if one.id == case.rule)
    assert kind == ("silent" if case.kind == "off" else case.kind)
    assert reasons == list(dict.fromkeys(rule.reason(message) for message in case.messages))
